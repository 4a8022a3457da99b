"""Files of shipments: recognised by their columns, read strictly, one shipment once, every cent accounted for."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from networx.domain.shipment_columns import PLACES
from networx.domain.shipment_record import ShipmentDigest
from networx.errors import RefusedInput
from networx.ingest import bad_rows, repeats
from networx.ingest.batches import Batch
from networx.ingest.cells import BadCell
from networx.ingest.freight_cells import FreightParsers, day, quantity, whole_cents
from networx.ingest.freight_datasets import shipments_of
from networx.ingest.preflight import preflight
from networx.ingest.ranges import FileRanges
from networx.ingest.shipments import FreightSummary, parse_shipments

HEADER = ["order_id", "ship_date", "origin_zip", "dest_zip", "mode", "weight_lb", "net_charge", "tracking_number"]
Rows = list[list[Any]]
Read = tuple[FreightSummary, list[tuple[Any, ...]]]


def row(order: str = "A1", **cells: Any) -> list[Any]:
    """A good row under HEADER; `cells` replace its own."""
    usual = ["2025-03-01", "60601", "10001", "ltl", 500, 100, None]
    return list({**dict(zip(HEADER, [order, *usual], strict=True)), **cells}.values())


def read(path: Path, **options: Any) -> Read:
    """The summary, and the shipments as rows of the record."""
    sent: list[tuple[Any, ...]] = []

    def emit(batch: Batch) -> None:
        sent.extend(batch.rows)

    return parse_shipments(path, emit, lambda _: None, **options), sent


@pytest.fixture
def read_csv(tmp_path: Path) -> Callable[..., Read]:
    def run(rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8", **options: Any) -> Read:
        lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows]
        path = tmp_path / "freight.csv"
        path.write_text("\r\n".join(lines) + "\r\n", encoding=encoding, newline="")
        return read(path, **options)

    return run


@pytest.fixture
def read_tabs(tmp_path: Path) -> Callable[..., Read]:
    def run(tabs: dict[str, Rows], *, hidden: tuple[str, ...] = (), **options: Any) -> Read:
        path = tmp_path / "freight.xlsx"
        usual = {"default_date_format": "yyyy-mm-dd"}
        with xlsxwriter.Workbook(str(path), {**usual, **options}) as book:
            for name, rows in tabs.items():
                page = book.add_worksheet(name)
                for number, cells in enumerate(rows):
                    page.write_row(number, 0, cells)
                if name in hidden:
                    page.hide()
        return read(path)

    return run


def cell(rows: list[tuple[Any, ...]], column: str) -> list[Any]:
    return [found[PLACES[column]] for found in rows]


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), ("|", "cp1252")]
)
def test_a_csv_file_is_told_by_its_columns_whatever_it_is_called(read_csv, delimiter, encoding) -> None:
    header = ["Order Number", "Ship Date", "Orig Zip", "Consignee_ZIP", "Mode", "Weight", "Net Amount", "PRO"]
    summary, rows = read_csv([header, row("Zürich")], delimiter=delimiter, encoding=encoding)
    assert (summary.problem_count, summary.shipments) == (0, 1)
    assert cell(rows, "order_id") == ["Zürich"]
    assert ("The file is not in UTF-8 and was read as Windows' CP1252." in summary.warnings) is (encoding == "cp1252")


def test_the_check_of_an_upload_tells_shipments_from_a_network(tmp_path: Path, write_book, network) -> None:
    def domain(path: Path) -> str:
        ranges = FileRanges(path)
        return preflight(ranges, ranges.size, path.name).domain

    (tmp_path / "a.csv").write_text("Export of March\n" + ",".join(HEADER) + "\n")
    assert domain(tmp_path / "a.csv") == "transport"
    assert domain(write_book(network)) == "network"
    for inline in (False, True):
        assert (
            domain(write_book({"Cover": [["Q1"]], "March": [["Export"], HEADER, row()]}, inline=inline)) == "transport"
        )
    with pytest.raises(RefusedInput, match="Facilities is missing"):
        domain(write_book({"March": [["order_id", "mode"], ["A", "tl"]]}))
    (tmp_path / "b.csv").write_text("name,zip\nChicago,60601\n")
    with pytest.raises(RefusedInput, match="Shipments may come as CSV"):
        domain(tmp_path / "b.csv")


def test_tabs_of_one_shape_are_appended_with_their_names_and_titles_passed_over(read_tabs) -> None:
    mixed = [HEADER[::-1], row("B1")[::-1]]
    tabs = {
        "Jan": [["Carrier report"], [], HEADER, row("A1")],
        "Feb": mixed,
        "Notes": [["by hand"]],
        "Old": [HEADER, row("C")],
    }
    summary, rows = read_tabs(tabs, hidden=("Old",))
    assert (summary.problem_count, cell(rows, "tab"), cell(rows, "order_id")) == (0, ["Jan", "Feb"], ["A1", "B1"])
    assert "What stands above the header in row 3 of Jan was not read." in summary.warnings
    assert "The sheet Old is hidden and was not read." in summary.warnings
    summary, _ = read_tabs({"Jan": [HEADER, row()], "Rates": [["zone", "price"], [1, 2]]})
    assert [problem.rule for problem in summary.problems] == ["unknown_sheet"]


@pytest.mark.parametrize("date_1904", [False, True])
def test_dates_and_zips_of_a_workbook_are_what_was_meant(read_tabs, date_1904: bool) -> None:
    rows = [HEADER, row(ship_date=dt.date(2025, 2, 28), origin_zip=2139, dest_zip="02139-1234")]
    summary, found = read_tabs({"Shipments": rows}, date_1904=date_1904)
    assert summary.problem_count == 0
    assert cell(found, "ship_date") == [(dt.date(2025, 2, 28) - dt.date(1970, 1, 1)).days]
    assert (cell(found, "origin_zip"), cell(found, "dest_zip")) == (["02139"], ["02139-1234"])
    assert summary.warnings == ("1 ZIP code had lost the zeros at the front, which were put back.",)


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        *(
            (100, 10_000),
            (0.1 + 0.2, 30),
            (-12.5, -1250),
            ("$1,234.56", 123_456),
            ("(12.34)", -1234),
            ("12.34-", -1234),
        ),
        *(("-$5", -500), ("$-5.00", -500), (".5", 50), ("1e3", 100_000), (0.125, 13), ("-0.125", -13), ("2.005", 201)),
    ],
)
def test_dollars_are_whole_cents_and_credits_negative(written: Any, cents: int) -> None:
    assert whole_cents(written)[0] == cents


@pytest.mark.parametrize(
    "written", ["1,23", "12,345,6", "(5", "--5", "(-5)", "$", "", "5 EUR", "1e12", "nan", True, 2e9]
)
def test_what_is_no_amount_of_dollars_is_refused(written: Any) -> None:
    with pytest.raises(BadCell):
        whole_cents(written)


def test_finer_than_a_cent_is_told_and_whole_cents_are_not() -> None:
    assert [whole_cents(amount)[1] for amount in (0.29, 1.005, "19.99", 123456789.12, "0.001")] == [
        *(False, True, False, False, True)
    ]


@pytest.mark.parametrize(
    "written",
    ["2025-03-01", "2025-3-1", "20250301", 20250301, "3/1/2025", "03/01/2025 10:15 AM", dt.date(2025, 3, 1)],
)
def test_a_date_may_be_written_in_the_ways_that_are_stated(written: Any) -> None:
    assert day(written) == (dt.date(2025, 3, 1) - dt.date(1970, 1, 1)).days


@pytest.mark.parametrize("written", ["31/1/2025", "2025-02-30", "3/1/25", 45000, "soon", True, "0025-01-01"])
def test_any_other_date_is_refused(written: Any) -> None:
    with pytest.raises(BadCell):
        day(written)


def test_quantities_may_have_commas_and_no_sign() -> None:
    assert (quantity("1,234.5"), quantity(7)) == (1234.5, 7.0)
    with pytest.raises(BadCell):
        quantity("-1")


def test_a_zip_that_is_none_is_refused() -> None:
    parse = FreightParsers()._zip
    assert [parse(written) for written in ("501", "606011234", 2139)] == ["00501", "60601-1234", "02139"]
    for written in ("12", "K1A 0B1", 123456, "6060A"):
        with pytest.raises(BadCell):
            parse(written)


def test_what_is_wrong_is_named_by_row_and_column_and_refuses_the_file(read_csv) -> None:
    rows = [
        [*HEADER, "origin", "surprise"],
        [*row("A1", ship_date="soon"), None, None],
        [*row("A2", mode="mule"), None, None],
        [*row("A3", net_charge=None), None, None],
        [*row("A4", origin_zip=None), None, None],
        [*row("A5", origin_zip=None), "Shanghai", None],
        [*row("A6", weight_lb=-4), None, "x"],
    ]
    summary, _ = read_csv(rows)
    assert [(problem.row, problem.column, problem.rule) for problem in summary.problems] == [
        (1, "surprise", "unknown_column"),
        (2, "ship_date", "date"),
        (3, "mode", "choice"),
        (4, "net_charge", "required"),
        (5, "origin_zip", "required"),
        (7, "weight_lb", "not_negative"),
    ]


def test_bad_rows_alone_may_be_left_out_and_are_counted_with_what_they_carry(read_csv) -> None:
    bad = [
        row("B1", net_charge="12.50", weight_lb="heavy"), row("B2", net_charge="free"), row("B3", dest_zip="nowhere")
    ]  # fmt: skip
    summary, _ = read_csv([HEADER, row(), *bad])
    assert (summary.waits, summary.problem_count) == (True, 3)
    assert summary.bad_rows.as_dict() == {"rows": 3, "cents": 11_250, "units": 0, "uncharged": 1}

    left, rows = read_csv([HEADER, row(), *bad], without_bad_rows=True)
    assert (left.problem_count, cell(rows, "order_id")) == (0, ["A1"])
    assert left.account[0].as_dict() == {
        "tab": "CSV", "read": {"rows": 4, "cents": 21_250}, "kept": {"rows": 1, "cents": 10_000},
        "left_out": {"bad": {"rows": 3, "cents": 11_250}}, "shipments": 1,
    }  # fmt: skip
    assert "CSV: 3 rows left out, for a cell that cannot be read, as a person decided, $112.50." in left.warnings
    assert any("charge of 1 row left out for a bad cell cannot be read" in said for said in left.warnings)
    shown = summary.bad_rows.as_dict()
    assert read_csv([HEADER, row(), *bad], without_bad_rows=shown)[0].problem_count == 0
    other = read_csv([HEADER, row(), *bad], without_bad_rows={**shown, "rows": 2})[0]
    assert (other.waits, other.problem_count) == (True, 3)
    alone = read_csv([HEADER, *bad])[0]
    assert (alone.waits, alone.problem_count) == (False, 3)
    assert [one.rule for one in read_csv([HEADER, *bad], without_bad_rows=True)[0].problems] == ["no_rows"]


def test_what_is_wrong_with_the_file_does_not_wait_for_a_decision(read_csv) -> None:
    clash = [HEADER, row("A1", tracking_number="T", mode="tl"), row("A1", tracking_number="T", mode="ltl")]
    column = [[*HEADER, "color"], [*row(), "red"]]
    for good in (clash, column):
        rows = [*good, row("B1", weight_lb="heavy")]
        summary = read_csv(rows)[0]
        assert (summary.waits, summary.problem_count) == (False, 2)
        assert read_csv(rows, without_bad_rows=True)[0].problem_count == 1


def test_a_total_of_a_file_with_bad_rows_is_of_more_than_can_be_read(read_tabs) -> None:
    tabs = {
        "May": [HEADER, row(weight_lb="heavy")],
        "June": [HEADER, row("B1"), ["Grand total", *[None] * 5, 200, None]],
    }
    assert read_tabs(tabs)[0].waits


def test_a_missing_column_is_named(read_csv) -> None:
    at = HEADER.index("mode")
    summary, _ = read_csv([HEADER[:at] + HEADER[at + 1 :], row()[:at] + row()[at + 1 :]])
    assert [(problem.column, problem.rule) for problem in summary.problems] == [("mode", "missing_column")]


def test_net_stands_before_what_was_paid_and_that_before_gross(read_csv) -> None:
    header = [*HEADER, "freight_cost_usd", "gross_charge", "fuel"]
    rows = [
        header,
        [*row("A", net_charge=1), 2, 3, 9],
        [*row("B", net_charge=None), 2, 3, 9],
        [*row("C", net_charge=None), None, 3, 9],
    ]
    summary, found = read_csv(rows)
    assert cell(found, "charge") == [100, 200, 300]
    assert cell(found, "fuel_charge") == [900, 900, 900]
    assert any(
        "net_charge in 1 row, freight_cost_usd in 1 row, gross_charge in 1 row" in told for told in summary.warnings
    )


def test_charges_of_one_shipment_are_added_and_what_is_there_already_is_left_out(read_csv) -> None:
    first = row("A", tracking_number="T1")
    fuel = row("A", tracking_number="T1", net_charge=12.34, weight_lb=0)
    credit = row("A", tracking_number="T1", net_charge=-2, weight_lb=None)
    alone = [row("A"), row("A")]  # nothing says that these are one
    summary, found = read_csv([HEADER, fuel, row("B", tracking_number="T1"), first, *alone, fuel, credit])
    assert sorted(zip(cell(found, "order_id"), cell(found, "charge"), cell(found, "weight_lb"), strict=True)) == [
        *(("A", 10_000, 500.0), ("A", 10_000, 500.0), ("A", 11_034, 500.0), ("B", 10_000, 500.0))
    ]
    (account,) = (tab.as_dict() for tab in summary.account)
    assert account["shipments"] == summary.shipments == 4
    assert account["read"] == {"rows": 7, "cents": 42_268}
    assert account["kept"] == {"rows": 6, "cents": 41_034}
    assert account["left_out"] == {"repeated": {"rows": 1, "cents": 1234}}


def test_charges_of_one_shipment_without_an_end_are_refused_and_named(read_csv, monkeypatch) -> None:
    monkeypatch.setattr(repeats, "MOST_ROWS_HELD", 20)
    charges = [row("A", tracking_number="T1", net_charge=100 + at) for at in range(30)]
    with pytest.raises(
        RefusedInput, match=r"More than 20 different rows .*at last row 22 of CSV \(order A, tracking number T1\)"
    ):
        read_csv([HEADER, *charges])
    again = [row("A", tracking_number="T1")] * 30  # what stands there already is not held again
    pairs = [row(f"B{at}", tracking_number="T", net_charge=cost) for at in range(30) for cost in (1, 2)]
    assert read_csv([HEADER, *again, *pairs])[0].shipments == 31


def test_two_rows_of_one_shipment_that_contradict_each_other_refuse_the_file(read_csv) -> None:
    rows = [HEADER, row("A", tracking_number="T1"), row("A", tracking_number="T1", weight_lb=501)]
    summary, _ = read_csv(rows)
    (problem,) = summary.problems
    assert (problem.row, problem.column, problem.rule, problem.value) == (3, "weight_lb", "shipment", "501.0")
    assert "row 2 of CSV" in problem.message


def test_totals_are_left_out_where_they_say_what_stands_above_them(read_tabs) -> None:
    def total(words: str, dollars: float) -> list[Any]:
        return [words, None, None, None, None, None, dollars]

    one = [HEADER, row("A"), row("B"), total("Subtotal", 200), row("C"), total("Sub total:", 100), total("Total", 300)]
    two = [HEADER, row("D"), total("Grand total", 400)]
    summary, found = read_tabs({"One": one, "Two": two})
    assert (summary.problem_count, cell(found, "order_id")) == (0, ["A", "B", "C", "D"])
    assert [tab.as_dict()["left_out"]["total"] for tab in summary.account] == [
        *({"rows": 3, "cents": 60_000}, {"rows": 1, "cents": 40_000})
    ]
    for tab in summary.account:
        assert tab.read.cents == tab.kept.cents + sum(left.cents for left in tab.left_out.values())
    one[-1] = total("Total", 300.01)
    summary, _ = read_tabs({"One": one})
    assert [(problem.row, problem.rule) for problem in summary.problems] == [(7, "total")]


def test_rows_of_one_shipment_may_stand_anywhere_and_make_the_same_shipments(read_csv) -> None:
    chance = random.Random(7)
    rows = [
        row(f"O{order}", tracking_number=f"T{parcel}", net_charge=f"{cents / 100:.2f}", weight_lb=order + 1)
        for order in range(40)
        for parcel in range(3)
        for cents in chance.sample(range(-500, 5000), chance.randint(1, 3))
    ]
    sums: dict[tuple[str, str], int] = {}
    for found in rows:
        sums[found[0], found[-1]] = sums.get((found[0], found[-1]), 0) + round(float(found[6]) * 100)
    for _ in range(3):
        chance.shuffle(rows)
        summary, shipments = read_csv([HEADER, *rows])
        assert summary.problem_count == 0
        keys = zip(cell(shipments, "order_id"), cell(shipments, "tracking_number"), strict=True)
        assert dict(zip(keys, cell(shipments, "charge"), strict=True)) == sums


def test_a_csv_file_that_breaks_off_in_a_quote_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "freight.csv"
    path.write_text(",".join(HEADER) + '\nA1,2025-01-01,60601,10001,ltl,5,"12\n' + "x" * 40_000)
    with pytest.raises(RefusedInput, match="Quotes must come in pairs"):
        read(path)


def test_the_digest_names_the_content_however_it_comes(read_csv) -> None:
    _, rows = read_csv([HEADER, row("A"), row("B", net_charge=-1), row("C")])
    whole, pieces, other = ShipmentDigest(), ShipmentDigest(), ShipmentDigest()
    whole.update_rows("shipments", rows)
    for one in rows:
        pieces.update_rows("shipments", [list(one)])
    other.update_rows("shipments", rows[:2])
    assert whole.hexdigest() == pieces.hexdigest() != other.hexdigest()


def test_rows_as_columns(read_csv) -> None:
    header = [*HEADER, "origin", "direction"]
    _, rows = read_csv([header, [*row("A", origin_zip=None), "Plant", "inbound"], [*row("B", mode="FTL"), None, None]])
    columns = shipments_of([rows[:1], rows[1:]])
    assert (columns.names, columns.origin.tolist(), columns.origin_zip.tolist()) == (("Plant",), [0, -1], [-1, 60601])
    assert (columns.mode.tolist(), columns.direction.tolist()) == ([1, 2], [1, -1])
    assert columns.charge_cents.tolist() == [10_000, 10_000]
    assert len(shipments_of([])) == 0


def test_bad_rows_are_kept_with_all_their_cells_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "freight.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("March")
        sheet.write_row(0, 0, ["A title"])
        sheet.write_row(1, 0, HEADER)
        sheet.write_row(2, 0, row("A1", dest_zip="nowhere", weight_lb=1.5))
        sheet.write_row(3, 0, row("A2"))
        sheet.write_row(4, 0, row("A3", mode="", net_charge="x", tracking_number="T"))
        sheet.write_datetime(4, 1, dt.datetime(2025, 3, 9), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001
    summary, _ = read(path)
    assert summary.waits
    assert [(one.row, one.column) for one in summary.problems] == [(3, "dest_zip"), (5, "mode"), (5, "net_charge")]
    assert {where: dict(cells) for where, cells in summary.bad_cells.items()} == {
        ("March", 3): dict(zip(HEADER, row("A1", dest_zip="nowhere", weight_lb=1.5), strict=True)),
        ("March", 5): dict(
            zip(
                HEADER,
                row("A3", ship_date="2025-03-09", mode=None, net_charge="x", tracking_number="T"),
                strict=True,
            )
        ),
    }
    assert [header for header, _ in summary.bad_cells["March", 3]] == HEADER
    assert not read(path, without_bad_rows=True)[0].bad_cells


def test_a_row_with_a_bad_cell_is_told_all_that_is_wrong_with_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "freight.csv"
    rows = (row("A1"), row("A2", mode="cart", dest_zip="", net_charge=""), row("A3", dest_zip="x", net_charge="y"))
    path.write_text("\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in (HEADER, *rows)))
    found = [(one.row, one.column, one.rule) for one in read(path)[0].problems]
    assert found == [
        (3, "mode", "choice"),
        (3, "dest_zip", "required"),
        (3, "net_charge", "required"),
        (4, "dest_zip", "zip"),
        (4, "net_charge", "number"),
    ]


def test_of_many_bad_rows_no_more_are_kept_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad_rows, "MOST_CHARACTERS", 100)
    kept = bad_rows.BadRowCells()
    for number in range(10):
        kept.keep("T", number, ["a", None, "b"], ["x" * 20, "y", float("inf")])
    assert list(kept.kept) == [("T", 0), ("T", 1), ("T", 2)]
    assert kept.kept["T", 0] == [("a", "x" * 20), ("b", "inf")]
    kept.keep("T", 10, ["a"], [1])
    assert len(kept.kept) == 3
