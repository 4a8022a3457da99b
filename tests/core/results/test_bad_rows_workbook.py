"""The workbook of a file's bad rows: what is wrong and what to do beside the row's own cells, text staying text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from networx.errors import Problem
from networx.results.bad_rows_workbook import write_bad_rows

PROBLEMS = [
    Problem("dest_zip is no ZIP code.", "zip", "March", 3, "dest_zip", "=nowhere"),
    Problem("mode is empty; it must be ltl or tl.", "required", "March", 3, "mode"),
    Problem("net is not a number.", "number", "April", 9, "net", "-x"),
    Problem("mode must be ltl or tl.", "choice", "April", 10, "mode", "cart"),
]
CELLS: dict[tuple[str, int], list[tuple[str, Any]]] = {
    ("March", 3): [("order_id", "=1+1"), ("dest_zip", "=nowhere"), ("weight", 1.5), ("mode", None)],
    ("April", 9): [("order_id", "http://x"), ("net", "-x"), ("back", True)],
}


def test_every_bad_row_stands_once_with_its_cells_and_what_to_do(tmp_path: Path) -> None:
    write_bad_rows(tmp_path / "bad.xlsx", PROBLEMS, CELLS, filename="freight.csv", problem_count=7)
    book = openpyxl.load_workbook(tmp_path / "bad.xlsx")
    rows = list(book["Bad rows"].values)
    cure = "what is wrong and what to do"
    assert rows[0] == ("sheet", "row", cure, "order_id", "dest_zip", "weight", "mode", "net", "back")
    both = "dest_zip is no ZIP code. mode is empty; it must be ltl or tl."
    assert rows[1] == ("March", 3, both, "=1+1", "=nowhere", 1.5, None, None, None)
    assert rows[2] == ("April", 9, "net is not a number.", "http://x", None, None, None, "-x", True)
    # No formula, no link, and the bad cells alone are coloured.
    sheet = book["Bad rows"]
    assert (sheet["D2"].data_type, sheet["D3"].hyperlink) == ("s", None)
    coloured = {cell.coordinate for line in sheet.iter_rows() for cell in line if cell.fill.fgColor.rgb == "FFFFD9D0"}
    assert coloured == {"E2", "G2", "H3"}
    problems = list(book["Problems"].values)
    assert problems[0] == ("sheet", "row", "column", "value", cure)
    assert (len(problems), problems[1]) == (5, ("March", 3, "dest_zip", "=nowhere", "dest_zip is no ZIP code."))
    notes = " ".join(row[0] for row in book["Notes"].values)
    assert "freight.csv: 7 problems" in notes
    assert "Problems has the first 4; the others show once these are corrected." in notes
    assert "The cells of 1 row are not repeated here" in notes


def test_problems_of_no_row_make_a_workbook_too(tmp_path: Path) -> None:
    problem = Problem("The sheet Lanes is missing.", "missing_sheet", "Lanes")
    write_bad_rows(tmp_path / "bad.xlsx", [problem], {}, filename="n.xlsx", problem_count=1)
    book = openpyxl.load_workbook(tmp_path / "bad.xlsx")
    assert [len(list(book[name].values)) for name in ("Bad rows", "Problems", "Notes")] == [1, 2, 3]
