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

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices, numbered, picked
from networx.models.transport.flows import FlowColumns, first_years, flow_columns, near_flows
from networx.models.transport.holding import add_capacity_rows, add_cover_rows, held_by
from networx.models.transport.inbound import add_inbound_columns, add_inbound_rows
from networx.models.transport.instance import TransportInstance
from networx.models.transport.leases import add_fixed_changes, add_lease_rows, closing_and_first_opening
from networx.models.transport.periods import Periods
from networx.models.transport.tiers import TierColumns, add_tier_columns
from networx.solver.linear import Assembly, LinearModel

ROUNDING = 1e-9  # relative; a site count is only raised by a shortage larger than this


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
        instance.lanes.cost_per_unit.take(flows.lane) * flows.most_units,
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
        add_inbound_rows(assembly, instance.inbound, periods.capacity, inbound, (flows.start, flow, flows.most_units))
    _count(assembly, instance, periods, opened, tighten=tighten)
    if instance.fixed_set:
        add_fixed_changes(assembly, instance, opened[0])
    else:
        add_lease_rows(assembly, instance, opened)
    # What is paid where nothing is open: the closing of what is open before the first year.
    nothing = np.zeros_like(instance.rules.may)
    return assembly.model(offset=float(instance.rules.one_time_cost(nothing).sum()))


def _open_columns(assembly: Assembly, instance: TransportInstance) -> Indices:
    """Of shape (1, I), or (T, I) where facilities open and close."""
    rules = instance.rules
    if instance.fixed_set:
        paid = np.where(rules.may, instance.fixed_cost, 0.0)
        if rules.one_time_costs:
            paid += rules.one_time_cost(rules.may) - rules.one_time_cost(np.zeros_like(rules.may))
        cost = paid.sum(axis=0, keepdims=True)
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
    columns = opened[year % len(opened), facility]  # which are one row for all years, or a row for each
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
    _demand(assembly, periods, flows, flow)
    _links(assembly, instance, flows, flow, opened)
    add_capacity_rows(assembly, periods, held, (flows.start, flow, flows.most_units))
    _throughput(assembly, instance, flows, flow, opened)
    _service(assembly, instance, periods, flows, flow)
    if tighten:
        add_cover_rows(assembly, periods, held)


def demand_rows(periods: Periods) -> tuple[Indices, Indices]:
    """(period, destination) of each row of `demand`: those with demand."""
    period, destination = np.nonzero(periods.demand > 0)
    return period, destination


def service_rows(instance: TransportInstance, periods: Periods) -> tuple[Indices, Indices]:
    """The period of each row of `service`, and a year of it: those with demand in which a level is asked."""
    year = first_years(periods)
    asked = np.flatnonzero((periods.demand.sum(axis=1) > 0) & (instance.service.level[year] > 0))
    return asked, year[asked]


def _demand(assembly: Assembly, periods: Periods, flows: FlowColumns, flow: Indices) -> None:
    """All of a destination's demand is served."""
    row_of, count = numbered(periods.demand > 0)
    shares = flows.most_units / periods.demand.take(flows.end)
    assembly.add_rows("demand", 1.0, 1.0, count, (row_of.take(flows.end), flow, shares))


def _links(assembly: Assembly, instance: TransportInstance, flows: FlowColumns, flow: Indices, opened: Indices) -> None:
    """A lane carries nothing while its facility is closed. Mandatory facilities need no such row."""
    mandatory = instance.mandatory
    linked: slice | Indices = slice(None)
    if mandatory.any():
        linked = np.flatnonzero(~np.broadcast_to(mandatory, opened.shape).take(flows.start))
    sent = flow[linked]
    rows = np.arange(len(sent), dtype=np.int32)
    assembly.add_rows(
        "link",
        -np.inf,
        0.0,
        len(rows),
        (rows, sent, 1.0),
        (rows, opened.take(flows.start[linked]), -1.0),
    )


def _throughput(
    assembly: Assembly, instance: TransportInstance, flows: FlowColumns, flow: Indices, opened: Indices
) -> None:
    """An open facility sends no less than its minimum. Periods are single years wherever one has a minimum."""
    least = instance.rules.min_throughput
    asked = instance.allowed & (least > 0)
    if not asked.any():
        return
    row_of, count = numbered(instance.rules.may & asked)
    row = row_of.take(flows.start)
    used = picked(row >= 0)
    shares = flows.most_units[used] / np.broadcast_to(least, row_of.shape).take(flows.start[used])
    assembly.add_rows(
        "throughput",
        0.0,
        np.inf,
        count,
        (row[used], flow[used], shares),
        (np.arange(count), opened[row_of >= 0], -1.0),
    )


def _service(
    assembly: Assembly, instance: TransportInstance, periods: Periods, flows: FlowColumns, flow: Indices
) -> None:
    """In each period at least the level's share of demand is served from near, or what is lacking is paid for."""
    if not instance.service.asked:
        return
    asked, year = service_rows(instance, periods)
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
