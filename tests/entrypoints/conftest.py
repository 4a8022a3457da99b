"""Platforms as other processes, the way a person starts them, and what to look for when they are gone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local.home import CHECKOUT, free_port

# The servers alone: what is said of them holds with web and workers too, and starts in a second.
SERVERS_ALONE = """
import signal
from local.platform import running
def interrupt(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGTERM, interrupt)
with running(services=(), announce=lambda line: print(line, flush=True)):
    try:
        signal.pause()
    except KeyboardInterrupt:
        pass
"""
START_SECONDS = 120


@dataclass
class Started:
    """A platform that runs in another process."""

    home: Path
    process: subprocess.Popen[str]
    log: Path

    def state(self) -> dict[str, Any]:
        assert self.is_up(), self.said()
        state: dict[str, Any] = json.loads((self.home / "platform.json").read_text())
        return state

    def is_up(self) -> bool:
        """Whether this process has said where it is found; a forerunner that was killed may have left its word."""
        file = self.home / "platform.json"
        return file.exists() and json.loads(file.read_text())["pid"] == self.process.pid

    def said(self) -> str:
        return self.log.read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it. Raises TimeoutExpired where it takes too long, on a busy machine too."""
        self.process.send_signal(how)
        self.process.wait(30)


Start = Callable[..., Started]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for homes, with a space in its path, that the database's user can reach."""
    with _folder() as made:
        yield made


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start a platform on a home and wait until it is up. What still runs is killed at the end."""
    with _starting(folder) as begin:
        yield begin


@pytest.fixture(scope="module")
def platform() -> Iterator[Started]:
    """The servers of one platform, for the tests of a module that only look."""
    with _folder() as folder, _starting(folder) as begin:
        yield begin()


@pytest.fixture(scope="module")
def whole_platform() -> Iterator[Started]:
    """One platform with web and workers, for the tests of a module."""
    with _folder() as folder, _starting(folder) as begin:
        yield begin(whole=True)


@contextmanager
def _folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="networx platform "))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@contextmanager
def _starting(folder: Path) -> Iterator[Start]:
    started: list[Started] = []

    def begin(home: Path | None = None, *, whole: bool = False, **environment: str) -> Started:
        home = home or folder / "home"
        log = folder / f"{home.name}-{len(started)}.log"
        program = ["-m", "cli", "up"] if whole else ["-c", SERVERS_ALONE]
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, *program],
                cwd=CHECKOUT,
                # Platforms that start at once would find the same usual port free.
                env={**os.environ, "NETWORX_PORT": str(free_port()), "NETWORX_HOME": str(home), **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        platform = Started(home, process, log)
        started.append(platform)
        wait_until(lambda: process.poll() is not None or platform.is_up(), START_SECONDS)
        return platform

    yield begin
    for platform in started:
        platform.process.kill()
        platform.process.wait()
    for platform in started:
        # A start that was refused has the home of another platform, which may run on.
        if (platform.home / "lock").read_text() == str(platform.process.pid):
            left = partial(processes_of, platform.home)
            assert wait_until(lambda left=left: not left(), 30), left()


def processes_of(home: Path) -> dict[int, str]:
    """Every process that has to do with a home, by its command line, folder or environment."""
    mark = os.fsencode(home)
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            seen = command + b"\n" + os.fsencode((entry / "cwd").readlink()) + b"\n" + (entry / "environ").read_bytes()
        except OSError:
            continue
        if command and mark in seen:
            found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
