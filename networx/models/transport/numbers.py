"""The numbers of a network's tables: each must be one that the model can work with, or is refused by its row."""

from __future__ import annotations

from functools import partial

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.network import NetworkTables
from networx.errors import Problem, RefusedInput
from networx.models.transport.refusals import name_rows, row_name

FITTED_NUMBERS = ("fixed", "per_mile", "per_cwt_mile", "miles_from", "miles_to", "pounds_from", "pounds_to")
RATE_LIMITS = ("distance_from", "distance_to", "weight_from", "weight_to", "minimum", "fuel_percent")


def refuse_bad_numbers(tables: NetworkTables) -> None:
    """Every number that the model reads is 0 or more; only capacities may be infinite, only overrides may be empty."""
    facilities, changes = tables.facilities, tables.facility_years
    columns = [
        ("Facilities", "capacity_units", facilities.capacity_units, _unlimited_too),
        ("Facilities", "fixed_cost_per_year", facilities.fixed_cost_per_year, _finite),
        ("Destinations", "demand_units", tables.destinations.demand_units, _finite),
        ("Demand", "units", tables.demand.units, _finite),
        ("Forecast", "annual_units", tables.forecast.annual_units, _finite),
        ("Facilities", "opening_cost", facilities.opening_cost, _finite_or_empty),
        ("Facilities", "closing_cost", facilities.closing_cost, _finite_or_empty),
        ("Facilities", "variable_cost_per_unit", facilities.variable_cost_per_unit, _finite_or_empty),
        ("Facilities", "min_throughput_units", facilities.min_throughput_units, _finite_or_empty),
        ("Expansions", "capacity_units", tables.expansions.capacity_units, _finite),
        ("Expansions", "fixed_cost_per_year", tables.expansions.fixed_cost_per_year, _finite),
        ("Expansions", "one_time_cost", tables.expansions.one_time_cost, _finite_or_empty),
        ("Suppliers", "supply_units", tables.suppliers.supply_units, _unlimited_too),
        ("Suppliers", "cost_per_unit", tables.suppliers.cost_per_unit, _finite_or_empty),
        ("inbound Lanes", "cost_per_unit", tables.inbound_lanes.cost_per_unit, _finite_or_empty),
        ("inbound Lanes", "distance_miles", tables.inbound_lanes.distance_miles, _finite_or_empty),
        ("inbound Lanes", "capacity_units", tables.inbound_lanes.capacity_units, _unlimited_or_empty_too),
        ("Lanes", "cost_per_unit", tables.lanes.cost_per_unit, _finite_or_empty),
        ("Lanes", "distance_miles", tables.lanes.distance_miles, _finite_or_empty),
        ("Lanes", "transit_days", tables.lanes.transit_days, _finite_or_empty),
        ("Lanes", "capacity_units", tables.lanes.capacity_units, _unlimited_or_empty_too),
        ("Rates", "rate", tables.rates.rate, _finite),
        *(("Rates", name, getattr(tables.rates, name), _finite_or_empty) for name in RATE_LIMITS),
        *(("FittedRates", name, getattr(tables.fitted_rates, name), _finite) for name in FITTED_NUMBERS),
        ("FacilityYears", "capacity_units", changes.capacity_units, _unlimited_or_empty_too),
        ("FacilityYears", "fixed_cost", changes.fixed_cost, _finite_or_empty),
    ]
    problems: list[Problem] = []
    for sheet, column, values, good in columns:
        problems += name_rows(~good(values), partial(_not_a_number, tables, sheet, column, values))
    for sheet, count in (("Facilities", len(facilities)), ("Destinations", len(tables.destinations))):
        if not count:
            problems.append(Problem(f"{sheet} has no rows; state at least one.", "empty", sheet))
    if problems:
        raise RefusedInput(problems)


def _not_a_number(tables: NetworkTables, sheet: str, column: str, values: Floats, position: int) -> Problem:
    value = values[position]
    message = f"{column} of {row_name(tables, sheet, position)} must be a number, 0 or more."
    return Problem(message, "number", sheet, None, column, None if np.isnan(value) else f"{value:g}")


def _finite(values: Floats) -> Flags:
    good: Flags = np.isfinite(values) & (values >= 0)
    return good


def _finite_or_empty(values: Floats) -> Flags:
    good: Flags = np.isnan(values) | _finite(values)
    return good


def _unlimited_too(values: Floats) -> Flags:
    good: Flags = values >= 0
    return good


def _unlimited_or_empty_too(values: Floats) -> Flags:
    good: Flags = ~(values < 0)
    return good
