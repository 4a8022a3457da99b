"""What a network is in a result: its costs, years, facilities and suppliers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from networx.results.shapes.parts import Dollars, Part, Share, Units


class Costs(Part):
    """Dollars by kind; `facility_cost` is what is neither on the lanes nor brings units in from suppliers."""

    transport_cost: Dollars
    inbound_cost: Dollars
    fixed_cost: Dollars
    handling_cost: Dollars
    one_time_cost: Dollars
    expansion_cost: Dollars
    facility_cost: Dollars


class TransportYear(Costs):
    """One year of a plan."""

    year: int
    facilities_open: int
    units: Units
    service_penalty_cost: Dollars
    total_cost: Dollars
    cost_per_unit: Dollars | None
    service_level: Share | None
    service_within: str | None = Field(description="the distance or days that service speaks of")
    service_shortfall_units: Units | None
    weighted_distance_miles: float | None


class FacilityYear(Part):
    """A facility in a year in which it is open; a capacity of null is unlimited."""

    year: int
    units: Units
    capacity_units: Units | None
    utilization: Share | None
    fixed_cost: Dollars
    tiers: int = Field(description="of Expansions, in use")
    expansion_cost: Dollars


class Facility(Costs):
    """A facility over all years."""

    name: str
    city: str | None
    state: str | None
    latitude: float | None
    longitude: float | None
    status: Literal["candidate", "mandatory", "forbidden"]
    open: bool
    years: list[FacilityYear]


class SupplierYear(Part):
    """A supplier in a year in which it sends anything."""

    year: int
    units: Units
    utilization: Share | None
    inbound_cost: Dollars


class Supplier(Part):
    """A supplier over all years; a supply of null is unlimited."""

    name: str
    latitude: float | None
    longitude: float | None
    supply_units: Units | None
    units: Units
    inbound_cost: Dollars
    years: list[SupplierYear]


class Pricing(Part):
    """How many lanes have their price from where."""

    own_price: int
    rates: int
    fitted_rates: int = 0
    cost_per_unit_mile: int


class FittedPricing(Part):
    """A function fitted to the client's shipments that prices lanes: docs/models/rates.md."""

    mode: str
    weight_from: float | None
    weight_to: float | None
    lanes: int
    inbound_lanes: int
    shipments: int
    miles_from: float
    miles_to: float
    pounds_from: float
    pounds_to: float
    median_error_percent: float
    mean_error_percent: float
    r_squared: Share
    first_month: str
    last_month: str
    accepted_by: str
    accepted_on: str
