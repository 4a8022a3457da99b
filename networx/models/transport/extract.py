"""From the solver's values back to a plan in units: rounded, cleaned of dust, and priced from the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats, Indices
from networx.domain.plan import TransportPlan
from networx.models.transport.flows import flow_columns
from networx.models.transport.formulation import open_count, opened_by_year
from networx.models.transport.inbound import Inbound, inbound_columns, units_in
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import Periods
from networx.models.transport.tiers import counts_from

DUST = 1e-9  # a share of a destination's demand below this is the solver's rounding, not a shipment


def extract(
    instance: TransportInstance, periods: Periods, values: Floats, opened: Flags | None = None
) -> tuple[TransportPlan, float]:
    """The plan that `values` (one a column of `formulate`) describe, and its cost in dollars over all years.

    `opened` of shape (T, I) is given for an instance made by `with_open`, which knows no years of its own any more, and
    whose tiers are no longer tiers.
    """
    flows = flow_columns(instance, periods)
    if opened is None:
        opened = opened_by_year(instance, values)
    first = open_count(instance)
    last = first + len(flows.lane)
    after = last + len(inbound_columns(instance.inbound, periods.capacity).lane)
    tiers = counts_from(instance.tiers, values[after:], opened, fixed_set=instance.fixed_set)
    shares = values[first:last] * flows.most_units / periods.demand.take(flows.end)
    smallest = 0.5 if instance.single_source else DUST
    used = np.zeros(periods.capacity.shape, dtype=bool)
    np.logical_or.at(used, periods.of_year, opened)
    kept = np.flatnonzero((shares > smallest) & used.take(flows.start))
    period, lane = flows.period[kept], flows.lane[kept]
    shares = shares[kept]
    end = flows.end[kept]
    served = np.bincount(end, shares, periods.demand.size)
    plan, cost = _in_years(instance, periods, opened, tiers, period, lane, shares / served[end])
    return _supplied(instance, periods, plan, cost, values[last:after])


def _in_years(
    instance: TransportInstance,
    periods: Periods,
    opened: Flags,
    tiers: Codes,
    period: Indices,
    lane: Indices,
    shares: Floats,
) -> tuple[TransportPlan, float]:
    """Give each year of a period its flows: the period's shares of the year's own demand."""
    lanes = instance.lanes
    years = [np.flatnonzero(period == periods.of_year[year]) for year in range(len(instance.years))]
    flow = np.concatenate(years)
    year = np.repeat(np.arange(len(years)), [len(part) for part in years])
    facility, destination = lanes.facility[lane[flow]], lanes.destination[lane[flow]]
    mode = lanes.mode[lane[flow]]
    units = shares[flow] * instance.demand[year, destination]
    real = np.flatnonzero(units > 0)
    order = real[np.lexsort((mode[real], destination[real], facility[real], year[real]))]
    opened = without_idle(instance, opened, np.unique(facility[order]))
    plan = TransportPlan(
        years=instance.years,
        opened=opened,
        flow_year=year[order].astype(np.int32),
        flow_facility=facility[order].astype(np.int32),
        flow_destination=destination[order].astype(np.int32),
        flow_units=units[order],
        flow_mode=mode[order].astype(np.int32),
        modes=lanes.modes,
        tiers=np.where(opened, tiers, 0),
    )
    once = instance.rules.one_time_cost(opened).sum() + instance.tiers.cost(plan.tiers).sum()
    near = np.zeros(len(instance.years))
    np.add.at(near, year[order], units[order] * instance.near[year[order], lane[flow[order]]])
    lacking = instance.service.cost(instance.service.shortfall(instance.demand, near))
    cost = instance.fixed_cost[opened].sum() + once + lacking + lanes.cost_per_unit[lane[flow[order]]] @ units[order]
    return plan, float(cost)


def _supplied(
    instance: TransportInstance, periods: Periods, plan: TransportPlan, cost: float, values: Floats
) -> tuple[TransportPlan, float]:
    """The plan with what comes in, and its cost with that; `values` are those of the inbound columns."""
    inbound, free = instance.inbound, instance.free_supply
    if not len(inbound) and free is None:
        return plan, cost
    shipped = np.zeros(plan.opened.shape)
    np.add.at(shipped, (plan.flow_year, plan.flow_facility), plan.flow_units)
    if free is not None:
        year, site = np.nonzero(shipped)
        return _with_inbound(plan, free.inbound, year, free.lane[year, site], shipped[year, site]), cost
    units = units_in(inbound, periods.capacity, values, shipped)
    year, lane = np.nonzero(units)
    carried = units[year, lane]
    return _with_inbound(plan, inbound, year, lane, carried), cost + float(inbound.cost_per_unit[lane] @ carried)


def _with_inbound(plan: TransportPlan, inbound: Inbound, year: Indices, lane: Indices, units: Floats) -> TransportPlan:
    """The plan with so many units in these years over these lanes, sorted."""
    lanes = inbound.lanes
    order = np.lexsort((lanes.mode[lane], inbound.facility[lane], inbound.supplier[lane], year))
    year, lane = year[order], lane[order]
    return replace(
        plan,
        inbound_year=year.astype(np.int32),
        inbound_supplier=inbound.supplier[lane].astype(np.int32),
        inbound_facility=inbound.facility[lane].astype(np.int32),
        inbound_units=units[order],
        inbound_mode=lanes.mode[lane].astype(np.int32),
        inbound_modes=lanes.modes,
    )


def without_idle(instance: TransportInstance, opened: Flags, busy: Indices) -> Flags:
    """Close what serves nobody in any year and need not be open, the dearest first.

    It never costs more, breaks no lease and no budget of changes, and reads better. `opened` is of shape (T, I).
    """
    rules = instance.rules
    idle: Flags = np.logical_or.reduce(opened & ~instance.must.any(axis=0), axis=0)
    idle[busy] = False
    costs = (np.where(opened, instance.fixed_cost, 0.0) + rules.one_time_cost(opened)).sum(axis=0)
    # Closing what was open before the first year costs once too, and may be one change too many.
    idle &= costs >= rules.existing * rules.closing_cost
    if instance.parameters.max_changes_per_year is not None:
        idle &= ~rules.existing
    closed = opened.copy()
    for site in sorted(np.flatnonzero(idle), key=lambda site: (-costs[site], site)):
        rest = closed.sum(axis=1) - closed[:, site]
        if (rest >= instance.min_open)[closed[:, site]].all():
            closed[:, site] = False
    return closed
