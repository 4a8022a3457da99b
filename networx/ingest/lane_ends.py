"""Where the rows of Lanes start and end in a network with suppliers: the origin says which sheet the other end is in.

A lane from a supplier ends at a facility, one from a facility at a destination, so that a facility and a destination
may have one name. A supplier and a facility may not: nothing would say which of the two a lane starts at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from networx.domain.schema import LANES
from networx.ingest.cells import BadCell, Parser, Unjudged, text
from networx.ingest.names import Names
from networx.ingest.problems import ProblemLog
from networx.ingest.reader import Cell
from networx.ingest.tables import TableRow

_NAME, _ORIGIN, _END = 0, 0, 1
LANE_COLUMNS = [column.name for column in LANES.supported_columns]
_DAYS = LANE_COLUMNS.index("transit_days")  # of the way to a destination; a lane from a supplier has none
INBOUND_COLUMNS = [*LANE_COLUMNS[:_DAYS], *LANE_COLUMNS[_DAYS + 1 :]]


def of_suppliers_alone(suppliers: Iterable[TableRow], facilities: Names, log: ProblemLog) -> None:
    """Refuse each supplier that has the name of a facility."""
    for row in suppliers:
        name = row.values[_NAME]
        if name is not None and facilities.find(name) is not None:
            message = (
                "name is the name of a facility too, so that a lane from it could start at either; call one of them "
                "differently."
            )
            log.add(message, "duplicate_name", sheet=row.tab, row=row.number, column="name", value=name)


class LaneEnds:
    """While a row is read, its origin is a facility's code, or -1 less a supplier's, and its other end a name."""

    def __init__(self, suppliers: Names, facilities: Names, destinations: Names, log: ProblemLog) -> None:
        self.parsers: dict[str, Parser] = {"origin": self._origin, "destination": text}
        self._suppliers, self._facilities, self._destinations = suppliers, facilities, destinations
        self._log = log

    def resolved(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The rows with the code of their other end in place of its name; what is no name of its sheet is a problem."""
        return self._resolved(rows, self._log)

    def quietly(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The same for rows whose problems are named already."""
        return self._resolved(rows, ProblemLog())

    @staticmethod
    def outbound(rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The rows that start at a facility."""
        return (row for row in rows if row.values[_ORIGIN] is not None and row.values[_ORIGIN] >= 0)

    @staticmethod
    def inbound(rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The rows that start at a supplier, with its own code, in the columns that they have."""
        for row in rows:
            origin = row.values[_ORIGIN]
            if origin is not None and origin < 0:
                yield row._replace(values=[-1 - origin, *row.values[1:_DAYS], *row.values[_DAYS + 1 :]])

    def refuse_days(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The same rows; days of a lane from a supplier are named, since no service level speaks of them."""
        for row in rows:
            origin, days = row.values[_ORIGIN], row.values[_DAYS]
            if origin is not None and origin < 0 and days is not None:
                message = "transit_days is not supported for a lane from a supplier; leave it empty."
                column = "transit_days"
                self._log.add(message, "not_supported", sheet=row.tab, row=row.number, column=column, value=days)
            yield row

    def _origin(self, cell: Cell) -> int:
        name = text(cell)
        facility = self._facilities.find(name)
        if facility is not None:
            return facility
        supplier = self._suppliers.find(name)
        if supplier is not None:
            return -1 - supplier
        if self._facilities.unread or self._suppliers.unread:
            raise Unjudged
        likely = self._facilities.likely(name) or self._suppliers.likely(name)
        cure = f"did you mean {likely}?" if likely else "add it to one of them or correct the name"
        raise BadCell("unknown_name", f"is not a name in the sheet Facilities or Suppliers; {cure}")

    def _resolved(self, rows: Iterable[TableRow], log: ProblemLog) -> Iterator[TableRow]:
        for row in rows:
            origin, name = row.values[_ORIGIN], row.values[_END]
            if origin is None or name is None:
                yield row
                continue
            names = self._destinations if origin >= 0 else self._facilities
            try:
                row.values[_END] = names.code(name)
            except Unjudged:
                row.values[_END] = None
                yield row._replace(bad=True)
            except BadCell as fault:
                row.values[_END] = None
                message = f"destination {fault.message}".rstrip("?.") + ("?" if fault.message.endswith("?") else ".")
                log.add(message, fault.rule, sheet=row.tab, row=row.number, column="destination", value=name)
                yield row._replace(bad=True)
            else:
                yield row
