"""Rows of a file as a correction has them: what takes the place of the file's own. Needs no reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from networx.ingest.bad_rows import Cells, header_name
from networx.ingest.cells import is_empty
from networx.ingest.reader import Cell

Place = tuple[str, int]  # a tab, and the number of a row in it


class Mended(NamedTuple):
    """A row as it is corrected: (header, cell) as they stand in the workbook, and the name of the correction."""

    cells: Cells
    by: str

    def under(self, header: Sequence[Cell]) -> list[Cell]:
        """The cells in the order of a tab's header."""
        stated: dict[str, Cell] = dict(self.cells)
        return [None if is_empty(name) else stated.get(header_name(name)) for name in header]


MendedRows = Mapping[Place, Mended]
