"""The empty network workbook: a sheet a table, every header with its note, every column with its rule.

Written from the schema and the parameters alone, so that every input a model reads has its cell. Holds no value that
could be taken for a client's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from networx.domain.geography import CENTROID_SOURCE
from networx.domain.schema import (
    FIRST_YEAR,
    LAST_ORDINAL,
    LAST_YEAR,
    SUPPORTED_SHEETS,
    UNLIMITED,
    Column,
    Kind,
    Sheet,
)
from networx.ingest.cells import LARGEST_NUMBER
from networx.ingest.parameter_sheets import PARAMETER_SHEETS

_LAST_ROW = 1_048_575  # from 0
_WIDTH = 20
_AMOUNT = {"validate": "decimal", "criteria": ">=", "value": 0}


def write_network_template(target: BinaryIO | Path) -> None:
    """Write the template as .xlsx to a binary stream or a path."""
    where = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(where, {"in_memory": True}) as book:
        look = _Formats(book)
        _write_read_me(book.add_worksheet("Read me"), look)
        for sheet in SUPPORTED_SHEETS:
            page = book.add_worksheet(sheet.name)
            _write_headers(page, sheet, look)
            if sheet.name in PARAMETER_SHEETS:
                _write_parameters(page, sheet, look)
        book.get_worksheet_by_name(SUPPORTED_SHEETS[0].name).activate()


class _Formats:
    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.required = book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF"})
        self.optional = book.add_format({"bold": True, "bg_color": "#DDEBF7"})
        self.text = book.add_format({"num_format": "@"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})


def _write_headers(page: Any, sheet: Sheet, look: _Formats) -> None:
    page.freeze_panes(1, 0)
    for index, column in enumerate(sheet.supported_columns):
        # A ZIP typed into a text cell keeps its leading zero.
        page.set_column(index, index, _WIDTH, look.text if column.kind is Kind.ZIP else None)
        page.write_string(0, index, column.name, look.required if column.required else look.optional)
        page.write_comment(0, index, _note(column), {"x_scale": 2})
        rule = _validation(column, index)
        if rule:
            page.data_validation(1, index, _LAST_ROW, index, rule | _error(column))


def _write_parameters(page: Any, sheet: Sheet, look: _Formats) -> None:
    unit = [column.name for column in sheet.columns].index("unit")
    page.set_column(0, 0, 34)
    for row, spec in enumerate(PARAMETER_SHEETS[sheet.name], 1):
        page.write_string(row, 0, spec.name)
        page.write_comment(row, 0, spec.metadata["note"], {"x_scale": 2})
        page.write_blank(row, 1, None, look.optional)
        page.write_string(row, unit, spec.metadata["unit"])


def _write_read_me(page: Any, look: _Formats) -> None:
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 100, look.wrapped)
    page.write_string(0, 0, "Network workbook", look.title)
    lines = [
        (
            "How to fill it in",
            "One row a place, year or lane under the headers. Dark headers are required, light ones not.",
        ),
        ("Empty cells", "An empty cell is never filled with a default. What is required and empty is refused by name."),
        ("Coordinates", f"Latitude and longitude, or a ZIP: its centroid is taken from {CENTROID_SOURCE}."),
        ("Numbers", "Plain, without currency, percent or thousands separators: 1234.5"),
        *((sheet.name, sheet.note) for sheet in SUPPORTED_SHEETS),
        *((spec.name, spec.metadata["note"]) for specs in PARAMETER_SHEETS.values() for spec in specs),
    ]
    for row, (name, said) in enumerate(lines, 2):
        page.write_string(row, 0, name)
        page.write_string(row, 1, said)


def _note(column: Column) -> str:
    parts = ["Required." if column.required else "Optional.", column.note, f"Must be {column.rule}."]
    return " ".join([*parts, f"Unit: {column.unit}."] if column.unit else parts)


def _error(column: Column) -> dict[str, str]:
    return {"error_title": column.name, "error_message": f"Must be {column.rule}."[:255]}


def _validation(column: Column, index: int) -> dict[str, Any] | None:
    """The rule that Excel applies while a cell is typed; the same cell is checked again on upload."""
    match column.kind:
        case Kind.CHOICE:
            return {"validate": "list", "source": list(column.choices)}
        case Kind.AMOUNT:
            return _AMOUNT
        case Kind.SHARE:
            return {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
        case Kind.MONEY:
            return {"validate": "decimal", "criteria": "between", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
        case Kind.YEAR:
            return {"validate": "integer", "criteria": "between", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}
        case Kind.ORDINAL:
            return {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": LAST_ORDINAL}
        case Kind.LATITUDE:
            return {"validate": "decimal", "criteria": "between", "minimum": -90, "maximum": 90}
        case Kind.LONGITUDE:
            return {"validate": "decimal", "criteria": "between", "minimum": -180, "maximum": 180}
        case Kind.CAPACITY:
            cell = f"{chr(ord('A') + index)}2"
            return {"validate": "custom", "value": f'=OR(AND(ISNUMBER({cell}),{cell}>=0),{cell}="{UNLIMITED}")'}
        case Kind.NAME | Kind.REFERENCE | Kind.TEXT | Kind.MODE | Kind.ZIP | Kind.VALUE:
            return None
        case Kind.DATE | Kind.DOLLARS | Kind.QUANTITY | Kind.ZIP_OF_EXPORT:
            return None  # of freight exports, which nobody fills in
