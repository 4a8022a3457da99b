"""What a network is: the tables of one dataset, as the client stated them, in columns.

Nothing is derived here: a cell the client left empty is NaN, None or an absent row. Models and the certificate
checker each derive what they need from these tables by code of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from networx.domain.arrays import Codes, Floats, Ints
from networx.domain.network_digest import DIGEST_COLUMNS, NetworkDigest
from networx.domain.storage import Skus, StatedValues
from networx.domain.table import Table, no_codes, no_numbers, unstated

FacilityStatus = Literal["candidate", "mandatory", "forbidden"]


@dataclass(frozen=True, slots=True)
class Facilities(Table):
    """Candidate sites. `capacity_units` is per year, inf where `unlimited`. Years are whole numbers or NaN."""

    name: tuple[str, ...]
    city: tuple[str | None, ...]
    state: tuple[str | None, ...]
    zip: tuple[str | None, ...]
    latitude: Floats
    longitude: Floats
    capacity_units: Floats
    fixed_cost_per_year: Floats
    status: tuple[FacilityStatus, ...]
    existing: tuple[str | None, ...] = ()
    available_from_year: Floats = field(default_factory=unstated)
    available_to_year: Floats = field(default_factory=unstated)
    forced_from_year: Floats = field(default_factory=unstated)
    forced_to_year: Floats = field(default_factory=unstated)
    lease_years: Floats = field(default_factory=unstated)
    opening_cost: Floats = field(default_factory=unstated)
    closing_cost: Floats = field(default_factory=unstated)
    variable_cost_per_unit: Floats = field(default_factory=unstated)
    min_throughput_units: Floats = field(default_factory=unstated)
    square_feet: Floats = field(default_factory=unstated)
    lease_rate_per_sqft: Floats = field(default_factory=unstated)
    operating_cost_per_sqft: Floats = field(default_factory=unstated)


@dataclass(frozen=True, slots=True)
class Destinations(Table):
    """Where demand is. `demand_units` is the base year's demand, scaled by the forecast or replaced by Demand rows."""

    name: tuple[str, ...]
    city: tuple[str | None, ...]
    state: tuple[str | None, ...]
    zip: tuple[str | None, ...]
    latitude: Floats
    longitude: Floats
    demand_units: Floats


@dataclass(frozen=True, slots=True)
class Demand(Table):
    """Stated demand of a destination in a year; replaces the scaled base demand. `destination` indexes Destinations."""

    destination: Codes
    year: Ints
    units: Floats


@dataclass(frozen=True, slots=True)
class Forecast(Table):
    """Units of the whole network in each year; demand(t) = demand_units * annual_units(t) / sum(demand_units)."""

    year: Ints
    annual_units: Floats


@dataclass(frozen=True, slots=True)
class Lanes(Table):
    """Priced ways from a facility to a destination. Codes index Facilities and Destinations; unstated miles are NaN.

    `capacity_units` is per year (inf: `unlimited`, NaN: not stated, which limits as little); a row with a `year` counts
    in that year alone. A price that is NaN is to be found in Rates, or by the mile.
    """

    facility: Codes
    destination: Codes
    cost_per_unit: Floats
    distance_miles: Floats
    transit_days: Floats = field(default_factory=unstated)
    capacity_units: Floats = field(default_factory=unstated)
    mode: tuple[str | None, ...] = ()
    year: Floats = field(default_factory=unstated)
    zone: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class FacilityYears(Table):
    """What differs for a facility in one year; NaN where the year keeps the facility's own value."""

    facility: Codes
    year: Ints
    fixed_cost: Floats
    capacity_units: Floats
    status: tuple[FacilityStatus | None, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceYears(Table):
    """What the service level asks in one year; NaN where the year keeps the parameter of the same name."""

    year: Ints = field(default_factory=no_numbers)
    service_level: Floats = field(default_factory=unstated)
    max_distance_miles: Floats = field(default_factory=unstated)
    max_transit_days: Floats = field(default_factory=unstated)
    service_penalty_per_unit: Floats = field(default_factory=unstated)


@dataclass(frozen=True, slots=True)
class Rates(Table):
    """What lanes without a price of their own cost, by mode; NaN and None where a column says nothing.

    `rate` and `minimum` are in dollars, distances in miles, weights in pounds of a shipment or package.
    """

    mode: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    rate: Floats = field(default_factory=unstated)
    zone: tuple[str | None, ...] = ()
    distance_from: Floats = field(default_factory=unstated)
    distance_to: Floats = field(default_factory=unstated)
    weight_from: Floats = field(default_factory=unstated)
    weight_to: Floats = field(default_factory=unstated)
    minimum: Floats = field(default_factory=unstated)
    fuel_percent: Floats = field(default_factory=unstated)


@dataclass(frozen=True, slots=True)
class FittedRates(Table):
    """What a shipment costs by mode and weight band, fitted to the client's shipments and accepted by a person.

    Dollars are `fixed` + (`per_mile` + `per_cwt_mile` x cwt) x miles. `miles_from` to `pounds_to` is the range of the
    `shipments`, both ends in it; the errors are theirs, in percent of what was paid. `accepted_on` is a day as text.
    """

    mode: tuple[str, ...] = ()
    weight_from: Floats = field(default_factory=unstated)
    weight_to: Floats = field(default_factory=unstated)
    fixed: Floats = field(default_factory=unstated)
    per_mile: Floats = field(default_factory=unstated)
    per_cwt_mile: Floats = field(default_factory=unstated)
    miles_from: Floats = field(default_factory=unstated)
    miles_to: Floats = field(default_factory=unstated)
    pounds_from: Floats = field(default_factory=unstated)
    pounds_to: Floats = field(default_factory=unstated)
    shipments: Floats = field(default_factory=unstated)
    median_error_percent: Floats = field(default_factory=unstated)
    mean_error_percent: Floats = field(default_factory=unstated)
    r_squared: Floats = field(default_factory=unstated)
    first_month: tuple[str, ...] = ()
    last_month: tuple[str, ...] = ()
    accepted_by: tuple[str, ...] = ()
    accepted_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignments(Table):
    """Who must (`fixed`) or must not (`forbidden`) serve whom. Codes index Facilities and Destinations."""

    facility: Codes = field(default_factory=no_codes)
    destination: Codes = field(default_factory=no_codes)
    rule: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expansions(Table):
    """How facilities may grow, a row a tier. `capacity_units` is what it adds; an unstated `one_time_cost` is NaN."""

    facility: Codes = field(default_factory=no_codes)
    tier: Ints = field(default_factory=no_numbers)
    capacity_units: Floats = field(default_factory=unstated)
    fixed_cost_per_year: Floats = field(default_factory=unstated)
    one_time_cost: Floats = field(default_factory=unstated)


@dataclass(frozen=True, slots=True)
class Suppliers(Table):
    """Where facilities get units from. `supply_units` is per year, inf where `unlimited`; unstated costs are NaN."""

    name: tuple[str, ...] = ()
    zip: tuple[str | None, ...] = ()
    latitude: Floats = field(default_factory=unstated)
    longitude: Floats = field(default_factory=unstated)
    supply_units: Floats = field(default_factory=unstated)
    cost_per_unit: Floats = field(default_factory=unstated)


@dataclass(frozen=True, slots=True)
class InboundLanes(Table):
    """Priced ways from a supplier to a facility. Codes index Suppliers and Facilities; the rest is as in Lanes."""

    supplier: Codes = field(default_factory=no_codes)
    facility: Codes = field(default_factory=no_codes)
    cost_per_unit: Floats = field(default_factory=unstated)
    distance_miles: Floats = field(default_factory=unstated)
    capacity_units: Floats = field(default_factory=unstated)
    mode: tuple[str | None, ...] = ()
    year: Floats = field(default_factory=unstated)
    zone: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatingCosts(Table):
    """What was paid at a facility in a year under a line, in dollars; a credit is negative."""

    facility: Codes = field(default_factory=no_codes)
    year: Ints = field(default_factory=no_numbers)
    line: tuple[str, ...] = ()
    amount: Floats = field(default_factory=unstated)


@dataclass(frozen=True, slots=True)
class CostLines(Table):
    """Dollars of the whole network by year and line: the books' totals, or what is spent once; negative is received."""

    year: Ints = field(default_factory=no_numbers)
    line: tuple[str, ...] = ()
    amount: Floats = field(default_factory=unstated)


@dataclass(frozen=True, slots=True)
class NetworkTables:
    """One dataset of the domain *network*, in the row order of the client's sheets. `parameters` is name -> text."""

    facilities: Facilities
    destinations: Destinations
    demand: Demand
    forecast: Forecast
    lanes: Lanes
    facility_years: FacilityYears
    parameters: dict[str, str] = field(default_factory=dict)
    assignments: Assignments = field(default_factory=Assignments)
    skus: Skus = field(default_factory=Skus)
    warehouse: StatedValues = field(default_factory=StatedValues)
    inventory: StatedValues = field(default_factory=StatedValues)
    expansions: Expansions = field(default_factory=Expansions)
    suppliers: Suppliers = field(default_factory=Suppliers)
    inbound_lanes: InboundLanes = field(default_factory=InboundLanes)
    service_years: ServiceYears = field(default_factory=ServiceYears)
    rates: Rates = field(default_factory=Rates)
    fitted_rates: FittedRates = field(default_factory=FittedRates)
    operating_costs: OperatingCosts = field(default_factory=OperatingCosts)
    control_totals: CostLines = field(default_factory=CostLines)
    one_time_costs: CostLines = field(default_factory=CostLines)

    def sha256(self) -> str:
        """Hex digest of the content; equal to the digest taken while the dataset was loaded."""
        digest = NetworkDigest()
        for table, columns in DIGEST_COLUMNS.items():
            if table == "parameters":
                rows = list(self.parameters.items())
                digest.update_rows(table, rows)
                continue
            source = getattr(self, table)
            digest.update_columns(table, [getattr(source, column) for column, _ in columns])
        return digest.hexdigest()
