"""The cheapest relief: which candidates to open and which tiers to take, and when, so that all demand is served.

A site that opens stays open to the end and costs its fixed cost in every year that it is open; so does a tier, which is
paid for once as well. The cost is that of the whole network, so that an opening earlier than the shortage asks for is
chosen where it pays for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats, Indices
from networx.domain.capacity import Relief, YearAnswer
from networx.domain.phrases import counted
from networx.domain.plan import Clash, Infeasibility, Progress
from networx.errors import SolverFault
from networx.models.capacity.year import Clock, YearProblem, solve_year
from networx.models.transport.elastic import PROVEN_SHORT
from networx.models.transport.flows import flow_columns
from networx.models.transport.formulation import add_flow_rows
from networx.models.transport.inbound import add_inbound_columns, add_inbound_rows
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import separate_years
from networx.models.transport.relaxations import demand_may_stay_unserved
from networx.models.transport.shortages import units
from networx.models.transport.tiers import TierColumns
from networx.solver.highs import solve
from networx.solver.linear import Assembly, LinearModel
from networx.solver.outcome import Ending, Limits, relative_gap

LEAST_SECONDS_TO_PRICE = 5.0
CONTRADICTION = 1e-6  # relative; a bound this far above a cost is wrong, not rounded


@dataclass(frozen=True, slots=True)
class Sought:
    """A relief, or why there is none; neither where time ran out before either was found."""

    relief: Relief | None = None
    impossible: Infeasibility | None = None


def seek_relief(
    instance: TransportInstance, sites: Flags, clock: Clock, progress: Callable[[Progress], None]
) -> Sought:
    """`instance` allows the sites and the candidates; with all of them open it can serve every year.

    Raises OutOfTime where the facilities are found and their flows are not.
    """
    model = _formulate(instance, sites)
    solution = solve(
        model,
        Limits(max(clock.left(), 1.0), instance.parameters.gap),
        progress,
        stop=clock.stop,
        stage="seeking relief",
    )
    if solution.ending is Ending.INFEASIBLE:
        return Sought(impossible=_too_few_may_open(instance, model, clock))
    if solution.values is None:
        return Sought()
    opened = solution.values[model.columns["open"]].reshape(instance.capacity.shape) > 0.5
    count = _tiers_in_use(instance, model, solution.values, opened)
    progress(Progress("pricing the relief", bound=solution.bound))
    # What was found in time is priced, though the time is over.
    settling = Clock(lambda: max(clock.left(), LEAST_SECONDS_TO_PRICE), lambda: False)
    answers = tuple(
        solve_year(YearProblem(instance, year, opened[year], tiers=count[year]), settling)
        for year in range(len(instance.years))
    )
    if any(answer.short > 0 for answer in answers):
        raise SolverFault(what="its relief leaves demand unserved")
    cost = _cost(instance, opened, answers) + float(instance.tiers.cost(count).sum())
    # Nothing costs less than nothing: prices are 0 or more.
    bound = max(solution.bound or 0.0, 0.0)
    if bound > cost * (1 + CONTRADICTION):
        raise SolverFault(what=f"its bound {bound!r} is above the cost {cost!r} of a relief it found")
    bound = min(bound, cost)
    gap = relative_gap(cost, bound)
    assert gap is not None
    return Sought(relief=Relief(_openings(opened, sites), answers, cost, bound, gap, _taken(count)))


def _formulate(instance: TransportInstance, sites: Flags) -> LinearModel:
    """The transport model with a column a year and facility in place of one a facility."""
    periods = separate_years(instance)
    flows = flow_columns(instance, periods)
    years, facilities = instance.capacity.shape
    assembly = Assembly()
    fixed_open = np.tile(sites, years)
    may_open = np.tile(instance.allowed, years)
    opened = assembly.add_columns("open", instance.fixed_cost.ravel(), fixed_open, may_open, integer=True)
    by_year = opened.reshape(years, facilities)
    flow = assembly.add_columns("flow", instance.lanes.cost_per_unit[flows.lane] * flows.most_units, 0.0, 1.0)
    inbound = add_inbound_columns(assembly, instance.inbound, periods.capacity) if len(instance.inbound) else None
    grown = _tier_columns(assembly, instance, by_year) if len(instance.tiers) else None
    add_flow_rows(assembly, instance.forcing(sites), periods, by_year, (flows, flow), grown, tighten=True)
    if inbound is not None:
        outbound = flows.start, flow, flows.most_units
        add_inbound_rows(assembly, instance.inbound, periods.capacity, inbound, outbound)
    before, after = by_year[:-1].ravel(), by_year[1:].ravel()
    rows = np.arange(len(before))
    assembly.add_rows("stay", -np.inf, 0.0, len(rows), (rows, before, 1.0), (rows, after, -1.0))
    year = np.repeat(np.arange(years), facilities)
    assembly.add_rows("count", -np.inf, instance.max_open, years, (year, opened, 1.0))
    return assembly.model()


def _tier_columns(assembly: Assembly, instance: TransportInstance, opened: Indices) -> TierColumns:
    """A column a year and tier; what is taken stays in use, and is paid for once. `opened` is (T, I)."""
    tiers, years = instance.tiers, len(opened)
    cost = np.tile(tiers.fixed_cost, (years, 1))
    cost[-1] += tiers.one_time_cost  # in use at the end is taken at some time
    use: Indices = assembly.add_columns("tier", cost.ravel(), 0.0, 1.0, integer=True).reshape(cost.shape)
    below = np.where(tiers.number == 1, opened[:, tiers.facility], np.roll(use, 1, axis=1)).ravel()
    rows = np.arange(use.size)
    assembly.add_rows("tier", -np.inf, 0.0, use.size, (rows, use.ravel(), 1.0), (rows, below, -1.0))
    before, after = use[:-1].ravel(), use[1:].ravel()
    rows = np.arange(len(before))
    assembly.add_rows("tier stays", -np.inf, 0.0, len(rows), (rows, before, 1.0), (rows, after, -1.0))
    return TierColumns(tiers, use)


def _tiers_in_use(instance: TransportInstance, model: LinearModel, values: Floats, opened: Flags) -> Codes:
    """(T, I) from the values of the model's columns."""
    count = np.zeros(opened.shape, dtype=np.int32)
    if len(instance.tiers):
        used = values[model.columns["tier"]].reshape(len(opened), -1) > 0.5
        np.add.at(count.T, instance.tiers.facility, used.T)
    return np.where(opened, count, 0).astype(np.int32)


def _taken(count: Codes) -> tuple[tuple[int, int, int], ...]:
    """(facility, tier, first year) of each tier in use at the end, by year, then facility and tier."""
    found = [
        (int(site), tier, int(np.argmax(count[:, site] >= tier)))
        for site in np.flatnonzero(count[-1])
        for tier in range(1, int(count[-1, site]) + 1)
    ]
    return tuple(sorted(found, key=lambda one: (one[2], one[:2])))


def _too_few_may_open(instance: TransportInstance, model: LinearModel, clock: Clock) -> Infeasibility | None:
    """How much stays unserved with as many open as max_facilities allows; None where it was not proven in time."""
    periods = separate_years(instance)
    free = _without_rows(model, "cover")
    elastic = demand_may_stay_unserved(free, instance, periods)
    short = solve(elastic, Limits(max(clock.left(), 1.0), 1e-6), stop=clock.stop, stage="explaining")
    total = float(instance.demand.sum())
    if short.ending is Ending.OPTIMAL and short.objective is not None and short.objective <= PROVEN_SHORT * total:
        raise SolverFault(what="it calls a relief infeasible that serves all demand")
    if short.bound is None or short.bound <= PROVEN_SHORT * total:
        return None
    most = counted(instance.max_open, "facility", "facilities")
    message = (
        f"At most {most} may be open in a year; whichever they are, {units(short.bound)} or more over all years stay "
        "unserved, though all allowed facilities together could serve everything."
    )
    cure = "Raise max_facilities, or enlarge a facility."
    return Infeasibility("elastic_model", (Clash("max_facilities", message, short.bound, "units", cure=cure),))


def _without_rows(model: LinearModel, family: str) -> LinearModel:
    """The model with a family of rows that ask for nothing."""
    lower = model.row_lower.copy()
    lower[model.rows[family]] = -np.inf
    return replace(model, row_lower=lower)


def _openings(opened: Flags, sites: Flags) -> tuple[tuple[int, int], ...]:
    """(facility, first year) of each that is opened beside the sites, by year, then facility."""
    found = [(int(site), int(np.argmax(opened[:, site]))) for site in np.flatnonzero(opened.any(axis=0) & ~sites)]
    return tuple(sorted(found, key=lambda one: (one[1], one[0])))


def _cost(instance: TransportInstance, opened: Flags, answers: tuple[YearAnswer, ...]) -> float:
    fixed: Floats = instance.fixed_cost[opened]
    return float(fixed.sum()) + sum(answer.cost or 0.0 for answer in answers)
