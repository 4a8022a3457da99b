"""What comes in from suppliers, checked against the sheets Suppliers and Lanes: where from, how much, at what cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.network import Assignments, Destinations, Facilities, Lanes, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check, TransportPlan
from networx.verify.measure import counted, worst_of
from networx.verify.transport.facts import Facts
from networx.verify.transport.lanes import FlowLanes, flow_lanes, lane_capacity_check, lane_facts, year_lanes
from networx.verify.transport.service import Service

RESIDUAL = 1e-7  # of the right-hand side
NOTHING_ASKED = Service(0.0, np.nan, np.nan, np.nan)


def as_network(tables: NetworkTables) -> NetworkTables:
    """Suppliers as facilities and facilities as destinations, with the lanes between them: read as any others are."""
    suppliers, sites, rows = tables.suppliers, tables.facilities, tables.inbound_lanes
    unknown = (None,) * len(suppliers)
    return replace(
        tables,
        facilities=Facilities(
            *(suppliers.name, unknown, unknown, suppliers.zip, suppliers.latitude, suppliers.longitude),
            capacity_units=suppliers.supply_units,
            fixed_cost_per_year=np.zeros(len(suppliers)),
            status=tuple("candidate" for _ in suppliers.name),
            variable_cost_per_unit=suppliers.cost_per_unit,
        ),
        destinations=Destinations(
            *(sites.name, sites.city, sites.state, sites.zip, sites.latitude, sites.longitude),
            demand_units=np.zeros(len(sites)),
        ),
        lanes=Lanes(
            facility=rows.supplier,
            destination=rows.facility,
            cost_per_unit=rows.cost_per_unit,
            distance_miles=rows.distance_miles,
            capacity_units=rows.capacity_units,
            mode=rows.mode,
            year=rows.year,
            zone=rows.zone,
        ),
        assignments=Assignments(),
    )


def inbound_lanes(
    tables: NetworkTables, parameters: TransportParameters, facts: Facts, plan: TransportPlan
) -> FlowLanes:
    """For each flow of what comes in its lane, whose price holds what the supplier asks for a unit."""
    flows = TransportPlan(
        plan.years,
        plan.opened,
        plan.inbound_year,
        plan.inbound_supplier,
        plan.inbound_facility,
        plan.inbound_units,
        plan.inbound_mode,
        plan.inbound_modes,
    )
    return flow_lanes(as_network(tables), parameters, facts, flows)


@dataclass(frozen=True, slots=True)
class WaysIn:
    """By supplier (rows) and facility (columns): whether there is a lane, and what a unit over the cheapest costs."""

    exists: Flags
    price: Floats


def ways_in(tables: NetworkTables, parameters: TransportParameters, years: tuple[int, ...]) -> WaysIn:
    """Over lanes of whatever mode that count in one of the years."""
    shape = len(tables.suppliers), len(tables.facilities)
    if not shape[0]:
        return WaysIn(np.zeros(shape, dtype=bool), np.zeros(shape))
    start, end = (grid.ravel().astype(np.int64) for grid in np.indices(shape))
    exists, price = lane_facts(as_network(tables), parameters, years, start, end)
    return WaysIn(exists.reshape(shape), price.reshape(shape))


def least_way_in(tables: NetworkTables, parameters: TransportParameters, label: int) -> Floats:
    """(I,): what a unit that comes in costs at least in a year, inf where nothing can; 0 without suppliers.

    No plan pays less for what a facility ships: each unit has come in over one of these lanes. One without a price, of
    which nothing is known, counts as free.
    """
    if not len(tables.suppliers):
        return np.zeros(len(tables.facilities))
    ways = ways_in(tables, parameters, (label,))
    least: Floats = np.where(ways.exists, np.nan_to_num(ways.price, nan=0.0), np.inf).min(axis=0)
    return least


def shape_checks(tables: NetworkTables, plan: TransportPlan, facts: Facts) -> list[Check]:
    """Whether what comes in is told of this dataset's years, suppliers and facilities at all."""
    columns = (
        *(plan.inbound_year, plan.inbound_supplier, plan.inbound_facility),
        *(plan.inbound_units, plan.inbound_mode),
    )
    uneven = len({np.shape(column) for column in columns}) != 1 or np.ndim(plan.inbound_units) != 1
    sizes = (len(facts.years), len(tables.suppliers), len(tables.facilities))
    outside = sum(
        int(((np.asarray(column) < 0) | (np.asarray(column) >= size)).sum())
        for column, size in zip(columns, sizes, strict=False)
    )
    mode = np.asarray(plan.inbound_mode)
    outside += int(((mode < -1) | (mode >= len(plan.inbound_modes))).sum())
    return [
        counted("columns of what comes in", int(uneven), "they are of different lengths"),
        counted("indices of what comes in", outside, "units from or to what is not in the data"),
    ]


def inbound_checks(
    tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan, facts: Facts, sent: Floats
) -> tuple[list[Check], list[float]]:
    """The checks, and every amount of what comes in; `sent` (T, I) is what goes out. Nothing without suppliers."""
    if not len(tables.suppliers):
        return [], []
    year, start, end = (
        np.asarray(column, dtype=np.int64)
        for column in (plan.inbound_year, plan.inbound_supplier, plan.inbound_facility)
    )
    units = np.asarray(plan.inbound_units, dtype=float)
    lanes = inbound_lanes(tables, parameters, facts, plan)
    names, sites = tables.suppliers.name, tables.facilities.name

    def flow_name(flow: int) -> str:
        mode = "" if plan.inbound_mode[flow] < 0 else f" by {plan.inbound_modes[plan.inbound_mode[flow]]}"
        return f"{names[start[flow]]} to {sites[end[flow]]}{mode}, {facts.years[year[flow]]}"

    def flagged(name: str, faulty: np.ndarray) -> Check:
        at = np.flatnonzero(faulty)
        return counted(name, len(at), f"first at {flow_name(int(at[0]))}" if len(at) else "")

    came, left = np.zeros(sent.shape), np.zeros((len(facts.years), len(names)))
    np.add.at(came, (year, end), units)
    np.add.at(left, (year, start), units)
    balance = np.abs(came - sent) / np.where(sent > 0, sent, 1.0)
    supply = np.where(np.isinf(tables.suppliers.supply_units), 0.0, tables.suppliers.supply_units)
    over = np.where(np.isinf(tables.suppliers.supply_units), 0.0, left - supply) / np.where(supply > 0, supply, 1.0)
    checks = [
        flagged("what comes in is 0 or more", ~(np.isfinite(units) & (units >= 0))),
        flagged("what comes in uses lanes of the data", ~lanes.exists),
        worst_of("what comes in goes out", balance, RESIDUAL, lambda at: f"{sites[at[1]]}, {facts.years[at[0]]}"),
        worst_of("supply holds", over, RESIDUAL, lambda at: f"{names[at[1]]}, {facts.years[at[0]]}"),
    ]
    if np.isfinite(tables.inbound_lanes.capacity_units).any():
        checks.append(lane_capacity_check("capacities of what comes in hold", lanes, year, units, flow_name))
    return checks, (lanes.price * units).tolist()


def supply_within_reach(tables: NetworkTables, parameters: TransportParameters, label: int, may: Flags) -> float:
    """Units that the suppliers with a lane to one of these facilities send in a year; inf without suppliers."""
    if not len(tables.suppliers):
        return np.inf
    reaching = year_lanes(as_network(tables), parameters, label, NOTHING_ASKED).exists[:, may].any(axis=1)
    return float(tables.suppliers.supply_units[reaching].sum())
