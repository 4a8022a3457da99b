"""What a lane without a price of its own costs a unit by the client's Rates; for models and results, not for the check.

A row fits a lane of its mode and zone whose miles are in its band, where the weight of what is priced at once (a
package, for a rate by the package; else a shipment) is in its break. From is part of a band, to is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Ints
from networx.domain.measures import UNIT, amount_in, factors_needed, read_miles
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters


@dataclass(frozen=True, slots=True)
class RatedLanes:
    """For each row of Lanes: how many rows of Rates fit, and what the last that does makes of a unit (NaN: none).

    `asked` is where Rates have to price it: it has no price, and Rates has its mode. `missing` names the parameters
    without which these rows of Rates (by position) say nothing.
    """

    asked: Flags
    fits: Ints
    price: Floats
    missing: dict[str, list[int]]


def rated_lanes(tables: NetworkTables, parameters: TransportParameters, miles: Floats) -> RatedLanes:
    """`miles` of each row of Lanes, NaN where nobody knows them: no band fits then."""
    lanes, rates = tables.lanes, tables.rates
    count = len(lanes)
    fits, price = np.zeros(count, dtype=np.int64), np.full(count, np.nan)
    asked = np.zeros(count, dtype=bool)
    missing: dict[str, list[int]] = {}
    unpriced = np.isnan(lanes.cost_per_unit)
    if not len(rates) or not unpriced.any():
        return RatedLanes(asked, fits, price, missing)
    mode, zone = np.array(lanes.mode, dtype=object), np.array(lanes.zone, dtype=object)
    of_mode = {name: np.flatnonzero(unpriced & (mode == name)) for name in set(rates.mode)}
    for row, name in enumerate(rates.mode):
        rows = of_mode[name]
        asked[rows] = True
        lacking = [needed for needed in _needed(tables, parameters, row) if getattr(parameters, needed) is None]
        if len(rows):
            for needed in lacking:
                missing.setdefault(needed, []).append(row)
        if lacking or not len(rows) or not _weighs(tables, parameters, row):
            continue
        low, high = read_miles(rates.distance_from[row]), read_miles(rates.distance_to[row])
        fitting = _within(read_miles(miles[rows]), float(low), float(high))
        if rates.zone[row] is not None:
            fitting &= zone[rows] == rates.zone[row]
        rows = rows[fitting]
        fits[rows] += 1
        price[rows] = _price(tables, parameters, row, miles[rows])
    return RatedLanes(asked, fits, price, missing)


def _load(basis: str) -> str:
    """What is priced at once."""
    return "package" if basis == "package" else "shipment"


def _basis(parameters: TransportParameters) -> str:
    return parameters.demand_basis or UNIT


def _needed(tables: NetworkTables, parameters: TransportParameters, row: int) -> set[str]:
    rates, basis, demand = tables.rates, tables.rates.basis[row], _basis(parameters)
    measure = "shipment" if basis == "mile" else basis
    names = set(factors_needed(measure, demand))
    if not np.isnan(rates.minimum[row]):
        names |= set(factors_needed(_load(basis), demand))
    if not (np.isnan(rates.weight_from[row]) and np.isnan(rates.weight_to[row])):
        names |= set(factors_needed("lb", _load(basis)))
    return names


def _weighs(tables: NetworkTables, parameters: TransportParameters, row: int) -> bool:
    """Whether what is priced at once is in the row's weight break."""
    low, high = float(tables.rates.weight_from[row]), float(tables.rates.weight_to[row])
    if np.isnan(low) and np.isnan(high):
        return True
    pounds = np.array([amount_in(parameters, "lb", _load(tables.rates.basis[row]))])
    return bool(_within(pounds, low, high)[0])


def _within(values: Floats, low: float, high: float) -> Flags:
    within = np.ones(len(values), dtype=bool)
    if not np.isnan(low):
        within &= values >= low
    if not np.isnan(high):
        within &= values < high
    return within


def _price(tables: NetworkTables, parameters: TransportParameters, row: int, miles: Floats) -> Floats:
    """Dollars of a unit of demand, for lanes of these miles."""
    rates, basis, demand = tables.rates, tables.rates.basis[row], _basis(parameters)
    rate, minimum, fuel = (
        float(rates.rate[row]),
        float(rates.minimum[row]),
        float(np.nan_to_num(rates.fuel_percent[row])),
    )
    if basis == "mile":
        charge = rate * miles * amount_in(parameters, "shipment", demand)
    else:
        charge = np.full(len(miles), rate * amount_in(parameters, basis, demand))
    if not np.isnan(minimum):
        charge = np.maximum(charge, minimum * amount_in(parameters, _load(basis), demand))
    price: Floats = charge * (1.0 + fuel / 100.0)
    return price
