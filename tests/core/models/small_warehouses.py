"""A small warehouse for the tests of models, certificates and results, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from networx.domain.network import NetworkTables
from networx.domain.storage import Skus, StatedValues
from networx.domain.warehouse_parameters import WarehouseParameters
from tests.core.models.small_networks import two_sites

SOAP_AND_OIL = Skus(("Soap", "Oil"), np.array([480_000.0, 60_000.0]), np.array([12.0, 6.0]), np.array([40.0, 25.0]))
STATED: dict[str, Any] = {
    "operating_days": 250,
    "days_on_hand": 30,
    "pallet_length_inches": 48,
    "pallet_width_inches": 40,
    "ceiling_height_inches": 360,
    "rack_height_inches": 70,
    "aisle_factor": 2.5,
    "outbound_pallets_per_door_per_day": 2,
    "inbound_pallets_per_door_per_day": 4,
    "outbound_area_per_door": 200,
    "inbound_area_per_door": 300,
    "min_office": 100,
    "min_battery": 50,
    "min_packing": 80,
    "min_conveyor": 0,
    "case_pick_area": 120,
    "each_pick_area": 50,
    "max_utilization": 0.8,
    "initial_facility_area": 3_000,
    "cost_per_sqft_annual": 8,
    "facility_design_area": 500,
    "max_facilities": 3,
    "facility_fixed_cost_annual": 1_000,
    "facility_opening_cost": 2_000,
    "thirdparty_cost_per_sqft": 12,
}


def asked(**changes: Any) -> WarehouseParameters:
    """The parameters below; None takes one away."""
    return WarehouseParameters(**{name: value for name, value in (STATED | changes).items() if value is not None})


def stored(tables: NetworkTables | None = None, **changes: Any) -> NetworkTables:
    """Two years of 70 and 105 units beside base demand of 70, through one warehouse.

    Pallets: Soap 480,000 / (12 x 40) = 1,000, Oil 60,000 / (6 x 25) = 400: 1,400 in 2026, half as many again in 2027:
    2,100. A day of 250 moves 5.6 and 8.4. Stock of 30 days: 168 and 252 pallets. 360 / 70 inches: 5 levels, 34 and 51
    positions on the floor of 48 x 40 / 144 = 13.333 square feet, with aisles x 2.5: 1,133.333 and 1,700 square feet.
    Doors: out 2.8 -> 3 and 4.2 -> 5, in 1.4 -> 2 and 2.1 -> 3: 3 x 200 + 2 x 300 = 1,200 and 1,000 + 900 = 1,900.
    Support 400. Together 2,733.333 and 4,000; at 80 %: 3,416.667 and 5,000 square feet.

    There are 3,000, so that 416.667 and 2,000 are lacking. A building of 500 costs 4,000 + 1,000 a year and 2,000 once,
    as much hired space 6,000 a year. 2026: hired 5,000, built 5,000. Built in 2026 for both years 12,000 beside
    11,000 hired for them: 5,000 + 6,000. Only in 2027: 5,000 + 2,000 = 7,000 beside 6,000 hired. So nothing is built:
    space 24,000 a year, hired 5,000 and 24,000: 77,000.
    """
    tables = two_sites() if tables is None else tables
    values = {name: str(value) for name, value in (STATED | changes).items() if value is not None}
    warehouse = StatedValues(tuple(values), tuple(values.values()), (None,) * len(values))
    return replace(tables, skus=SOAP_AND_OIL, warehouse=warehouse)


STOCK: dict[str, Any] = {
    "service_level": 0.95,
    "lead_time_days": 9,
    "lead_time_std_days": 2,
    "demand_cv": 0.5,
    "holding_cost_per_unit_per_year": 4,
    "review_period_days": 7,
}


def stocked(tables: NetworkTables | None = None, **changes: Any) -> NetworkTables:
    """The same with the parameters of stock; its operating days are the warehouse's."""
    tables = stored(tables)
    values = {name: str(value) for name, value in (STOCK | changes).items() if value is not None}
    return replace(tables, inventory=StatedValues(tuple(values), tuple(values.values()), (None,) * len(values)))
