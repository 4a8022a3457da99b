"""Child processes that cannot outlive this one, however it ends.

All children of a platform stand in one process group led by a keeper: a shell that waits on a pipe only this process
holds. When the pipe closes, be it by a clean end or by kill -9, the keeper kills the group, and with it whatever the
children started. It works the same on Linux and macOS. Ctrl-C in a terminal reaches only this process, never the group,
so the order in which things stop is ours.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from networx.errors import PermanentError

_KEEPER = 'trap "" INT TERM HUP QUIT; read _; kill -KILL 0'
_LOG_BYTES_KEPT = 10 * 1024**2
_TAIL_LINES = 15


class StartFailed(PermanentError):
    """A program of the platform did not come up."""

    code = "START_FAILED"
    message = "{program} did not come up: {why}\nThe end of {log}:\n{tail}"


@dataclass(frozen=True)
class Program:
    """One program of the platform: how it is started, when it is up, and how it is asked to stop."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    ready: Callable[[int], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    start_seconds: float = 30.0
    # A server may find what its killed forerunner left, and must be started again once that has gone.
    attempts: int = 1


class ProcessGroup:
    """The keeper and everything it keeps. Closing it kills what is left."""

    def __init__(self) -> None:
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    def alive(self) -> bool:
        return self._keeper.poll() is None

    def spawn(self, program: Program, log: Path) -> subprocess.Popen[bytes]:
        """Start a program in the group, its output appended to `log`."""
        if log.exists() and log.stat().st_size > _LOG_BYTES_KEPT:
            log.replace(log.with_name(log.name + ".1"))
        with log.open("ab") as output:
            return subprocess.Popen(
                program.arguments,
                env=dict(program.environment),
                cwd=program.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=self._keeper.pid,
                user=program.user,
                group=None if program.user is None else pwd.getpwnam(program.user).pw_gid,
                extra_groups=None if program.user is None else [],
            )

    def close(self) -> None:
        """Kill whatever the group still holds."""
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait()


def unprivileged_user() -> str | None:
    """Whom a server must run as that refuses root; None when we are not root."""
    return "nobody" if os.geteuid() == 0 else None


def stop_all(processes: Mapping[subprocess.Popen[bytes], signal.Signals], seconds: float) -> None:
    """Ask every process to end with its signal, and kill those that have not within `seconds`."""
    for process, how in processes.items():
        if process.poll() is None:
            process.send_signal(how)
    end = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a log, for a person to read."""
    if not log.exists():
        return "  (empty)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        text = file.read().decode(errors="replace")
    return "\n".join("  " + line for line in text.splitlines()[-lines:]) or "  (empty)"
