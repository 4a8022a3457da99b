"""The parent's side of confinement: work that may be hostile, huge or endless runs in a child that can be killed.

A child is started ahead, so that its imports are done when the work comes; it serves one request and ends.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from networx import errors
from networx.errors import ChildLost, LimitExceeded, NetworxError, Problem, RefusedInput
from networx.observability.logs import Log
from networx.resilience.confined import MEMORY_EXIT
from networx.resilience.frames import FrameBuffer, write_frame

log = Log(__name__)

ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a child runs and may use. `cpu_seconds` 0 means no CPU limit of its own (wall time still bounds it)."""

    target: str
    memory_mib: int
    cpu_seconds: int = 0


class Stopped(Exception):
    """The caller's `stop` said so while the child worked; the child was killed."""


class Child:
    """One confined process, started ahead, for one request. Start it in a thread that outlives it."""

    def __init__(self, confinement: Confinement) -> None:
        self.confinement = confinement
        self.peak_mib: float | None = None
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "networx.resilience.confined",
                confinement.target,
                "--memory-mib",
                str(confinement.memory_mib),
                "--cpu-seconds",
                str(confinement.cpu_seconds),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=_environment(),
        )
        assert self._process.stdout is not None
        self._frames = FrameBuffer(self._process.stdout.fileno())
        self._ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def run(
        self, request: dict[str, Any], *, longest: timedelta, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[dict[str, Any]]:
        """Send the request and yield what the child says, until it is done.

        Raises what the child raised, Stopped when `stop` turns true, LimitExceeded after `longest` or at the memory
        or CPU limit, and ChildLost when it ends without an answer. The child is gone when this ends, however it ends.
        """
        deadline = time.monotonic() + longest.total_seconds()
        stdin = self._process.stdin
        assert stdin is not None
        try:
            sent = False
            while True:
                for message in self._available():
                    if "ready" in message:
                        self._ready = True
                    elif "error" in message:
                        raise _rebuilt(message["error"])
                    elif "done" in message:
                        self.peak_mib = message.get("peak_mib")
                        return
                    else:
                        yield message
                if self._ready and not sent:
                    write_frame(cast(Any, stdin), request)
                    sent = True
                if self._frames.ended:
                    raise self._ended()
                if stop():
                    raise Stopped
                if time.monotonic() > deadline:
                    raise LimitExceeded(limit=f"{longest.total_seconds():g} s of running time")
        except BrokenPipeError:
            raise self._ended() from None
        finally:
            self.kill()

    def _available(self) -> list[dict[str, Any]]:
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], _LOOK_SECONDS)
        return self._frames.read_available() if readable else []

    def _ended(self) -> NetworxError:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = 0
        memory = f"{self.confinement.memory_mib} MiB of memory"
        if code == MEMORY_EXIT:
            return LimitExceeded(limit=memory)
        if code == -signal.SIGXCPU:
            return LimitExceeded(limit=f"{self.confinement.cpu_seconds} s of processor time")
        if code == -signal.SIGABRT:
            # A library that cannot allocate aborts; under an address-space limit that is what an abort means.
            return LimitExceeded(limit=memory)
        return ChildLost(how=f"signal {-code}" if code < 0 else f"exit code {code}")

    def kill(self) -> None:
        """End the child now, and wait until it is gone."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:  # a request it never read; it is gone, and so is the request
                    continue


def _environment() -> dict[str, str]:
    # One thread each: the worker's slots share the machine; and nothing that could reach AWS or the database.
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL", "TMPDIR", "HOME"}}
    return {
        **kept,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        "MALLOC_ARENA_MAX": "2",
    }


def _rebuilt(described: dict[str, Any]) -> Exception:
    if described["type"] == "RefusedInput":
        problems = [Problem(**problem) for problem in described["problems"]]
        return RefusedInput(problems, summary=described["summary"], code=described["code"])
    kind = getattr(errors, described["type"], None)
    if isinstance(kind, type) and issubclass(kind, NetworxError) and "facts" in described:
        return kind(**described["facts"])
    log.error("child.failed", type=described["type"], said=described.get("message"), trace=described.get("traceback"))
    return ChildLost(how=f"{described['type']} in the child")
