"""The witness: what really happened, written down outside the system that is judged.

One file, appended to by every process of a case. A line is one write of O_APPEND, so that lines of many processes never
mix, and a line that was written survives the SIGKILL that follows it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from networx.jobs.job import Job


class Line(NamedTuple):
    """One thing seen. `clock` is the machine's monotonic clock in seconds, the same for all processes."""

    what: str
    job: UUID
    fence: int
    worker: str
    clock: float
    wall: float
    facts: dict[str, Any]


class Witness:
    """The file. Opened anew for each line: a witness has nothing to lose in a crash."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def saw(self, what: str, job_id: UUID, fence: int, worker: str, **facts: Any) -> None:
        line = [what, str(job_id), fence, worker, time.monotonic(), time.time(), facts]
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(file, orjson.dumps(line) + b"\n")
        finally:
            os.close(file)

    def saw_job(self, what: str, job: Job, **facts: Any) -> None:
        self.saw(what, job.id, job.fence, job.worker or "", **facts)

    def lines(self, what: str | None = None, job_id: UUID | None = None) -> list[Line]:
        """Everything seen so far, or what of it is of one sort and job."""
        seen = [_line(orjson.loads(line)) for line in self.path.read_bytes().splitlines()]
        return [line for line in seen if what in (None, line.what) and job_id in (None, line.job)]

    def counts(self) -> Mapping[str, int]:
        """How often each sort of thing was seen."""
        found: dict[str, int] = {}
        for line in self.lines():
            found[line.what] = found.get(line.what, 0) + 1
        return found


def _line(parts: list[Any]) -> Line:
    what, job, *rest = parts
    return Line(what, UUID(job), *rest)
