"""The tabs of a file that hold shipments, each from its header on, and without its totals.

Titles above the header are passed over, and so are totals among the rows: what a total says must be what the rows above
it add up to, or the file is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from networx.domain.schema import is_documentation
from networx.domain.sheets.shipments import CHARGES, SHIPMENTS
from networx.ingest.cells import is_empty
from networx.ingest.headers import column_named
from networx.ingest.mended import MendedRows
from networx.ingest.problems import ProblemLog
from networx.ingest.reader import Cell, Row, WorkbookReader
from networx.ingest.recognise import header_row
from networx.ingest.tables import has_rows

_TOTALS = ("total", "totals", "grand total", "subtotal", "sub total", "sub-total")
OnTotal = Callable[[str, int, dict[str, Cell]], None]


@dataclass(slots=True)
class ShipmentTabs:
    """A reader that shows of each tab its header and rows. `on_total` is told of each total as it is passed.

    Rows of `mended` stand in the place of the file's own, as if the file had been mended there.
    """

    reader: WorkbookReader
    headers: dict[str, int] = field(default_factory=dict)
    header_cells: dict[str, list[Cell]] = field(default_factory=dict)
    columns: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    on_total: OnTotal = lambda _tab, _number, _cells: None
    mended: MendedRows = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The tabs with shipments, in their order."""
        return list(self.headers)

    def sheets(self) -> list[tuple[str, bool]]:
        return [(tab, True) for tab in self.headers]

    def rows(self, sheet: str) -> Iterator[Row]:
        header = self.headers[sheet]
        columns: list[tuple[int, str]] = []
        for number, stored in self.reader.rows(sheet):
            if number < header:
                continue
            if number == header:
                columns = self.columns[sheet] = _columns(stored)
                self.header_cells[sheet] = stored
                yield number, stored
                continue
            mended = self.mended.get((sheet, number)) if self.mended else None
            row = stored if mended is None else mended.under(self.header_cells[sheet])
            if _is_total(row):
                self.on_total(sheet, number, {name: row[at] for at, name in columns if at < len(row)})
            else:
                yield number, row

    def close(self) -> None:
        self.reader.close()


def shipment_tabs(reader: WorkbookReader, log: ProblemLog, warnings: list[str]) -> ShipmentTabs:
    """Find them. Tabs that are hidden or for readers are named in warnings, any other that holds something is
    refused."""
    found = ShipmentTabs(reader)
    for tab, shows in reader.sheets():
        if not shows:
            warnings.append(f"The sheet {tab} is hidden and was not read.")
            continue
        number = header_row((number, row) for number, row in reader.rows(tab) if not all(map(is_empty, row)))
        if number is not None:
            found.headers[tab] = number
            if number > 1:
                warnings.append(f"What stands above the header in row {number} of {tab} was not read.")
        elif is_documentation(tab):
            warnings.append(f"The sheet {tab} is documentation and was not read.")
        elif has_rows(reader, tab, beneath_header=False):
            message = (
                f"The sheet {tab} has no header of shipments (order_id, ship_date, mode and a charge such as "
                "net_charge); name its columns so, rename it to Notes if it is for readers only, or remove it."
            )
            log.add(message, "unknown_sheet", sheet=tab)
    return found


def _columns(header: Sequence[Cell]) -> list[tuple[int, str]]:
    named = ((at, column_named(SHIPMENTS, str(cell).strip())) for at, cell in enumerate(header) if not is_empty(cell))
    return [(at, column.name) for at, column in named if column is not None]


def _is_total(row: Sequence[Cell]) -> bool:
    """Whether the first thing a row says is that it is a total."""
    for cell in row:
        if not is_empty(cell):
            return isinstance(cell, str) and cell.strip().rstrip(":").casefold() in _TOTALS
    return False


def stated_charges(cells: dict[str, Cell]) -> dict[str, Cell]:
    """The charges that a total states, by column."""
    return {name: cells[name] for name in CHARGES if not is_empty(cells.get(name))}
