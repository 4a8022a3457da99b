"""What a batch answers as a whole: of a sweep the best run and the frontier, from its members' results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep
from networx.jobs.batches import MemberResult
from networx.jobs.job import Job
from networx.results.frontier import Member, whole_network
from networx.results.sweep_result import sweep_result


def batch_result(batch: Job, members: Sequence[MemberResult]) -> dict[str, Any] | None:
    """The result of a batch as its members stand; None for one that is no sweep."""
    if "sweep" not in batch.params:
        return None
    compared = [_member(found) for found in members]
    return sweep_result(Sweep.from_dict(batch.params["sweep"]), compared, ignored=batch.params.get("ignored", ()))


def _member(found: MemberResult) -> Member:
    result = found.result or {}
    if found.kind == "integrated" and result:
        result = whole_network(result)
    return Member(
        job_id=str(found.id),
        nodes=found.parameters["max_facilities"],
        job_status=found.status.value,
        ended=found.status.terminal,
        status=ResultStatus(result["status"]) if result else None,
        objective=result.get("objective"),
        bound=result.get("bound"),
        gap=result.get("gap"),
        kpis=result.get("kpis"),
        partial=found.partial,
        certified=found.certified,
    )
