"""Handlers whose work is written in the job's own parameters, as a list of steps.

`{"steps": [["sleep", 0.2], ["incumbent", 7]]}` sleeps, stores an answer and completes. `first` in the place of `steps`
counts for the first attempt only. Every start and every end that the engine acknowledged goes to the witness.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from networx.domain.plan import Progress
from networx.errors import Problem, RefusedInput
from networx.jobs.context import JobContext
from networx.jobs.job import Job
from networx.resilience import objects
from networx.resilience.confine import Confinement, Stopped
from networx.work.patience import patiently
from tests.chaos.witness import Witness

LOOK_SECONDS = 0.02
# One that hangs is ended soon; any other has the time that a busy machine takes.
LONGEST_HANG, LONGEST_CHILD = timedelta(seconds=2), timedelta(seconds=30)
CHILD_MEMORY_MIB = 200


class Stepwise:
    """The handler: does the steps, then completes. Work that needs a child has one; the rest harms nobody."""

    def __init__(self, witness: Witness, gates: Path, *, confined: bool) -> None:
        self.confinement = Confinement("tests.chaos.children:work", CHILD_MEMORY_MIB) if confined else None
        self._witness = witness
        self._gates = gates

    def __call__(self, context: JobContext) -> None:
        job = context.job
        self._witness.saw_job("started", job, pid=os.getpid())
        try:
            for name, *arguments in _steps(job):
                _STEPS[name](self, context, *arguments)
            result = {"status": "optimal", "fence": job.fence, "worker": job.worker}
            context.complete(_unfit(result) if job.params.get("unfit") else result)
        except Stopped:
            self._witness.saw_job("stopped", job)
            raise
        self._witness.saw_job("completed", job)

    # --- the steps ---

    def sleep(self, context: JobContext, seconds: float) -> None:
        """Work for so long, minding the stop."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if context.stopped():
                raise Stopped
            context.progress(Progress("working", 50.0))
            time.sleep(LOOK_SECONDS)

    def gate(self, context: JobContext) -> None:
        """Work, deaf to every stop, until the case opens the gate of this attempt or of this job."""
        names = (str(context.job.id), f"{context.job.id}.{context.job.fence}")
        while not any((self._gates / name).exists() for name in names):
            time.sleep(LOOK_SECONDS)

    def die(self, _: JobContext) -> None:
        """End the worker as the kernel would, with everything that it runs."""
        os.kill(os.getpid(), signal.SIGKILL)

    def fail(self, _: JobContext) -> None:
        raise RuntimeError("a fault that a retry may mend")

    def refuse(self, _: JobContext) -> None:
        raise RefusedInput([Problem("is wrong", "range")], code="BAD")

    def incumbent(self, context: JobContext, value: float) -> None:
        """Keep an answer for a cancel to promote."""
        context.store_incumbent({"status": "feasible", "objective": value, "fence": context.job.fence})
        self._witness.saw_job("kept", context.job, objective=value)

    def upload(self, context: JobContext) -> None:
        """Bring a result to the object store, under a key of this attempt."""
        file = context.scratch / "result"
        file.write_bytes(b"a result")
        key = f"{context.job.id}/{context.job.fence}"
        patiently(context, lambda: objects.put_result(file, key, "text/plain"))
        self._witness.saw_job("uploaded", context.job)

    def fill(self, context: JobContext) -> None:
        """Write a file for which the disk has no room: the device that says so to every write."""
        place = context.scratch / "plans"
        place.symlink_to("/dev/full")
        place.write_bytes(b"a plan")

    def child(self, context: JobContext, what: str) -> None:
        """Have the child do something, most often something bad."""
        longest = LONGEST_HANG if what == "hang" else LONGEST_CHILD
        for message in context.child.run({"do": what}, longest=longest, stop=context.stopped):
            self._witness.saw_job("child", context.job, **message)


_STEPS: dict[str, Callable[..., None]] = {
    name: getattr(Stepwise, name)
    for name in ("sleep", "gate", "die", "fail", "refuse", "incumbent", "upload", "fill", "child")
}


def _steps(job: Job) -> Iterator[list[Any]]:
    first = job.params.get("first")
    yield from first if job.attempt == 1 and first is not None else job.params.get("steps", [])


def _unfit(result: dict[str, Any]) -> dict[str, Any]:
    """A result that the record cannot take: its text holds a null character."""
    return {**result, "note": "\0"}
