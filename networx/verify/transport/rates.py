"""What a row of Lanes costs a unit, read afresh: its own price, the one row of Rates that fits, an
accepted fit, or by the mile.

Row by row, in the words of the sheets. NaN where nothing prices it, or more than one row does: no check passes on that.
"""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.verify.miles import millionths

POUNDS_PER_CWT = 100.0


def row_prices(tables: NetworkTables, parameters: TransportParameters, rows: np.ndarray, miles: Floats) -> Floats:
    """`miles` of each of these rows of Lanes, NaN where nobody knows."""
    stated: Floats = tables.lanes.cost_per_unit[rows].astype(float)
    by_mode: dict[str, list[int]] = {}
    for rate, mode in enumerate(tables.rates.mode):
        by_mode.setdefault(mode, []).append(rate)
    for at in np.flatnonzero(np.isnan(stated)).tolist():
        row = int(rows[at])
        rates = by_mode.get(tables.lanes.mode[row] or "")
        if rates is not None:
            stated[at] = _rated(tables, parameters, rates, row, float(miles[at]))
        elif tables.lanes.mode[row] in tables.fitted_rates.mode:
            stated[at] = _fitted(tables, parameters, tables.lanes.mode[row], float(miles[at]))
        elif parameters.cost_per_unit_mile is not None:
            stated[at] = parameters.cost_per_unit_mile * miles[at]
    return stated


def _fitted(tables: NetworkTables, parameters: TransportParameters, mode: str | None, miles: float) -> float:
    """By the one accepted fit of the mode whose weights hold a shipment; NaN beyond the shipments that it rests on."""
    fits, units = tables.fitted_rates, _or_nan(parameters.units_per_shipment)
    pounds = _or_nan(parameters.pounds_per_unit) * units
    rows = [
        row
        for row, name in enumerate(fits.mode)
        if name == mode and _between(pounds, float(fits.weight_from[row]), float(fits.weight_to[row]))
    ]
    if len(rows) != 1:
        return math.nan
    (row,) = rows
    far, nearest, farthest = millionths([miles, fits.miles_from[row], fits.miles_to[row]]).tolist()
    accepted = bool(fits.accepted_by[row]) and bool(fits.accepted_on[row])
    if not (accepted and nearest <= far <= farthest and fits.pounds_from[row] <= pounds <= fits.pounds_to[row]):
        return math.nan
    charge = fits.fixed[row] + fits.per_mile[row] * miles + fits.per_cwt_mile[row] * pounds / POUNDS_PER_CWT * miles
    loads = 1.0 if parameters.demand_basis == "shipment" else _units_of_demand(parameters) / units
    return float(charge) * loads


def _rated(tables: NetworkTables, parameters: TransportParameters, rates: list[int], row: int, miles: float) -> float:
    fitting = [rate for rate in rates if _fits(tables, parameters, rate, row, miles)]
    return _charge(tables, parameters, fitting[0], miles) if len(fitting) == 1 else math.nan


def _fits(tables: NetworkTables, parameters: TransportParameters, rate: int, row: int, miles: float) -> bool:
    table = tables.rates
    if table.zone[rate] is not None and table.zone[rate] != tables.lanes.zone[row]:
        return False
    far, start, end = millionths([miles, table.distance_from[rate], table.distance_to[rate]]).tolist()
    if not _between(far, start, end):
        return False
    low, high = float(table.weight_from[rate]), float(table.weight_to[rate])
    pounds = _or_nan(parameters.pounds_per_unit) * _load_units(parameters, table.basis[rate])
    return _between(pounds, low, high)


def _between(value: float, low: float, high: float) -> bool:
    """From counts, to does not; what is not stated is no limit."""
    return (math.isnan(low) or value >= low) and (math.isnan(high) or value < high)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _load_units(parameters: TransportParameters, basis: str) -> float:
    """Units of what is priced at once: a package, for a rate by the package, else a shipment."""
    return _or_nan(parameters.units_per_package if basis == "package" else parameters.units_per_shipment)


def _units_of_demand(parameters: TransportParameters) -> float:
    """How many units one of the demand's own measure is."""
    match parameters.demand_basis or "unit":
        case "unit":
            return 1.0
        case "lb":
            return 1.0 / _or_nan(parameters.pounds_per_unit)
        case "cwt":
            return POUNDS_PER_CWT / _or_nan(parameters.pounds_per_unit)
        case "package":
            return _or_nan(parameters.units_per_package)
        case "shipment":
            return _or_nan(parameters.units_per_shipment)
        case "pallet":
            return _or_nan(parameters.units_per_pallet)
        case _:
            return 1.0 / _or_nan(parameters.cubic_feet_per_unit)


def _charge(tables: NetworkTables, parameters: TransportParameters, rate: int, miles: float) -> float:
    table, basis, demand = tables.rates, tables.rates.basis[rate], parameters.demand_basis or "unit"
    each = float(table.rate[rate])
    units = _units_of_demand(parameters)
    loads = (
        1.0 if demand == ("package" if basis == "package" else "shipment") else units / _load_units(parameters, basis)
    )
    match basis:
        case "unit":
            charge = each * units
        case "cwt" if demand in {"lb", "cwt"}:
            charge = each * (1.0 if demand == "cwt" else 1.0 / POUNDS_PER_CWT)
        case "cwt":
            charge = each * units * _or_nan(parameters.pounds_per_unit) / POUNDS_PER_CWT
        case "mile":
            charge = each * miles * loads
        case _:
            charge = each * loads
    least = float(table.minimum[rate])
    if not math.isnan(least):
        charge = max(charge, least * loads) if not math.isnan(loads) else math.nan
    fuel = float(table.fuel_percent[rate])
    return charge * (1.0 if math.isnan(fuel) else 1.0 + fuel / 100.0)
