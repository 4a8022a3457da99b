"""What each row of Lanes costs a unit, and how many lanes are priced by what."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.fitted_rates import fitted_lanes
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.rates import rated_lanes


def row_prices(tables: NetworkTables, parameters: TransportParameters, miles: Floats) -> Floats:
    """By each row's own price, by Rates or by a fit; NaN where it goes by the mile. `miles` of each row."""
    rated, fitted = rated_lanes(tables, parameters, miles), fitted_lanes(tables, parameters, miles)
    unrated = np.where(fitted.asked, fitted.price, tables.lanes.cost_per_unit)
    price: Floats = np.where(rated.asked, rated.price, unrated)
    return price


def priced_by(tables: NetworkTables, parameters: TransportParameters, miles: Floats) -> dict[str, int]:
    """How many rows of Lanes have which kind of price; pairs that Lanes does not list may go by the mile too."""
    rated = rated_lanes(tables, parameters, miles).asked
    fitted = fitted_lanes(tables, parameters, miles).asked
    own = ~np.isnan(tables.lanes.cost_per_unit)
    unlisted = 0
    if parameters.cost_per_unit_mile is not None:
        pairs = tables.lanes.facility.astype(np.int64) * len(tables.destinations) + tables.lanes.destination
        unlisted = len(tables.facilities) * len(tables.destinations) - len(np.unique(pairs))
    return {
        "own_price": int(own.sum()),
        "rates": int(rated.sum()),
        "fitted_rates": int(fitted.sum()),
        "cost_per_unit_mile": int((~own & ~rated & ~fitted).sum()) + unlisted,
    }
