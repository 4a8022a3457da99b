"""The workbook's schema and the dataset's tables say the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.schema import (
    SUPPORTED_SHEETS,
    Kind,
    continuation_number,
    is_documentation,
    sheet_named,
)
from networx.ingest.parameter_sheets import PARAMETER_SHEETS

_KINDS = {
    "f": {Kind.LATITUDE, Kind.LONGITUDE, Kind.AMOUNT, Kind.MONEY, Kind.SHARE, Kind.CAPACITY, Kind.YEAR},
    "i": {Kind.REFERENCE, Kind.YEAR, Kind.ORDINAL},
    "s": {Kind.NAME, Kind.TEXT, Kind.ZIP, Kind.MODE, Kind.CHOICE, Kind.VALUE, Kind.REFERENCE, Kind.DATE},
}


@pytest.mark.parametrize("sheet", SUPPORTED_SHEETS, ids=lambda sheet: sheet.name)
def test_the_supported_columns_are_those_of_the_dataset_in_its_order(sheet: object) -> None:
    columns = sheet.supported_columns  # type: ignore[attr-defined]
    table = DIGEST_COLUMNS[sheet.table]  # type: ignore[attr-defined]
    # Two names differ on purpose: a lane's origin is a facility, and a parameter's unit is only checked.
    names = ["facility" if column.name == "origin" else column.name for column in columns]
    assert names[: len(table)] == [name for name, _ in table]
    assert names[len(table) :] == (["unit"] if sheet.name in PARAMETER_SHEETS else [])  # type: ignore[attr-defined]
    assert all(column.kind in _KINDS[kind] for column, (_, kind) in zip(columns, table, strict=False))


def test_every_table_of_a_dataset_has_its_sheet() -> None:
    # The rows of Lanes that start at a supplier are a table of their own.
    assert {sheet.table for sheet in SUPPORTED_SHEETS} | {"inbound_lanes"} == set(DIGEST_COLUMNS)


@pytest.mark.parametrize(
    ("tab", "name"),
    [("Lanes", "Lanes"), ("lanes_2", "Lanes"), ("LANES 13", "Lanes"), ("Facility Years", "FacilityYears")],
)
def test_a_tab_is_known_without_case_spaces_and_underscores(tab: str, name: str) -> None:
    sheet = sheet_named(tab)
    assert sheet is not None
    assert sheet.name == name


@pytest.mark.parametrize("tab", ["Facilities 2", "Lane", "Lanes x", "Sheet1", ""])
def test_other_tabs_are_not_taken_for_a_sheet(tab: str) -> None:
    assert sheet_named(tab) is None


def test_continuations_have_their_number_and_notes_are_notes() -> None:
    assert [continuation_number(tab) for tab in ("Lanes", "Lanes 2", "lanes_10")] == [1, 2, 10]
    assert is_documentation("ReadMe")
    assert is_documentation("read me")
    assert not is_documentation("Lanes")


def test_the_schema_needs_no_numpy() -> None:
    program = "import sys, networx.domain.schema; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
