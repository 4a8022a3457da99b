"""The sheets on what is stored and how: SKUs, Warehouse and Inventory."""

from __future__ import annotations

from networx.domain.sheets.columns import Column, Kind, Sheet

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
