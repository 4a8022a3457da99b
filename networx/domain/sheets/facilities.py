"""The sheets on facilities and what they ship from: Facilities, FacilityYears, Expansions and Suppliers."""

from __future__ import annotations

from networx.domain.sheets.columns import Column, Kind, Sheet, location, not_supported_yet, place, place_name

FACILITIES = Sheet(
    "Facilities",
    "The candidate sites, one row each.",
    (
        *place("facility", ("facility", "facility_name", "site", "site_name")),
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
        place_name("supplier", ("supplier", "supplier_name", "plant")),
        *location(),
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
        *not_supported_yet("product"),
    ),
    table="suppliers",
)
