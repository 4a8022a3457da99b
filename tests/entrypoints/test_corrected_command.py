"""Bad rows of shipments in the terminal: written as a workbook, corrected there, and read in place of the file's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from typer import Typer
from typer.testing import CliRunner

from cli.check import check
from cli.demand import demand
from cli.solve import solve
from cli.terminal import CommandFailed
from cli.verify import verify
from networx.errors import RefusedInput

NETWORK = str(Path(__file__).resolve().parents[2] / "examples" / "us_network.xlsx")
FILE = (
    "order_id,ship_date,origin_zip,dest_zip,mode,net_charge,units\n"
    "A,2026-01-03,60601,10001,tl,10.01,1\n"
    "B,some day,60601,10001,tl,5,2\n"
    "C,2026-01-05,60601,10001,cart,7,3\n"
)
MENDED = {3: {"ship_date": "2026-01-04"}, 4: {"mode": "tl"}}


def ran(command: Any, *arguments: str) -> Result:
    app = Typer()
    app.command()(command)
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def freight(tmp_path: Path) -> str:
    file = tmp_path / "freight.csv"
    file.write_text(FILE)
    return str(file)


def corrected(file: str, name: str, cells: Mapping[int, Mapping[str, Any]], *before: str) -> str:
    """The workbook of the file's bad rows with cells changed, by row of the file."""
    path = Path(file).parent / name
    assert ran(check, file, *before, "--bad-rows", str(path)).exit_code == 3
    book = openpyxl.load_workbook(path)
    sheet = book["Bad rows"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for line in sheet.iter_rows(min_row=2):
        for column, value in cells.get(int(str(line[1].value)), {}).items():
            sheet.cell(line[0].row or 0, columns[column], value)
    book.save(path)
    return str(path)


def test_corrected_rows_stand_for_the_file_s_own_in_every_command(freight: str, tmp_path: Path) -> None:
    rows = corrected(freight, "rows.xlsx", MENDED)
    found = json.loads(ran(check, freight, "--corrected", rows, "--json").stdout)
    assert (found["usable"], found["rows"], found["bad_rows"]) == (True, {"shipments": 3}, None)
    said = "CSV: 2 rows that could not be read are as rows.xlsx corrects them, $12.00."
    assert said in found["warnings"]
    done = ran(solve, freight, "--type", "baseline", "--corrected", rows, "--json")
    result = json.loads(done.stdout)
    assert (result["objective"], said in result["notes"]) == (22.01, True)
    kept = tmp_path / "result.json"
    kept.write_text(done.stdout)
    assert ran(verify, str(kept), freight, "--corrected", rows).exit_code == 0
    # Of the file alone it is a result of other shipments.
    assert isinstance(ran(verify, str(kept), freight).exception, CommandFailed)
    made = tmp_path / "demand.xlsx"
    assert ran(demand, freight, "--months", "12", "-o", str(made), "--corrected", rows).exit_code == 0
    assert [row[-1] for row in openpyxl.load_workbook(made)["Destinations"].values][1:] == [6]


def test_rows_are_corrected_in_steps(freight: str) -> None:
    first = corrected(freight, "first.xlsx", {3: MENDED[3]})
    told = ran(check, freight, "--corrected", first, "--json")
    assert told.exit_code == 3
    assert json.loads(told.stdout)["bad_rows"] == {"rows": 1, "cents": 700, "units": 3.0, "uncharged": 0}
    second = corrected(freight, "second.xlsx", {4: MENDED[4]}, "--corrected", first)
    assert [row[1] for row in openpyxl.load_workbook(second)["Bad rows"].values][1:] == [4]
    done = ran(check, freight, "--corrected", first, "--corrected", second)
    assert done.exit_code == 0, done.output
    assert "is as second.xlsx corrects it, $7.00" in " ".join(done.stdout.split())


def test_a_workbook_that_corrects_nothing_here_is_refused(freight: str, tmp_path: Path) -> None:
    rows = corrected(freight, "rows.xlsx", MENDED)
    other = tmp_path / "other.csv"
    other.write_text(FILE.replace("10.01", "11"))
    found = json.loads(ran(check, str(other), "--corrected", rows, "--json").stdout)
    assert (found["usable"], found["problems"][0]["rule"]) == (False, "other_file")
    sound = tmp_path / "sound.csv"
    sound.write_text(FILE.replace("some day", "2026-01-04").replace("cart", "tl"))
    refused = ran(solve, str(sound), "--type", "baseline", "--corrected", rows).exception
    assert isinstance(refused, RefusedInput)
    assert refused.code == "NOTHING_TO_CORRECT"
    wrong = corrected(freight, "wrong.xlsx", {3: {"row": 2}})
    refused = ran(solve, freight, "--type", "baseline", "--corrected", wrong).exception
    assert isinstance(refused, RefusedInput)
    assert [problem.rule for problem in refused.problems] == ["not_bad"]
    for command, arguments in ((check, [NETWORK]), (solve, [NETWORK])):
        assert isinstance(ran(command, *arguments, "--corrected", rows).exception, CommandFailed)
