"""Checkpoints: the best plan of a running solve, kept so that whoever has the job next starts from it.

The plan stands in S3 as plain arrays, and what it is worth in the record, beside the answer that a cancel promotes. The
file is not trusted: a plan is used only for the data and parameters that it was made for, and after its certificate
was made again. The files lie under `tmp/`, which the buckets' lifecycle empties after a day.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from networx import __version__
from networx.domain.plan import EARLIER_ATTEMPT, SOLVER, Outcome, Progress, ResultStatus
from networx.errors import CertificateRefused, NotFound, ObjectStoreUnavailable
from networx.jobs.context import JobContext
from networx.models.transport import ENGINE
from networx.observability.logs import Log
from networx.resilience import objects
from networx.results.wording import money
from networx.solver.outcome import relative_gap
from networx.work import patience
from networx.work.patience import patiently
from networx.work.publish import Solved, certificate_of
from networx.work.solve_child import read_plan

log = Log(__name__)

# Whose word a bound is: another solver, or another model of the same data, has to prove its own.
PROVER = f"NetWORX {__version__}, {ENGINE}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A plan at `key` in the results bucket and what is known of it, as the record keeps it.

    `problem` is the digest of what it solves; `prover` said the bound; `seconds` were spent solving until then, by
    all attempts; `attempt` and `fence` are those that stored it.
    """

    key: str
    sha256: str
    objective: float
    bound: float | None
    prover: str
    seconds: float
    problem: str
    dataset_sha256: str
    scenario_version: int | None
    attempt: int
    fence: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A checked plan at `path` to start from. `bound` is None where there is none that still holds."""

    path: Path
    objective: float
    bound: float | None
    seconds: float
    attempt: int

    def source_of(self, bound: float | None) -> str:
        """Where a bound that was told after the start comes from."""
        carried = bound is not None and self.bound is not None and bound <= self.bound
        return EARLIER_ATTEMPT if carried else SOLVER

    def progress(self) -> Progress:
        return Progress("starting again", None, self.objective, self.bound, relative_gap(self.objective, self.bound))


class _Unusable(Exception):
    """Why a checkpoint is passed over."""


def problem_of(solved: Solved) -> str:
    """A digest of what decides which plans are valid and what they cost: the data and every parameter."""
    stated = {"dataset": solved.dataset.sha256, "parameters": asdict(solved.parameters)}
    return hashlib.sha256(orjson.dumps(stated, option=orjson.OPT_SORT_KEYS)).hexdigest()


def store_plan(solved: Solved, path: Path, *, objective: float, bound: float | None, seconds: float) -> Checkpoint:
    """Bring the plan at `path`, which has its certificate, to S3. Raises ObjectStoreUnavailable."""
    job = solved.job
    key = f"tmp/checkpoints/{job.tenant_id}/{job.id}/{job.fence}/{path.name}"
    objects.put_result(path, key, "application/octet-stream")
    return Checkpoint(
        key=key,
        sha256=_sha256(path),
        objective=objective,
        bound=bound,
        prover=PROVER,
        seconds=seconds,
        problem=problem_of(solved),
        dataset_sha256=solved.dataset.sha256,
        scenario_version=job.scenario_version,
        attempt=job.attempt,
        fence=job.fence,
    )


def restore(context: JobContext, solved: Solved, target: Path) -> Restored | None:
    """The plan that an earlier owner of this job left, brought to `target`, checked, and said in the job's story.

    None where there is none, or none that can be used: the log says why. Raises Stopped, DatabaseUnavailable.
    """
    stored = context.checkpoint()
    if stored is None:
        return None
    try:
        restored = _checked(context, solved, stored, target)
    except _Unusable as why:
        target.unlink(missing_ok=True)
        log.warning("checkpoint.ignored", why=str(why))
        return None
    bound = "no bound yet" if restored.bound is None else f"bound {money(restored.bound)}"
    context.resumed(f"from the incumbent of attempt {restored.attempt}: {money(restored.objective)}, {bound}")
    log.info(
        "job.resumed",
        fromAttempt=restored.attempt,
        objective=restored.objective,
        bound=restored.bound,
        secondsUsed=restored.seconds,
    )
    return restored


def _checked(context: JobContext, solved: Solved, stored: Mapping[str, Any], target: Path) -> Restored:
    try:
        checkpoint = Checkpoint(**stored)
    except TypeError:
        raise _Unusable("it was written by another version") from None
    if checkpoint.problem != problem_of(solved):
        raise _Unusable("it belongs to other data or parameters")
    try:
        fetch = partial(objects.get_result, checkpoint.key, target)
        patiently(context, fetch, longest=patience.to_go_on(checkpoint.seconds))
    except NotFound:
        raise _Unusable("its file is gone") from None
    except ObjectStoreUnavailable:
        raise _Unusable("the file store is away") from None
    if _sha256(target) != checkpoint.sha256:
        raise _Unusable("its file was damaged")
    _certify(solved, checkpoint, target)
    return Restored(
        path=target,
        objective=checkpoint.objective,
        bound=checkpoint.bound if checkpoint.prover == PROVER else None,
        seconds=checkpoint.seconds,
        attempt=checkpoint.attempt,
    )


def _certify(solved: Solved, checkpoint: Checkpoint, path: Path) -> None:
    try:
        plan = read_plan(path)
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise _Unusable("its file is no plan") from None
    claimed = Outcome(
        ResultStatus.FEASIBLE,
        engine="checkpoint",
        seconds=checkpoint.seconds,
        objective=checkpoint.objective,
        bound=checkpoint.bound,
        gap=relative_gap(checkpoint.objective, checkpoint.bound),
        plan=plan,
    )
    try:
        certificate_of(solved, claimed)
    except CertificateRefused as refused:
        raise _Unusable(str(refused)) from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
