"""Downloaded plans of space and stock are checked again against their sheets: each planted lie is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from cli.passed import identity_of
from cli.reading import read_workbook
from cli.solve_network import SolvedNetwork, certificate_of
from cli.solve_storage import solve_storage, with_stores
from cli.verifying.rechecked import Rechecked
from cli.verifying.storage import recheck_integrated, recheck_inventory, recheck_warehouse
from cli.watching import Watching
from networx.domain.parameters import transport_parameters
from networx.models.transport import solve_transport
from tests.core.results.test_storage import book
from tests.entrypoints.leaves import nowhere, places_taken

RECHECKS: dict[str, Callable[..., Rechecked]] = {"warehouse": recheck_warehouse, "inventory": recheck_inventory}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return book(tmp_path / "stored.xlsx")


def failed(result: dict[str, Any], recheck: Callable[..., Rechecked], data: Path) -> set[str]:
    found = recheck(result, nowhere(), data, None, exactly=False)
    return {line.name for line in found.checks if not line.passed}


@pytest.fixture
def stock(data: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    solve_storage(data, "inventory", as_json=True)
    result: dict[str, Any] = orjson.loads(capsys.readouterr().out)
    return result


@pytest.mark.parametrize("kind", list(RECHECKS))
def test_no_figure_is_changed_unnoticed(kind: str, data: Path, capsys: pytest.CaptureFixture[str]):
    solve_storage(data, kind, as_json=True)
    result = orjson.loads(capsys.readouterr().out)

    assert places_taken(result, RECHECKS[kind], nowhere(), data, None) == set()


def test_no_figure_of_a_whole_network_is_changed_unnoticed(data: Path):
    tables = read_workbook(data)[0]
    parameters = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, parameters)
    solved = SolvedNetwork(outcome, certificate_of(tables, parameters, outcome), stopped=False)
    with Watching() as watching:
        result = with_stores(tables, identity_of(data, tables.sha256()), parameters, solved, watching)

    assert places_taken(result, recheck_integrated, nowhere(), data, None) == set()


def test_what_was_asked_otherwise_than_the_sheet_is_told(stock: dict[str, Any], data: Path):
    stock["parameters"]["operating_days"]["source"] = "given"
    assert recheck_inventory(stock, nowhere(), data, None, exactly=False).differs == ()
    other = book(data, facility_opening_cost=2_001)
    result = copy.deepcopy(stock)
    result["dataset_sha256"] = read_workbook(other)[0].sha256()
    result["certificate"]["dataset_sha256"] = result["dataset_sha256"]
    assert recheck_inventory(result, nowhere(), other, None, exactly=False).holds


def test_years_of_the_stock_are_those_of_the_data(stock: dict[str, Any], data: Path):
    """The labels of the figures come from the same list as the proof's: both can be moved together."""
    stock["proof"]["outcome"]["years"] = [year + 1 for year in stock["proof"]["outcome"]["years"]]
    for row in (*stock["years"], *stock["stock"]["years"], *stock["stock"]["facilities"]):
        row["year"] += 1

    assert failed(stock, recheck_inventory, data) == {"years of the stock"}


@pytest.mark.parametrize(
    ("column", "value"), [("destination", -1), ("destination", 2), ("facility", -1), ("year", 9), ("units", -40.0)]
)
def test_who_serves_whom_speaks_of_the_data(stock: dict[str, Any], data: Path, column: str, value: float):
    stock["proof"]["service"][column][1] = value

    assert "demand met: rows" in failed(stock, recheck_inventory, data)


def test_what_is_said_to_be_fixed_is(stock: dict[str, Any], data: Path):
    other = book(data, assignment=None)
    tables = read_workbook(other)[0]
    assert tables.assignments.rule == ("fixed", "fixed")
    stock["proof"]["service"]["facility"] = [1] * len(stock["proof"]["service"]["facility"])
    for row in (*stock["proof"]["outcome"]["stocks"], *stock["stock"]["facilities"]):
        row["facility"] = "South" if isinstance(row["facility"], str) else 1

    assert failed(stock, recheck_inventory, data) == {"assignment: fixed"}
