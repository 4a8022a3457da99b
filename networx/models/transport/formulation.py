"""The transport problem as a mixed-integer model with strong links, every coefficient and variable scaled to at most 1.

Column groups: `open` (one a facility; one a year and facility where leases are short), `flow` (one a period and lane),
`inbound` (see `inbound`), `tier` and `take` (see `tiers`) and `start` (one a facility and year after the first, where
leases or a budget of changes ask).
A flow is the share of the most that the lane could carry, the lesser of the destination's demand and the facility's
usable capacity, so that 0 <= flow <= open holds without a large number anywhere; with a single source it is 0 or 1. Row
families: `demand`, `link`, `capacity`, `throughput`, `service`, `cover`, `count`, `start`, `lease`, `whole`, `changes`,
and those of `inbound` and `tiers`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.models.transport.holding import add_capacity_rows, add_cover_rows, held_by
from networx.models.transport.inbound import add_inbound_columns, add_inbound_rows
from networx.models.transport.instance import TransportInstance
from networx.models.transport.leases import add_fixed_changes, add_lease_rows, closing_and_first_opening
from networx.models.transport.periods import Periods
from networx.models.transport.tiers import TierColumns, add_tier_columns
from networx.solver.linear import Assembly, LinearModel

ROUNDING = 1e-9  # relative; a site count is only raised by a shortage larger than this


@dataclass(frozen=True, slots=True)
class FlowColumns:
    """What each flow column stands for: its period, its lane, and the units that a value of 1 carries."""

    period: Indices
    lane: Indices
    most_units: Floats


def flow_columns(instance: TransportInstance, periods: Periods) -> FlowColumns:
    """One for each period and lane with demand at one end and capacity (if single-sourced: enough) at the other.

    What a lane carries at most is in its units of 1, so that it needs no row of its own. Periods are single years
    wherever a lane is limited or counts in some years alone.
    """
    lanes = instance.lanes
    demand = periods.demand[:, lanes.destination]
    most = np.minimum(np.minimum(demand, periods.capacity[:, lanes.facility]), lanes.capacity)
    usable = most > 0
    if not lanes.alike:
        usable &= lanes.counts
    if instance.single_source:
        usable &= most >= demand
    period, lane = np.nonzero(usable)
    return FlowColumns(period, lane, most[period, lane])


def open_count(instance: TransportInstance) -> int:
    """How many columns say what is open: one a facility, or one a year and facility, year after year."""
    return len(instance.facility_names) * (1 if instance.fixed_set else len(instance.years))


def opened_by_year(instance: TransportInstance, values: Floats) -> Flags:
    """What is open in each year, of shape (T, I), from the values of the columns of a model of this instance."""
    opened = values[: open_count(instance)].reshape(-1, len(instance.facility_names)) > 0.5
    by_year: Flags = opened & instance.rules.may
    return by_year


def formulate(instance: TransportInstance, periods: Periods, *, tighten: bool = True) -> LinearModel:
    """The model whose optimum is the plan's cost. `tighten` adds rows that every plan obeys, to speed up the proof."""
    flows = flow_columns(instance, periods)
    assembly = Assembly()
    opened = _open_columns(assembly, instance)
    flow = assembly.add_columns(
        "flow",
        instance.lanes.cost_per_unit[flows.lane] * flows.most_units,
        0.0,
        1.0,
        integer=instance.single_source,
    )
    by_period = opened if len(opened) == len(periods.demand) else np.tile(opened, (len(periods.demand), 1))
    inbound = grown = None
    if len(instance.inbound):
        inbound = add_inbound_columns(assembly, instance.inbound, periods.capacity)
    if len(instance.tiers):
        grown = add_tier_columns(assembly, instance.tiers, instance.rules, opened, fixed_set=instance.fixed_set)
    add_flow_rows(assembly, instance, periods, by_period, (flows, flow), grown, tighten=tighten)
    if inbound is not None:
        site = instance.lanes.facility[flows.lane]
        outbound = flows.period, site, flow, flows.most_units
        add_inbound_rows(assembly, instance.inbound, periods.capacity, inbound, outbound)
    _count(assembly, instance, periods, opened, tighten=tighten)
    if instance.fixed_set:
        add_fixed_changes(assembly, instance, opened[0])
    else:
        add_lease_rows(assembly, instance, opened)
    # What is paid where nothing is open: the closing of what is open before the first year.
    nothing = np.zeros_like(instance.rules.may)
    return replace(assembly.model(), offset=float(instance.rules.one_time_cost(nothing).sum()))


def _open_columns(assembly: Assembly, instance: TransportInstance) -> Indices:
    """Of shape (1, I), or (T, I) where facilities open and close."""
    rules = instance.rules
    if instance.fixed_set:
        paid = np.where(rules.may, instance.fixed_cost, 0.0) + rules.one_time_cost(rules.may)
        cost = (paid - rules.one_time_cost(np.zeros_like(rules.may))).sum(axis=0, keepdims=True)
        lower, upper = instance.must.any(axis=0, keepdims=True), instance.allowed[None, :]
    else:
        cost, lower, upper = instance.fixed_cost + closing_and_first_opening(rules), instance.must, rules.may
    columns = assembly.add_columns("open", cost.ravel(), lower.ravel(), upper.ravel(), integer=True)
    return columns.reshape(cost.shape)


def _count(
    assembly: Assembly, instance: TransportInstance, periods: Periods, opened: Indices, *, tighten: bool
) -> None:
    """How many facilities are open, in each year that may have a set of its own."""
    may = instance.rules.may
    alike = instance.fixed_set and bool((may == instance.allowed).all())
    years = 1 if alike else len(may)
    fewest = np.full(years, instance.min_open)
    if tighten:
        needed = _fewest_for_capacity(instance, periods)
        fewest = np.maximum(fewest, needed.max() if alike else needed[periods.of_year])
    year, facility = np.nonzero(may[:years])
    columns = np.broadcast_to(opened, may.shape)[year, facility]
    assembly.add_rows("count", fewest, instance.max_open, years, (year, columns, 1.0))


def add_flow_rows(
    assembly: Assembly,
    instance: TransportInstance,
    periods: Periods,
    opened: Indices,
    sent: tuple[FlowColumns, Indices],
    grown: TierColumns | None = None,
    *,
    tighten: bool,
) -> None:
    """What every plan obeys, given the columns `sent` and those that open a facility in a period, of shape (P, I).

    `grown` are the columns of the tiers, where there are any.
    """
    flows, flow = sent
    held = held_by(instance, periods, opened, grown)
    start = instance.lanes.facility[flows.lane]
    _demand(assembly, instance, periods, flows, flow)
    _links(assembly, instance, flows, flow, opened)
    add_capacity_rows(assembly, periods, held, flow, (flows.period, start, flows.most_units))
    _throughput(assembly, instance, periods, flows, flow, opened)
    _service(assembly, instance, periods, flows, flow)
    if tighten:
        add_cover_rows(assembly, periods, held)


def demand_rows(periods: Periods) -> tuple[Indices, Indices]:
    """(period, destination) of each row of `demand`: those with demand."""
    period, destination = np.nonzero(periods.demand > 0)
    return period, destination


def first_years(periods: Periods) -> Indices:
    """The first year of each period."""
    return np.unique(periods.of_year, return_index=True)[1]


def near_flows(instance: TransportInstance, periods: Periods, flows: FlowColumns) -> Flags:
    """Which flows count for the service level of their period, whose years ask the same."""
    near: Flags = instance.near[first_years(periods)[flows.period], flows.lane]
    return near


def service_rows(instance: TransportInstance, periods: Periods) -> tuple[Indices, Indices]:
    """The period of each row of `service`, and a year of it: those with demand in which a level is asked."""
    year = first_years(periods)
    asked = np.flatnonzero((periods.demand.sum(axis=1) > 0) & (instance.service.level[year] > 0))
    return asked, year[asked]


def _demand(
    assembly: Assembly, instance: TransportInstance, periods: Periods, flows: FlowColumns, flow: Indices
) -> None:
    """All of a destination's demand is served."""
    period, destination = demand_rows(periods)
    row_of = np.full(periods.demand.shape, -1, dtype=np.intp)
    row_of[period, destination] = np.arange(len(period))
    place = instance.lanes.destination[flows.lane]
    shares = flows.most_units / periods.demand[flows.period, place]
    assembly.add_rows("demand", 1.0, 1.0, len(period), (row_of[flows.period, place], flow, shares))


def _links(assembly: Assembly, instance: TransportInstance, flows: FlowColumns, flow: Indices, opened: Indices) -> None:
    """A lane carries nothing while its facility is closed. Mandatory facilities need no such row."""
    facility = instance.lanes.facility[flows.lane]
    linked = np.flatnonzero(~instance.mandatory[facility])
    rows = np.arange(len(linked))
    assembly.add_rows(
        "link",
        -np.inf,
        0.0,
        len(linked),
        (rows, flow[linked], 1.0),
        (rows, opened[flows.period[linked], facility[linked]], -1.0),
    )


def _throughput(
    assembly: Assembly,
    instance: TransportInstance,
    periods: Periods,
    flows: FlowColumns,
    flow: Indices,
    opened: Indices,
) -> None:
    """An open facility sends no less than its minimum. Periods are single years wherever one has a minimum."""
    least = instance.rules.min_throughput
    asked = instance.allowed & (least > 0)
    if not asked.any():
        return
    period, facility = np.nonzero(instance.rules.may & asked)
    row_of = np.full(periods.binding.shape, -1, dtype=np.intp)
    row_of[period, facility] = np.arange(len(period))
    start = instance.lanes.facility[flows.lane]
    row = row_of[flows.period, start]
    used = np.flatnonzero(row >= 0)
    assembly.add_rows(
        "throughput",
        0.0,
        np.inf,
        len(period),
        (row[used], flow[used], flows.most_units[used] / least[start[used]]),
        (np.arange(len(period)), opened[period, facility], -1.0),
    )


def _service(
    assembly: Assembly, instance: TransportInstance, periods: Periods, flows: FlowColumns, flow: Indices
) -> None:
    """In each period at least the level's share of demand is served from near, or what is lacking is paid for."""
    asked, year = service_rows(instance, periods)
    if not len(asked):
        return
    totals = periods.demand.sum(axis=1)
    row_of = np.full(len(totals), -1, dtype=np.intp)
    row_of[asked] = np.arange(len(asked))
    near = np.flatnonzero((row_of[flows.period] >= 0) & near_flows(instance, periods, flows))
    shares = flows.most_units[near] / totals[flows.period[near]]
    entries = [(row_of[flows.period[near]], flow[near], shares)]
    level, penalty = instance.service.level[year], instance.service.penalty[year]
    priced = np.flatnonzero(np.isfinite(penalty))
    if len(priced):
        cost = penalty[priced] * totals[asked[priced]]
        lacking = assembly.add_columns("shortfall", cost, 0.0, level[priced])
        entries.append((priced, lacking, np.ones(len(priced))))
    assembly.add_rows("service", level, np.inf, len(asked), *entries)


def _fewest_for_capacity(instance: TransportInstance, periods: Periods) -> Indices:
    """For each period: no plan has fewer open, for the mandatory facilities, then the largest, must hold its demand."""
    may, must = np.zeros((2, *periods.capacity.shape), dtype=bool)
    np.logical_or.at(may, periods.of_year, instance.rules.may)
    np.logical_or.at(must, periods.of_year, instance.must)
    rank = np.where(must, np.inf, np.where(may, periods.capacity, -np.inf))
    order = np.argsort(-rank, axis=1, kind="stable")
    held = np.cumsum(np.take_along_axis(np.where(may, periods.capacity, 0.0), order, axis=1), axis=1)
    needed = periods.demand.sum(axis=1, keepdims=True) * (1 - ROUNDING)
    fewest = (held < needed).sum(axis=1) + (needed[:, 0] > 0)
    possible: Indices = np.minimum(fewest, may.sum(axis=1))
    return possible
