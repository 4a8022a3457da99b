"""The rows of Facilities, Destinations and Suppliers: names stand once, coordinates come in pairs, or from a known ZIP.

A coordinate taken from public Census data is counted, so that the dataset's report can say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from networx.domain.geography import CENTROID_SOURCE, centroid
from networx.domain.phrases import counted
from networx.domain.schema import Sheet
from networx.ingest.cells import Parser, zip_code
from networx.ingest.names import Names
from networx.ingest.problems import ProblemLog
from networx.ingest.reader import Cell
from networx.ingest.tables import TableRow


class Places:
    """The places of one sheet as they are read; `seen` counts rows, `located` those placed by their ZIP's centroid."""

    def __init__(self, sheet: Sheet, log: ProblemLog) -> None:
        self.names = Names(sheet.name)
        self.located = 0
        self.seen = 0
        self.parsers: dict[str, Parser] = {"zip": self._zip}
        self._sheet = sheet
        columns = [column.name for column in sheet.supported_columns]
        places = (columns.index(name) for name in ("name", "zip", "latitude", "longitude"))
        self._name_at, self._zip_at, self._latitude_at, self._longitude_at = places
        self._log = log
        self._zeros_restored = 0

    def rows(self, rows: Iterator[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows, with coordinates filled in where only the ZIP gives them."""
        for row in rows:
            self.seen += 1
            # A row's name is known even if another of its cells is bad, or every lane to it would be called bad too.
            name_good = self._name(row)
            place_good = self._locate(row)
            if name_good and place_good and not row.bad:
                yield tuple(row.values)

    def warnings(self) -> list[str]:
        """What was done to the client's cells, in sentences."""
        said: list[str] = []
        if self._zeros_restored:
            said.append(
                f"{self._sheet.name}: {counted(self._zeros_restored, 'ZIP code')} stored as numbers; the leading zeros "
                "were put back."
            )
        if self.located:
            said.append(
                f"{self._sheet.name}: {counted(self.located, 'place')} without coordinates of their own, put at the "
                f"centroid of their ZIP ({CENTROID_SOURCE})."
            )
        return said

    def _name(self, row: TableRow) -> bool:
        name = row.values[self._name_at]
        if name is None:
            return False
        fault = self.names.add(name, row.number)
        if fault:
            message = f"name {fault}."
            self._log.add(message, "duplicate_name", sheet=row.tab, row=row.number, column="name", value=name)
        return fault is None

    def _locate(self, row: TableRow) -> bool:
        latitude, longitude = row.values[self._latitude_at], row.values[self._longitude_at]
        if (latitude is None) != (longitude is None):
            if row.bad:
                return False  # the other one may be there and bad, which is said already
            column = "latitude" if latitude is None else "longitude"
            message = f"{column} is empty; give latitude and longitude together, or neither."
            self._log.add(message, "coordinates", sheet=row.tab, row=row.number, column=column)
            return False
        zip_text = row.values[self._zip_at]
        if latitude is not None or zip_text is None or row.bad:
            return True
        point = centroid(zip_text[:5])
        if point is None:
            message = (
                "zip is not among the ZIP codes of the public Census data; correct it, or give latitude and longitude."
            )
            self._log.add(message, "unknown_zip", sheet=row.tab, row=row.number, column="zip", value=zip_text)
            return False
        row.values[self._latitude_at], row.values[self._longitude_at] = point
        self.located += 1
        return True

    def _zip(self, cell: Cell) -> str:
        written = zip_code(cell)
        if not isinstance(cell, str) and written.startswith("0"):
            self._zeros_restored += 1
        return written
