"""Assignments as Parquet: what goes in comes out, a page at a time, without reading what is not asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import TransportPlan
from networx.results import assignments
from networx.results.assignments import iter_pages, largest_assignments, read_assignments_page, write_assignments


@pytest.fixture
def written(tmp_path: Path, tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan) -> Path:
    path = tmp_path / "assignments.parquet"
    assert write_assignments(path, tables, parameters, plan) == 7
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[int, str]]]:
    """60 rows in row groups of 7, made by hand: three years, four facilities, five destinations each."""
    path = tmp_path_factory.mktemp("many") / "many.parquet"
    rows = [(year, f"F{site}", f"D{end}") for year in (2026, 2027, 2028) for site in range(4) for end in range(5)]
    columns = {"year": [row[0] for row in rows], "facility": [row[1] for row in rows]}
    columns["destination"] = [row[2] for row in rows]
    pq.write_table(assignments.pa.table(columns), path, row_group_size=7)
    return path, [(row[0], row[1]) for row in rows]


def test_rows_are_sorted_by_year_facility_and_destination(written: Path) -> None:
    rows, total = read_assignments_page(written, 0, 100)
    keys = [(row["year"], row["facility"], row["destination"]) for row in rows]
    assert total == 7
    assert keys == sorted(keys)
    assert [key[0] for key in keys] == [2026] * 4 + [2027] * 3


def test_each_row_carries_cost_distance_and_share(written: Path) -> None:
    rows, _ = read_assignments_page(written, 0, 100, year=2026, facility="North")
    alpha, beta = rows
    assert (alpha["destination"], alpha["units"], alpha["cost_per_unit"], alpha["cost"]) == ("Alpha", 80, 2, 160)
    assert (alpha["distance_miles"], alpha["share_of_demand"]) == (100, 0.8)
    assert (alpha["destination_latitude"], alpha["destination_longitude"]) == (0, 0.5)
    assert (beta["destination"], beta["share_of_demand"], beta["distance_miles"]) == ("Beta", 1.0, 300)


def test_what_is_not_known_is_null(
    tmp_path: Path, tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan
) -> None:
    lanes = replace(tables.lanes, distance_miles=np.array([np.nan, 300, np.nan, 100]))
    write_assignments(tmp_path / "a.parquet", replace(tables, lanes=lanes), parameters, plan)
    rows, _ = read_assignments_page(tmp_path / "a.parquet", 0, 100, year=2026)
    gamma = next(row for row in rows if row["destination"] == "Gamma")
    assert gamma["distance_miles"] is None
    assert gamma["destination_latitude"] is None


def test_an_open_file_is_read_like_a_path(written: Path) -> None:
    with written.open("rb") as file:
        assert read_assignments_page(file, 2, 3) == read_assignments_page(written, 2, 3)


def test_the_largest_come_first(written: Path) -> None:
    assert [row["units"] for row in largest_assignments(written, 3)] == [110, 80, 60]
    assert [row["units"] for row in largest_assignments(written, 2, year=2026)] == [80, 50]
    assert [row["units"] for row in largest_assignments(written, 2, offset=1)] == [80, 60]


def test_the_largest_of_a_facility_are_its_own(written: Path) -> None:
    every, _ = read_assignments_page(written, 0, 100, facility="North")
    largest = largest_assignments(written, 100, facility="North")
    assert {row["facility"] for row in largest} == {"North"}
    assert [row["units"] for row in largest] == sorted((row["units"] for row in every), reverse=True)


@pytest.mark.parametrize("filters", [{}, {"year": 2027}, {"facility": "F1"}, {"year": 2028, "facility": "F3"}])
@pytest.mark.parametrize("offset", [0, 1, 9, 100])
def test_pages_in_a_row_are_the_whole(
    many: tuple[Path, list[tuple[int, str]]], filters: dict[str, Any], offset: int
) -> None:
    whole, _ = read_assignments_page(many[0], offset, 100, **filters)
    pages = list(iter_pages(many[0], 3, offset=offset, **filters))
    assert [row for page in pages for row in page] == whole
    assert all(len(page) <= 3 for page in pages)


@settings(max_examples=60, deadline=None)
@given(
    offset=st.integers(0, 70),
    limit=st.integers(0, 70),
    year=st.sampled_from([None, 2026, 2028, 1999]),
    facility=st.sampled_from([None, "F0", "F3", "nowhere"]),
)
def test_a_page_is_the_slice_of_all_matching_rows(
    many: tuple[Path, list[tuple[int, str]]], offset: int, limit: int, year: int | None, facility: str | None
) -> None:
    path, keys = many
    matching = [key for key in keys if year in (None, key[0]) and facility in (None, key[1])]
    rows, total = read_assignments_page(path, offset, limit, year=year, facility=facility)
    assert total == len(matching)
    assert [(row["year"], row["facility"]) for row in rows] == matching[offset : offset + limit]


def test_row_groups_of_other_years_are_not_read(
    many: tuple[Path, list[tuple[int, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    original = pq.ParquetFile.read_row_group

    def noted(self: pq.ParquetFile, group: int, **options: object) -> object:
        read.append(group)
        return original(self, group, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noted)
    rows, _ = read_assignments_page(many[0], 0, 5, year=2028)
    assert len(rows) == 5
    assert min(read) == 5  # rows 35 to 41 hold the first of 2028, which begins at row 40
