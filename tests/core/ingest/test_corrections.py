"""A correction: what its workbook may hold, and that its rows count as if they stood in the file."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from networx.domain.bad_rows_book import ROWS, named_file, naming_sheet
from networx.domain.shipment_record import ShipmentDigest
from networx.errors import RefusedInput
from networx.ingest import bad_rows, corrections
from networx.ingest.batches import Batch
from networx.ingest.corrections import Correction, read_correction
from networx.ingest.mended import Mended, Place
from networx.ingest.preflight import CORRECTION, preflight
from networx.ingest.ranges import FileRanges
from networx.ingest.shipments import FreightSummary, parse_shipments
from networx.results.bad_rows_workbook import write_bad_rows

HEADER = "order_id,ship_date,origin_zip,dest_zip,mode,weight_lb,net_charge,tracking_number"
FILE = [
    HEADER,
    "A1,2025-03-01,60601,10001,ltl,500,100.00,",
    "A2,2025-13-01,60601,10001,ltl,500,200.00,",
    "A3,2025-03-02,60601,nowhere,cart,500,300.00,T3",
    "A3,2025-03-02,60601,10001,tl,500,30.50,T3",
    "A5,2025-03-03,60601,10001,ltl,500,lots,",
    "Total,,,,,,1000.50,",
]
MENDED = {3: {"ship_date": "2025-03-01"}, 4: {"dest_zip": "10001", "mode": "tl"}, 6: {"net_charge": 370}}
SHA256 = "0123456789abcdef" * 4
Cells = Mapping[int, Mapping[str, Any]]


def read(path: Path, mended: Mapping[Place, Mended] | None = None, **options: Any) -> tuple[FreightSummary, str]:
    """The summary, and the digest of the shipments."""
    digest = ShipmentDigest()

    def emit(batch: Batch) -> None:
        digest.update_rows(batch.table, batch.rows)

    return parse_shipments(path, emit, lambda _: None, mended=mended, **options), digest.hexdigest()


def as_mended(found: Correction) -> dict[Place, Mended]:
    assert found.log.kept == []
    return {place: Mended(cells, "rows.xlsx") for place, cells in found.rows.items()}


@pytest.fixture
def freight(tmp_path: Path) -> Path:
    path = tmp_path / "freight.csv"
    path.write_text("\n".join(FILE) + "\n")
    return path


@pytest.fixture
def corrected(tmp_path: Path, freight: Path) -> Callable[..., Correction]:
    """The workbook of bad rows with cells changed, by row of the file, and then by hand; as it is read."""

    def run(cells: Cells, by_hand: Callable[[Any, Any], None] = lambda _book, _sheet: None) -> Correction:
        summary, _ = read(freight)
        path = tmp_path / "rows.xlsx"
        write_bad_rows(
            path, summary.problems, summary.bad_cells, filename="freight.csv", problem_count=5, sha256=SHA256
        )
        book = openpyxl.load_workbook(path)
        sheet = book[ROWS]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for line in list(sheet.iter_rows(min_row=2)):
            number = line[1].value
            if number not in cells:
                sheet.delete_rows(line[0].row)
                continue
            for name, value in cells[number].items():
                sheet.cell(line[0].row, columns[name], value)
        by_hand(book, sheet)
        book.save(path)
        return read_correction(path, {(str(one.sheet), one.row or 0) for one in summary.problems})

    return run


def put(sheet: Any, row: int, column: int, value: Any) -> None:
    sheet.cell(row, column).value = value


def rules(found: Correction) -> list[tuple[str, int | None, str | None]]:
    return [(one.rule, one.row, one.column) for one in found.log.kept]


def test_what_comes_of_it_is_what_comes_of_the_file_mended_at_those_rows(
    freight: Path, corrected: Callable[..., Correction], tmp_path: Path
) -> None:
    waits, _ = read(freight)
    assert (waits.waits, waits.bad_rows.rows, waits.problem_count) == (True, 3, 4)
    summary, digest = read(freight, as_mended(corrected(MENDED)))
    mended = tmp_path / "mended.csv"
    lines = list(FILE)
    lines[2], lines[5] = lines[2].replace("2025-13", "2025-03"), lines[5].replace("lots", "370")
    lines[3] = lines[3].replace("nowhere,cart", "10001,tl")
    mended.write_text("\n".join(lines) + "\n")
    by_hand, same = read(mended)
    assert (digest, summary.shipments, summary.problem_count) == (same, 4, 0)
    assert [tab.as_dict() for tab in summary.account] == [tab.as_dict() for tab in by_hand.account]
    said = "CSV: 3 rows that could not be read are as rows.xlsx corrects them, $870.00."
    assert set(summary.warnings) - set(by_hand.warnings) == {said}


def test_rows_that_were_removed_or_are_bad_yet_are_asked_about_again(
    freight: Path, corrected: Callable[..., Correction]
) -> None:
    mended = as_mended(corrected({3: {"ship_date": "2025-03-01"}, 4: {"mode": "tl"}}))
    summary, _ = read(freight, mended)
    assert (summary.waits, summary.bad_rows.rows, summary.still_bad) == (True, 2, {("CSV", 4)})
    # What was mended of a row that is bad yet stands in the next workbook.
    assert dict(summary.bad_cells["CSV", 4])["mode"] == "tl"
    accepted, _ = read(freight, mended, without_bad_rows=summary.bad_rows.as_dict())
    assert (accepted.problem_count, accepted.shipments) == (0, 3)
    assert "CSV: 1 row that could not be read is as rows.xlsx corrects it, $200.00." in accepted.warnings


def test_a_total_is_held_against_the_corrected_rows(freight: Path, corrected: Callable[..., Correction]) -> None:
    summary, _ = read(freight, as_mended(corrected(MENDED | {6: {"net_charge": 371}})))
    assert (summary.waits, [problem.rule for problem in summary.problems]) == (False, ["total"])


def test_rows_of_one_shipment_may_not_contradict_one_another(
    freight: Path, corrected: Callable[..., Correction]
) -> None:
    summary, _ = read(freight, as_mended(corrected(MENDED | {4: {"dest_zip": "10002", "mode": "tl"}})))
    assert (summary.waits, [problem.rule for problem in summary.problems]) == (False, ["shipment"])


@pytest.mark.parametrize(
    ("by_hand", "found"),
    [
        (lambda sheet: sheet.cell(2, 2, 2), ("not_bad", 2, "row")),
        (lambda sheet: sheet.cell(2, 1, "April"), ("not_bad", 2, "row")),
        (lambda sheet: put(sheet, 2, 2, None), ("place", 2, "row")),
        (lambda sheet: sheet.cell(2, 2, float("1e308") * 10), ("place", 2, "row")),
        (lambda sheet: put(sheet, 2, 1, None), ("place", 2, "sheet")),
        (lambda sheet: sheet.cell(3, 2, 3), ("repeated", 3, "row")),
        (lambda sheet: [put(sheet, 2, at, None) for at in range(4, 12)], ("empty", 2, "row")),
        (lambda sheet: sheet.cell(2, 14, "a note"), ("no_header", 2, "N")),
        (lambda sheet: sheet.cell(1, 12, "mode"), ("duplicate_column", 1, "mode")),
        (lambda sheet: sheet.cell(2, 8, "=1+1"), ("formula_without_value", 2, "H")),
        (lambda sheet: sheet.delete_rows(2, 5), ("no_rows", None, None)),
    ],
)
def test_what_is_wrong_in_the_workbook_is_named_by_its_cell(
    corrected: Callable[..., Correction], by_hand: Callable[[Any], Any], found: tuple[str, int | None, str | None]
) -> None:
    assert rules(corrected(MENDED, lambda _book, sheet: by_hand(sheet))) == [found]


def test_a_row_s_number_as_text_and_rows_in_another_order_are_read(corrected: Callable[..., Correction]) -> None:
    def by_hand(_book: Any, sheet: Any) -> None:
        lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
        for number, line in enumerate(reversed(lines), 2):
            for at, value in enumerate(line, 1):
                sheet.cell(number, at, str(value) if at == 2 else value)
        sheet.cell(2, 5, dt.date(2025, 3, 4))

    found = corrected(MENDED, by_hand)
    assert list(found.rows) == [("CSV", 6), ("CSV", 4), ("CSV", 3)]
    assert dict(found.rows["CSV", 6])["ship_date"] == "2025-03-04"


def test_columns_that_are_missing_or_of_no_tab_are_named_once(
    freight: Path, corrected: Callable[..., Correction]
) -> None:
    def by_hand(_book: Any, sheet: Any) -> None:
        sheet.cell(1, 9, "pounds")

    summary, _ = read(freight, as_mended(corrected(MENDED, by_hand)))
    told = [(one.rule, one.sheet, one.column) for one in summary.problems]
    assert told == [("missing_column", ROWS, "weight_lb"), ("unknown_column", ROWS, "pounds")]
    assert summary.waits is False


def test_a_column_without_a_name_is_no_column_of_a_correction(
    freight: Path, corrected: Callable[..., Correction]
) -> None:
    lines = [f"{line}," for line in FILE]
    lines[0] += " "
    freight.write_text("\n".join(lines) + "\n")
    found = corrected(MENDED)
    assert [name for name, _ in found.rows["CSV", 3]] == HEADER.split(",")
    summary, _ = read(freight, as_mended(found))
    assert (summary.problem_count, summary.shipments) == (0, 4)


def test_a_workbook_without_its_sheet_or_columns_is_refused(corrected: Callable[..., Correction]) -> None:
    def renamed(book: Any, sheet: Any) -> None:
        sheet.title = "Mine"

    def hidden(book: Any, sheet: Any) -> None:
        sheet.sheet_state = "hidden"
        book.active = 1

    def without_places(book: Any, sheet: Any) -> None:
        sheet.cell(1, 2, "line")

    for by_hand in (renamed, hidden, without_places):
        with pytest.raises(RefusedInput) as refused:
            corrected(MENDED, by_hand)
        assert (refused.value.code, refused.value.problems[0].sheet) == ("MISSING_SHEET", ROWS)


def test_more_than_one_workbook_of_bad_rows_holds_is_refused(
    corrected: Callable[..., Correction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "PROBLEMS_KEPT", 2)
    with pytest.raises(RefusedInput) as refused:
        corrected(MENDED)
    assert refused.value.code == "FILE_TOO_LARGE"
    monkeypatch.setattr(corrections, "PROBLEMS_KEPT", bad_rows.PROBLEMS_KEPT)
    monkeypatch.setattr(corrections, "MOST_CHARACTERS", 100)
    with pytest.raises(RefusedInput):
        corrected(MENDED)


def test_the_check_of_an_upload_knows_it_by_a_sheet_s_name(
    corrected: Callable[..., Correction], tmp_path: Path
) -> None:
    corrected(MENDED)
    ranges = FileRanges(tmp_path / "rows.xlsx")
    found = preflight(ranges, ranges.size, "whatever.xlsx", required=None)
    assert (found.domain, found.corrects) == (CORRECTION, SHA256[:20])
    assert len(naming_sheet(SHA256)) == 31
    others = ["Correction", "Correction 0123", "Corrections of 0123456789abcdef0123", "Correction 0123456789ABCDEF0123"]
    assert named_file(["Notes", *others, SHA256[:20]]) is None
    text = tmp_path / "rows.csv"
    text.write_text("sheet,row\nCSV,3\n")
    ranges = FileRanges(text)
    with pytest.raises(RefusedInput) as refused:
        preflight(ranges, ranges.size, "rows.csv", required=None, correction=True)
    assert refused.value.code == "NOT_A_WORKBOOK"


def test_any_rows_broken_and_mended_again_leave_the_same_shipments(tmp_path: Path) -> None:
    """A file that is broken at random, and corrected in two steps, becomes what the sound file is."""
    lot = random.Random(7)
    sound, broken = [HEADER], [HEADER]
    for number in range(2, 302):
        key = lot.choice(["", f"T{lot.randrange(40)}"])
        cells = [
            key or f"A{number}",
            "2025-03-01",
            "60601",
            "10001",
            "ltl",
            "500",
            f"{lot.randrange(10**5) / 100}",
            key,
        ]
        sound.append(",".join(cells))
        if lot.random() < 0.2:
            cells[lot.choice([1, 3, 4, 6])] = "?"
        broken.append(",".join(cells))
    (tmp_path / "sound.csv").write_text("\n".join(sound) + "\n")
    (tmp_path / "broken.csv").write_text("\n".join(broken) + "\n")
    expected, digest = read(tmp_path / "sound.csv")
    first, _ = read(tmp_path / "broken.csv")
    assert first.bad_rows.rows > 20
    names = HEADER.split(",")
    whole = {
        place: Mended(list(zip(names, sound[place[1] - 1].split(","), strict=True)), "rows.xlsx")
        for place in first.bad_cells
    }
    half = {place: row for place, row in whole.items() if place[1] % 2}
    between, _ = read(tmp_path / "broken.csv", half)
    assert between.bad_rows.rows == len(whole) - len(half)
    summary, same = read(tmp_path / "broken.csv", whole)
    assert same == digest
    assert [tab.as_dict() for tab in summary.account] == [tab.as_dict() for tab in expected.account]
