"""The workbook and the report of a sweep, made while its client waits: it leaves no files, for it is what its runs are.

They tell the runs as they stand, so that a sweep under way has them too, and one that is tried again new ones. Each
run's own result is fetched once, and a confined child reads one after another: of the web process they take no memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from networx import settings
from networx.api import object_store
from networx.api.batch_view import batch_result
from networx.api.made_files import made_file
from networx.errors import LimitExceeded, NotFound, Problem, RefusedInput
from networx.jobs.batches import MemberResult
from networx.jobs.job import Job
from networx.resilience.confine import Confinement

WRITER = Confinement("networx.work.sweep_files_child:run", memory_mib=512, cpu_seconds=60)
LONGEST = timedelta(seconds=120)
_GONE = "The files of this run are no longer kept."


def sweep_file(
    batch: Job, members: Sequence[MemberResult], name: str, place_of: Callable[[UUID], str]
) -> tuple[Iterator[bytes], int] | None:
    """The file of this name in chunks, and its size in bytes; None for a batch that is no sweep.

    `place_of` says where the result.json of a run stands, and raises NotFound. Raises RefusedInput for one that cannot
    be made in time, ChildLost, ObjectStoreUnavailable, DatabaseUnavailable.
    """
    result = batch_result(batch, members)
    if result is None:
        return None
    with tempfile.TemporaryDirectory(dir=settings.current().scratch) as folder:
        of_job = {str(member.id): member for member in members}
        request = {
            "result": result,
            "sweep": batch.params["sweep"],
            "name": name,
            "identity": _identity(batch),
            "runs": [_run(of_job[row["job_id"]], Path(folder), place_of) for row in result["frontier"]],
        }
        try:
            return made_file(WRITER, request, Path(folder) / name, LONGEST)
        except LimitExceeded as limit:
            message = f"The file could not be made within {limit.facts['limit']}; each run has files of its own."
            raise RefusedInput([Problem(message, "limit")]) from None


def _run(member: MemberResult, folder: Path, place_of: Callable[[UUID], str]) -> dict[str, Any]:
    if member.result is None:
        return {"file": None, "why": member.why}
    path = folder / f"{member.id}.json"
    try:
        chunks, _ = object_store.stream_result(place_of(member.id), "result")
    except NotFound:
        return {"file": None, "why": _GONE}
    with path.open("wb") as file:
        file.writelines(chunks)
    return {"file": str(path), "why": None}


def _identity(batch: Job) -> dict[str, Any]:
    return {
        "job_id": str(batch.id),
        "scenario_id": str(batch.scenario_id),
        "scenario_version": batch.scenario_version,
    }
