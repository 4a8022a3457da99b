"""The sheets SKUs, Warehouse and Inventory: read as stated, values of one facility beside those for all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.reading import read_workbook
from networx.errors import RefusedInput

SKUS = ["sku", "annual_volume", "units_per_case", "cases_per_pallet"]
VALUES = ["name", "value", "facility", "unit"]


def refused(path: Path) -> list[tuple[str | None, int | None, str | None, str]]:
    with pytest.raises(RefusedInput) as caught:
        read_workbook(path)
    return [(one.sheet, one.row, one.column, one.message) for one in caught.value.problems]


def test_what_is_stated_comes_as_it_is(network: dict[str, Any], write_book: Callable[..., Path]) -> None:
    network["SKUs"] = [SKUS, ["Soap", 1200.5, 12, 40], ["Oil", 0, 6, 48]]
    network["Warehouse"] = [VALUES, ["operating_days", 250, None, "days"], ["operating_days", 300, "Newark", None]]
    network["Inventory"] = [VALUES, ["service_level", 0.95, None, None], ["demand_cv", 0.4, "Chicago", "ratio"]]
    tables, _ = read_workbook(write_book(network))
    assert (tables.skus.sku, tables.skus.annual_volume.tolist()) == (("Soap", "Oil"), [1200.5, 0.0])
    assert (tables.skus.units_per_case.tolist(), tables.skus.cases_per_pallet.tolist()) == ([12.0, 6.0], [40.0, 48.0])
    assert tables.warehouse.of(None) == {"operating_days": "250"}
    assert tables.warehouse.of("Newark") == {"operating_days": "300"}
    assert (tables.inventory.of(None), tables.inventory.of("Chicago")) == (
        {"service_level": "0.95"},
        {"demand_cv": "0.4"},
    )


def test_a_workbook_without_the_sheets_keeps_its_digest(
    network: dict[str, Any], write_book: Callable[..., Path]
) -> None:
    before, _ = read_workbook(write_book(network))
    network |= {"SKUs": [SKUS], "Warehouse": [VALUES, ["operating_days", None, None, "days"]]}
    empty, _ = read_workbook(write_book(network))
    network["Warehouse"] = [VALUES, ["operating_days", 250, None, None]]
    stated, _ = read_workbook(write_book(network))
    assert before.sha256() == empty.sha256() != stated.sha256()


@pytest.mark.parametrize(
    ("sheet", "rows", "said"),
    [
        ("SKUs", [SKUS, ["Soap", 5, 0, 40]], ("SKUs", 2, "units_per_case", "units_per_case is 0; it must be above 0.")),
        (
            "SKUs",
            [SKUS, ["Soap", 5, 1, 40], ["Soap", 6, 1, 40]],
            ("SKUs", 3, "sku", "sku is the same as in row 2; add the rows up."),
        ),
        (
            "Warehouse",
            [VALUES, ["max_utilization", 85, None, None]],
            ("Warehouse", 2, "value", "max_utilization must be a share between 0 and 1; write 0.85 for 85 %."),
        ),
        (
            "Warehouse",
            [VALUES, ["operating_days", 5, "Chicgo", None]],
            (
                "Warehouse",
                2,
                "facility",
                "facility is not a name in the sheet Facilities; did you mean Chicago?",
            ),
        ),
        (
            "Inventory",
            [VALUES, ["demand_cv", 0.1, None, None], ["demand_cv", 0.2, None, None]],
            ("Inventory", 3, "name", "demand_cv is the same as in row 2; state it once."),
        ),
        (
            "Inventory",
            [VALUES, ["lead_time_days", 2, None, "weeks"]],
            ("Inventory", 2, "unit", "lead_time_days is stated in days, not weeks; convert the value."),
        ),
        (
            "Inventory",
            [VALUES, ["service_level", 1, None, None]],
            (
                "Inventory",
                2,
                "value",
                "service_level must be a share from 0.5 to below 1; no stock makes 1 certain.",
            ),
        ),
    ],
)
def test_what_is_wrong_is_named_by_sheet_row_and_column(
    network: dict[str, Any],
    write_book: Callable[..., Path],
    sheet: str,
    rows: list[list[Any]],
    said: tuple[str, int, str, str],
) -> None:
    assert refused(write_book({**network, sheet: rows})) == [said]


def test_a_parameter_that_does_not_exist_is_refused_with_those_that_do(
    network: dict[str, Any], write_book: Callable[..., Path]
) -> None:
    network["Warehouse"] = [VALUES, ["door_count", 5, None, None]]
    ((sheet, row, column, message),) = refused(write_book(network))
    assert (sheet, row, column) == ("Warehouse", 2, "name")
    assert "door_count is not a parameter here; the parameters are operating_days, days_on_hand" in message


def test_a_parameter_written_a_little_wrong_is_refused_with_the_nearest(
    network: dict[str, Any], write_book: Callable[..., Path]
) -> None:
    network["Warehouse"] = [VALUES, ["ceiling_hight_inches", 5, None, None]]
    ((_, _, _, message),) = refused(write_book(network))
    assert message.startswith(
        "ceiling_hight_inches is not a parameter here; the nearest to it is ceiling_height_inches."
    )
