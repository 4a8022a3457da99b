"""Both engines read the same cells from the same file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from networx.errors import RefusedInput
from networx.ingest.reader import Engine, open_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(body: str, before: str = "", after: str = "") -> str:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{before}<sheetData>{body}</sheetData>{after}</worksheet>'


@pytest.fixture(params=["calamine", "openpyxl"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def cells(write_parts: Callable[..., Path], engine: Engine) -> Callable[..., list[tuple[int, list[Any]]]]:
    """The rows of one sheet, trailing empty cells and empty rows left out, as either engine may give them."""

    def read(body: str, before: str = "", after: str = "", **options: Any) -> list[tuple[int, list[Any]]]:
        reader = open_workbook(write_parts({"One": sheet(body, before, after)}, **options), engine)
        try:
            return list(filled(reader.rows("One")))
        finally:
            reader.close()

    return read


def filled(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
    for number, row in rows:
        kept = list(row)
        while kept and kept[-1] is None:
            kept.pop()
        if kept:
            yield number, kept


def test_numbers_keep_their_kind_and_every_digit(cells: Callable[..., Any]) -> None:
    body = (
        '<row r="1"><c r="A1"><v>12345678901234567</v></c><c r="B1"><v>0.1</v></c><c r="C1"><v>-5</v></c>'
        '<c r="D1"><v>1E3</v></c></row>'
    )
    assert cells(body) == [(1, [12345678901234567, 0.1, -5, 1000])]


def test_text_comes_from_shared_and_inline_strings_with_leading_zeros(cells: Callable[..., Any]) -> None:
    body = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
        '<c r="C1" t="inlineStr"><is><t>02108</t></is></c></row>'
    )
    assert cells(body, texts=("01234", "a&amp;b &lt;é")) == [(1, ["01234", "a&b <é", "02108"])]


def test_booleans_are_booleans_and_error_cells_their_text(cells: Callable[..., Any]) -> None:
    body = '<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c><c r="C1" t="e"><v>#N/A</v></c></row>'
    [(_, row)] = cells(body)
    assert row == [True, False, "#N/A"]
    assert [type(cell) for cell in row] == [bool, bool, str]


def test_dates_count_from_1900(cells: Callable[..., Any]) -> None:
    body = '<row r="1"><c r="A1" s="1"><v>45292</v></c><c r="B1" s="2"><v>45292.5</v></c></row>'
    [(_, row)] = cells(body)
    assert row == [dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 12)]  # noqa: DTZ001  # a cell knows no time zone
    assert type(row[0]) is dt.date


def test_dates_count_from_1904_where_the_workbook_says_so(cells: Callable[..., Any]) -> None:
    body = '<row r="1"><c r="A1" s="1"><v>45292</v></c></row>'
    assert cells(body, properties='<workbookPr date1904="1"/>') == [(1, [dt.date(2028, 1, 2)])]


def test_formulas_give_their_saved_value(cells: Callable[..., Any]) -> None:
    body = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"z"&amp;A1</f><v>z2</v></c></row>'
    assert cells(body) == [(1, [2, "z2"])]


def test_rows_and_cells_that_are_not_stored_are_empty(cells: Callable[..., Any]) -> None:
    body = '<row r="2"><c r="B2"><v>1</v></c></row><row r="5"><c r="A5"><v>2</v></c><c r="D5"><v>3</v></c></row>'
    assert cells(body) == [(2, [None, 1]), (5, [2, None, None, 3])]


def test_rows_and_cells_without_references_follow_one_another(cells: Callable[..., Any]) -> None:
    body = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    assert cells(body) == [(1, [1, 2]), (2, [3])]


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576", "C3:D4"])
def test_a_wrong_dimension_hides_and_invents_nothing(cells: Callable[..., Any], dimension: str) -> None:
    body = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>9</v></c></row>' for n in (1, 2, 3))
    assert cells(body, before=f'<dimension ref="{dimension}"/>') == [(1, [1, 9]), (2, [2, 9]), (3, [3, 9])]


def test_a_merged_cell_holds_its_value_top_left(cells: Callable[..., Any]) -> None:
    body = '<row r="1"><c r="A1"><v>7</v></c><c r="B1"/></row><row r="2"><c r="A2"/><c r="C2"><v>8</v></c></row>'
    merged = '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>'
    assert cells(body, after=merged) == [(1, [7]), (2, [None, None, 8])]


def test_sheets_come_in_order_with_whether_they_show(write_parts: Callable[..., Path], engine: Engine) -> None:
    body = sheet('<row r="1"><c r="A1"><v>1</v></c></row>')
    path = write_parts(
        {"Second": body, "First & last": body, "Gone": (body, 'state="hidden"'), "Deep": (body, 'state="veryHidden"')}
    )
    reader = open_workbook(path, engine)
    assert reader.sheets() == [("Second", True), ("First & last", True), ("Gone", False), ("Deep", False)]
    reader.close()


def test_a_row_beyond_the_last_is_refused_and_not_waited_for(
    write_parts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("networx.ingest.reader.LAST_ROW", 1_000)
    body = '<row r="1"><c r="A1"><v>1</v></c></row><row r="4000000000"><c r="A4000000000"><v>2</v></c></row>'
    reader = open_workbook(write_parts({"One": sheet(body)}))
    with pytest.raises(RefusedInput, match="beyond 1,000") as refused:
        list(reader.rows("One"))
    assert refused.value.code == "SUSPICIOUS_ARCHIVE"


def test_a_text_that_is_not_in_the_shared_strings_is_damage(write_parts: Callable[..., Path], engine: Engine) -> None:
    path = write_parts({"One": sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')})
    with pytest.raises(RefusedInput) as refused:
        list(open_workbook(path, engine).rows("One"))
    assert refused.value.code == "DAMAGED_FILE"


def test_what_is_no_workbook_is_damage_to_both_engines(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "not.xlsx"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(RefusedInput) as refused:
        open_workbook(path, engine)
    assert refused.value.code == "DAMAGED_FILE"
