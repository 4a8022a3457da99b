"""A transport plan checked in exact fractions: the sums that the certificate takes in floats, without any rounding.

Every number counts as it is written: 0.1 is a tenth. Only what has no fraction stays a float, and is said to: miles
between coordinates, and what is priced by them or by Rates. A dataset that states what this check does not read is
refused by name, since a sum that leaves something out would be exactly wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from networx.domain.network import NetworkTables
from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check, TransportPlan
from networx.verify.generic.exact import exact
from networx.verify.measure import check
from networx.verify.transport.exact_inbound import inbound_sums
from networx.verify.transport.exact_service import ServiceSums, service_sums
from networx.verify.transport.facts import facts_of
from networx.verify.transport.lanes import flow_lanes
from networx.verify.transport.plan import COST
from networx.verify.transport.requirements import RESIDUAL
from networx.verify.transport.service import services
from networx.verify.transport.tiers import count_in_use, steps_of, tier_costs

_PLACE = {"name", "city", "state", "zip", "latitude", "longitude"}
# What the sums below rest on, and what has no part in any of them.
_READ = {
    "facilities": _PLACE
    | {"capacity_units", "fixed_cost_per_year", "status", "existing", "lease_years", "opening_cost", "closing_cost"}
    | {"available_from_year", "available_to_year", "forced_from_year", "forced_to_year"}
    | {"variable_cost_per_unit", "min_throughput_units"}
    | {"square_feet", "lease_rate_per_sqft", "operating_cost_per_sqft"},
    "destinations": {*_PLACE, "demand_units"},
    "demand": {"destination", "year", "units"},
    "forecast": {"year", "annual_units"},
    "lanes": {"facility", "destination", "cost_per_unit", "distance_miles"}
    | {"transit_days", "capacity_units", "mode", "year", "zone"},
    "service_years": {column for column, _ in DIGEST_COLUMNS["service_years"]},
    "rates": {column for column, _ in DIGEST_COLUMNS["rates"]},
    "fitted_rates": {column for column, _ in DIGEST_COLUMNS["fitted_rates"]},
    "facility_years": {"facility", "year", "fixed_cost", "capacity_units", "status"},
    "parameters": {"name", "value"},
    "assignments": {"facility", "destination", "rule"},
    "expansions": {"facility", "tier", "capacity_units", "fixed_cost_per_year", "one_time_cost"},
    "suppliers": {"name", "zip", "latitude", "longitude", "supply_units", "cost_per_unit"},
    "inbound_lanes": {column for column, _ in DIGEST_COLUMNS["inbound_lanes"]},
    "operating_costs": {"facility", "year", "line", "amount"},
    "control_totals": {"year", "line", "amount"},
    "one_time_costs": {"year", "line", "amount"},
    "skus": {column for column, _ in DIGEST_COLUMNS["skus"]},
    "warehouse": {column for column, _ in DIGEST_COLUMNS["warehouse"]},
    "inventory": {column for column, _ in DIGEST_COLUMNS["inventory"]},
}
_PARAMETERS = {
    *("single_sourcing", "lease_years", "min_facilities", "max_facilities", "max_changes_per_year"),
    *(
        "service_level",
        "max_distance_miles",
        "max_transit_days",
        "service_penalty_per_unit",
        "cost_per_unit_mile",
        "circuity",
        "currency",
        "distance_unit",
    ),
    *("engine", "time_limit_seconds", "gap"),
    *("demand_basis", "pounds_per_unit", "units_per_package", "units_per_shipment"),
    *("units_per_pallet", "cubic_feet_per_unit"),
}
_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class ExactCheck:
    """`cost` is the plan's, to the last digit; `from_miles` flows have a price that is computed in floats."""

    checks: tuple[Check, ...]
    cost: Fraction
    from_miles: int
    seconds: float


def beyond_exact(tables: NetworkTables, parameters: TransportParameters) -> list[str]:
    """What is stated and this check does not read; it may be asked only where there is nothing."""
    found = [
        f"{table}.{column}"
        for table, columns in DIGEST_COLUMNS.items()
        for column, _ in columns
        if column not in _READ.get(table, ()) and _stated(tables, table, column)
    ]
    defaults = TransportParameters()
    names = [name for name in parameters.__dataclass_fields__ if name not in _PARAMETERS]
    return found + [name for name in names if getattr(parameters, name) != getattr(defaults, name)]


def _stated(tables: NetworkTables, table: str, column: str) -> bool:
    values = getattr(getattr(tables, table), column)
    if isinstance(values, np.ndarray):
        return bool(len(values)) and not (values.dtype.kind == "f" and bool(np.isnan(values).all()))
    return any(value is not None for value in values)


def check_exactly(
    tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan, objective: float
) -> ExactCheck:
    """The plan, which has passed its certificate, in fractions. Needs `beyond_exact` to be empty."""
    began = time.process_time()
    sums = _Sums(tables, parameters, plan)
    checks = [sums.demand(), sums.capacity(), sums.lane_capacity(), sums.throughput()]
    service = sums.service()
    checks += service.checks
    inbound = inbound_sums(tables, parameters, sums.facts, plan, sums.sent())
    checks += inbound.checks
    cost = sums.cost() + service.cost + inbound.cost
    off = abs(exact(objective) - cost) / max(abs(cost), exact(1e-9))
    checks.append(check("exactly: cost", float(off), COST, f"exactly {float(cost)!r}"))
    return ExactCheck(tuple(checks), cost, sums.from_miles + inbound.from_miles, time.process_time() - began)


class _Sums:
    def __init__(self, tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan) -> None:
        self._tables, self._parameters, self._plan = tables, parameters, plan
        self.facts = facts_of(tables, parameters)
        self._flows = list(
            zip(plan.flow_year.tolist(), plan.flow_facility.tolist(), plan.flow_destination.tolist(), strict=True)
        )
        self._units = [exact(units) for units in plan.flow_units.tolist()]
        self._lanes = flow_lanes(tables, parameters, self.facts, plan)
        self._steps = steps_of(tables)
        self._tiers = count_in_use(plan, self._steps)
        stated = np.append(tables.lanes.cost_per_unit, np.nan)  # row -1: no row
        self.from_miles = int(np.isnan(stated[self._lanes.row]).sum())

    def _summed(self, key: Callable[[tuple[int, int, int]], Any]) -> dict[Any, Fraction]:
        total: dict[Any, Fraction] = {}
        for flow, units in zip(self._flows, self._units, strict=True):
            at = key(flow)
            total[at] = total.get(at, _NOTHING) + units
        return total

    def demand(self) -> Check:
        served = self._summed(lambda flow: (flow[0], flow[2]))
        asked = self._demand()
        names, years = self._tables.destinations.name, self.facts.years
        off = (
            (abs(served.get(at, _NOTHING) - units) / (units or 1), f"{names[at[1]]}, {years[at[0]]}")
            for at, units in asked.items()
        )
        return _worst("exactly: demand is met", off)

    def _demand(self) -> dict[tuple[int, int], Fraction]:
        """Of every year and destination."""
        tables, years = self._tables, self.facts.years
        base = [exact(units) for units in tables.destinations.demand_units.tolist()]
        whole = sum(base, _NOTHING)
        asked: dict[tuple[int, int], Fraction] = {}
        if not len(tables.forecast) and not len(tables.demand):
            return {(0, place): units for place, units in enumerate(base)}
        for year, annual in zip(tables.forecast.year.tolist(), tables.forecast.annual_units.tolist(), strict=True):
            share = exact(annual) / whole if whole else _NOTHING
            asked |= {(years.index(year), place): units * share for place, units in enumerate(base)}
        rows = (tables.demand.year.tolist(), tables.demand.destination.tolist(), tables.demand.units.tolist())
        for year, place, units in zip(*rows, strict=True):
            asked[years.index(year), place] = exact(units)
        return asked

    def sent(self) -> dict[tuple[int, int], Fraction]:
        """By year and facility."""
        return self._summed(lambda flow: flow[:2])

    def capacity(self) -> Check:
        sent = self.sent()
        names, years, most = self._tables.facilities.name, self.facts.years, self.facts.capacity
        over = (
            ((units - held) / (held or 1), f"{names[at[1]]}, {years[at[0]]}")
            for at, units in sent.items()
            if np.isfinite(most[at])
            for held in [exact(most[at]) + self._added(at)]
        )
        return _worst("exactly: capacities hold", over)

    def _added(self, at: tuple[int, int]) -> Fraction:
        """Units that the tiers in use add in a year to a facility."""
        return sum((exact(units) for units, _, _ in self._steps[at[1]][: self._tiers[at]]), _NOTHING)

    def lane_capacity(self) -> Check:
        carried: dict[tuple[int, int], Fraction] = {}
        for (year, _, _), units, row in zip(self._flows, self._units, self._lanes.row.tolist(), strict=True):
            carried[year, row] = carried.get((year, row), _NOTHING) + units
        most, years = self._tables.lanes.capacity_units, self.facts.years
        over = (
            ((units - held) / (held or 1), f"row {row + 1} of Lanes, {years[year]}")
            for (year, row), units in carried.items()
            if row >= 0 and np.isfinite(most[row])
            for held in [exact(most[row])]
        )
        return _worst("exactly: lane capacities hold", over)

    def throughput(self) -> Check:
        sent = self._summed(lambda flow: flow[:2])
        names, years, least = self._tables.facilities.name, self.facts.years, self.facts.min_throughput
        opened = np.argwhere(self._plan.opened & (least > 0)).tolist()
        short = (
            (1 - sent.get((year, site), _NOTHING) / exact(least[site]), f"{names[site]}, {years[year]}")
            for year, site in opened
        )
        return _worst("exactly: facilities ship what they have to", short)

    def service(self) -> ServiceSums:
        asked = services(self._tables, self._parameters, self.facts.years)
        return service_sums(asked, self.facts.years, self._demand(), self._flows, self._units, self._lanes)

    def cost(self) -> Fraction:
        facts, opened = self.facts, self._plan.opened
        before = np.vstack([facts.existing, opened[:-1]])
        total = _exactly(facts.fixed_cost[opened])
        total += _exactly(np.broadcast_to(facts.opening_cost, opened.shape)[opened & ~before])
        total += _exactly(np.broadcast_to(facts.closing_cost, opened.shape)[before & ~opened])
        total += sum((exact(amount) for amount in tier_costs(self._steps, self._tiers)), _NOTHING)
        own = [exact(cost) for cost in np.nan_to_num(self._tables.facilities.variable_cost_per_unit).tolist()]
        listed = [None if price != price else exact(price) for price in self._tables.lanes.cost_per_unit.tolist()]
        flows = zip(self._flows, self._units, self._lanes.row.tolist(), self._lanes.price.tolist(), strict=True)
        for (_, site, _), units, row, price in flows:
            stated = listed[row] if row >= 0 else None
            total += units * (exact(price) if stated is None else stated + own[site])
        return total


def _exactly(amounts: Any) -> Fraction:
    return sum((exact(amount) for amount in amounts.tolist()), _NOTHING)


def _worst(name: str, violations: Iterator[tuple[Fraction, str]]) -> Check:
    worst, where = max(violations, default=(_NOTHING, ""))
    return check(name, float(max(worst, _NOTHING)), RESIDUAL, where)
