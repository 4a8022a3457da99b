"""The faults of a soak, made to processes that only sleep: each is made, and none of them lasts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from drills import faults
from drills.faults import Faults
from drills.sampling import children_of, command_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it looks at processes by /proc")

_NAMES = ("worker-optimization", "worker-file", "web", "postgres", "valkey", "aws")


class Sleepers:
    """A platform whose processes sleep, each with a child; what was ended is there again when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "home"
        self._function = folder / "_worker.py"
        self._function.touch()
        self._groups: list[int] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ended: Counter[str] = Counter()

    def state(self) -> dict[str, Any]:
        for name in _NAMES:
            process = self.processes.get(name)
            if process is not None and process.poll() is None:
                continue
            if process is not None:
                self.ended[name] += 1
            self.processes[name] = self._start()
        return {"processes": {name: process.pid for name, process in self.processes.items()}}

    def _start(self) -> subprocess.Popen[bytes]:
        # Its child's command ends as that of a process that runs a function.
        waits = ["sh", "-c", 'tail -f "$0"; true', str(self._function)]
        process = subprocess.Popen(waits, stderr=subprocess.DEVNULL, start_new_session=True)
        self._groups.append(process.pid)
        until(lambda: bool(children_of(process.pid)) or process.poll() is not None)
        return process

    def all_pids(self) -> list[int]:
        pids = [process.pid for process in self.processes.values() if process.poll() is None]
        return [*pids, *(child for pid in pids for child in children_of(pid))]

    def end(self) -> None:
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        for process in self.processes.values():
            process.wait()


def until(so: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def stands_still(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sleepers]:
    for name, seconds in {"EVERY": 0.01, "_FROZEN": 0.05, "_BUSY": 0.05, "_PAST_LEASE": 0.5}.items():
        monkeypatch.setattr(faults, f"{name}_SECONDS", seconds)
    made = Sleepers(tmp_path)
    yield made
    made.end()


def test_every_fault_of_the_list_is_made_and_none_lasts(platform: Sleepers) -> None:
    counted: Counter[str] = Counter()
    made = Faults(platform, seed=7, counted=counted)  # type: ignore[arg-type]  # its processes are all that is asked
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        until(lambda: all(counted[name] for name in made.names))
    finally:
        made.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert not any(map(stands_still, platform.all_pids()))
    assert platform.ended["web"] >= 1
    assert not platform.root.with_name("ballast").exists()


def test_a_frozen_process_stands_still_until_the_soak_ends(platform: Sleepers, monkeypatch) -> None:
    monkeypatch.setattr(faults, "_FROZEN_SECONDS", 300.0)
    made = Faults(platform, seed=7, counted=Counter())  # type: ignore[arg-type]
    pid = platform.state()["processes"]["postgres"]
    own = children_of(pid)
    freezing = threading.Thread(target=made._freeze, args=("postgres",))
    freezing.start()
    until(lambda: stands_still(pid) and all(map(stands_still, own)))
    made.stop()
    freezing.join(20)
    assert not freezing.is_alive()
    assert not any(map(stands_still, [pid, *own]))


def test_a_worker_asleep_is_left_alone_by_other_faults(platform: Sleepers, monkeypatch) -> None:
    monkeypatch.setattr(faults, "_PAST_LEASE_SECONDS", 300.0)
    made = Faults(platform, seed=7, counted=Counter())  # type: ignore[arg-type]
    pid = platform.state()["processes"]["worker-file"]
    assert made._put_to_sleep("worker-file")
    until(lambda: stands_still(pid))
    assert not made._freeze("worker-file")
    assert not made._put_to_sleep("worker-file")
    made.stop()
    made.run()
    assert not stands_still(pid)


def test_the_command_of_a_process_that_is_gone_is_empty() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert command_of(gone.pid) == ""
