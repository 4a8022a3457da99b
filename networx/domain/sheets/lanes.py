"""The sheets on ways, what they cost and who uses them: Lanes, Rates and Assignments."""

from __future__ import annotations

from networx.domain.sheets.columns import Column, Kind, Sheet, not_supported_yet

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
        *not_supported_yet("product"),
    ),
    table="lanes",
    continues=True,
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

FITTED_RATES = Sheet(
    "FittedRates",
    "Optional: what a shipment costs by a function fitted to yours (networx rates fit), for lanes without a price "
    "whose mode Rates does not have. It is used as far as those shipments reach, once a person has accepted it.",
    (
        Column("mode", Kind.MODE, "Of the lanes that it prices.", required=True),
        Column("weight_from", Kind.AMOUNT, "For shipments of at least this weight. Empty: no limit.", unit="lb"),
        Column("weight_to", Kind.AMOUNT, "For lighter shipments. Empty: no limit.", unit="lb"),
        Column("fixed", Kind.AMOUNT, "Dollars of a shipment, however far.", required=True, unit="USD"),
        Column("per_mile", Kind.AMOUNT, "Dollars of a shipment for a mile.", required=True, unit="USD"),
        Column("per_cwt_mile", Kind.AMOUNT, "Dollars for 100 lb and a mile.", required=True, unit="USD"),
        Column("miles_from", Kind.AMOUNT, "Of the nearest shipment.", required=True, unit="miles"),
        Column("miles_to", Kind.AMOUNT, "Of the farthest shipment.", required=True, unit="miles"),
        Column("pounds_from", Kind.AMOUNT, "Of the lightest shipment.", required=True, unit="lb"),
        Column("pounds_to", Kind.AMOUNT, "Of the heaviest shipment.", required=True, unit="lb"),
        Column("shipments", Kind.AMOUNT, "How many it was fitted to.", required=True),
        Column("median_error_percent", Kind.AMOUNT, "Half the shipments are off by less, in percent.", required=True),
        Column("mean_error_percent", Kind.AMOUNT, "By how much they are off in the mean, in percent.", required=True),
        Column("r_squared", Kind.SHARE, "The share of the variation of charges that it explains.", required=True),
        Column("first_month", Kind.TEXT, "Of the shipments, as 2025-01.", required=True),
        Column("last_month", Kind.TEXT, "Of the shipments.", required=True),
        Column("accepted_by", Kind.TEXT, "Who looked at the fit and accepts it: a person's name.", required=True),
        Column("accepted_on", Kind.DATE, "When.", required=True),
    ),
    table="fitted_rates",
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
