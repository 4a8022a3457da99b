"""What a platform uses, looked at from outside: processes by /proc, the record by its tables, the home by its files."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path
from threading import Event

import psycopg

from drills.growth import Measured, Rule
from drills.platforms import DrillFailed, OwnPlatform

# Per minute, and over the whole soak. What a process keeps of each request or job shows within minutes at this load.
RULES = {
    "memory": Rule("MiB", per_minute=3.0, slack=15.0),
    "file handles": Rule("", per_minute=2.0, slack=10.0),
    "threads": Rule("", per_minute=1.0, slack=5.0),
    "connections": Rule("", per_minute=2.0, slack=10.0),
    "outbox": Rule("rows", per_minute=5.0, slack=25.0),
    "waiting jobs": Rule("", per_minute=10.0, slack=50.0),
}
# Rows, objects and logs of what was accepted stay on the disk; beyond so much for each, something else is left there.
DISK_BYTES_PER_ACCEPTED = 400 * 1024
DISK_SLACK_MIB = 40.0
_MIB = 1024**2
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# The log of changes is recycled, not kept: its size follows PostgreSQL's checkpoints.
_NOT_COUNTED = "pg_wal"

Series = dict[tuple[str, str], list[Measured]]


class Sampler:
    """Takes a look every few seconds until it is stopped; `series` is by (measure, of what)."""

    def __init__(self, platform: OwnPlatform, every_seconds: float) -> None:
        self._platform = platform
        self._every = every_seconds
        self._began = time.monotonic()
        self._stopped = Event()
        self.series: Series = defaultdict(list)
        self.looks = 0

    def run(self) -> None:
        """Look until `stop`; a part that is away for the moment has no value at that moment."""
        while not self._stopped.wait(self._every):
            at = time.monotonic() - self._began
            self._look_at_processes(at)
            self._look_at_record(at)
            self._note(at, "disk", "home", _size_of(self._platform.root) / _MIB, "")
            self.looks += 1

    def stop(self) -> None:
        self._stopped.set()

    def waiting_jobs(self) -> float:
        """How many jobs waited at the last look at the record."""
        series = self.series["waiting jobs", "record"]
        return series[-1].value if series else 0.0

    def _look_at_processes(self, at: float) -> None:
        try:
            pids = {**self._platform.state()["processes"], "platform": self._platform.process.pid}
        except DrillFailed:
            return
        for name, pid in pids.items():
            used = _used_by(pid)
            for measure, value in {} if used is None else used.items():
                self._note(at, measure, name, value, str(pid))

    def _look_at_record(self, at: float) -> None:
        try:
            with self._platform.database() as database:
                row = database.execute(
                    """SELECT (SELECT count(*) FROM pg_stat_activity
                               WHERE datname = 'networx' AND pid <> pg_backend_pid()),
                              (SELECT count(*) FROM outbox), (SELECT count(*) FROM jobs WHERE status = 'queued')"""
                ).fetchone()
        except (psycopg.OperationalError, DrillFailed):
            return
        assert row is not None
        for measure, value in zip(("connections", "outbox", "waiting jobs"), row, strict=True):
            self._note(at, measure, "record", value, "")

    def _note(self, at: float, measure: str, what: str, value: float, life: str) -> None:
        self.series[measure, what].append(Measured(at, float(value), life))


def _used_by(pid: int) -> dict[str, float] | None:
    """Memory, file handles and threads of a process; None when there is none any more."""
    process = Path("/proc") / str(pid)
    try:
        resident = int((process / "statm").read_text().split()[1]) * _PAGE_BYTES / _MIB
        handles = len(list((process / "fd").iterdir()))
        threads = len(list((process / "task").iterdir()))
    except (OSError, IndexError):
        return None
    return {"memory": resident, "file handles": handles, "threads": threads}


def children_of(pid: int) -> list[int]:
    """The processes that a process has started, without theirs."""
    return [child for child in _pids() if _parent_of(child) == pid]


def command_of(pid: int) -> str:
    """The command line of a process; empty when there is none."""
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _pids() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def _parent_of(pid: int) -> int | None:
    try:
        # The name, in brackets, may hold anything; state and parent follow it.
        return int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _size_of(root: Path) -> int:
    total = 0
    for folder, folders, files in os.walk(root):
        if _NOT_COUNTED in folders:
            folders.remove(_NOT_COUNTED)
        for name in files:
            try:
                total += (Path(folder) / name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
