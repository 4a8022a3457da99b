"""A small network as a workbook, its result as its solve makes it, and what `networx verify` says of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import typer

from cli.verify import verify
from networx.domain.network import NetworkTables
from networx.domain.parameters import transport_parameters
from networx.models.transport import solve_transport
from networx.results.kpis import transport_result
from networx.results.proof import inside, inside_or_beside, result_bytes, transport_proof
from networx.verify.transport import certify_outcome

PARAMETERS = [["single_sourcing", "no"], ["lease_years", 5], ["engine", "lagrangian"]]
SITES = ("North", "South", "Hut")


def workbook(path: Path, *, parameters: list[list[Any]] = PARAMETERS, **sheets: list[list[Any]]) -> Path:
    """North, South and Hut serve Elm, Oak and Ash over two years; North alone is too small."""
    stated = {
        "Facilities": [
            ["name", "capacity_units", "fixed_cost_per_year", "status"],
            ["North", 80, 100.1, "mandatory"],
            ["South", 60, 50, "candidate"],
            ["Hut", 30, 90, "candidate"],
        ],
        "Destinations": [["name", "demand_units"], ["Elm", 40], ["Oak", 30], ["Ash", 30]],
        "Forecast": [["year", "annual_units"], [2026, 100], [2027, 100]],
        "Lanes": [
            ["origin", "destination", "cost_per_unit"],
            *(
                [site, place, cost]
                for site, costs in (("North", (1.1, 4, 2)), ("South", (3, 1, 2.7)), ("Hut", (2, 2, 2)))
                for place, cost in zip(("Elm", "Oak", "Ash"), costs, strict=True)
            ),
        ],
        "Parameters": [["name", "value"], *parameters],
        **sheets,
    }
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for name, rows in stated.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def solved(tables: NetworkTables, folder: Path | None = None) -> dict[str, Any]:
    """As `networx solve` makes it, or as a platform does, which lays a large proof beside it in `folder`."""
    parameters = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, parameters)
    assert outcome.plan is not None
    assert outcome.objective is not None
    certificate = certify_outcome(tables, parameters, outcome, tables.sha256())
    proof = transport_proof(outcome)
    member = inside(proof) if folder is None else inside_or_beside(proof, folder)[0]
    identity = {"dataset_sha256": tables.sha256()}
    return transport_result(tables, parameters, outcome, certificate, identity=identity, proof=member)


def told(result: dict[str, Any], data: Path, folder: Path, capsys: Any, **options: Any) -> tuple[int, dict[str, Any]]:
    """The exit code and what `networx verify --json` says."""
    file = folder / "result.json"
    file.write_bytes(result_bytes(result))
    code = 0
    try:
        verify(file, data, **{"proof": None, "exact": False, "as_json": True, **options})
    except typer.Exit as ended:
        code = ended.exit_code
    return code, json.loads(capsys.readouterr().out)


def failed(said: dict[str, Any]) -> set[str]:
    return {line["name"] for line in said["checks"] if not line["passed"]}
