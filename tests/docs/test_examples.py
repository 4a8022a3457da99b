"""The example workbook is what its script makes of the data beside it, and says where everything comes from."""

from __future__ import annotations

import importlib.util
import re
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return _script("build_us_network")


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path, read_only=True)
    return {name: list(book[name].iter_rows(values_only=True)) for name in book.sheetnames}


@pytest.fixture(scope="module")
def sheets() -> dict[str, list[tuple[Any, ...]]]:
    return _content(EXAMPLES / "us_network.xlsx")


def _column(rows: list[tuple[Any, ...]], name: str) -> list[Any]:
    return [row[rows[0].index(name)] for row in rows[1:]]


def test_rebuilding_gives_the_committed_workbook(
    script: ModuleType, sheets: dict[str, list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    assert _content(script.build(tmp_path / "again.xlsx")) == sheets


def test_building_twice_gives_the_same_bytes(script: ModuleType, tmp_path: Path) -> None:
    first, second = (script.build(tmp_path / name).read_bytes() for name in ("1.xlsx", "2.xlsx"))
    assert first == second


def test_the_network_is_large_enough_to_be_interesting(sheets: dict[str, list[tuple[Any, ...]]]) -> None:
    assert len(sheets["Facilities"]) - 1 >= 25
    assert len(sheets["Destinations"]) - 1 == 300
    assert _column(sheets["Forecast"], "year") == [2026, 2027, 2028, 2029, 2030]
    statuses = _column(sheets["Facilities"], "status")
    assert (statuses.count("mandatory"), statuses.count("forbidden")) == (1, 1)


@pytest.mark.parametrize("sheet", ["Facilities", "Destinations"])
def test_every_place_is_named_once_and_lies_in_the_contiguous_states(
    sheets: dict[str, list[tuple[Any, ...]]], sheet: str
) -> None:
    names = _column(sheets[sheet], "name")
    assert len(set(names)) == len(names)
    assert all(24 < latitude < 50 for latitude in _column(sheets[sheet], "latitude"))
    assert all(-125 < longitude < -66 for longitude in _column(sheets[sheet], "longitude"))


def test_the_forecast_starts_at_the_destinations_demand_and_grows_as_published(
    sheets: dict[str, list[tuple[Any, ...]]],
) -> None:
    units = _column(sheets["Forecast"], "annual_units")
    assert units[0] == sum(_column(sheets["Destinations"], "demand_units"))
    assert all(later / earlier == pytest.approx(1.004, abs=1e-6) for earlier, later in pairwise(units))


def test_the_sources_state_the_figures_that_the_script_uses(
    script: ModuleType, sheets: dict[str, list[tuple[Any, ...]]]
) -> None:
    said = {row[0]: f"{row[1]}: {row[2]}" for row in sheets["Sources"][1:]}
    assert f"{script.TRUCK_COST_PER_MILE:.3f} dollars a mile" in said["Parameters: cost_per_unit_mile"]
    assert f"by {script.PALLETS_PER_TRAILER} pallets" in said["Parameters: cost_per_unit_mile"]
    assert f"times {script.PALLETS_PER_RESIDENT} pallets" in said["Destinations: demand_units"]
    assert f"{script.GROWTH_PER_YEAR:.1%}".replace("%", " percent a year") in said["Forecast"]
    assert f"about {script.CIRCUITY} times" in said["Parameters: circuity"]
    assert f"times {script.PALLETS_PER_SQUARE_FOOT} pallet" in said["Facilities: capacity_units"]
    assert (
        f"{script.OPERATING_COST_PER_YEAR:,} dollars" in said["Facilities: fixed_cost_per_year, running the building"]
    )


def test_every_rent_is_one_that_the_sources_name(script: ModuleType, sheets: dict[str, list[tuple[Any, ...]]]) -> None:
    source = next(row[2] for row in sheets["Sources"] if row[0] == "Facilities: fixed_cost_per_year, rent")
    named = set(re.findall(r"\d+\.\d\d", source))
    assert {row["rent_per_sqft"] for row in script._rows("us_candidates.csv")} == named


def test_each_data_file_begins_with_its_source() -> None:
    for name in ("us_metros.csv", "us_candidates.csv"):
        assert (EXAMPLES / "data" / name).read_text(encoding="utf-8").startswith("# Source")


def test_the_freight_is_what_its_script_makes(tmp_path: Path) -> None:
    made = _script("build_shipments").build(tmp_path / "shipments.csv")
    assert made.read_bytes() == (EXAMPLES / "shipments.csv").read_bytes()
    assert made.read_text().startswith('"Example figures')
