"""The network workbook: its sheets and columns as frozen data that checks itself when imported.

The reader, the validator, the template and the reference page all follow these tables. A sheet or column that no
model reads yet stands here too, marked unsupported, so that a file that uses it is refused by name and never
half-read. Needs nothing beyond the standard library, so that the upload check can import it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from networx.domain.phrases import listed


class Kind(StrEnum):
    """What a cell holds; each kind has one parser in `networx.ingest.cells`."""

    NAME = "name"  # identifies a row of its sheet, unique
    REFERENCE = "reference"  # the name of a row of another sheet
    TEXT = "text"
    ZIP = "zip"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    AMOUNT = "amount"  # a finite number, 0 or more
    SHARE = "share"
    MONEY = "money"  # a finite number; a credit is negative
    CAPACITY = "capacity"  # an amount, or the word `unlimited`
    ORDINAL = "ordinal"  # 1, 2, 3 and so on
    YEAR = "year"
    MODE = "mode"  # a word of the client's own, read without regard to case
    CHOICE = "choice"
    VALUE = "value"  # a parameter's value, read by the parameter's own rule


RULES: dict[Kind, str] = {
    Kind.NAME: "text that no other row of the sheet has",
    Kind.REFERENCE: "a name from the sheet it refers to, written the same way",
    Kind.TEXT: "text",
    Kind.ZIP: "five digits as text, or ZIP+4 (60601 or 60601-1234)",
    Kind.LATITUDE: "degrees from -90 to 90",
    Kind.LONGITUDE: "degrees from -180 to 180",
    Kind.AMOUNT: "a number, 0 or more",
    Kind.SHARE: "a share from 0 to 1",
    Kind.MONEY: "a number; a credit is negative",
    Kind.CAPACITY: "a number, 0 or more, or the word unlimited",
    Kind.ORDINAL: "a whole number from 1 to 100",
    Kind.YEAR: "a whole year from 1900 to 2200",
    Kind.MODE: "text; ltl and LTL are the same",
    Kind.CHOICE: "one of the words listed",
    Kind.VALUE: "as the parameter says",
}

UNLIMITED = "unlimited"
FIRST_YEAR, LAST_YEAR = 1900, 2200
LAST_ORDINAL = 100
DOCUMENTATION_SHEETS = ("Notes", "Sources", "Read me")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `synonyms` are headers that mean the same beyond doubt; `refers_to` and `or_to` name sheets."""

    name: str
    kind: Kind
    note: str
    required: bool = False
    unit: str = ""
    synonyms: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    refers_to: str | None = None
    or_to: str | None = None
    supported: bool = True

    @property
    def rule(self) -> str:
        """What a cell of the column must be, in words that follow `must be`."""
        if self.choices:
            return listed(self.choices)
        if self.refers_to and self.or_to:
            return f"a name from the sheet {self.refers_to} or {self.or_to}"
        return f"a name from the sheet {self.refers_to}" if self.refers_to else RULES[self.kind]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of the workbook. `table` is its name in a dataset."""

    name: str
    note: str
    columns: tuple[Column, ...]
    table: str
    required: bool = False
    continues: bool = False

    @property
    def supported_columns(self) -> tuple[Column, ...]:
        """The columns a model reads, in the order of the dataset's table."""
        return tuple(column for column in self.columns if column.supported)


def _later(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.TEXT, "Not supported yet: leave it empty.", supported=False) for name in names)


def _place(kind_of_place: str, synonyms: tuple[str, ...]) -> tuple[Column, ...]:
    return (
        _place_name(kind_of_place, synonyms),
        Column("city", Kind.TEXT, "Shown on maps and in reports."),
        Column("state", Kind.TEXT, "Shown on maps and in reports.", synonyms=("province",)),
        *_location(),
    )


def _place_name(kind_of_place: str, synonyms: tuple[str, ...]) -> Column:
    return Column("name", Kind.NAME, f"What the {kind_of_place} is called.", required=True, synonyms=synonyms)


def _location() -> tuple[Column, ...]:
    return (
        Column(
            "zip",
            Kind.ZIP,
            "Gives the coordinates, from public Census data, where latitude and longitude are empty.",
            synonyms=("zip_code", "postal_code", "zip5"),
        ),
        Column("latitude", Kind.LATITUDE, "Together with longitude, or neither.", unit="degrees", synonyms=("lat",)),
        Column(
            "longitude",
            Kind.LONGITUDE,
            "Together with latitude, or neither; west is negative.",
            unit="degrees",
            synonyms=("lon", "lng", "long"),
        ),
    )


FACILITIES = Sheet(
    "Facilities",
    "The candidate sites, one row each.",
    (
        *_place("facility", ("facility", "facility_name", "site", "site_name")),
        Column(
            "capacity_units",
            Kind.CAPACITY,
            "What the site can ship in a year.",
            required=True,
            unit="units per year",
            synonyms=("capacity", "annual_capacity_units"),
        ),
        Column(
            "fixed_cost_per_year",
            Kind.AMOUNT,
            "Cost of an open site in a year, whatever it ships; may be 0, not empty.",
            required=True,
            unit="USD per year",
            synonyms=("fixed_cost", "annual_fixed_cost"),
        ),
        Column(
            "status",
            Kind.CHOICE,
            "candidate: open if it pays; mandatory: open in every year; forbidden: never open.",
            required=True,
            choices=("candidate", "mandatory", "forbidden"),
        ),
        Column(
            "existing",
            Kind.CHOICE,
            "yes: open before the first year; closing it costs closing_cost, keeping it no opening_cost. Empty: no.",
            choices=("yes", "no"),
        ),
        Column("available_from_year", Kind.YEAR, "First year in which it may be open. Empty: from the first on."),
        Column("available_to_year", Kind.YEAR, "Last year in which it may be open. Empty: to the last."),
        Column("forced_from_year", Kind.YEAR, "Together with forced_to_year: open in every year from here on."),
        Column("forced_to_year", Kind.YEAR, "Last of those years; a mandatory site is free in the others."),
        Column(
            "lease_years",
            Kind.AMOUNT,
            "Its own lease, a whole number of 1 or more, in place of the parameter lease_years.",
            unit="years",
        ),
        Column("opening_cost", Kind.AMOUNT, "Once, whenever it opens. Empty: none.", unit="USD"),
        Column("closing_cost", Kind.AMOUNT, "Once, whenever it closes before the last year ends.", unit="USD"),
        Column(
            "variable_cost_per_unit",
            Kind.AMOUNT,
            "Of every unit that it ships, beside the lane's price. Empty: none.",
            unit="USD per unit",
        ),
        Column(
            "min_throughput_units",
            Kind.AMOUNT,
            "What it ships at least in each year that it is open. Empty: nothing.",
            unit="units per year",
        ),
        Column(
            "square_feet",
            Kind.AMOUNT,
            "The size of its space. With a rate it shows how much of fixed_cost_per_year is rent; it adds nothing.",
            unit="square feet",
            synonyms=("sqft",),
        ),
        Column(
            "lease_rate_per_sqft",
            Kind.AMOUNT,
            "Rent of a square foot in a year; contained in fixed_cost_per_year.",
            unit="USD per square foot and year",
        ),
        Column(
            "operating_cost_per_sqft",
            Kind.AMOUNT,
            "What running a square foot costs in a year; contained in fixed_cost_per_year.",
            unit="USD per square foot and year",
        ),
    ),
    table="facilities",
    required=True,
)

DESTINATIONS = Sheet(
    "Destinations",
    "Where demand is, one row each.",
    (
        *_place("destination", ("destination", "destination_name", "customer", "customer_name")),
        Column(
            "demand_units",
            Kind.AMOUNT,
            "Demand of the base year; the sheet Forecast scales it, a row of the sheet Demand replaces it.",
            required=True,
            unit="units per year",
            synonyms=("annual_demand_units", "annual_demand"),
        ),
    ),
    table="destinations",
    required=True,
)

FORECAST = Sheet(
    "Forecast",
    "Optional: units of the whole network in each year; scales demand_units. The years must follow one another.",
    (
        Column("year", Kind.YEAR, "Each year once.", required=True),
        Column("annual_units", Kind.AMOUNT, "Units of the whole network.", required=True, unit="units per year"),
    ),
    table="forecast",
)

DEMAND = Sheet(
    "Demand",
    "Optional: stated demand of a destination in a year, in place of the scaled demand_units.",
    (
        Column("destination", Kind.REFERENCE, "Who.", required=True, refers_to="Destinations", synonyms=("customer",)),
        Column("year", Kind.YEAR, "When.", required=True),
        Column("units", Kind.AMOUNT, "How much.", required=True, unit="units", synonyms=("demand_units",)),
        *_later("product"),
    ),
    table="demand",
)

FACILITY_YEARS = Sheet(
    "FacilityYears",
    "Optional: what differs for a facility in one year; an empty cell keeps the facility's own value.",
    (
        Column("facility", Kind.REFERENCE, "Which.", required=True, refers_to="Facilities", synonyms=("site",)),
        Column("year", Kind.YEAR, "When.", required=True),
        Column(
            "fixed_cost",
            Kind.AMOUNT,
            "In place of fixed_cost_per_year.",
            unit="USD",
            synonyms=("fixed_cost_per_year",),
        ),
        Column("capacity_units", Kind.CAPACITY, "In place of capacity_units.", unit="units", synonyms=("capacity",)),
        Column(
            "status",
            Kind.CHOICE,
            "In place of the facility's own, in this year.",
            choices=("candidate", "mandatory", "forbidden"),
        ),
    ),
    table="facility_years",
)

EXPANSIONS = Sheet(
    "Expansions",
    "Optional: how a facility may grow, a row a tier. Tier 1 comes first, then tier 2; each adds to those before it.",
    (
        Column("facility", Kind.REFERENCE, "Which.", required=True, refers_to="Facilities", synonyms=("site",)),
        Column("tier", Kind.ORDINAL, "1 for the first, then 2, 3, without a gap.", required=True),
        Column(
            "capacity_units",
            Kind.AMOUNT,
            "What the tier adds to the facility with all tiers before it; not the total.",
            required=True,
            unit="units per year",
            synonyms=("added_capacity_units",),
        ),
        Column(
            "fixed_cost_per_year",
            Kind.AMOUNT,
            "Of each year in which the tier is in use, beside the facility's own; may be 0, not empty.",
            required=True,
            unit="USD per year",
            synonyms=("fixed_cost", "annual_fixed_cost"),
        ),
        Column("one_time_cost", Kind.AMOUNT, "In the year in which the tier is taken. Empty: none.", unit="USD"),
    ),
    table="expansions",
)

SUPPLIERS = Sheet(
    "Suppliers",
    "Optional: where the facilities get their units from, one row each. All that a facility ships has then to come in.",
    (
        _place_name("supplier", ("supplier", "supplier_name", "plant")),
        *_location(),
        Column(
            "supply_units",
            Kind.CAPACITY,
            "What it can send in a year, to all facilities together.",
            required=True,
            unit="units per year",
            synonyms=("annual_supply_units",),
        ),
        Column(
            "cost_per_unit",
            Kind.AMOUNT,
            "Of every unit that it sends, beside the lane's price. Empty: none.",
            unit="USD per unit",
            synonyms=("unit_cost",),
        ),
        *_later("product"),
    ),
    table="suppliers",
)

SERVICE_YEARS = Sheet(
    "ServiceYears",
    "Optional: what the service level asks in one year; an empty cell keeps the parameter of the same name.",
    (
        Column("year", Kind.YEAR, "Each year once.", required=True),
        Column("service_level", Kind.SHARE, "In place of service_level.", unit="share 0-1"),
        Column("max_distance_miles", Kind.AMOUNT, "In place of max_distance_miles.", unit="miles"),
        Column("max_transit_days", Kind.AMOUNT, "In place of max_transit_days.", unit="days"),
        Column("service_penalty_per_unit", Kind.AMOUNT, "In place of service_penalty_per_unit.", unit="USD per unit"),
    ),
    table="service_years",
)

_LINE = (
    "transport, fixed and handling are compared with what the model says, and what is a part of one of them says so "
    "before a colon: `fixed: rent`. Any other line is reported as it is."
)

OPERATING_COSTS = Sheet(
    "OperatingCosts",
    "Optional: what was paid, by facility, year and line. A baseline is held against it; no model adds it to a cost.",
    (
        Column("facility", Kind.REFERENCE, "Which.", required=True, refers_to="Facilities", synonyms=("site",)),
        Column("year", Kind.YEAR, "When.", required=True),
        Column("line", Kind.TEXT, _LINE, required=True, synonyms=("cost_line",)),
        Column("amount", Kind.MONEY, "What was paid; a credit is negative.", required=True, unit="USD"),
    ),
    table="operating_costs",
)

CONTROL_TOTALS = Sheet(
    "ControlTotals",
    "Optional: what the books say was paid in all, by year and line; what the sheets add up to is held against it.",
    (
        Column("year", Kind.YEAR, "When.", required=True),
        Column("line", Kind.TEXT, "As in OperatingCosts; `total` is all lines together.", required=True),
        Column("amount", Kind.MONEY, "The total; one of credits is negative.", required=True, unit="USD"),
    ),
    table="control_totals",
)

ONE_TIME_COSTS = Sheet(
    "OneTimeCosts",
    "Optional: what the change costs once, for the business case; beside opening_cost and closing_cost of Facilities.",
    (
        Column("year", Kind.YEAR, "When; it may be before the first year of the plan.", required=True),
        Column("line", Kind.TEXT, "What for.", required=True, synonyms=("cost_line",)),
        Column("amount", Kind.MONEY, "What is spent; what is received is negative.", required=True, unit="USD"),
    ),
    table="one_time_costs",
)

RATE_BASES = ("unit", "cwt", "mile", "package", "shipment")
RATES = Sheet(
    "Rates",
    "Optional: what lanes without a price of their own cost, by mode. Exactly one row has to fit each such lane.",
    (
        Column("mode", Kind.MODE, "Of the lanes that it prices.", required=True),
        Column("basis", Kind.CHOICE, "What the rate is paid for.", required=True, choices=RATE_BASES),
        Column("rate", Kind.AMOUNT, "Dollars for one of the basis.", required=True, unit="USD"),
        Column("zone", Kind.MODE, "For lanes of this zone alone. Empty: whatever their zone."),
        Column("distance_from", Kind.AMOUNT, "For lanes of at least so many miles. Empty: no limit.", unit="miles"),
        Column("distance_to", Kind.AMOUNT, "For lanes of fewer miles. Empty: no limit.", unit="miles"),
        Column(
            "weight_from", Kind.AMOUNT, "For shipments (packages) of at least this weight. Empty: no limit.", unit="lb"
        ),
        Column("weight_to", Kind.AMOUNT, "For lighter shipments (packages). Empty: no limit.", unit="lb"),
        Column("minimum", Kind.AMOUNT, "What a shipment (package) costs at least, before fuel.", unit="USD"),
        Column("fuel_percent", Kind.AMOUNT, "Fuel surcharge on all of it, in percent: 12.5 adds an eighth."),
    ),
    table="rates",
)

PARAMETERS = Sheet(
    "Parameters",
    "What the scenario asks for, one row a parameter; an empty value imposes nothing.",
    (
        Column("name", Kind.NAME, "The parameter.", required=True, synonyms=("parameter",)),
        Column("value", Kind.VALUE, "Its value; empty: not given."),
        Column("unit", Kind.TEXT, "For the reader; if filled in, it must be the parameter's own unit."),
    ),
    table="parameters",
)

LANES = Sheet(
    "Lanes",
    "Priced ways from a facility to a destination, or from a supplier to a facility. Lanes 2, Lanes 3 and so on "
    "continue it beyond row 1,048,576.",
    (
        Column(
            "origin",
            Kind.REFERENCE,
            "From where: a supplier's row brings units in, a facility's sends them out.",
            required=True,
            refers_to="Facilities",
            or_to="Suppliers",
            synonyms=("facility", "from"),
        ),
        Column(
            "destination",
            Kind.REFERENCE,
            "To where: a destination from a facility, a facility from a supplier.",
            required=True,
            refers_to="Destinations",
            or_to="Facilities",
            synonyms=("customer", "to"),
        ),
        Column(
            "cost_per_unit",
            Kind.AMOUNT,
            "Cost of shipping one unit. Empty: priced by the sheet Rates for its mode, else by cost_per_unit_mile.",
            unit="USD per unit",
            synonyms=("unit_cost",),
        ),
        Column(
            "distance_miles",
            Kind.AMOUNT,
            "Needed where the scenario asks for service within a distance.",
            unit="miles",
            synonyms=("miles",),
        ),
        Column(
            "transit_days",
            Kind.AMOUNT,
            "Needed where the scenario asks for service within a number of days.",
            unit="days",
            synonyms=("days",),
        ),
        Column(
            "capacity_units",
            Kind.CAPACITY,
            "What the lane carries at most in a year, by this mode. Empty: no limit.",
            unit="units per year",
            synonyms=("capacity",),
        ),
        Column(
            "mode",
            Kind.MODE,
            "Such as ltl or parcel. Rows of one pair with different modes are alternatives, each with its own figures.",
        ),
        Column(
            "year",
            Kind.YEAR,
            "The row counts in this year alone, in place of the one of the same pair and mode without a year.",
        ),
        Column("zone", Kind.MODE, "Where the sheet Rates goes by zones: the one that this lane is in."),
        *_later("product"),
    ),
    table="lanes",
    continues=True,
)

ASSIGNMENTS = Sheet(
    "Assignments",
    "Optional: who must or must not serve whom, in every year.",
    (
        Column("facility", Kind.REFERENCE, "Who.", required=True, refers_to="Facilities", synonyms=("site", "origin")),
        Column("destination", Kind.REFERENCE, "Whom.", required=True, refers_to="Destinations", synonyms=("customer",)),
        Column(
            "rule",
            Kind.CHOICE,
            "fixed: nobody serves the destination but those fixed to it; forbidden: never.",
            required=True,
            choices=("fixed", "forbidden"),
        ),
    ),
    table="assignments",
)

SKUS = Sheet(
    "SKUs",
    "Optional: what is stored; read by the scenario types warehouse and integrated, passed over by the others.",
    (
        Column("sku", Kind.NAME, "What the item is called.", required=True, synonyms=("item", "sku_name")),
        Column(
            "annual_volume",
            Kind.AMOUNT,
            "What leaves the network in the base year; a year's volume is this x its demand / the sum of demand_units.",
            required=True,
            unit="units per year",
            synonyms=("annual_units",),
        ),
        Column("units_per_case", Kind.AMOUNT, "Above 0.", required=True, unit="units per case"),
        Column("cases_per_pallet", Kind.AMOUNT, "Above 0.", required=True, unit="cases per pallet"),
    ),
    table="skus",
)


def _by_facility(name: str, note: str) -> Sheet:
    return Sheet(
        name,
        f"Optional: {note} One row a parameter; the scenario types that read it say what they miss, the others pass "
        "over it.",
        (
            Column("name", Kind.TEXT, "The parameter.", required=True, synonyms=("parameter",)),
            Column("value", Kind.VALUE, "Its value; empty: not given."),
            Column(
                "facility",
                Kind.REFERENCE,
                "For which facility alone the value holds, in place of the one for all. Empty: for all.",
                refers_to="Facilities",
                synonyms=("site",),
            ),
            Column("unit", Kind.TEXT, "For the reader; if filled in, it must be the parameter's own unit."),
        ),
        table=name.lower(),
    )


WAREHOUSE = _by_facility("Warehouse", "how goods are stored and moved, and what space costs.")
INVENTORY = _by_facility("Inventory", "how stock is replenished, and what it costs.")

# In the order they are read: what others refer to comes first, the longest last.
SUPPORTED_SHEETS = (
    FACILITIES,
    DESTINATIONS,
    SUPPLIERS,
    FORECAST,
    DEMAND,
    FACILITY_YEARS,
    SERVICE_YEARS,
    RATES,
    EXPANSIONS,
    ASSIGNMENTS,
    OPERATING_COSTS,
    CONTROL_TOTALS,
    ONE_TIME_COSTS,
    SKUS,
    WAREHOUSE,
    INVENTORY,
    PARAMETERS,
    LANES,
)


def fold(text: str) -> str:
    """A header or sheet name without case, spaces and underscores, by which names are matched."""
    return re.sub(r"[\s_]+", "", text).casefold()


def sheet_named(name: str) -> Sheet | None:
    """The sheet a tab's name stands for, by name without case, spaces and underscores; None if there is none."""
    folded = fold(name)
    for sheet in SUPPORTED_SHEETS:
        if folded == fold(sheet.name) or (sheet.continues and re.fullmatch(fold(sheet.name) + r"[0-9]{1,4}", folded)):
            return sheet
    return None


def continuation_number(name: str) -> int:
    """Where a tab stands in its table: 1 for `Lanes`, 2 for `Lanes 2`."""
    digits = re.search(r"[0-9]+$", name.strip())
    return int(digits.group()) if digits else 1


def is_documentation(name: str) -> bool:
    """Whether a tab is there for readers only, such as `Notes` or `Read me`."""
    return fold(name) in {fold(known) for known in DOCUMENTATION_SHEETS}


def _check() -> None:
    names = [fold(sheet.name) for sheet in SUPPORTED_SHEETS]
    assert len(set(names)) == len(names), "two sheets have the same name"
    for sheet in SUPPORTED_SHEETS:
        headers = [fold(header) for column in sheet.columns for header in (column.name, *column.synonyms)]
        assert len(set(headers)) == len(headers), f"two columns of {sheet.name} share a header"
        for column in sheet.columns:
            for other in (column.refers_to, column.or_to):
                assert other is None or fold(other) in names, f"{column.name} refers to no sheet"


_check()
