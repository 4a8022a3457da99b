"""A child that misbehaves ends within its limits, and its parent hears why."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from networx.errors import ChildLost, Conflict, LimitExceeded, RefusedInput
from networx.resilience.confine import Child, Confinement, Stopped

SECONDS = timedelta(seconds=120)
ROOT = Path(__file__).resolve().parents[3]


def ask(name: str, *, memory_mib: int = 512, cpu_seconds: int = 0, longest: timedelta = SECONDS, stop=lambda: False):
    child = Child(Confinement(f"tests.core.resilience.children:{name}", memory_mib, cpu_seconds))
    try:
        return list(child.run({"question": 1}, longest=longest, stop=stop))
    finally:
        assert not child.alive


def test_a_child_answers_in_frames_whatever_it_prints():
    assert ask("echo") == [{"echo": {"question": 1}}]


def test_a_refusal_crosses_with_its_problems():
    with pytest.raises(RefusedInput) as refused:
        ask("refuse")
    assert refused.value.code == "BAD"
    assert (refused.value.problems[0].sheet, refused.value.problems[0].row) == ("S", 2)


def test_an_error_of_ours_crosses_as_itself():
    with pytest.raises(Conflict, match="two of them"):
        ask("conflict")


def test_a_bug_in_the_child_loses_it():
    with pytest.raises(ChildLost, match="KeyError"):
        ask("bug")


def test_memory_beyond_the_limit_ends_the_child():
    with pytest.raises(LimitExceeded, match="128 MiB of memory"):
        ask("hog", memory_mib=128)


def test_processor_time_beyond_the_limit_ends_the_child():
    with pytest.raises(LimitExceeded, match="1 s of processor time"):
        ask("spin", cpu_seconds=1)


def test_running_time_beyond_the_limit_ends_the_child():
    with pytest.raises(LimitExceeded, match="of running time"):
        ask("sleep", longest=timedelta(seconds=0.5))


def test_a_crash_is_told_with_its_signal():
    with pytest.raises(ChildLost, match="signal 11"):
        ask("crash")


def test_a_stop_ends_a_child_in_the_middle_of_its_work():
    child = Child(Confinement("tests.core.resilience.children:sleep", 512))
    works = threading.Event()

    def hear() -> None:
        for message in child.run({}, longest=SECONDS, stop=works.is_set):
            assert message == {"pid": child.pid}
            works.set()

    with pytest.raises(Stopped):
        hear()
    assert works.is_set()
    assert not child.alive


def test_a_child_sees_no_secret_of_its_parent(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere")
    (names,) = (message["names"] for message in ask("environment"))
    assert not [name for name in names if name.startswith(("AWS", "DATABASE"))]


def test_a_child_ends_with_its_parent():
    program = (
        "from networx.resilience.confine import Child, Confinement; from datetime import timedelta\n"
        "c = Child(Confinement('tests.core.resilience.children:sleep', 256))\n"
        "for m in c.run({}, longest=timedelta(seconds=60)): print(m['pid'], flush=True)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)


def test_a_child_that_was_started_ahead_for_nobody_ends_without_a_word():
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "networx.resilience.confined", "tests.core.resilience.children:echo"]
    child = subprocess.Popen(
        [*command, "--memory-mib", "512", "--cpu-seconds", "0"],
        stdin=subprocess.PIPE,
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    os.close(write)
    _, told = child.communicate(timeout=60)
    assert (child.returncode, "Traceback" in told) == (0, False)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")
