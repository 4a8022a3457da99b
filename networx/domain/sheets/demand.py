"""The sheets on demand and the service it asks for: Destinations, Forecast, Demand and ServiceYears."""

from __future__ import annotations

from networx.domain.sheets.columns import Column, Kind, Sheet, not_supported_yet, place

DESTINATIONS = Sheet(
    "Destinations",
    "Where demand is, one row each.",
    (
        *place("destination", ("destination", "destination_name", "customer", "customer_name")),
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
    "Optional: stated demand of a destination in a year, in place of the scaled demand_units. In place of year and "
    "units, columns of months (Jan 2025 to Dec 2025, all twelve: a year is their sum) or of years (2025) may stand "
    "across.",
    (
        Column("destination", Kind.REFERENCE, "Who.", required=True, refers_to="Destinations", synonyms=("customer",)),
        Column("year", Kind.YEAR, "When.", required=True),
        Column("units", Kind.AMOUNT, "How much.", required=True, unit="units", synonyms=("demand_units",)),
        *not_supported_yet("product"),
    ),
    table="demand",
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
