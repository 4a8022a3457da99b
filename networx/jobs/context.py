"""What a job's handler sees of it: the claim, a scratch folder, progress, and the two ways to publish."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from networx.blueprint import Leases
from networx.db import pool
from networx.db.pool import Connection
from networx.domain.plan import Progress
from networx.errors import DatabaseUnavailable, TransientError
from networx.jobs import claims, endings, progress, resuming
from networx.jobs.endings import Completion
from networx.jobs.job import Job
from networx.observability.logs import Log
from networx.resilience.confine import Child, Confinement, Stopped

log = Log(__name__)

# While the database is away, asked again this often.
OUTAGE_PAUSE_SECONDS = 1.0


class Handler(Protocol):
    """What does the work of one job kind."""

    @property
    def confinement(self) -> Confinement | None:
        """The child that the work needs; None where it can harm nobody."""

    def __call__(self, context: JobContext) -> None:
        """Do the job and complete it through the context. Raises what went wrong, Stopped when told to stop."""


# Publishes a completed job in a transaction of its own; False when it is no longer the caller's.
Publish = Callable[[Completion], bool]


def publish_alone(done: Completion) -> bool:
    """Publish one completed job, with nothing else."""
    with pool.system() as connection:
        return endings.complete(connection, done.job, done.result, facts=done.facts)


class JobContext:
    """What a handler sees of its job: the claim, a scratch folder, progress, and the two ways to publish."""

    def __init__(
        self, job: Job, child: Child | None, scratch: Path, leases: Leases, publish: Publish | None = None
    ) -> None:
        """`scratch` is where this job's folder is made when it is first asked for; `publish` tells the record."""
        self.job = job
        self.completed = False
        self._child = child
        self._scratch_of_all = scratch
        self._scratch: Path | None = None
        self._leases = leases
        self._publish = publish or publish_alone
        self._began_at = time.monotonic()
        self._stop = threading.Event()
        self._latest: Progress | None = None
        self._published: Progress | None = None
        self._recorded: Progress | None = None
        self.beaten_at = time.monotonic()
        self.asked_at = self.beaten_at

    @property
    def child(self) -> Child:
        """The confined child of this job. Only for kinds whose handler names a confinement."""
        assert self._child is not None
        return self._child

    @property
    def scratch(self) -> Path:
        """A folder of this job's own, gone when the attempt ends."""
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix=f"{self.job.kind}-", dir=self._scratch_of_all))
        return self._scratch

    def facts(self) -> dict[str, Any]:
        """What the attempt has used so far: seconds, and the child's peak of memory where it is known."""
        used: dict[str, Any] = {"seconds": round(time.monotonic() - self._began_at, 3)}
        if self._child is not None and self._child.peak_mib is not None:
            used["peak_mib"] = self._child.peak_mib
        return used

    def close(self) -> None:
        """End the child and remove the folder."""
        if self._child is not None:
            self._child.kill()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def stopped(self) -> bool:
        """Whether the work must end now: the job was cancelled or taken over, or the worker drains."""
        return self._stop.is_set()

    def stop(self) -> None:
        self._stop.set()

    def progress(self, now: Progress) -> None:
        """Say where the work stands; published at most once a second."""
        self._latest = now

    def publish_progress(self) -> None:
        """Bring the newest progress to the hot copy, if it is news."""
        if self._latest is not None and self._latest is not self._published:
            self._published = self._latest
            progress.publish(self.job.id, self._latest.as_dict())

    def unrecorded(self) -> dict[str, Any] | None:
        """The progress that the record does not have yet."""
        if self._latest is None or self._latest is self._recorded:
            return None
        self._recorded = self._latest
        return self._latest.as_dict()

    def wait(self, seconds: float) -> None:
        """Do nothing for so long, or until the work must end."""
        self._stop.wait(seconds)

    def owned(self) -> bool:
        """Whether the record still has the job as the caller's; False while nobody can tell."""
        try:
            with pool.system() as connection:
                return not claims.lost(connection, {self.job.id: self.job.fence})
        except TransientError:
            return False

    def store_incumbent(self, result: Mapping[str, Any], checkpoint: Mapping[str, Any] | None = None) -> None:
        """Keep a verified answer, for a cancel to promote, and what a next owner needs to start from it.

        A fault is logged: the next one is better anyway.
        """
        try:
            with pool.system() as connection:
                claims.store_incumbent(connection, self.job, result, checkpoint)
        except TransientError as fault:
            log.warning("incumbent.not_stored", code=fault.code)

    def checkpoint(self) -> dict[str, Any] | None:
        """What an earlier owner of this job kept to start again from."""
        with pool.system() as connection:
            return resuming.checkpoint_of(connection, self.job.id)

    def resumed(self, reason: str) -> None:
        """Say in the job's story that it did not start from nothing."""
        with pool.system() as connection:
            resuming.tell_resumed(connection, self.job, reason)

    def complete(self, result: Mapping[str, Any], connection: Connection | None = None) -> None:
        """Publish the result, within `connection`'s transaction if one is given. Raises Stopped when fenced out.

        Without a connection a COMMIT in doubt is asked about until the worker must fence itself.
        """
        if connection is not None:
            self.completed = endings.complete(connection, self.job, result, facts=self.facts())
        else:
            self.completed = self._complete_surely(result)
        if not self.completed:
            raise Stopped

    def _complete_surely(self, result: Mapping[str, Any]) -> bool:
        deadline = self.beaten_at + self._leases.self_fence.total_seconds()
        while True:
            try:
                return self._publish(Completion(self.job, result, self.facts()))
            except DatabaseUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(OUTAGE_PAUSE_SECONDS)
