"""Whether a workbook holds shipments, from the first rows of its sheets: read by ranges, a little of each part.

No reader of workbooks: it finds a header and believes nothing else. What a small function must not be made to do by a
hostile file is bounded here: so much of a part is inflated and no more.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Sequence

from networx.domain.schema import fold
from networx.domain.sheets.shipments import SHIPMENTS
from networx.ingest.archive import ARCHIVE_ERRORS
from networx.ingest.parts import SheetEntry
from networx.ingest.recognise import header_row, months_across
from networx.ingest.refusals import damaged

_SHEET_BYTES = 512 * 1024
_TEXTS_BYTES = 4 * 1024 * 1024
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>(.*?)</(?:\w+:)?row>", re.DOTALL)
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_KIND = re.compile(rb"""\bt=["'](\w+)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_TEXT = re.compile(rb"<(?:\w+:)?t\b[^>]*>([^<]*)<")
_SHARED = re.compile(rb"<(?:\w+:)?si\b[^>]*>(.*?)</(?:\w+:)?si>", re.DOTALL)


def workbook_has_shipments(archive: zipfile.ZipFile, sheets: Sequence[SheetEntry]) -> bool:
    """Whether a visible tab is named as shipments are, or has their header among its first rows."""
    shown = [entry for entry in sheets if entry.holds_cells and entry.state == "visible"]
    if any(fold(entry.name).startswith(fold(SHIPMENTS.name)) for entry in shown):
        return True
    texts: list[str] | None = None
    for entry in shown:
        start = _start(archive, entry.part, _SHEET_BYTES)
        if texts is None:
            texts = _shared_texts(archive)
        if header_row(enumerate(_rows(start, texts), 1)) is not None:
            return True
    return False


def workbook_has_months_across(archive: zipfile.ZipFile, sheets: Sequence[SheetEntry]) -> tuple[str, list[str]] | None:
    """The first visible tab of freight with months or years across that are written as text, and their headings."""
    texts = _shared_texts(archive)
    for entry in sheets:
        if entry.holds_cells and entry.state == "visible":
            found = months_across(_rows(_start(archive, entry.part, _SHEET_BYTES), texts))
            if found:
                return entry.name, found
    return None


def _rows(start: bytes, texts: Sequence[str]) -> Iterator[list[str]]:
    for row in _ROW.finditer(start):
        cells = [_cell(cell.group(1), cell.group(2), texts) for cell in _CELL.finditer(row.group(1))]
        if any(cells):
            yield cells


def _cell(attributes: bytes, content: bytes, texts: Sequence[str]) -> str:
    kind = _KIND.search(attributes)
    value = _VALUE.search(content)
    if kind is not None and kind.group(1) == b"s" and value is not None:
        at = value.group(1).strip()
        return texts[int(at)] if at.isdigit() and int(at) < len(texts) else ""
    if kind is not None and kind.group(1) == b"inlineStr":
        return _plain(b"".join(_TEXT.findall(content)))
    return "" if value is None else _plain(value.group(1))


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    """The first of them, which are those of the first rows in what spreadsheet programs write."""
    part = next((name for name in archive.namelist() if name.lower().endswith("sharedstrings.xml")), None)
    if part is None:
        return []
    start = _start(archive, part, _TEXTS_BYTES)
    return [_plain(b"".join(_TEXT.findall(text))) for text in _SHARED.findall(start)]


def _plain(text: bytes) -> str:
    return html.unescape(text.decode("utf-8", "replace"))


def _start(archive: zipfile.ZipFile, name: str, length: int) -> bytes:
    try:
        with archive.open(name) as part:
            return part.read(length)
    except ARCHIVE_ERRORS as error:
        raise damaged(f"its part {name} cannot be read", error) from error
