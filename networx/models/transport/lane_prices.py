"""What each row of Lanes costs a unit: its own price, the client's Rates, a fit to their shipments, or the mile."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.fitted_rates import fitted_lanes
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.rates import RatedLanes, rated_lanes
from networx.errors import Problem, RefusedInput
from networx.models.transport.distance import road_miles
from networx.models.transport.fitted_prices import refuse_beyond_fits
from networx.models.transport.refusals import name_rows, row_name


def row_prices(tables: NetworkTables, parameters: TransportParameters, rows: Indices) -> Floats:
    """The prices of these rows of Lanes, in their order. Raises RefusedInput naming what has none, or two."""
    lanes = tables.lanes
    own = lanes.cost_per_unit[rows].astype(np.float64)
    if not np.isnan(own).any():
        return own
    wanted = np.zeros(len(lanes), dtype=bool)
    wanted[rows] = True
    miles = row_miles(tables, parameters)
    rated = rated_lanes(tables, parameters, miles)
    _refuse(tables, rated, miles, wanted)
    fitted = fitted_lanes(tables, parameters, miles)
    refuse_beyond_fits(tables, parameters, fitted, miles, wanted)
    price = np.full(len(lanes), np.nan)
    if parameters.cost_per_unit_mile is not None:
        price = parameters.cost_per_unit_mile * miles
    price = np.where(fitted.asked, fitted.price, price)
    price = np.where(rated.asked, rated.price, price)
    price = np.where(np.isnan(lanes.cost_per_unit), price, lanes.cost_per_unit)
    _refuse_unpriced(tables, parameters, wanted & np.isnan(price))
    chosen: Floats = price[rows]
    return chosen


def row_miles(tables: NetworkTables, parameters: TransportParameters) -> Floats:
    """Miles of each row of Lanes: as stated, else by road from coordinates; NaN where nobody knows."""
    lanes = tables.lanes
    if parameters.circuity is None:
        return lanes.distance_miles
    road = road_miles(tables, lanes.facility, lanes.destination, parameters.circuity)
    miles: Floats = np.where(np.isnan(lanes.distance_miles), road, lanes.distance_miles)
    return miles


def _refuse(tables: NetworkTables, rated: RatedLanes, miles: Floats, wanted: Flags) -> None:
    problems = [
        Problem(
            f"{name} is missing: the row of Rates for {tables.rates.mode[rows[0]]} by the "
            f"{tables.rates.basis[rows[0]]} cannot price a lane without it; state it in Parameters.",
            "required",
            "Parameters",
            None,
            name,
        )
        for name, rows in rated.missing.items()
    ]
    if not problems:
        problems = name_rows(
            wanted & rated.asked & (rated.fits != 1),
            lambda row: _unfit(tables, int(rated.fits[row]), float(miles[row]), row),
        )
    if not problems:
        problems = name_rows(
            wanted & rated.asked & np.isnan(rated.price),
            lambda row: _problem(
                tables, row, "is to be priced by the mile, but its miles are not known; state distance_miles"
            ),
        )
    if problems:
        raise RefusedInput(problems)


def _unfit(tables: NetworkTables, fits: int, miles: float, row: int) -> Problem:
    zone = tables.lanes.zone[row]
    what = f"{'unknown' if np.isnan(miles) else f'{miles:,.6g}'} miles" + (f", zone {zone}" if zone else ", no zone")
    if fits:
        return _problem(tables, row, f"({what}) is priced by {fits} rows of Rates; let one of them fit", "two_rates")
    cure = "no row of Rates fits; add one, or state the lane's cost_per_unit"
    return _problem(tables, row, f"({what}) has no price, and {cure}", "no_rate")


def _refuse_unpriced(tables: NetworkTables, parameters: TransportParameters, unpriced: Flags) -> None:
    if parameters.cost_per_unit_mile is None:
        why = (
            "has no cost_per_unit, no row of Rates or FittedRates is for its mode, and there is no cost_per_unit_mile; "
            "state one"
        )
    else:
        why = "is to be priced by the mile, but its miles are not known; state distance_miles, or where both places are"
    problems = name_rows(unpriced, lambda row: _problem(tables, row, why))
    if problems:
        raise RefusedInput(problems)


def _problem(tables: NetworkTables, row: int, what: str, rule: str = "missing_price") -> Problem:
    name = row_name(tables, "Lanes", row)
    return Problem(f"{name[0].upper()}{name[1:]} {what}.", rule, "Lanes", None, "cost_per_unit")
