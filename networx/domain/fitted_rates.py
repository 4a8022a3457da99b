"""What a lane costs a unit by a function fitted to the client's shipments; for models and results, not for the check.

A row prices the lanes of its mode that neither have a price of their own nor a mode that Rates has. It holds for
shipments of its weight band, and nowhere beyond the miles and weights of the shipments that it was fitted to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Ints
from networx.domain.measures import UNIT, amount_in, factors_needed, read_miles
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters

POUNDS_PER_CWT = 100.0


@dataclass(frozen=True, slots=True)
class FittedLanes:
    """For each row of Lanes: whether a fit has to price it, the row of FittedRates of its mode and weight (-1: none,
    -2: several), and what that makes of a unit, NaN beyond its range. `missing` are parameters without which no fit
    says anything.
    """

    asked: Flags
    row: Ints
    price: Floats
    missing: tuple[str, ...]


def fitted_lanes(tables: NetworkTables, parameters: TransportParameters, miles: Floats) -> FittedLanes:
    """`miles` of each row of Lanes, NaN where nobody knows them."""
    lanes, fitted = tables.lanes, tables.fitted_rates
    count = len(lanes)
    row, price = np.full(count, -1, dtype=np.int64), np.full(count, np.nan)
    asked = np.zeros(count, dtype=bool)
    modes = set(fitted.mode) - set(tables.rates.mode)
    unpriced = np.isnan(lanes.cost_per_unit)
    if not modes or not unpriced.any():
        return FittedLanes(asked, row, price, ())
    mode = np.array(lanes.mode, dtype=object)
    asked = unpriced & np.isin(mode, sorted(modes))
    missing = tuple(name for name in _needed(parameters) if getattr(parameters, name) is None)
    if missing or not asked.any():
        return FittedLanes(asked, row, price, missing)
    pounds = shipment_pounds(parameters)
    for at, name in enumerate(fitted.mode):
        if not _holds(pounds, float(fitted.weight_from[at]), float(fitted.weight_to[at])):
            continue
        of_mode = np.flatnonzero(asked & (mode == name))
        row[of_mode] = np.where(row[of_mode] == -1, at, -2)
        price[of_mode] = _price(tables, parameters, at, pounds, miles[of_mode])
    return FittedLanes(asked, row, np.where(row >= 0, price, np.nan), ())


def shipment_pounds(parameters: TransportParameters) -> float:
    """What a shipment weighs, by the factors that the client gave."""
    return amount_in(parameters, "lb", "shipment")


def _needed(parameters: TransportParameters) -> tuple[str, ...]:
    basis = parameters.demand_basis or UNIT
    return tuple(dict.fromkeys((*factors_needed("lb", "shipment"), *factors_needed("shipment", basis))))


def _holds(pounds: float, low: float, high: float) -> bool:
    """From counts, to does not; NaN is no limit."""
    return not (pounds < low or pounds >= high)


def _price(tables: NetworkTables, parameters: TransportParameters, at: int, pounds: float, miles: Floats) -> Floats:
    """Dollars of a unit of demand; NaN where miles or weight are beyond those of the shipments."""
    fitted = tables.fitted_rates
    shipments = amount_in(parameters, "shipment", parameters.demand_basis or UNIT)
    each_mile = fitted.per_mile[at] + fitted.per_cwt_mile[at] * pounds / POUNDS_PER_CWT
    charge = fitted.fixed[at] + each_mile * miles
    far = read_miles(miles)
    known = (far >= read_miles(fitted.miles_from[at])) & (far <= read_miles(fitted.miles_to[at]))
    known &= bool(fitted.pounds_from[at] <= pounds <= fitted.pounds_to[at])
    price: Floats = np.where(known, charge * shipments, np.nan)
    return price
