"""A plan to start from: what an earlier attempt at the same scenario found and proved, given to the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.lane_rows import lane_keys
from networx.domain.plan import EARLIER_ATTEMPT, SOLVER, Progress, TransportPlan
from networx.models.transport.flows import FlowColumns, flow_columns, near_flows
from networx.models.transport.formulation import service_rows
from networx.models.transport.inbound import inbound_columns
from networx.models.transport.instance import TransportInstance
from networx.models.transport.leases import has_starts, starts
from networx.models.transport.periods import Periods
from networx.models.transport.tiers import values_from
from networx.solver.outcome import relative_gap


@dataclass(frozen=True, slots=True)
class Start:
    """A plan that meets every requirement, its cost in dollars, and the bound known then; None where there is none."""

    plan: TransportPlan
    cost: float
    bound: float | None = None

    def at_least_as_good(self, now: Progress) -> Progress:
        """The progress of a solve that began here, with what is known from the start where that is better."""
        incumbent = self.cost if now.incumbent is None else min(now.incumbent, self.cost)
        bound = self.best_bound(now.bound)
        return replace(now, incumbent=incumbent, bound=bound, gap=relative_gap(incumbent, bound))

    def best_bound(self, bound: float | None) -> float | None:
        """The higher of this bound and the start's: both hold for the same scenario."""
        known = [value for value in (bound, self.bound) if value is not None]
        return max(known, default=None)

    def source_of(self, bound: float | None) -> str:
        """Where the better of `bound`, proven since the start, and the start's own bound comes from."""
        carried = self.bound is not None and (bound is None or self.bound > bound)
        return EARLIER_ATTEMPT if carried else SOLVER


def values_of(instance: TransportInstance, periods: Periods, plan: TransportPlan) -> Floats:
    """The plan as values of the columns of `formulate`, the other way round than `extract`.

    Units over lanes that carry nothing in the model (no demand, no capacity) are left out.
    """
    flows = flow_columns(instance, periods)
    lanes = instance.lanes
    size = {"destinations": len(instance.destination_names), "modes": len(lanes.modes)}
    keys = len(instance.facility_names) * size["destinations"] * (size["modes"] + 1)
    offered = lane_keys(lanes.facility, lanes.destination, lanes.mode, **size)
    used = lane_keys(plan.flow_facility, plan.flow_destination, plan.modes_among(lanes.modes), **size)
    column = _places_of(
        flows.period * keys + offered[flows.lane],
        periods.of_year[plan.flow_year] * keys + used,
    )
    carried = np.flatnonzero(column >= 0)
    units = np.bincount(column[carried], weights=plan.flow_units[carried], minlength=len(flows.lane)).astype(np.float64)
    # One of a fixed set may be closed in years in which it is not available.
    opened = plan.opened.any(axis=0) if instance.fixed_set else plan.opened
    parts = [np.ravel(opened).astype(np.float64), np.minimum(units / flows.most_units, 1.0)]
    if len(instance.inbound):
        parts.append(_inbound_values(instance, periods, plan))
    parts += values_from(instance.tiers, plan.tiers, fixed_set=instance.fixed_set)
    parts.append(_lacking(instance, periods, flows, units))
    if has_starts(instance):
        parts.append(starts(plan.opened).ravel())
    return np.concatenate(parts)


def _lacking(instance: TransportInstance, periods: Periods, flows: FlowColumns, units: Floats) -> Floats:
    """The share of demand by which these flows miss the level of each period that has a price for that."""
    asked, year = service_rows(instance, periods)
    priced = np.isfinite(instance.service.penalty[year])
    near = np.bincount(flows.period, units * near_flows(instance, periods, flows), len(periods.demand))[asked[priced]]
    shares: Floats = instance.service.level[year[priced]] - near / periods.demand[asked[priced]].sum(axis=1)
    return np.maximum(shares, 0.0)


def _inbound_values(instance: TransportInstance, periods: Periods, plan: TransportPlan) -> Floats:
    lanes = instance.inbound.lanes
    size = {"destinations": len(instance.facility_names), "modes": len(lanes.modes)}
    keys = len(instance.inbound) * size["destinations"] * (size["modes"] + 1)
    columns = inbound_columns(instance.inbound, periods.capacity)
    offered = lane_keys(lanes.facility, lanes.destination, lanes.mode, **size)
    used = lane_keys(plan.inbound_supplier, plan.inbound_facility, plan.inbound_modes_among(lanes.modes), **size)
    column = _places_of(columns.period * keys + offered[columns.lane], plan.inbound_year.astype(np.int64) * keys + used)
    carried = np.flatnonzero(column >= 0)
    units = np.bincount(column[carried], plan.inbound_units[carried], len(columns.lane))
    values: Floats = np.minimum(units / columns.most_units, 1.0)
    return values


def _places_of(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The position of each wanted key among the keys, -1 where it is not among them."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.intp)
    order = np.argsort(keys)
    at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    return np.where(keys[at] == wanted, at, -1)
