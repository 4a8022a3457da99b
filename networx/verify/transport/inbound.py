"""What comes in from suppliers, checked against the sheets Suppliers and Lanes: where from, how much, at what cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check, TransportPlan
from networx.verify.measure import counted, worst_of
from networx.verify.transport.facts import Facts
from networx.verify.transport.lanes import miles_between

RESIDUAL = 1e-7  # of the right-hand side


@dataclass(frozen=True, slots=True)
class WaysIn:
    """By supplier (rows) and facility (columns): whether there is a lane, and what a unit over it costs."""

    exists: Flags
    price: Floats


def ways_in(tables: NetworkTables, parameters: TransportParameters) -> WaysIn:
    suppliers, sites, rows = tables.suppliers, tables.facilities, tables.inbound_lanes
    shape = (len(suppliers), len(sites))
    exists, price = np.zeros(shape, dtype=bool), np.full(shape, np.nan)
    rate = parameters.cost_per_unit_mile
    if rate is not None:
        exists[:] = True
        for row in range(len(suppliers)):
            here = np.full((2, len(sites)), [[suppliers.latitude[row]], [suppliers.longitude[row]]])
            price[row] = rate * miles_between(here[0], here[1], sites.latitude, sites.longitude, parameters)
    exists[rows.supplier, rows.facility] = True
    price[rows.supplier, rows.facility] = rows.cost_per_unit
    return WaysIn(exists, price + np.nan_to_num(suppliers.cost_per_unit)[:, None])


def shape_checks(tables: NetworkTables, plan: TransportPlan, facts: Facts) -> list[Check]:
    """Whether what comes in is told of this dataset's years, suppliers and facilities at all."""
    columns = (plan.inbound_year, plan.inbound_supplier, plan.inbound_facility, plan.inbound_units)
    uneven = len({np.shape(column) for column in columns}) != 1 or np.ndim(plan.inbound_units) != 1
    sizes = (len(facts.years), len(tables.suppliers), len(tables.facilities))
    outside = sum(
        int(((np.asarray(column) < 0) | (np.asarray(column) >= size)).sum())
        for column, size in zip(columns, sizes, strict=False)
    )
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
    ways = ways_in(tables, parameters)
    names, sites = tables.suppliers.name, tables.facilities.name

    def flagged(name: str, faulty: np.ndarray) -> Check:
        at = np.flatnonzero(faulty)
        where = f"{names[start[at[0]]]} to {sites[end[at[0]]]}, {facts.years[year[at[0]]]}" if len(at) else ""
        return counted(name, len(at), f"first at {where}")

    came, left = np.zeros(sent.shape), np.zeros((len(facts.years), len(names)))
    np.add.at(came, (year, end), units)
    np.add.at(left, (year, start), units)
    balance = np.abs(came - sent) / np.where(sent > 0, sent, 1.0)
    supply = np.where(np.isinf(tables.suppliers.supply_units), 0.0, tables.suppliers.supply_units)
    over = np.where(np.isinf(tables.suppliers.supply_units), 0.0, left - supply) / np.where(supply > 0, supply, 1.0)
    checks = [
        flagged("what comes in is 0 or more", ~(np.isfinite(units) & (units >= 0))),
        flagged("what comes in uses lanes of the data", ~ways.exists[start, end]),
        worst_of("what comes in goes out", balance, RESIDUAL, lambda at: f"{sites[at[1]]}, {facts.years[at[0]]}"),
        worst_of("supply holds", over, RESIDUAL, lambda at: f"{names[at[1]]}, {facts.years[at[0]]}"),
    ]
    return checks, (ways.price[start, end] * units).tolist()


def supply_within_reach(tables: NetworkTables, parameters: TransportParameters, may: Flags) -> float:
    """Units that the suppliers with a lane to one of these facilities send in a year; inf without suppliers."""
    if not len(tables.suppliers):
        return np.inf
    reaching = ways_in(tables, parameters).exists[:, may].any(axis=1)
    return float(tables.suppliers.supply_units[reaching].sum())
