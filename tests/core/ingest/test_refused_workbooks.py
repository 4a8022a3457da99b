"""Every way a workbook can be wrong, each named by sheet, row, column, value and rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from networx.errors import Problem, RefusedInput

Read = Callable[..., Any]
Change = Callable[[dict[str, Any]], Any]


def cell(sheet: str, row: int, column: int, value: Any) -> Change:
    """A change of one cell; rows count from 1 as in the sheet, columns from 0."""

    def change(network: dict[str, Any]) -> None:
        network[sheet][row - 1][column] = value

    return change


def added(sheet: str, *row: Any) -> Change:
    return lambda network: network[sheet].append(list(row))


def column_added(sheet: str, header: Any, value: Any) -> Change:
    def change(network: dict[str, Any]) -> None:
        network[sheet][0].append(header)
        network[sheet][1].append(value)

    return change


def sheet_added(name: str, *rows: list[Any]) -> Change:
    return lambda network: network.update({name: list(rows)})


def assigned(*row: str) -> Change:
    return sheet_added("Assignments", ["facility", "destination", "rule"], list(row))


def sheet_removed(name: str) -> Change:
    return lambda network: network.pop(name)


FACILITY = ["Boise", None, None, None, None, None, 1, 1, "candidate"]

CASES: list[tuple[str, Change, tuple[str, str, int | None, str | None]]] = [
    # what is wrong, how it comes about, (rule, sheet, row, column)
    ("text for a number", cell("Facilities", 2, 6, "lots"), ("capacity", "Facilities", 2, "capacity_units")),
    ("separators", cell("Destinations", 2, 6, "1,200"), ("number", "Destinations", 2, "demand_units")),
    ("currency", cell("Lanes", 2, 2, "$3.50"), ("number", "Lanes", 2, "cost_per_unit")),
    ("a boolean for a number", cell("Lanes", 2, 2, True), ("number", "Lanes", 2, "cost_per_unit")),
    ("a date for a number", cell("Lanes", 2, 2, dt.date(2024, 1, 1)), ("number", "Lanes", 2, "cost_per_unit")),
    ("nan as text", cell("Lanes", 2, 2, "nan"), ("number", "Lanes", 2, "cost_per_unit")),
    ("infinity as text", cell("Lanes", 2, 2, "inf"), ("number", "Lanes", 2, "cost_per_unit")),
    ("beyond reason", cell("Lanes", 2, 2, 1e300), ("number", "Lanes", 2, "cost_per_unit")),
    ("an error cell", cell("Lanes", 2, 2, "#N/A"), ("error_cell", "Lanes", 2, "cost_per_unit")),
    ("an error cell as a name", cell("Facilities", 2, 1, "#REF!"), ("error_cell", "Facilities", 2, "city")),
    ("negative demand", cell("Destinations", 3, 6, -1), ("not_negative", "Destinations", 3, "demand_units")),
    ("negative demand of a year", cell("Demand", 2, 2, -1), ("not_negative", "Demand", 2, "units")),
    ("negative cost", cell("Lanes", 4, 2, -0.01), ("not_negative", "Lanes", 4, "cost_per_unit")),
    ("negative capacity", cell("Facilities", 2, 6, -5), ("not_negative", "Facilities", 2, "capacity_units")),
    ("no capacity", cell("Facilities", 2, 6, None), ("required", "Facilities", 2, "capacity_units")),
    ("no fixed cost", cell("Facilities", 3, 7, "  "), ("required", "Facilities", 3, "fixed_cost_per_year")),
    ("no name", cell("Destinations", 3, 0, None), ("required", "Destinations", 3, "name")),
    ("no status", cell("Facilities", 2, 8, None), ("required", "Facilities", 2, "status")),
    ("an unknown status", cell("Facilities", 2, 8, "open"), ("choice", "Facilities", 2, "status")),
    ("a line break in a name", cell("Facilities", 2, 1, "Chi\ncago"), ("text", "Facilities", 2, "city")),
    ("a name too long", cell("Facilities", 2, 1, "x" * 201), ("text", "Facilities", 2, "city")),
    ("a name twice", added("Facilities", "Newark", *FACILITY[1:]), ("duplicate_name", "Facilities", 4, "name")),
    ("a name but for case", added("Facilities", "new ark", *FACILITY[1:]), ("duplicate_name", "Facilities", 4, "name")),
    ("a lane from nowhere", cell("Lanes", 2, 0, "Chicgo"), ("unknown_name", "Lanes", 2, "origin")),
    ("a lane to nowhere", cell("Lanes", 3, 1, "Atlantis"), ("unknown_name", "Lanes", 3, "destination")),
    ("demand of no one", cell("Demand", 2, 0, "Atlantis"), ("unknown_name", "Demand", 2, "destination")),
    (
        "a lane twice",
        added("Lanes", "Chicago", "Boston", 9, None),
        ("duplicate_row", "Lanes", 5, "origin and destination"),
    ),
    ("demand twice", added("Demand", "Boston", 2027, 1), ("duplicate_row", "Demand", 3, "destination and year")),
    ("a year twice", added("Forecast", 2026, 1), ("duplicate_row", "Forecast", 4, "year")),
    (
        "a facility's year twice",
        added("FacilityYears", "Newark", 2027, 1, None),
        ("duplicate_row", "FacilityYears", 3, "facility and year"),
    ),
    ("a gap in the years", added("Forecast", 2029, 1), ("year_gap", "Forecast", 4, "year")),
    ("demand outside the forecast", cell("Demand", 2, 1, 2030), ("unknown_year", "Demand", 2, "year")),
    (
        "a facility's year outside the forecast",
        cell("FacilityYears", 2, 1, 2025),
        ("unknown_year", "FacilityYears", 2, "year"),
    ),
    ("a date for a year", cell("Forecast", 2, 0, dt.date(2026, 1, 1)), ("year", "Forecast", 2, "year")),
    ("half a year", cell("Forecast", 2, 0, 2026.5), ("year", "Forecast", 2, "year")),
    ("a day number for a year", cell("Forecast", 2, 0, 46023), ("year", "Forecast", 2, "year")),
    ("a short ZIP as text", cell("Destinations", 2, 3, "2108"), ("zip", "Destinations", 2, "zip")),
    ("a foreign postal code", cell("Destinations", 2, 3, "M5V 2T6"), ("zip", "Destinations", 2, "zip")),
    ("nine digits as a number", cell("Destinations", 2, 3, 21081234), ("zip", "Destinations", 2, "zip")),
    ("an unknown ZIP", cell("Destinations", 2, 3, "00000"), ("unknown_zip", "Destinations", 2, "zip")),
    ("latitude alone", cell("Destinations", 3, 5, None), ("coordinates", "Destinations", 3, "longitude")),
    ("longitude alone", cell("Destinations", 3, 4, None), ("coordinates", "Destinations", 3, "latitude")),
    ("latitude beyond a pole", cell("Destinations", 3, 4, 91), ("latitude", "Destinations", 3, "latitude")),
    ("longitude beyond the line", cell("Destinations", 3, 5, -181), ("longitude", "Destinations", 3, "longitude")),
    (
        "a column of later, filled",
        column_added("Demand", "product", 5),
        ("not_supported", "Demand", 2, "product"),
    ),
    ("products in lanes", column_added("Lanes", "Product", "A"), ("not_supported", "Lanes", 2, "Product")),
    ("a value under no header", column_added("Lanes", None, 5), ("no_header", "Lanes", 2, "E")),
    ("an unknown column", column_added("Lanes", "cost_per_unt", None), ("unknown_column", "Lanes", 1, "cost_per_unt")),
    ("a column twice", column_added("Lanes", "unit cost", 1), ("duplicate_column", "Lanes", 1, "unit cost")),
    ("a column missing", cell("Destinations", 1, 6, None), ("missing_column", "Destinations", 1, "demand_units")),
    ("an unknown sheet", sheet_added("Laness", ["x"]), ("unknown_sheet", "Laness", None, None)),
    ("a sheet twice", sheet_added("facility_years", ["facility"]), ("duplicate_sheet", "facility_years", None, None)),
    ("an unknown parameter", added("Parameters", "max_sites", 3, None), ("parameter", "Parameters", 4, "name")),
    ("a parameter twice", added("Parameters", "lease_years", 3, None), ("duplicate_name", "Parameters", 4, "name")),
    ("a bad parameter", added("Parameters", "service_level", 95, None), ("parameter", "Parameters", 4, "value")),
    ("TRUE for yes", cell("Parameters", 2, 1, True), ("parameter", "Parameters", 2, "value")),
    ("a foreign unit", added("Parameters", "max_distance_miles", 500, "km"), ("unit", "Parameters", 4, "unit")),
    ("half a change", added("Parameters", "max_changes_per_year", 1.5, None), ("parameter", "Parameters", 4, "value")),
    ("a lease of 0 years", cell("Parameters", 3, 1, 0), ("parameter", "Parameters", 3, "value")),
    (
        "an assignment twice",
        sheet_added("Assignments", ["facility", "destination", "rule"], *[["Newark", "Boston", "fixed"]] * 2),
        ("duplicate_row", "Assignments", 3, "facility and destination"),
    ),
    (
        "an assignment of nobody",
        assigned("Newark", "Nowhere", "fixed"),
        ("unknown_name", "Assignments", 2, "destination"),
    ),
    ("a rule of its own", assigned("Newark", "Boston", "maybe"), ("choice", "Assignments", 2, "rule")),
    (
        "a year that is none",
        column_added("Facilities", "available_from_year", 26),
        ("year", "Facilities", 2, "available_from_year"),
    ),
    ("neither yes nor no", column_added("Facilities", "existing", "perhaps"), ("choice", "Facilities", 2, "existing")),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_fault_is_named_by_its_place_and_rule(
    read: Read, network: dict[str, Any], change: Change, expected: tuple[Any, ...]
) -> None:
    change(network)
    summary, _ = read(network)
    assert expected in [(problem.rule, problem.sheet, problem.row, problem.column) for problem in summary.problems]
    assert all(problem.message.endswith((".", "?")) for problem in summary.problems)


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_fault_does_not_draw_others_after_it(
    read: Read, network: dict[str, Any], change: Change, expected: tuple[Any, ...]
) -> None:
    change(network)
    rules = {problem.rule for problem in read(network)[0].problems}
    # A place or year that cannot be read at all is missing where others refer to it.
    assert rules <= {expected[0], "unknown_name", "unknown_year"}


def only_problem(read: Read, network: dict[str, Any]) -> Problem:
    [problem] = read(network)[0].problems
    return problem  # type: ignore[no-any-return]


def test_names_of_a_sheet_that_cannot_be_read_are_not_called_unknown(read: Read, network: dict[str, Any]) -> None:
    network["Facilities"][0][6] = None
    network["Facilities"][0][7] = "rent??"
    summary = read(network)[0]
    assert {(problem.sheet, problem.rule) for problem in summary.problems} == {
        ("Facilities", "missing_column"),
        ("Facilities", "unknown_column"),
    }


def test_a_bad_row_is_not_sent_and_the_good_ones_are_counted(read: Read, network: dict[str, Any]) -> None:
    network["Lanes"][2][2] = "free"
    summary, sent = read(network)
    assert summary.problem_count == 1
    assert [lane[:2] for lane in sent["lanes"]] == [[0, 0], [0, 1]]
    assert summary.rows["lanes"] == 2


def test_every_bad_cell_of_a_row_is_named(read: Read, network: dict[str, Any]) -> None:
    network["Facilities"][1] = ["Chicago", None, None, "x", 95, "east", "many", -1, "maybe"]
    summary, _ = read(network)
    assert [problem.column for problem in summary.problems if problem.sheet == "Facilities"] == [
        "zip", "latitude", "longitude", "capacity_units", "fixed_cost_per_year", "status",
    ]  # fmt: skip
    assert {problem.sheet for problem in summary.problems} == {"Facilities"}


def test_a_bad_cell_shows_its_value_and_the_cure(read: Read, network: dict[str, Any]) -> None:
    network["Lanes"][1][2] = "$1,234.50"
    problem = only_problem(read, network)
    assert problem.value == "$1,234.50"
    assert "without separators" in problem.message


def test_a_misspelt_name_is_answered_with_the_likely_one(read: Read, network: dict[str, Any]) -> None:
    network["Lanes"][1][0] = "chicago"
    assert "did you mean Chicago?" in only_problem(read, network).message


def test_a_misspelt_column_is_answered_with_the_likely_one(read: Read, network: dict[str, Any]) -> None:
    network["Lanes"][0].append("distance_mile")
    assert "did you mean distance_miles?" in only_problem(read, network).message


def test_a_misspelt_sheet_is_answered_with_the_likely_one(read: Read, network: dict[str, Any]) -> None:
    network["Forcast"] = network.pop("Forecast")
    [first, *_] = read(network)[0].problems
    assert "did you mean Forecast?" in first.message


def test_a_lane_stated_twice_names_both_rows_over_two_sheets(read: Read, network: dict[str, Any]) -> None:
    network["Lanes 2"] = [network["Lanes"][0], ["Newark", "Boston", 7, None]]
    problem = only_problem(read, network)
    assert (problem.sheet, problem.row) == ("Lanes 2", 2)
    assert problem.message == "The lane from Newark to Boston is in Lanes, row 3 already; state it once."


@pytest.mark.parametrize(
    ("sheet", "row", "said"),
    [
        ("Lanes", ("Chicago", "Boston", 9, None), "The lane from Chicago to Boston is in row 2 already"),
        ("Demand", ("Boston", 2027, 1), "The demand of Boston in 2027 is in row 2 already"),
        ("FacilityYears", ("Newark", 2027, 1, None), "The year 2027 of Newark is in row 2 already"),
    ],
)
def test_a_repetition_names_the_pair_that_is_repeated(
    read: Read, network: dict[str, Any], sheet: str, row: tuple[Any, ...], said: str
) -> None:
    network[sheet].append(list(row))
    assert only_problem(read, network).message.startswith(said)


@pytest.mark.parametrize("cell", [None, "open"])
def test_the_words_to_choose_from_are_listed_alike_for_an_empty_and_a_bad_cell(
    read: Read, network: dict[str, Any], cell: str | None
) -> None:
    network["Facilities"][1][8] = cell
    assert only_problem(read, network).message.endswith("must be candidate, mandatory or forbidden.")


def test_a_lane_stated_five_times_is_four_problems(read: Read, network: dict[str, Any]) -> None:
    network["Lanes"] += [["Chicago", "Boston", 7, None]] * 4
    summary, sent = read(network)
    assert summary.problem_count == 4
    assert all("row 2" in problem.message for problem in summary.problems)
    assert len(sent["lanes"]) == 3


def test_a_column_of_later_is_named_once_however_many_rows_fill_it(read: Read, network: dict[str, Any]) -> None:
    network["Lanes"][0].append("product")
    for row in network["Lanes"][1:]:
        row.append("A")
    assert only_problem(read, network).rule == "not_supported"


def test_a_required_sheet_without_rows_is_refused(read: Read, network: dict[str, Any]) -> None:
    network["Destinations"] = network["Destinations"][:1]
    rules = [problem.rule for problem in read(network)[0].problems if problem.sheet == "Destinations"]
    assert rules == ["no_rows"]


def test_a_missing_required_sheet_is_refused_before_any_row_is_read(read: Read, network: dict[str, Any]) -> None:
    del network["Destinations"]
    with pytest.raises(RefusedInput, match="Destinations is missing") as refused:
        read(network)
    assert refused.value.code == "MISSING_SHEET"


def test_years_of_facilities_need_years_to_belong_to(read: Read, network: dict[str, Any]) -> None:
    del network["Forecast"], network["Demand"]
    assert "without Forecast or Demand" in only_problem(read, network).message


def test_without_forecast_demand_must_be_complete(read: Read, network: dict[str, Any]) -> None:
    del network["Forecast"]
    problem = only_problem(read, network)
    assert problem.rule == "missing_row"
    assert "Denver has no row for 2027" in problem.message


def test_a_forecast_needs_demand_to_scale(read: Read, network: dict[str, Any]) -> None:
    for row in network["Destinations"][1:]:
        row[6] = 0
    assert only_problem(read, network).rule == "not_scalable"


def test_problems_are_kept_up_to_a_limit_and_counted_beyond(read: Read, network: dict[str, Any]) -> None:
    network["Lanes"] = [network["Lanes"][0], *([f"Nowhere {number}", "Boston", 1, 1] for number in range(10_500))]
    summary, _ = read(network, inline=True)
    assert summary.problem_count == 10_500
    assert len(summary.problems) == 10_000


def test_more_pairs_than_can_be_checked_are_refused(
    read: Read, network: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("networx.ingest.lane_tables.MAX_PAIRS", 3)
    assert only_problem(read, network).rule == "too_many_pairs"
