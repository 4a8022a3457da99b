"""Months and years across: read as years where Demand has them, and elsewhere refused with what to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from networx.errors import RefusedInput
from networx.ingest.dated_headings import dated_headings
from networx.ingest.preflight import preflight
from networx.ingest.ranges import FileRanges
from tests.core.ingest.test_network import Read, digest

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEAR = [f"{month} 2026" for month in MONTHS]


@pytest.mark.parametrize(
    ("heading", "year", "month"),
    [
        ("Jan 2025", 2025, 1),
        (" sept.  2025 ", 2025, 9),
        ("DECEMBER-2025", 2025, 12),
        ("2025 Mar", 2025, 3),
        ("2025-03", 2025, 3),
        ("2025-03-01", 2025, 3),
        ("3/2025", 2025, 3),
        (dt.date(2025, 3, 1), 2025, 3),
        (dt.datetime(2025, 2, 28), 2025, 2),  # noqa: DTZ001  # as a reader gives it
        (2025, 2025, None),
        (2025.0, 2025, None),
        ("2025", 2025, None),
        # What may mean something else is told apart, and not guessed at.
        ("Jan-25", None, None),
        ("25 Jan", None, None),
        ("January", None, None),
        (dt.date(2025, 3, 9), None, None),
    ],
)
def test_headings_that_are_months_or_years(heading: Any, year: int | None, month: int | None) -> None:
    (found,) = dated_headings(["destination", None, heading])
    assert (found.index, found.year, found.month) == (2, year, month)


@pytest.mark.parametrize("heading", ["units", "zip", "2025-13", "1/2/3", "0925", True, 12.5, None, "Total", "May be"])
def test_headings_that_are_not(heading: Any) -> None:
    assert dated_headings([heading]) == []


def test_months_and_years_across_are_the_same_demand_as_below_one_another(read: Read, network: dict[str, Any]) -> None:
    del network["Forecast"]
    long = [["Boston", 2026, 78.0], ["Boston", 2027, 5.5], ["Denver", 2026, 12.0], ["Denver", 2027, 0]]
    network["Demand"] = [["destination", "year", "units"], *long]
    summary, sent = read(network)
    assert summary.problem_count == 0, summary.problems
    network["Demand"] = [
        [*YEAR[6:], "Customer", 2027, *YEAR[:6]],
        [*range(7, 13), "Boston", 5.5, *range(1, 7)],
        [],
        [*[1] * 6, "Denver", 0, *[1.0] * 6],
    ]
    across, rows = read(network)
    assert across.problem_count == 0, across.problems
    assert digest(rows) == digest(sent)
    assert across.warnings[-1] == (
        "The columns Jul 2026 to Jun 2026 of Demand are read as demand by year, 2026 the sum of its twelve months."
    )


def faulty(read: Read, network: dict[str, Any], demand: list[list[Any]]) -> list[tuple[Any, ...]]:
    del network["Forecast"], network["FacilityYears"]
    network["Demand"] = demand
    summary, _ = read(network)
    return [(one.sheet, one.row, one.column, one.rule, one.message) for one in summary.problems]


@pytest.mark.parametrize(
    ("header", "column", "said"),
    [
        (
            ["destination", *YEAR[:11]],
            "Jan 2026",
            "Of 2026 the sheet has Jan 2026, Feb 2026, Mar 2026 and 8 more, and not",
        ),
        (["destination", *YEAR[:11]], "Jan 2026", "add the other 1 (0 where there is no demand), or write a row a"),
        (["destination", *YEAR, "2026"], "2026", "2026 has a column of its own and columns for its months"),
        (["destination", *YEAR, "January 2026"], "January 2026", "January 2026 has two columns; keep one"),
        (["destination", *YEAR[:11], "Dec-26"], "Dec-26", "Dec-26 is not plainly a month or a year; write it as Jan"),
        (
            ["destination", "year", *YEAR],
            "Jan 2026",
            "and 9 more are months or years; write a row a destination and year",
        ),
        (["destination", "year", "units", "2026", "2027"], "2026", "The columns 2026, 2027 are months or years; write"),
        ([*YEAR], "destination", "The column destination is missing"),
        (["destination", *YEAR, "Total"], "Total", "Total is not a column of the sheet Demand"),
    ],
)
def test_columns_across_that_are_no_years_are_named(
    read: Read, network: dict[str, Any], header: list[Any], column: str, said: str
) -> None:
    problems = faulty(read, network, [header, ["Boston", *[1] * (len(header) - 1)]])
    assert any(
        said in message and (sheet, at, where) == ("Demand", 1, column) for sheet, at, where, _, message in problems
    )


def test_a_bad_month_is_named_by_its_own_column(read: Read, network: dict[str, Any]) -> None:
    problems = faulty(
        read,
        network,
        [["destination", *YEAR], ["Boston", *[1] * 11, "n/a"], ["Denver", -1, *[1] * 10], ["Nowhere", *[1] * 12, 7]],
    )
    assert [problem[:4] for problem in problems] == [
        ("Demand", 2, "Dec 2026", "number"),
        ("Demand", 3, "Jan 2026", "not_negative"),
        ("Demand", 3, "Dec 2026", "required"),
        ("Demand", 4, "destination", "unknown_name"),
        ("Demand", 4, "N", "no_header"),
    ]


@pytest.mark.parametrize(
    ("sheet", "header", "said"),
    [
        (
            "Forecast",
            [2026, 2027],
            "The columns 2026, 2027 are months or years; write a row a year, in the columns year",
        ),
        ("Destinations", ["name", "zip", *YEAR], "put what is dated into a sheet Demand, where a column a month"),
        ("ControlTotals", ["line", 2026, 2027], "write a row a year, with the year in the column year"),
        ("Facilities", ["name", "zip", "status", *YEAR], "no column of this sheet is dated; remove them"),
    ],
)
def test_dated_columns_of_other_sheets_are_one_problem_that_says_what_to_do(
    read: Read, network: dict[str, Any], sheet: str, header: list[Any], said: str
) -> None:
    network[sheet] = [header, [1] * len(header)]
    summary, _ = read(network)
    told = [one for one in summary.problems if one.sheet == sheet and one.rule == "months_across"]
    assert [(one.row, one.column) for one in told] == [(1, next(str(name) for name in header if "202" in str(name)))]
    assert said in told[0].message
    assert not any(one.rule == "unknown_column" for one in summary.problems)


def test_freight_summed_up_by_month_is_told_from_a_network_that_lacks_its_sheets(
    write_book: Any, tmp_path: Path
) -> None:
    header = ["Lane", "origin_zip", "dest_zip", *YEAR[:4]]
    book = write_book({"Notes": [["By month"]], "Freight": [["Title"], header, ["A", "60601", "10001", 1, 2, 3, 4]]})
    text = tmp_path / "freight.csv"
    text.write_text(";".join(header) + "\nA;60601;10001;1;2;3;4\n")
    for path, sheet in ((book, "Freight"), (text, None)):
        ranges = FileRanges(path)
        with pytest.raises(RefusedInput) as refused:
            preflight(ranges, ranges.size, path.name)
        (problem,) = refused.value.problems
        assert (refused.value.code, problem.sheet) == ("NOT_SUPPORTED_YET", sheet)
        assert "The columns Jan 2026, Feb 2026, Mar 2026 and 1 more of" in problem.message
        assert "export the shipments themselves" in problem.message
