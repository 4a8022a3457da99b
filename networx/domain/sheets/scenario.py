"""The sheet of what a scenario asks for: Parameters."""

from __future__ import annotations

from networx.domain.sheets.columns import Column, Kind, Sheet

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
