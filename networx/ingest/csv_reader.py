"""A CSV file read as a workbook with one tab, so that what reads workbooks reads it too.

Encodings: a byte order mark says UTF-8 or UTF-16; without one the whole file is UTF-8, or else Windows' CP1252, and a
warning says so. The delimiter is the one by which the first rows have the most known columns; nobody guesses it by
counting characters.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from networx.ingest.reader import Cell, Row
from networx.ingest.recognise import delimiter_of
from networx.ingest.refusals import Refusal, refuse

TAB = "CSV"
_CHUNK_BYTES = 1024 * 1024
_LOOKED_AT = 64 * 1024
LONGEST_CELL = 32_767  # as in a workbook
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class CsvReader:
    """An open CSV file, rows numbered from 1 as a spreadsheet would show them. Raises RefusedInput where it breaks."""

    def __init__(self, path: Path, warnings: list[str]) -> None:
        self._path = path
        self._encoding = _encoding_of(path)
        if self._encoding == "cp1252":
            warnings.append("The file is not in UTF-8 and was read as Windows' CP1252.")
        with self._open() as file:
            self._delimiter = delimiter_of(file.read(_LOOKED_AT))

    def sheets(self) -> list[tuple[str, bool]]:
        return [(TAB, True)]

    def rows(self, sheet: str) -> Iterator[Row]:
        assert sheet == TAB, sheet
        csv.field_size_limit(LONGEST_CELL)
        number = 0
        with self._open() as file:
            try:
                for number, row in enumerate(csv.reader(file, delimiter=self._delimiter, strict=True), 1):
                    cells: list[Cell] = [cell or None for cell in row]
                    yield number, cells
            except (csv.Error, UnicodeError) as fault:
                raise refuse(
                    Refusal.DAMAGED_FILE,
                    f"The CSV file cannot be read after row {number:,}: {fault}. Quotes must come in pairs; save it "
                    "again as CSV (UTF-8) and upload that.",
                ) from fault

    def close(self) -> None:
        """Nothing is held open between readings."""

    def _open(self) -> TextIOWrapper:
        return self._path.open(encoding=self._encoding, newline="")


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in BYTE_ORDER_MARKS.items():
            if start.startswith(mark):
                return encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(_CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"
