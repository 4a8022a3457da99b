"""A good workbook becomes the rows it states, in the dataset's order, whatever the shape of the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from networx.domain.network_digest import DIGEST_COLUMNS, NetworkDigest
from networx.ingest.batches import BATCH_ROWS, Batch, ReadingProgress
from networx.ingest.network import parse_network

Read = Callable[..., Any]

UNSTATED = [None] * 13  # of a facility's optional columns


def digest(sent: dict[str, list[list[Any]]]) -> str:
    running = NetworkDigest()
    for table, rows in sent.items():
        kinds = [kind for _, kind in DIGEST_COLUMNS[table]]
        running.update_rows(
            table,
            [
                [float(cell) if cell == "inf" and kind == "f" else cell for cell, kind in zip(row, kinds, strict=True)]
                for row in rows
            ],
        )
    return running.hexdigest()


COSTS = ("operating_costs", "control_totals", "one_time_costs")


def test_a_good_workbook_becomes_its_rows(read: Read, network: dict[str, Any]) -> None:
    summary, sent = read(network)
    assert summary.problems == ()
    assert summary.problem_count == 0
    assert sent == {
        "facilities": [
            ["Chicago", "Chicago", "IL", "60601", 41.885155, -87.621512, 500.0, 1000.5, "candidate", *UNSTATED],
            ["Newark", "Newark", "NJ", "07102", 40.7, -74.2, "inf", 0.0, "mandatory", *UNSTATED],
        ],
        "destinations": [
            ["Boston", "Boston", "MA", "02108", 42.355097, -71.065737, 120.0],
            ["Denver", None, None, None, 39.7, -104.9, 80.25],
        ],
        "forecast": [[2026, 200.25], [2027, 220.0]],
        "demand": [[0, 2027, 130.0]],
        "facility_years": [[1, 2027, None, "inf", None]],
        "parameters": [["single_sourcing", "no"], ["lease_years", "2"]],
        "lanes": [[*row, *UNSTATED[:5]] for row in ([0, 0, 3.5, 983.0], [1, 0, 1.25, None], [0, 1, 4.0, 1003.5])],
    }
    stored = ("skus", "warehouse", "inventory")
    others = (
        "suppliers",
        "expansions",
        "assignments",
        "inbound_lanes",
        "service_years",
        "rates",
        "fitted_rates",
        *stored,
        *COSTS,
    )
    left_out = dict.fromkeys(others, 0)
    assert summary.rows == left_out | {table: len(rows) for table, rows in sent.items()}
    assert summary.demand_units == 200.25


def test_coordinates_from_a_zip_are_counted_and_labelled(read: Read, network: dict[str, Any]) -> None:
    summary, _ = read(network)
    assert summary.located == {"facilities": 1, "destinations": 1, "suppliers": 0}
    assert all("Census" in warning for warning in summary.warnings)
    assert [warning.split(":")[0] for warning in summary.warnings] == ["Facilities", "Destinations"]


def test_sheets_and_columns_may_stand_in_any_order(read: Read, network: dict[str, Any]) -> None:
    _, straight = read(network)
    turned = {name: [row[::-1] for row in rows] for name, rows in reversed(network.items())}
    summary, sent = read(turned)
    assert summary.problem_count == 0
    assert digest(sent) == digest(straight)


def test_inline_and_shared_strings_give_the_same_dataset(read: Read, network: dict[str, Any]) -> None:
    assert digest(read(network, inline=True)[1]) == digest(read(network)[1])


def test_both_engines_give_the_same_dataset(write_book: Callable[..., Any], network: dict[str, Any]) -> None:
    path = write_book(network)
    sent: dict[str, list[Batch]] = {"calamine": [], "openpyxl": []}
    for engine, batches in sent.items():
        summary = parse_network(path, batches.append, lambda _: None, engine)  # type: ignore[arg-type]
        assert summary.problem_count == 0
    assert sent["calamine"] == sent["openpyxl"]


def test_headers_match_without_case_and_by_synonym(read: Read, network: dict[str, Any]) -> None:
    network["Facilities"][0] = [
        "Facility Name", "CITY", "State", "Zip Code", "lat", "LON", "Capacity Units", "fixed cost", "Status",
    ]  # fmt: skip
    summary, sent = read(network)
    assert summary.problem_count == 0
    assert sent["facilities"][0][0] == "Chicago"


def test_empty_rows_are_left_out_before_and_after_the_header(read: Read, network: dict[str, Any]) -> None:
    network["Forecast"] = [[], [None, " "], *network["Forecast"][:2], [], ["  "], network["Forecast"][2], []]
    summary, sent = read(network)
    assert summary.problem_count == 0
    assert sent["forecast"] == [[2026, 200.25], [2027, 220.0]]


def test_lanes_go_on_in_further_sheets_in_their_order(read: Read, network: dict[str, Any]) -> None:
    header, *lanes = network.pop("Lanes")
    sheets = {"Lanes 10": [header, lanes[2]], "Lanes 2": [header, lanes[1]], "Lanes": [header, lanes[0]], **network}
    summary, sent = read(sheets)
    assert summary.problem_count == 0
    assert [lane[:2] for lane in sent["lanes"]] == [[0, 0], [1, 0], [0, 1]]


def test_the_smallest_network_is_two_sheets(read: Read, network: dict[str, Any]) -> None:
    summary, sent = read({name: network[name] for name in ("Facilities", "Destinations")})
    assert summary.problem_count == 0
    assert set(sent) == {"facilities", "destinations"}
    assert summary.rows["lanes"] == 0


def test_notes_and_hidden_sheets_are_not_read_and_it_is_said(read: Read, network: dict[str, Any]) -> None:
    notes = {"ReadMe": [["anything"]], "Sources": [["Census"]], "Scratch": [["hidden rubbish"]]}
    summary, _ = read({**network, **notes}, hidden=("Scratch",))
    assert summary.problem_count == 0
    assert [warning for warning in summary.warnings if "not read" in warning] == [
        "The sheet ReadMe is documentation and was not read.",
        "The sheet Sources is documentation and was not read.",
        "The sheet Scratch is hidden and was not read.",
    ]


def test_columns_and_sheets_of_later_are_fine_while_they_are_empty(read: Read, network: dict[str, Any]) -> None:
    network["Facilities"][0].append("lease_years")
    network["Rates"] = [["mode", "basis", "rate"]]
    network["Sheet7"] = []
    assert read(network)[0].problem_count == 0


def test_a_zip_stored_as_a_number_gets_its_zeros_back_with_a_warning(read: Read, network: dict[str, Any]) -> None:
    network["Destinations"][1][3] = 2108
    network["Facilities"][1][3] = 60601
    summary, sent = read(network)
    assert summary.problem_count == 0
    assert sent["destinations"][0][3] == "02108"
    assert sent["facilities"][0][3] == "60601"
    [warning] = [warning for warning in summary.warnings if "zeros" in warning]
    assert warning.startswith("Destinations: 1 ZIP")


def test_zip_plus_four_is_kept_and_placed_by_its_five_digits(read: Read, network: dict[str, Any]) -> None:
    network["Destinations"][1][3] = "02108-1234"
    _, sent = read(network)
    assert sent["destinations"][0][3:6] == ["02108-1234", 42.355097, -71.065737]


def test_names_that_are_numbers_meet_whether_text_or_number(read: Read, network: dict[str, Any]) -> None:
    network["Facilities"][1][0] = 101
    for lane in (1, 3):
        network["Lanes"][lane][0] = "101"
    summary, sent = read(network)
    assert summary.problem_count == 0
    assert sent["facilities"][0][0] == "101"


def test_demand_without_forecast_states_the_years(read: Read, network: dict[str, Any]) -> None:
    del network["Forecast"]
    network["Demand"] = [["destination", "year", "units"], *(
        [name, year, 5] for year in (2027, 2026) for name in ("Boston", "Denver")
    )]  # fmt: skip
    assert read(network)[0].problem_count == 0


def test_parameters_without_a_value_state_nothing(read: Read, network: dict[str, Any]) -> None:
    network["Parameters"].append(["max_facilities", None, None])
    _, sent = read(network)
    assert [name for name, _ in sent["parameters"]] == ["single_sourcing", "lease_years"]


def test_rows_come_in_batches_and_progress_counts_them(write_book: Callable[..., Any], network: dict[str, Any]) -> None:
    count = BATCH_ROWS + 7
    network["Destinations"] = [network["Destinations"][0], *(
        [f"D{number}", None, None, None, None, None, 1] for number in range(count)
    )]  # fmt: skip
    for table in ("Demand", "Lanes"):
        del network[table]
    batches: list[Batch] = []
    reached: list[ReadingProgress] = []
    parse_network(write_book(network, inline=True), batches.append, reached.append)
    assert [len(batch.rows) for batch in batches if batch.table == "destinations"] == [BATCH_ROWS, 7]
    assert ReadingProgress("destinations", count) in reached


@pytest.mark.parametrize("unlimited", ["unlimited", " Unlimited ", "UNLIMITED"])
def test_unlimited_capacity_travels_as_inf(read: Read, network: dict[str, Any], unlimited: str) -> None:
    network["Facilities"][1][6] = unlimited
    _, sent = read(network)
    assert sent["facilities"][0][6] == "inf"
    assert float(sent["facilities"][0][6]) == float("inf")
