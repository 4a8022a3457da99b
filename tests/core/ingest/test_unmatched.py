"""Columns that nobody knows: what the reader tells of them is their headers and patterns, and what they could be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from networx.domain.schema import FACILITIES
from networx.ingest.child import run
from networx.ingest.unmatched import MOST_PATTERNS, UnmatchedColumn

# Columns of Facilities that a file may leave out, and this one does.
OPTIONAL = [column.name for column in FACILITIES.supported_columns[9:]]


def summary_of(path: Path) -> dict[str, Any]:
    sent: list[dict[str, Any]] = []
    run({"path": str(path)}, lambda message: sent.append(orjson.loads(orjson.dumps(message))))
    return sent[-1]["summary"]


def renamed(network: dict[str, Any], sheet: str, **headers: str) -> dict[str, Any]:
    network[sheet][0] = [headers.get(name, name) for name in network[sheet][0]]
    return network


def test_a_good_file_has_none(write_book: Callable[..., Path], network: dict[str, Any]) -> None:
    assert summary_of(write_book(network))["unmatched"] == []


def test_an_unknown_column_is_told_with_its_patterns_and_the_fields_that_are_free(write_book, network) -> None:
    book = write_book(renamed(network, "Facilities", capacity_units="Room 2026", city="Stadt"))
    summary = summary_of(book)
    assert {problem["rule"] for problem in summary["problems"]} >= {"unknown_column", "missing_column"}
    assert summary["unmatched"] == [
        {
            "tab": "Facilities",
            "header": "Stadt",
            "patterns": ["Aaaaaaa", "Aaaaaa"],
            "fields": ["city", "capacity_units", *OPTIONAL],
        },
        {
            "tab": "Facilities",
            "header": "Room 9999",
            "patterns": ["999", "aaaaaaaaa"],
            "fields": ["city", "capacity_units", *OPTIONAL],
        },
    ]


def test_no_value_of_a_cell_is_in_what_the_child_tells_of_columns(write_book, network) -> None:
    secret = ["Chicago", "Newark", "60601", "07102", "1000.5", "Boston", "Denver"]
    book = write_book(renamed(network, "Facilities", name="Werk", zip="PLZ", fixed_cost_per_year="Miete"))
    told = orjson.dumps(summary_of(book)["unmatched"]).decode()
    assert "Werk" in told
    assert [value for value in secret if value in told] == []


def test_many_rows_give_few_patterns(write_book, network) -> None:
    network["Facilities"][0].append("Bemerkung")
    for number, row in enumerate(network["Facilities"][1:]):
        row.append("x" * (number + 1))
    row = network["Facilities"][1]
    for number in range(30):
        network["Facilities"].append([f"Site {number}", *row[1:-1], "x" * (number + 5)])
    (column,) = summary_of(write_book(network))["unmatched"]
    assert (column["header"], len(column["patterns"])) == ("Bemerkung", MOST_PATTERNS)
    assert UnmatchedColumn(**column).fields == OPTIONAL


def test_a_file_of_unknown_columns_alone_is_bounded(write_book, network) -> None:
    network["Facilities"][0] = [*network["Facilities"][0], *(f"Column {chr(97 + n % 26)}{n}" for n in range(500))]
    assert len(summary_of(write_book(network))["unmatched"]) == 100
