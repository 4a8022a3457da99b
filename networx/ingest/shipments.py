"""A file of shipments, read and checked as a whole: good rows go out in batches, every fault is named.

Runs in a confined child process and touches nothing but the file, which it reads twice: for the keys of shipments, then
for everything (see `networx.ingest.repeats`). What it holds does not grow with the file but for 8 bytes a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from networx.domain.phrases import counted
from networx.domain.sheets.shipments import CHARGES, SHIPMENTS
from networx.domain.shipment_columns import SHIPMENT_COLUMNS, TABLE
from networx.errors import Problem
from networx.ingest.bad_rows import BadRowCells, RowCells
from networx.ingest.batches import BATCH_ROWS, Batch, ReadingProgress
from networx.ingest.cells import BadCell, is_empty, text
from networx.ingest.corrections import corrected_words, name_column_faults
from networx.ingest.csv_reader import CsvReader
from networx.ingest.formulas import report_formulas
from networx.ingest.freight_account import BadRows, Counted, LeftOut, TabAccount
from networx.ingest.freight_cells import FreightParsers, whole_cents
from networx.ingest.headers import column_named
from networx.ingest.inspection import inspect
from networx.ingest.mended import MendedRows, Place
from networx.ingest.preflight import TRANSPORT, preflight
from networx.ingest.problems import ProblemLog
from networx.ingest.ranges import FileRanges
from networx.ingest.reader import Cell, Engine, WorkbookReader, open_workbook
from networx.ingest.refusals import Refusal, refuse
from networx.ingest.repeats import Charge, Key, Repeats, hash_of
from networx.ingest.shipment_tabs import ShipmentTabs, shipment_tabs, stated_charges
from networx.ingest.tables import TableRow, table_rows

_COLUMNS = {column.name: at for at, column in enumerate(SHIPMENTS.columns)}
_ORDER, _TRACKING = _COLUMNS["order_id"], _COLUMNS["tracking_number"]
_UNITS = _COLUMNS["units"]
_CHARGES = tuple(_COLUMNS[name] for name in CHARGES)
_ENDS = (("origin_zip", "origin"), ("dest_zip", "destination"))
# From the columns of the sheet to those of the record, which has the tab before them and the charge behind.
assert [name for name, _ in SHIPMENT_COLUMNS] == ["tab", *_COLUMNS, "charge"], "the sheet and the record differ"


@dataclass(frozen=True, slots=True)
class FreightSummary:
    """The outcome: shipments, the problems (the first 10,000 of `problem_count`), what was done in passing, and what
    became of every row and cent, tab by tab.

    `bad_rows` is what the rows carry that have a bad cell. `waits`: they are all that is wrong, and without them there
    are shipments left, so that a person may choose to go on without them. Where somebody did, they are no problems.
    `bad_cells` are the cells of those rows, by tab and row, where they are problems. `still_bad` are the rows that are
    corrected and yet have a bad cell.
    """

    shipments: int
    problems: tuple[Problem, ...]
    problem_count: int
    warnings: tuple[str, ...]
    account: tuple[TabAccount, ...]
    bad_rows: BadRows = field(default_factory=BadRows)
    waits: bool = False
    bad_cells: RowCells = field(default_factory=dict)
    still_bad: frozenset[Place] = frozenset()


def is_shipments(path: Path) -> bool:
    """Whether a file is one of shipments. Raises RefusedInput where it is nothing that can be read."""
    ranges = FileRanges(path)
    return preflight(ranges, ranges.size, path.name).domain == TRANSPORT


def parse_shipments(
    path: Path,
    emit: Callable[[Batch], None],
    progress: Callable[[ReadingProgress], None],
    engine: Engine = "calamine",
    *,
    without_bad_rows: bool | Mapping[str, Any] = False,
    mended: MendedRows | None = None,
) -> FreightSummary:
    """Read a file of shipments, CSV or workbook. Raises RefusedInput where the file as a whole cannot be read.

    Rows of `mended` stand in the place of the file's own: what comes of it is what would come of the file mended there.

    With `without_bad_rows` the rows that have a bad cell are left out and counted so: whichever they are, or, where it
    says what they carry, only if they carry just that.

    Rows are sent in the order of SHIPMENT_COLUMNS, a shipment each, by when the last row of each was read.
    """
    ranges = FileRanges(path)
    accepted = preflight(ranges, ranges.size, path.name)
    if accepted.domain != TRANSPORT:
        raise refuse(Refusal.NOT_SHIPMENTS, "The file is a network. Give the file of shipments, a CSV or a workbook.")
    log, warnings = ProblemLog(), list[str]()
    reader: WorkbookReader
    if accepted.sheets:
        formulas = inspect(path, [sheet.part for sheet in accepted.sheets])
        reader = open_workbook(path, engine)
    else:
        formulas = {}
        reader = CsvReader(path, warnings)
    try:
        tabs = shipment_tabs(reader, log, warnings)
        tabs.mended = mended or {}
        report_formulas(accepted, formulas, tabs.names, log)
        return _FreightReading(tabs, log, warnings, without=without_bad_rows).run(emit, progress)
    finally:
        reader.close()


class _FreightReading:
    """One reading of one file."""

    def __init__(
        self, tabs: ShipmentTabs, log: ProblemLog, warnings: list[str], *, without: bool | Mapping[str, Any]
    ) -> None:
        self._tabs = tabs
        self._log = log
        self._cells = ProblemLog()  # what is wrong with the cells of rows, apart from all else
        self._bad = BadRows()
        self._bad_cells = BadRowCells()
        self._without = without
        self._leaves_out = without is not False
        self._warnings = warnings
        self._parsers = FreightParsers()
        self._accounts = {tab: TabAccount(tab) for tab in tabs.names}
        self._sums = _Sums()
        self._chosen = dict.fromkeys(CHARGES, 0)
        self._corrected: dict[tuple[str, str], Counted] = {}  # by tab and correction
        self._still_bad: set[Place] = set()

    def run(self, emit: Callable[[Batch], None], progress: Callable[[ReadingProgress], None]) -> FreightSummary:
        if not self._tabs.names and not self._log.count:
            self._log.add("No tab has a header of shipments among its first rows.", "no_rows")
        repeats = Repeats(hash_of(key) for key in self._keys())
        name_column_faults(self._tabs.mended, self._tabs.header_cells, self._log)
        self._tabs.on_total = self._total
        sent = 0
        remaining = repeats.shipments(self._charges(), self._log)
        while batch := list(islice(remaining, BATCH_ROWS)):
            emit(Batch(TABLE, batch))
            sent += len(batch)
            progress(ReadingProgress(TABLE, sent))
        if not sent and not self._log.count and (self._leaves_out or not self._cells.count):
            self._log.add("The file has no shipments; it needs at least one.", "no_rows", sheet=self._tabs.names[0])
        waits = bool(self._cells.count and sent and not self._log.count)
        if self._without is not True and self._without != self._bad.as_dict():
            self._log.extend(self._cells)
        return FreightSummary(
            shipments=sent,
            problems=tuple(self._log.kept),
            problem_count=self._log.count,
            bad_rows=self._bad,
            waits=waits,
            bad_cells=self._bad_cells.kept if waits and self._log.count else {},
            still_bad=frozenset(self._still_bad),
            warnings=(*self._warnings, *self._done_in_passing()),
            account=tuple(self._accounts.values()),
        )

    def _keys(self) -> Iterator[Key]:
        """The keys of all rows, without a word on what is wrong in them."""
        for tab in self._tabs.names:
            rows = self._tabs.rows(tab)
            places = {
                column.name: at
                for _, header in islice(rows, 1)
                for at, cell in enumerate(header)
                if cell is not None and (column := column_named(SHIPMENTS, str(cell).strip())) is not None
            }
            order, tracking = places.get("order_id"), places.get("tracking_number")
            if order is None or tracking is None:
                continue
            for _, row in rows:
                if tracking < len(row) and row[tracking] is not None:
                    key = _key(row[order] if order < len(row) else None, row[tracking])
                    if key is not None:
                        yield key

    def _charges(self) -> Iterator[Charge]:
        parsers = {column.name: self._parsers.of(column) for column in SHIPMENTS.columns}
        corrections = self._tabs.mended
        for row in table_rows(self._tabs, SHIPMENTS, self._tabs.names, parsers, self._log, self._cells):
            charge = self._checked(row)
            if charge is not None:
                self._sums.add(row)
                mended = corrections.get((row.tab, row.number)) if corrections else None
                if mended is not None:
                    self._corrected.setdefault((row.tab, mended.by), Counted()).add(charge.cells[-1])
                yield charge
            else:
                self._sums.incomplete.add(row.tab)
                self._leave_out(row)

    def _leave_out(self, row: TableRow) -> None:
        """A row that has a fault: what it carries is told, and counted where somebody goes on without it."""
        if (row.tab, row.number) in self._tabs.mended:
            self._still_bad.add((row.tab, row.number))
        cents = next((row.values[at] for at in _CHARGES if row.values[at] is not None), None)
        self._bad.add(cents, row.values[_UNITS])
        self._bad_cells.keep(row.tab, row.number, self._tabs.header_cells[row.tab], row.stored)
        if self._leaves_out:
            self._accounts[row.tab].leave_out(LeftOut.BAD, cents or 0)

    def _checked(self, row: TableRow) -> Charge | None:
        """The row as a charge, or None for one that has a fault, which is named."""
        values = row.values
        chosen = next((at for at in _CHARGES if values[at] is not None), None)
        whole = not row.bad
        unread: frozenset[str] = frozenset() if whole else self._unread(row)
        for zip_column, name_column in _ENDS:
            neither = values[_COLUMNS[zip_column]] is None and values[_COLUMNS[name_column]] is None
            if neither and unread.isdisjoint((zip_column, name_column)):
                whole = False
                message = f"{zip_column} is empty, and so is {name_column}; state one of them."
                self._cells.add(message, "required", sheet=row.tab, row=row.number, column=zip_column)
        if chosen is None and unread.isdisjoint(CHARGES):
            whole = False
            message = f"The row has no charge; state {' or '.join(CHARGES)}."
            self._cells.add(message, "required", sheet=row.tab, row=row.number, column=CHARGES[0])
        if not whole or chosen is None:
            return None
        self._chosen[CHARGES[_CHARGES.index(chosen)]] += 1
        tracking = values[_TRACKING]
        key = None if tracking is None else (values[_ORDER], tracking)
        return Charge(self._accounts[row.tab], row.number, key, (row.tab, *values, values[chosen]))

    def _unread(self, row: TableRow) -> frozenset[str]:
        """The columns whose cell states something that could not be read, and was named for it."""
        return frozenset(
            name
            for at, name in self._tabs.columns[row.tab]
            if at < len(row.stored) and not is_empty(row.stored[at]) and row.values[_COLUMNS[name]] is None
        )

    def _total(self, tab: str, number: int, cells: dict[str, Cell]) -> None:
        """A total is passed over if it says what the rows above it add up to."""
        stated: dict[str, int] = {}
        for name, cell in stated_charges(cells).items():
            try:
                stated[name], _ = whole_cents(cell)
            except BadCell as bad:
                message = f"{name} of this total {bad.message}."
                self._log.add(message, bad.rule, sheet=tab, row=number, column=name, value=cell)
                return
        for name, cents in stated.items():
            known = self._sums.known(tab, name)
            # Where a row could not be read, in whichever tab, a total of the whole file is of more than is known.
            if cents not in known and not self._sums.incomplete:
                message = (
                    f"The total says {cents / 100:,.2f} and the rows above it add up to {known[0] / 100:,.2f} in "
                    f"{name}. Correct the rows or remove the total."
                )
                self._log.add(message, "total", sheet=tab, row=number, column=name, value=cells[name])
        self._sums.passed_total(tab)
        self._accounts[tab].leave_out(LeftOut.TOTAL, next((stated[name] for name in CHARGES if name in stated), 0))

    def _done_in_passing(self) -> Iterator[str]:
        if self._parsers.zeros_put_back:
            cells = counted(self._parsers.zeros_put_back, "ZIP code")
            yield f"{cells} had lost the zeros at the front, which were put back."
        if self._parsers.finer_than_a_cent:
            cells = counted(self._parsers.finer_than_a_cent, "amount")
            yield f"{cells} finer than a cent: rounded to the cent, each by itself, half a cent away from zero."
        chosen = {name: rows for name, rows in self._chosen.items() if rows}
        if len(chosen) > 1:
            told = ", ".join(f"{name} in {counted(rows, 'row')}" for name, rows in chosen.items())
            yield f"The charge is the first that a row states of {', '.join(CHARGES)}: {told}."
        for (tab, by), corrected in self._corrected.items():
            yield corrected_words(corrected.rows, tab, by, _dollars(corrected.cents))
        for account in self._accounts.values():
            for reason, left in account.left_out.items():
                yield f"{account.tab}: {counted(left.rows, 'row')} left out, {_WHY[reason]}, {_dollars(left.cents)}."
        if self._leaves_out and self._bad.uncharged:
            rows = counted(self._bad.uncharged, "row")
            yield f"The charge of {rows} left out for a bad cell cannot be read, and stands in no sum."


_WHY = {
    LeftOut.TOTAL: "totals of rows that are read themselves",
    LeftOut.REPEATED: "charges that stand in the file already (the same order, tracking number and cells)",
    LeftOut.BAD: "for a cell that cannot be read, as a person decided",
}


def _dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}${abs(cents) / 100:,.2f}"


class _Sums:
    """What the rows read so far add up to, by charge column: of a tab, since its last total, and of the whole file."""

    def __init__(self) -> None:
        self.incomplete: set[str] = set()
        self._whole = [0] * len(_CHARGES)
        self._tab: dict[str, list[int]] = {}
        self._since: dict[str, list[int]] = {}

    def add(self, row: TableRow) -> None:
        sums = (self._whole, self._of(self._tab, row.tab), self._of(self._since, row.tab))
        for at, place in enumerate(_CHARGES):
            cents = row.values[place]
            if cents:
                for one in sums:
                    one[at] += cents

    def known(self, tab: str, name: str) -> list[int]:
        at = CHARGES.index(name)
        return [self._of(self._since, tab)[at], self._of(self._tab, tab)[at], self._whole[at]]

    def passed_total(self, tab: str) -> None:
        self._since[tab] = [0] * len(_CHARGES)

    def _of(self, sums: dict[str, list[int]], tab: str) -> list[int]:
        return sums.setdefault(tab, [0] * len(_CHARGES))


def _key(order: Cell, tracking: Cell) -> Key | None:
    try:
        return (None if order is None else text(order), text(tracking))
    except BadCell:
        return None
