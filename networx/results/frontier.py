"""The answers of a sweep compared: which is best, how sure that is, and which of them trade cost against service.

Pure: members in, standing out. A member is one number of open facilities; its figures are those of its certified
result and nothing else. What is not known is None, and is never taken for good or bad.

Two figures within 1e-9 of one another are the same: no certificate tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from networx.domain.plan import ResultStatus
from networx.domain.sweep import Criterion

SAME = 1e-9  # relative


@dataclass(frozen=True, slots=True)
class Member:
    """One run of a sweep. `status` is its result's, None where it has none; without a plan `kpis` is None.

    Without a platform it has no `job_id`. `ended` says that nothing more comes of it. Costs are in dollars over the
    horizon, `gap` is relative.
    """

    job_id: str | None
    nodes: int
    job_status: str
    ended: bool
    status: ResultStatus | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    kpis: Mapping[str, Any] | None = None
    partial: bool = False
    certified: bool = False

    def kpi(self, name: str) -> float | None:
        """One figure of its plan."""
        return None if self.kpis is None else self.kpis.get(name)


@dataclass(frozen=True, slots=True)
class Standing:
    """Which member is best, if any has a plan to compare, and those that may yet turn out better by the criterion.

    `proven`: no plan of another number of facilities is better. `bound`: no plan of any member costs less; None where
    some member has not proven one.
    """

    best: Member | None = None
    open: tuple[Member, ...] = ()
    proven: bool = False
    bound: float | None = None


def whole_network(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """A result of an integrated scenario as it is compared: whole, or as one without a plan.

    What was stopped before warehouses and stock were planned has the cost of the network alone, which is less.
    """
    if result.get("kpis") is None or "warehouse_cost" in result["kpis"]:
        return result
    return {**result, "status": ResultStatus.NO_SOLUTION.value, "objective": None, "gap": None, "kpis": None}


Measure = Callable[[Member], float | None]


def _cost(member: Member) -> float | None:
    return member.objective


def _cost_per_unit(member: Member) -> float | None:
    return member.kpi("cost_per_unit")


def _shortfall(member: Member) -> float | None:
    # Less is better, as everywhere here.
    level = member.kpi("service_level")
    return None if level is None else -level


def _not_saved(member: Member) -> float | None:
    # Less is better here too.
    saved = member.kpi("savings")
    return None if saved is None else -saved


def _nodes(member: Member) -> float | None:
    return member.nodes


# What decides, and what breaks a tie, in this order. Unknown loses against known.
_ORDER: Mapping[Criterion, tuple[Measure, ...]] = {
    Criterion.TOTAL_COST: (_cost, _shortfall, _nodes),
    Criterion.COST_PER_UNIT: (_cost_per_unit, _shortfall, _nodes),
    Criterion.SERVICE_LEVEL: (_shortfall, _cost, _nodes),
    Criterion.SAVINGS: (_not_saved, _shortfall, _nodes),
}


def standing(members: Sequence[Member], criterion: Criterion) -> Standing:
    """Compare the members that have a plan, and look what the others leave open."""
    decisive = _ORDER[criterion][0]
    left = [member for member in members if member.kpis is not None and decisive(member) is not None]
    if not left:
        return Standing()
    for measure in _ORDER[criterion]:
        left = _least(left, measure)
    best = left[0]
    others = [member for member in members if member is not best and member.status is not ResultStatus.INFEASIBLE]
    still_open = tuple(member for member in others if _may_be_better(member, best, criterion))
    bounds = [member.bound for member in (best, *others)]
    known = [bound for bound in bounds if bound is not None]
    return Standing(
        best,
        still_open,
        # Of service only a share of 1 is proven to be the most: plans are sought for their cost.
        proven=not still_open and (criterion is not Criterion.SERVICE_LEVEL or _serves_all(best)),
        bound=min(known) if len(known) == len(bounds) else None,
    )


def efficient(members: Sequence[Member]) -> tuple[str | None, dict[int, bool]]:
    """Which plans no other plan beats in cost and service at once, by number, and the measure of service.

    It is `service_level` where every plan states it, else `weighted_distance_miles`, else none and nothing is said.
    """
    planned = [member for member in members if member.kpis is not None and member.objective is not None]
    worse: dict[str, Measure] = {
        "service_level": _shortfall,
        "weighted_distance_miles": lambda member: member.kpi("weighted_distance_miles"),
    }
    for name, measure in worse.items():
        points = {member.nodes: (member.objective, measure(member)) for member in planned}
        stated = {nodes: (at[0], at[1]) for nodes, at in points.items() if at[0] is not None and at[1] is not None}
        if planned and len(stated) == len(planned):
            return name, {
                nodes: not any(_beats(other, point) for another, other in stated.items() if another != nodes)
                for nodes, point in stated.items()
            }
    return None, {}


def _least(members: list[Member], measure: Measure) -> list[Member]:
    """Those that are as good as the best by a measure; all of them where nobody states it."""
    stated = [(value, member) for member in members if (value := measure(member)) is not None]
    if not stated:
        return members
    least = min(value for value, _ in stated)
    return [member for value, member in stated if not _below(least, value)]


def _may_be_better(member: Member, best: Member, criterion: Criterion) -> bool:
    if criterion is Criterion.SERVICE_LEVEL:
        return not _serves_all(best)
    assert best.objective is not None
    # Every member delivers the same units and is held against the same baseline, so that cost per unit and savings
    # order plans as cost does.
    return member.bound is None or _below(member.bound, best.objective)


def _serves_all(member: Member) -> bool:
    return (member.kpi("service_level") or 0.0) >= 1 - SAME


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    no_worse = not any(_below(theirs, ours) for ours, theirs in zip(one, other, strict=True))
    return no_worse and any(_below(ours, theirs) for ours, theirs in zip(one, other, strict=True))


def _below(one: float, other: float) -> bool:
    return other - one > SAME * max(abs(one), abs(other))
