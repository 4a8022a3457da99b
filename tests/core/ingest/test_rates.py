"""A client's own rates: read from a workbook or CSV, each cell that is wrong named by its row and column."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from networx.errors import RefusedInput
from networx.ingest.rates import KINDS, MOST_ROWS, read_rates, run

HEADER = ["kind", "subject", "as_of", "value", "unit"]
ROW = ["diesel_price", "US", "2026-11-16", "3.745", "$/gal"]
READ = {"row": 2, "kind": "diesel_price", "subject": "US", "as_of": "2026-11-16", "value": "3.745", "unit": "$/gal"}


def csv(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "rates"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def workbook(tmp_path: Path, *rows: list[object], tab: str = "Rates", more: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = tab
    for row in rows:
        sheet.append(row)
    for name in more:
        book.create_sheet(name)["A1"] = "notes"
    path = tmp_path / "rates"
    book.save(path)
    return path


def lines(*rows: list[str], delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(row) for row in rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_is_read_as_it_is_usually_written(tmp_path, delimiter, mark):
    path = csv(tmp_path, mark + lines(HEADER, ROW, delimiter=delimiter).encode())
    assert read_rates(path) == [READ]


def test_a_workbook_is_read_by_its_sheet_or_its_only_one(tmp_path):
    row = ["diesel_price", "US", dt.date(2026, 11, 16), 3.745, "$/gal"]
    for name, more in (("Rates", ("Notes",)), ("Sheet1", ())):
        assert read_rates(workbook(tmp_path, HEADER, row, tab=name, more=more)) == [READ]


def test_headers_may_stand_in_any_order_and_under_their_other_names(tmp_path):
    path = csv(tmp_path, "price,unit,Date,region,kind\n3.745,$/gal,2026-11-16,US,Diesel_Price")
    assert read_rates(path) == [READ]


def test_figures_keep_the_digits_that_were_written(tmp_path):
    row = [*ROW[:3], "3.7450", ROW[4]]
    assert read_rates(csv(tmp_path, lines(HEADER, row)))[0]["value"] == "3.7450"


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("kind", "petrol", "choice"),
        ("kind", "road_miles", "choice"),
        ("kind", "", "required"),
        ("subject", "", "required"),
        ("as_of", "16.11.2026", "date"),
        ("as_of", "2026-02-30", "date"),
        ("value", "$3.745", "number"),
        ("value", "3,745", "number"),
        ("value", "nan", "number"),
        ("value", "#N/A", "error_cell"),
        ("unit", "", "required"),
    ],
)
def test_a_cell_that_is_wrong_is_named(tmp_path, column, value, rule):
    row = [value if name == column else cell for name, cell in zip(HEADER, ROW, strict=True)]
    with pytest.raises(RefusedInput) as refused:
        read_rates(csv(tmp_path, lines(HEADER, [ROW[0], "R10", *ROW[2:]], row, delimiter=";")))
    (problem,) = refused.value.problems
    assert (problem.row, problem.column, problem.rule) == (3, column, rule)


def test_the_same_figure_twice_is_refused(tmp_path):
    with pytest.raises(RefusedInput) as refused:
        read_rates(csv(tmp_path, lines(HEADER, ROW, [*ROW[:3], "4", ROW[4]])))
    assert refused.value.problems[0].rule == "duplicate"
    assert "Row 2" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"  \n", "EMPTY_FILE"),
        (lines(HEADER).encode(), "EMPTY_FILE"),
        (b"\xff\xfe\x00bad", "NOT_SUPPORTED_YET"),
        (b"%PDF-1.7 \0", "NOT_A_WORKBOOK"),
        (b"PK\x03\x04broken", "DAMAGED_FILE"),
        (b"PK", "NOT_A_WORKBOOK"),
        ((lines(HEADER) + '\n"open').encode(), "DAMAGED_FILE"),
        (b"a,b,c\n1,2,3", "INVALID_INPUT"),
        ((lines(HEADER) + "\r\n" + "\r\n".join(
            f"diesel_price,area {number},2026-11-16,3.7,$/gal" for number in range(MOST_ROWS + 1))).encode(),
         "FILE_TOO_LARGE"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_rates_is_refused_with_its_reason(tmp_path, content, code):
    with pytest.raises(RefusedInput) as refused:
        read_rates(csv(tmp_path, content))
    assert refused.value.code == code


def test_of_several_sheets_one_must_be_called_rates(tmp_path):
    with pytest.raises(RefusedInput, match="2 sheets and none is called Rates"):
        read_rates(workbook(tmp_path, HEADER, ROW, tab="One", more=("Two",)))


def test_a_formula_without_its_value_is_refused(tmp_path):
    with pytest.raises(RefusedInput, match="formula in cell D2"):
        read_rates(workbook(tmp_path, HEADER, [*ROW[:3], "=1+2", ROW[4]]))


def test_the_child_sends_the_rows(tmp_path):
    sent: list[dict[str, object]] = []
    run({"path": str(csv(tmp_path, lines(HEADER, ROW)))}, sent.append)
    assert sent == [{"rows": [READ]}]
    assert "diesel_price" in KINDS
