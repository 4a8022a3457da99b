"""What is asked of a base plan, in the order in which it matters: counts, demand, service, then single sites."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain, zip_longest

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables
from networx.domain.phrases import counted
from networx.domain.plan import TransportPlan
from networx.domain.sensitivity import Kind, NotAsked, Question, require_known
from networx.models.sensitivity.changes import shifted
from networx.models.transport.instance import TransportInstance

MOST_SITES = 20  # that are asked one by one where none is named
DEMAND_SHARE = 0.1
SERVICE_POINTS = 1.0
OTHER_STATE = "the base plan has it so, and the other was asked"

Asked = tuple[list[Question], list[NotAsked]]


def questions(
    tables: NetworkTables,
    instance: TransportInstance,
    plan: TransportPlan,
    names: Sequence[str] | None,
    kinds: Collection[Kind] | None = None,
) -> Asked:
    """What to ask of this plan, and what not and why. `names` are facilities to ask of; None leaves it to us.

    `kinds` are the only ones to ask, and to speak of; a facility that is named and in the other state is spoken of.
    """
    wanted = frozenset(Kind if kinds is None else kinds)
    parts = [
        _counts(plan),
        ([_demand(share) for share in (DEMAND_SHARE, -DEMAND_SHARE)], []),
        _service(tables, instance),
        _most_likely(instance, plan, wanted) if names is None else _named(instance, plan, names, wanted),
    ]
    return (
        [one for asked, _ in parts for one in asked if one.kind in wanted],
        [one for _, left in parts for one in left if one.kind in wanted or one.why == OTHER_STATE],
    )


def count_open(plan: TransportPlan) -> int | None:
    """How many facilities are open, where that is one number in all years."""
    by_year = plan.opened.sum(axis=1)
    return int(by_year[0]) if (by_year == by_year[0]).all() else None


def _counts(plan: TransportPlan) -> Asked:
    number, moves = count_open(plan), {Kind.ONE_MORE: 1, Kind.ONE_FEWER: -1}
    words = {Kind.ONE_MORE: "One more facility", Kind.ONE_FEWER: "One facility fewer"}
    if number is None:
        why = "the base plan does not have the same number open in every year"
        return [], [NotAsked(kind, words[kind], why) for kind in moves]
    asked, left = [], []
    for kind, move in moves.items():
        if number + move < 1:
            left.append(NotAsked(kind, words[kind], f"the base plan has {counted(number, 'facility', 'facilities')}"))
        else:
            asked.append(Question(kind, f"{words[kind]} ({number + move} in each year)", float(move)))
    return asked, left


def _demand(share: float) -> Question:
    return Question(Kind.DEMAND, f"Demand {share * 100:+.0f} %", share)


def _service(tables: NetworkTables, instance: TransportInstance) -> Asked:
    if not instance.service.asked:
        return [], []
    stated = [instance.parameters.service_level, *tables.service_years.service_level.tolist()]
    levels = [level for level in stated if level is not None and not np.isnan(level)]
    asked, left = [], []
    for points in (SERVICE_POINTS, -SERVICE_POINTS):
        label = f"Service level {points:+.0f} point"
        moved = [shifted(level, points) for level in levels]
        if max(moved) > 1 or min(moved) < 0:
            limit = "above 100 %" if points > 0 else "below 0 %"
            left.append(NotAsked(Kind.SERVICE, label, f"a level that is stated would be {limit}"))
        else:
            asked.append(Question(Kind.SERVICE, label, points))
    return asked, left


def _site(instance: TransportInstance, plan: TransportPlan, site: int) -> Question:
    """The other state of a facility: open in no year, or in all in which it may be."""
    name = instance.facility_names[site]
    if plan.opened[:, site].any():
        though = ", though mandatory" if instance.must[:, site].any() else ""
        return Question(Kind.CLOSED, f"{name} closed{though}", site=site)
    though = "" if instance.allowed[site] else ", though forbidden"
    return Question(Kind.OPENED, f"{name} open{though}", site=site)


def require_names(tables: NetworkTables, names: Sequence[str]) -> None:
    """Raises RefusedInput for names that are no facility's."""
    require_known(tables.facilities.name, names)


def _named(instance: TransportInstance, plan: TransportPlan, names: Sequence[str], wanted: Collection[Kind]) -> Asked:
    place = {name: at for at, name in enumerate(instance.facility_names)}
    asked = [_site(instance, plan, place[name]) for name in dict.fromkeys(names)]
    return asked, list(_left((one for one in asked if one.kind not in wanted), OTHER_STATE))


def _most_likely(instance: TransportInstance, plan: TransportPlan, wanted: Collection[Kind]) -> Asked:
    """Open sites closed and closed candidates opened, in turn, up to `MOST_SITES`; the rest is named as not asked."""
    opened = np.array(plan.open)
    sent = np.bincount(plan.flow_facility, plan.flow_units, len(opened))
    closing = sorted(np.flatnonzero(opened).tolist(), key=lambda site: -sent[site])
    worth = _saved(instance, plan)
    opening = sorted(np.flatnonzero(instance.allowed & ~opened).tolist(), key=lambda site: -worth[site])
    order = [site for site in chain.from_iterable(zip_longest(closing, opening)) if site is not None]
    asked = [one for one in (_site(instance, plan, site) for site in order) if one.kind in wanted]
    why = f"only {MOST_SITES} single sites are asked unless they are named"
    return asked[:MOST_SITES], list(_left(asked[MOST_SITES:], why))


def _left(asked: Iterable[Question], why: str) -> Iterable[NotAsked]:
    return (NotAsked(question.kind, question.label, why, question.site) for question in asked)


def _saved(instance: TransportInstance, plan: TransportPlan) -> Floats:
    """(I,): what each facility would save on the lanes if it had room for all, less its own fixed cost.

    It puts the closed ones in an order and is told to nobody: other units would move too, and capacities would bind.
    """
    lanes, places = instance.lanes, len(instance.destination_names)
    price = np.full((len(instance.facility_names), places), np.inf)
    np.minimum.at(price, (lanes.facility, lanes.destination), lanes.cost_per_unit)
    units = np.bincount(plan.flow_destination, plan.flow_units, places)
    # A flow has a lane; what it costs is the cheapest way of its pair.
    paid = np.bincount(
        plan.flow_destination, plan.flow_units * price[plan.flow_facility, plan.flow_destination], places
    )
    saved = np.zeros(len(price))
    for site, prices in enumerate(price):
        within = np.isfinite(prices)
        saved[site] = np.maximum(paid[within] - prices[within] * units[within], 0.0).sum()
    result: Floats = saved - instance.fixed_cost.sum(axis=0)
    return result
