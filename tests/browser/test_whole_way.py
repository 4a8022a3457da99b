"""A person's whole way through a real platform: upload, watch, read the answer; and a file that needs mending."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

EXAMPLE = Path(__file__).parents[2] / "examples" / "us_network.xlsx"
LONG = 180_000

pytestmark = [pytest.mark.browser, pytest.mark.platform]


def upload(page: Page, file: Path) -> None:
    page.locator("#file").set_input_files(file)
    page.wait_for_url("**/uploads/*")


def test_the_example_goes_from_file_to_proven_answer(signed_in: Page, faults: list[str]):
    page = signed_in
    upload(page, EXAMPLE)
    page.get_by_role("heading", name="The data is ready").wait_for(timeout=LONG)
    page.get_by_label("Name of this scenario").fill("From the page")
    page.get_by_role("button", name="Find the cheapest network").click()
    page.wait_for_url("**/jobs/*")
    expect(page.get_by_role("heading", name="Proven optimal")).to_be_visible(timeout=LONG)
    page.locator("figure.map[data-year]").wait_for()
    assert page.locator(".site.open").count() > 0
    expect(page.get_by_role("region", name="Certificate")).to_contain_text("all passed")

    for name in ("Excel workbook", "Who serves whom"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.path().stat().st_size > 1000
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Report").click()
    opened.value.wait_for_load_state()
    assert opened.value.locator("body").inner_text()

    page.reload()
    expect(page.get_by_role("heading", name="Proven optimal")).to_be_visible()
    page.get_by_role("link", name="NetWORX").click()
    expect(page.get_by_role("link", name="From the page")).to_contain_text("Proven optimal")
    assert faults == []


def test_a_bad_file_shows_what_to_mend(signed_in: Page, tmp_path: Path):
    page = signed_in
    book = openpyxl.load_workbook(EXAMPLE)
    sheet = book["Destinations"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(3, heads["demand_units"], -5)
    sheet.cell(4, heads["demand_units"], "many")
    bad = tmp_path / "bad.xlsx"
    book.save(bad)
    upload(page, bad)
    page.get_by_role("heading", name="What to mend: 2 problems").wait_for(timeout=LONG)
    row = page.get_by_role("row").filter(has_text="many")
    expect(row).to_contain_text("Destinations")
    expect(row).to_contain_text("4")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all as CSV").click()
    assert "many" in download.value.path().read_text("utf-8-sig")


FREIGHT = (
    "order_id,ship_date,origin_zip,dest_zip,mode,net_charge\n"
    "A,2025-03-01,60601,02139,ltl,100.10\n"
    "B,2025-03-02,60601,nowhere,ltl,7.00\n"
    "C,2025-03-03,60601,10001,cart,9.00\n"
)


def test_bad_rows_are_sent_back_corrected_until_the_file_is_whole(signed_in: Page, tmp_path: Path, faults: list[str]):
    page = signed_in
    freight = tmp_path / "freight.csv"
    freight.write_text(FREIGHT)
    upload(page, freight)

    def send_corrected(row: int, column: str, value: str) -> None:
        with page.expect_download() as download:
            page.get_by_role("link", name="Bad rows (Excel)").click()
        book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
        sheet = book["Bad rows"]
        heads = {cell.value: cell.column for cell in sheet[1]}
        line = next(cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[1].value == row)
        sheet.cell(line, heads[column], value)
        book.save(tmp_path / "rows.xlsx")
        page.get_by_label("Send them corrected").set_input_files(tmp_path / "rows.xlsx")

    expect(page.get_by_role("heading", name="2 rows cannot be read")).to_be_visible(timeout=LONG)
    page.get_by_label("Send them corrected").set_input_files(freight)
    expect(page.get_by_role("alert")).to_contain_text("a correction is a workbook", timeout=LONG)
    page.get_by_role("link", name="send it again from the page of the file that it corrects").click()
    send_corrected(3, "dest_zip", "10001")
    expect(page.get_by_role("heading", name="The correction was taken")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("region", name="The correction")).to_contain_text("waits on, for 1 row")
    page.get_by_role("link", name="Decide about the other rows of freight.csv").click()
    decision = page.get_by_role("region", name="A decision")
    expect(decision).to_contain_text("1 more row is corrected already")
    send_corrected(4, "mode", "tl")
    page.get_by_role("link", name="Go on with freight.csv").click(timeout=LONG)
    expect(page.get_by_role("heading", name="The data is ready")).to_be_visible()
    expect(
        page.get_by_text("CSV: 2 rows that could not be read are as rows.xlsx corrects them, $16.00.")
    ).to_be_visible()
    expect(page.get_by_role("region", name="Table: Rows and dollars")).to_contain_text("$116.10")
    assert faults == []


def test_what_is_no_workbook_is_refused_in_words(signed_in: Page, tmp_path: Path):
    other = tmp_path / "notes.xlsx"
    other.write_text("just some text")
    upload(signed_in, other)
    expect(signed_in.get_by_role("alert")).to_contain_text("cannot be used as it is", timeout=LONG)
