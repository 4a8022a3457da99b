"""What a network is: the tables of one dataset, as the client stated them, in columns.

Nothing is derived here: a cell the client left empty is NaN, None or an absent row. Models and the certificate
checker each derive what they need from these tables by code of their own.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import Literal

import numpy as np

from networx.domain.arrays import Codes, Floats, Ints
from networx.domain.network_digest import DIGEST_COLUMNS, NetworkDigest
from networx.domain.storage import Skus, StatedValues

FacilityStatus = Literal["candidate", "mandatory", "forbidden"]


def _not_stated() -> Floats:
    return np.zeros(0)


def _no_codes() -> Codes:
    return np.zeros(0, dtype=np.int32)


def _no_numbers() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Facilities:
    """Candidate sites; row i of every column is one facility. `capacity_units` is per year, inf where `unlimited`.

    The columns with a default may be left out: they are then empty in every row. Years are whole numbers or NaN.
    """

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
    available_from_year: Floats = field(default_factory=_not_stated)
    available_to_year: Floats = field(default_factory=_not_stated)
    forced_from_year: Floats = field(default_factory=_not_stated)
    forced_to_year: Floats = field(default_factory=_not_stated)
    lease_years: Floats = field(default_factory=_not_stated)
    opening_cost: Floats = field(default_factory=_not_stated)
    closing_cost: Floats = field(default_factory=_not_stated)
    variable_cost_per_unit: Floats = field(default_factory=_not_stated)
    min_throughput_units: Floats = field(default_factory=_not_stated)
    square_feet: Floats = field(default_factory=_not_stated)
    lease_rate_per_sqft: Floats = field(default_factory=_not_stated)
    operating_cost_per_sqft: Floats = field(default_factory=_not_stated)

    def __post_init__(self) -> None:
        _fill_what_is_left_out(self, len(self.name))

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where demand is. `demand_units` is the base year's demand, scaled by the forecast or replaced by Demand rows."""

    name: tuple[str, ...]
    city: tuple[str | None, ...]
    state: tuple[str | None, ...]
    zip: tuple[str | None, ...]
    latitude: Floats
    longitude: Floats
    demand_units: Floats

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class Demand:
    """Stated demand of a destination in a year; replaces the scaled base demand. `destination` indexes Destinations."""

    destination: Codes
    year: Ints
    units: Floats

    def __len__(self) -> int:
        return len(self.year)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Units of the whole network in each year; demand(t) = demand_units * annual_units(t) / sum(demand_units)."""

    year: Ints
    annual_units: Floats

    def __len__(self) -> int:
        return len(self.year)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Priced ways from a facility to a destination. Codes index Facilities and Destinations; unstated miles are NaN.

    The columns with a default may be left out: they are then empty in every row. `capacity_units` is per year (inf:
    `unlimited`, NaN: not stated, which limits as little); a row with a `year` counts in that year alone. A price that
    is NaN is to be found in Rates, or by the mile.
    """

    facility: Codes
    destination: Codes
    cost_per_unit: Floats
    distance_miles: Floats
    transit_days: Floats = field(default_factory=_not_stated)
    capacity_units: Floats = field(default_factory=_not_stated)
    mode: tuple[str | None, ...] = ()
    year: Floats = field(default_factory=_not_stated)
    zone: tuple[str | None, ...] = ()

    def __post_init__(self) -> None:
        _fill_what_is_left_out(self, len(self.facility))

    def __len__(self) -> int:
        return len(self.facility)


@dataclass(frozen=True, slots=True)
class FacilityYears:
    """What differs for a facility in one year; NaN where the year keeps the facility's own value."""

    facility: Codes
    year: Ints
    fixed_cost: Floats
    capacity_units: Floats
    status: tuple[FacilityStatus | None, ...] = ()

    def __post_init__(self) -> None:
        _fill_what_is_left_out(self, len(self.year))

    def __len__(self) -> int:
        return len(self.year)


@dataclass(frozen=True, slots=True)
class ServiceYears:
    """What the service level asks in one year; NaN where the year keeps the parameter of the same name."""

    year: Ints = field(default_factory=_no_numbers)
    service_level: Floats = field(default_factory=_not_stated)
    max_distance_miles: Floats = field(default_factory=_not_stated)
    max_transit_days: Floats = field(default_factory=_not_stated)
    service_penalty_per_unit: Floats = field(default_factory=_not_stated)

    def __post_init__(self) -> None:
        _fill_what_is_left_out(self, len(self.year))

    def __len__(self) -> int:
        return len(self.year)


@dataclass(frozen=True, slots=True)
class Rates:
    """What lanes without a price of their own cost, by mode; NaN and None where a column says nothing.

    `rate` and `minimum` are in dollars, distances in miles, weights in pounds of a shipment or package.
    """

    mode: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    rate: Floats = field(default_factory=_not_stated)
    zone: tuple[str | None, ...] = ()
    distance_from: Floats = field(default_factory=_not_stated)
    distance_to: Floats = field(default_factory=_not_stated)
    weight_from: Floats = field(default_factory=_not_stated)
    weight_to: Floats = field(default_factory=_not_stated)
    minimum: Floats = field(default_factory=_not_stated)
    fuel_percent: Floats = field(default_factory=_not_stated)

    def __post_init__(self) -> None:
        _fill_what_is_left_out(self, len(self.mode))

    def __len__(self) -> int:
        return len(self.mode)


@dataclass(frozen=True, slots=True)
class FittedRates:
    """What a shipment costs by mode and weight band, fitted to the client's shipments and accepted by a person.

    Dollars are `fixed` + (`per_mile` + `per_cwt_mile` x cwt) x miles. `miles_from` to `pounds_to` is the range of the
    `shipments`, both ends in it; the errors are theirs, in percent of what was paid. `accepted_on` is a day as text.
    """

    mode: tuple[str, ...] = ()
    weight_from: Floats = field(default_factory=_not_stated)
    weight_to: Floats = field(default_factory=_not_stated)
    fixed: Floats = field(default_factory=_not_stated)
    per_mile: Floats = field(default_factory=_not_stated)
    per_cwt_mile: Floats = field(default_factory=_not_stated)
    miles_from: Floats = field(default_factory=_not_stated)
    miles_to: Floats = field(default_factory=_not_stated)
    pounds_from: Floats = field(default_factory=_not_stated)
    pounds_to: Floats = field(default_factory=_not_stated)
    shipments: Floats = field(default_factory=_not_stated)
    median_error_percent: Floats = field(default_factory=_not_stated)
    mean_error_percent: Floats = field(default_factory=_not_stated)
    r_squared: Floats = field(default_factory=_not_stated)
    first_month: tuple[str, ...] = ()
    last_month: tuple[str, ...] = ()
    accepted_by: tuple[str, ...] = ()
    accepted_on: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.mode)


@dataclass(frozen=True, slots=True)
class Assignments:
    """Who must (`fixed`) or must not (`forbidden`) serve whom. Codes index Facilities and Destinations."""

    facility: Codes = field(default_factory=_no_codes)
    destination: Codes = field(default_factory=_no_codes)
    rule: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rule)


@dataclass(frozen=True, slots=True)
class Expansions:
    """How facilities may grow, a row a tier. `capacity_units` is what it adds; an unstated `one_time_cost` is NaN."""

    facility: Codes = field(default_factory=_no_codes)
    tier: Ints = field(default_factory=_no_numbers)
    capacity_units: Floats = field(default_factory=_not_stated)
    fixed_cost_per_year: Floats = field(default_factory=_not_stated)
    one_time_cost: Floats = field(default_factory=_not_stated)

    def __len__(self) -> int:
        return len(self.tier)


@dataclass(frozen=True, slots=True)
class Suppliers:
    """Where facilities get units from. `supply_units` is per year, inf where `unlimited`; unstated costs are NaN."""

    name: tuple[str, ...] = ()
    zip: tuple[str | None, ...] = ()
    latitude: Floats = field(default_factory=_not_stated)
    longitude: Floats = field(default_factory=_not_stated)
    supply_units: Floats = field(default_factory=_not_stated)
    cost_per_unit: Floats = field(default_factory=_not_stated)

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class InboundLanes:
    """Priced ways from a supplier to a facility. Codes index Suppliers and Facilities; the rest is as in Lanes."""

    supplier: Codes = field(default_factory=_no_codes)
    facility: Codes = field(default_factory=_no_codes)
    cost_per_unit: Floats = field(default_factory=_not_stated)
    distance_miles: Floats = field(default_factory=_not_stated)
    capacity_units: Floats = field(default_factory=_not_stated)
    mode: tuple[str | None, ...] = ()
    year: Floats = field(default_factory=_not_stated)
    zone: tuple[str | None, ...] = ()

    def __post_init__(self) -> None:
        _fill_what_is_left_out(self, len(self.supplier))

    def __len__(self) -> int:
        return len(self.supplier)


@dataclass(frozen=True, slots=True)
class OperatingCosts:
    """What was paid at a facility in a year under a line, in dollars; a credit is negative."""

    facility: Codes = field(default_factory=_no_codes)
    year: Ints = field(default_factory=_no_numbers)
    line: tuple[str, ...] = ()
    amount: Floats = field(default_factory=_not_stated)

    def __len__(self) -> int:
        return len(self.line)


@dataclass(frozen=True, slots=True)
class CostLines:
    """Dollars of the whole network by year and line: the books' totals, or what is spent once; negative is received."""

    year: Ints = field(default_factory=_no_numbers)
    line: tuple[str, ...] = ()
    amount: Floats = field(default_factory=_not_stated)

    def __len__(self) -> int:
        return len(self.line)


_Filled = Facilities | FacilityYears | Lanes | ServiceYears | Rates | InboundLanes


def _fill_what_is_left_out(table: _Filled, rows: int) -> None:
    for spec in fields(table):
        has_default = spec.default is not MISSING or spec.default_factory is not MISSING
        if rows and has_default and not len(getattr(table, spec.name)):
            empty = (None,) * rows if spec.default == () else np.full(rows, np.nan)
            object.__setattr__(table, spec.name, empty)


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
