"""Workbooks for the tests of reading: honest ones by a real writer, odd and hostile ones part by part."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
import xlsxwriter

from networx.ingest.batches import Batch
from networx.ingest.network import Summary, parse_network

Rows = list[list[Any]]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SHARED_STRINGS = SPREADSHEET.replace("sheet.main", "sharedStrings")
STYLES = """
<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>
<fonts count="1"><font><sz val="11"/></font></fonts>
<fills count="1"><fill><patternFill/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/>
<xf numFmtId="22" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
"""


@pytest.fixture
def network() -> dict[str, Rows]:
    """A small network in which nothing is wrong; tests change one thing each."""
    return {
        "Facilities": [
            [
                "name",
                "city",
                "state",
                "zip",
                "latitude",
                "longitude",
                "capacity_units",
                "fixed_cost_per_year",
                "status",
            ],
            ["Chicago", "Chicago", "IL", "60601", None, None, 500, 1000.5, "candidate"],
            ["Newark", "Newark", "NJ", "07102", 40.7, -74.2, "unlimited", 0, "mandatory"],
        ],
        "Destinations": [
            ["name", "city", "state", "zip", "latitude", "longitude", "demand_units"],
            ["Boston", "Boston", "MA", "02108", None, None, 120],
            ["Denver", None, None, None, 39.7, -104.9, 80.25],
        ],
        "Forecast": [["year", "annual_units"], [2026, 200.25], [2027, 220]],
        "Demand": [["destination", "year", "units"], ["Boston", 2027, 130]],
        "FacilityYears": [["facility", "year", "fixed_cost", "capacity_units"], ["Newark", 2027, None, "unlimited"]],
        "Parameters": [["name", "value", "unit"], ["single_sourcing", "no", None], ["lease_years", 2, "years"]],
        "Lanes": [
            ["origin", "destination", "cost_per_unit", "distance_miles"],
            ["Chicago", "Boston", 3.5, 983],
            ["Newark", "Boston", 1.25, None],
            ["Chicago", "Denver", 4, 1003.5],
        ],
    }


@pytest.fixture
def write_book(tmp_path: Path) -> Callable[..., Path]:
    """Writes sheets as a real workbook, text as shared strings; `hidden` names sheets to hide."""

    def write(sheets: dict[str, Rows], *, hidden: tuple[str, ...] = (), inline: bool = False) -> Path:
        path = tmp_path / "network.xlsx"
        with xlsxwriter.Workbook(str(path), {"constant_memory": inline, "default_date_format": "yyyy-mm-dd"}) as book:
            for name, rows in sheets.items():
                page = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    page.write_row(number, 0, row)
                if name in hidden:
                    page.hide()
        return path

    return write


@pytest.fixture
def read(write_book: Callable[..., Path]) -> Callable[..., tuple[Summary, dict[str, Rows]]]:
    """Writes sheets and reads them back: the summary and the rows that were sent, by table."""

    def run(sheets: dict[str, Rows], **options: Any) -> tuple[Summary, dict[str, Rows]]:
        sent: dict[str, Rows] = {}

        def emit(batch: Batch) -> None:
            sent.setdefault(batch.table, []).extend(list(row) for row in batch.rows)

        return parse_network(write_book(sheets, **options), emit, lambda _: None), sent

    return run


def sheet_xml(body: str, before: str = "", after: str = "", doctype: str = "") -> str:
    content = f"{before}<sheetData>{body}</sheetData>{after}"
    return f'{HEAD}{doctype}<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{content}</worksheet>'


@pytest.fixture
def write_parts(tmp_path: Path) -> Callable[..., Path]:
    """Writes a workbook part by part; a sheet is its XML, or (its XML, attributes of its entry)."""

    def write(
        sheets: dict[str, str | tuple[str, str]],
        *,
        texts: tuple[str, ...] = ("x",),
        properties: str = "",
        main_type: str = SPREADSHEET,
        extra: tuple[tuple[str, bytes], ...] = (),
        compression: int = zipfile.ZIP_DEFLATED,
    ) -> Path:
        path = tmp_path / "parts.xlsx"
        entries = [(name, *(body if isinstance(body, tuple) else (body, ""))) for name, body in sheets.items()]
        tabs = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{number}" {attributes} r:id="rId{number}"/>'
            for number, (name, _, attributes) in enumerate(entries, 1)
        )
        targets = "".join(
            f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, len(entries) + 1)
        )
        strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{main_type}"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_STRINGS}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}'
            f"<sheets>{tabs}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{targets}'
            f'<Relationship Id="rId90" Type="{OFFICE}/styles" Target="styles.xml"/>'
            f'<Relationship Id="rId91" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        }
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in parts.items():
                archive.writestr(name, HEAD + content)
            for number, (_, body, _) in enumerate(entries, 1):
                archive.writestr(f"xl/worksheets/sheet{number}.xml", body)
            for name, data in extra:
                archive.writestr(name, data)
        return path

    return write


@pytest.fixture
def write_hostile(write_parts: Callable[..., Path]) -> Callable[..., Path]:
    """A workbook with the required sheets and one odd thing about it."""

    def write(body: str = '<row r="1"><c r="A1"><v>1</v></c></row>', doctype: str = "", **options: Any) -> Path:
        return write_parts({"Facilities": sheet_xml(body, doctype=doctype), "Destinations": sheet_xml("")}, **options)

    return write
