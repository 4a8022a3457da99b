"""Starts programs, waits until they are up, restarts those that die, and stops them in order within a bound."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, RLock, Thread

from local.processes import ProcessGroup, Program, StartFailed, stop_all, tail

Announce = Callable[[str], None]

_READY_POLL_SECONDS = 0.02
_WATCH_SECONDS = 0.2
_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 30.0
# A program that ran this long was well: its next death starts the backoff anew.
_WELL_AFTER_SECONDS = 60.0


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    backoff_seconds: float = _FIRST_BACKOFF_SECONDS
    restart_at: float | None = None


class Supervisor:
    """The programs of one platform. Threads may start several at once; one thread watches them all."""

    def __init__(self, logs: Path, announce: Announce, on_change: Callable[[], None] = lambda: None) -> None:
        self._logs = logs
        self._announce = announce
        self._on_change = on_change
        self._group = ProcessGroup()
        self._running: dict[str, _Running] = {}
        self._stopped: dict[str, Program] = {}
        self._lock = RLock()
        self._stopping = Event()
        self._watcher = Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()

    def log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def start(self, program: Program) -> None:
        """Start a program and wait until it is up. Raises StartFailed with the end of its log."""
        for attempt in range(1, program.attempts + 1):
            process = self._group.spawn(program, self.log_of(program.name))
            try:
                self._await(program, process)
            except StartFailed:
                if attempt == program.attempts or self._stopping.is_set():
                    raise
                time.sleep(0.3 * attempt)
                continue
            with self._lock:
                self._running[program.name] = _Running(program, process)
            self._on_change()
            return

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """The process that runs now under this name."""
        with self._lock:
            return self._running[name].process

    def pids(self) -> dict[str, int]:
        with self._lock:
            return {name: running.process.pid for name, running in self._running.items()}

    def stop(self, names: Iterable[str], seconds: float) -> None:
        """Ask these programs to end, all at once, and kill those that have not within `seconds`."""
        with self._lock:
            leaving = [self._running.pop(name) for name in list(names) if name in self._running]
            self._stopped |= {running.program.name: running.program for running in leaving}
        stop_all({running.process: running.program.stop_signal for running in leaving}, seconds)
        self._on_change()

    def start_again(self, name: str) -> None:
        """Start a program that was stopped. Raises StartFailed."""
        self.start(self._stopped.pop(name))

    def fallen(self) -> StartFailed | None:
        """What to say of a program that has died, if one has."""
        with self._lock:
            for running in self._running.values():
                if running.process.poll() is not None:
                    return self._failure(running.program, f"it ended with code {running.process.returncode}")
        return None

    def abandon(self) -> None:
        """Let every wait for a program end at once."""
        self._stopping.set()

    def close(self) -> None:
        """Stop watching and kill whatever still runs."""
        self.abandon()
        self._watcher.join()
        self._group.close()

    def _await(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + program.start_seconds
        while not program.ready(process.pid):
            if process.poll() is not None:
                raise self._failure(program, f"it ended with code {process.returncode}")
            if time.monotonic() > end:
                process.kill()
                process.wait()
                raise self._failure(program, f"it was not ready within {program.start_seconds:.0f} seconds")
            if self._stopping.wait(_READY_POLL_SECONDS):
                raise self._failure(program, "the platform is stopping")

    def _failure(self, program: Program, why: str) -> StartFailed:
        log = self.log_of(program.name)
        return StartFailed(program=program.name, why=why, log=log, tail=tail(log))

    def _watch(self) -> None:
        while not self._stopping.wait(_WATCH_SECONDS):
            if not self._group.alive():
                self._announce("The process that keeps this platform together was killed: nothing is started again.")
                return
            with self._lock:
                changed = [self._tend(running) for running in self._running.values()]
            if any(changed):
                self._on_change()

    def _tend(self, running: _Running) -> bool:
        """Notice a death, and start the program again once its backoff is over. True when it was started."""
        if running.process.poll() is None:
            return False
        now = time.monotonic()
        name = running.program.name
        if running.restart_at is None:
            if now - running.started > _WELL_AFTER_SECONDS:
                running.backoff_seconds = _FIRST_BACKOFF_SECONDS
            running.restart_at = now + running.backoff_seconds
            self._announce(
                f"{name} ended with code {running.process.returncode}; starting it again in "
                f"{running.backoff_seconds:g} s ({self.log_of(name)})"
            )
            running.backoff_seconds = min(2 * running.backoff_seconds, _LONGEST_BACKOFF_SECONDS)
            return False
        if now < running.restart_at:
            return False
        running.process = self._group.spawn(running.program, self.log_of(name))
        running.started = now
        running.restart_at = None
        return True
