"""A network workbook, read and checked as a whole: good rows go out in batches, every fault is named.

Runs in a confined child process and touches nothing but the file. What the rows become is for the loader: it keeps
them only if the summary has no problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.schema import (
    ASSIGNMENTS,
    CONTROL_TOTALS,
    DEMAND,
    DESTINATIONS,
    EXPANSIONS,
    FACILITIES,
    FACILITY_YEARS,
    FITTED_RATES,
    FORECAST,
    INVENTORY,
    LANES,
    ONE_TIME_COSTS,
    OPERATING_COSTS,
    PARAMETERS,
    RATES,
    SERVICE_YEARS,
    SKUS,
    SUPPLIERS,
    SUPPORTED_SHEETS,
    WAREHOUSE,
    Sheet,
)
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.errors import Problem, RefusedInput
from networx.ingest.cells import Parser
from networx.ingest.cost_lines import CostLines
from networx.ingest.expansions import Tiers
from networx.ingest.formulas import report_formulas
from networx.ingest.inspection import inspect
from networx.ingest.lane_ends import INBOUND_COLUMNS, LANE_COLUMNS, LaneEnds, of_suppliers_alone
from networx.ingest.lane_prices import LanePrices, day_written
from networx.ingest.names import Names
from networx.ingest.occupancy import checked
from networx.ingest.pairs import PairTable, TooManyPairs
from networx.ingest.parameter_rows import facility_parameter_rows, parameter_rows
from networx.ingest.places import Places
from networx.ingest.preflight import (
    DEMAND_SHEETS,
    NETWORK,
    REQUIRED_SHEETS,
    Preflight,
    of_demand_alone,
    preflight,
)
from networx.ingest.problems import ProblemLog
from networx.ingest.ranges import FileRanges
from networx.ingest.reader import Cell, Engine, WorkbookReader, open_workbook
from networx.ingest.refusals import Refusal
from networx.ingest.sku_rows import sku_rows
from networx.ingest.tables import TableRow, table_rows
from networx.ingest.tabs import tabs_of
from networx.ingest.unmatched import UnmatchedColumn, unmatched_columns
from networx.ingest.years import Years

BATCH_ROWS = 5_000
INBOUND_LANES = "inbound_lanes"  # the table of the rows of Lanes that start at a supplier
MAX_PAIRS = 500_000_000  # facilities x destinations or suppliers, a bit each while lanes are read: 60 MB


@dataclass(frozen=True, slots=True)
class Batch:
    """Good rows of one table, at most BATCH_ROWS, cells in the order of DIGEST_COLUMNS.

    An empty cell is None, unlimited capacity the text `inf`; references are row numbers from 0 in the table they name.
    """

    table: str
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """How far the reading is: good rows so far of the table now read."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome: good rows a table, the problems (the first 10,000 of `problem_count`), and what was done in passing.

    `located` counts the places, by table, whose coordinates are Census centroids of their ZIP, not the client's own;
    `unmatched` are the columns that nobody knows what they are.
    """

    rows: dict[str, int]
    problems: tuple[Problem, ...]
    problem_count: int
    warnings: tuple[str, ...]
    demand_units: float
    located: dict[str, int]
    unmatched: tuple[UnmatchedColumn, ...] = ()


def parse_network(
    path: Path,
    emit: Callable[[Batch], None],
    progress: Callable[[ReadingProgress], None],
    engine: Engine = "calamine",
    *,
    demand_alone: bool | None = False,
) -> Summary:
    """Read a workbook. Raises RefusedInput where the file as a whole cannot be read; other faults are summarised.

    With `demand_alone` only destinations, their demand and the parameters are read; a warning names each other sheet.
    Where it is None, so is a workbook that has no other sheets.
    """
    ranges = FileRanges(path)
    required = None if demand_alone is None else (DESTINATIONS,) if demand_alone else REQUIRED_SHEETS
    accepted = preflight(ranges, ranges.size, path.name, required)
    if accepted.domain != NETWORK:
        message = "The file holds shipments and no network. Run it as a scenario of type baseline (--type baseline)."
        raise RefusedInput([Problem(message, "domain")], code=Refusal.NOT_A_NETWORK.value)
    if demand_alone is None:
        demand_alone = of_demand_alone(accepted.sheets)
    formulas = inspect(path, [sheet.part for sheet in accepted.sheets])
    reader = open_workbook(path, engine)
    try:
        reading = _NetworkReading(reader, emit, progress)
        return reading.run_of_demand(accepted, formulas) if demand_alone else reading.run(accepted, formulas)
    finally:
        reader.close()


class _NetworkReading:
    """One reading of one workbook: the small sheets first, whatever their order in the file, the lanes last."""

    def __init__(
        self, reader: WorkbookReader, emit: Callable[[Batch], None], progress: Callable[[ReadingProgress], None]
    ) -> None:
        self._reader = reader
        self._emit = emit
        self._progress = progress
        self._log = ProblemLog()
        self._warnings: list[str] = []
        self._rows: dict[str, int] = {}
        self._tabs = tabs_of(reader, self._log, self._warnings)
        self._years = Years(self._log)
        self._prices = LanePrices(self._log)
        self._facilities = Places(FACILITIES, self._log)
        self._destinations = Places(DESTINATIONS, self._log)
        self._suppliers = Places(SUPPLIERS, self._log)
        self._demand_units = 0.0
        self._demanded = False  # whether a row of Demand asks for anything

    def run(self, accepted: Preflight, formulas: Mapping[str, list[str]]) -> Summary:
        self._report_formulas(accepted, formulas)
        self._read_places(FACILITIES, self._facilities)
        self._read_places(DESTINATIONS, self._destinations)
        self._read_suppliers()
        self._read_rules()
        self._read_costs()
        self._read_storage()
        self._send(PARAMETERS.table, self._prices.parameters(parameter_rows(self._table(PARAMETERS), self._log)))
        self._read_lanes()
        return self._summary()

    def run_of_demand(self, accepted: Preflight, formulas: Mapping[str, list[str]]) -> Summary:
        """Destinations, their demand and the parameters alone."""
        for sheet in SUPPORTED_SHEETS:
            if sheet not in DEMAND_SHEETS:
                self._warnings += [f"The sheet {tab} was not read." for tab in self._tabs[sheet.table]]
                self._tabs[sheet.table] = []
        self._report_formulas(accepted, formulas)
        self._read_places(DESTINATIONS, self._destinations)
        self._read_rules()
        self._send(PARAMETERS.table, parameter_rows(self._table(PARAMETERS), self._log))
        return self._summary()

    def _summary(self) -> Summary:
        return Summary(
            rows=self._rows,
            problems=tuple(self._log.kept),
            problem_count=self._log.count,
            warnings=tuple(self._warnings),
            demand_units=self._demand_units,
            located={
                sheet.table: places.located
                for sheet, places in (
                    (FACILITIES, self._facilities),
                    (DESTINATIONS, self._destinations),
                    (SUPPLIERS, self._suppliers),
                )
            },
            unmatched=unmatched_columns(self._reader, self._tabs, self._log.kept),
        )

    def _read_places(self, sheet: Sheet, places: Places) -> None:
        earlier = self._log.count
        table = self._table(sheet, places.parsers)
        rows = places.rows(checked(table, self._log) if sheet is FACILITIES else table)
        self._send(sheet.table, rows if sheet is FACILITIES else self._summed(rows))
        self._warnings += places.warnings()
        if not places.seen and self._log.count == earlier:
            self._log.add("The sheet has no rows; it needs at least one.", "no_rows", sheet=sheet.name)

    def _read_suppliers(self) -> None:
        rows = self._suppliers.rows(self._table(SUPPLIERS, self._suppliers.parsers))
        self._send(SUPPLIERS.table, rows)
        of_suppliers_alone(self._again(SUPPLIERS, {}), self._facilities.names, self._log)
        self._warnings += self._suppliers.warnings()

    def _summed(self, destinations: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in destinations:
            self._demand_units += row[-1]
            yield row

    def _looked_through(self, demand: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in demand:
            self._demanded = self._demanded or row[-1] > 0
            yield row

    def _read_rules(self) -> None:
        self._send(FORECAST.table, self._years.forecast_rows(self._table(FORECAST)))
        if self._years.forecast and not self._demand_units and not self._log.count:
            message = "demand_units are all 0, so there is nothing for Forecast to scale; state them."
            self._log.add(message, "not_scalable", sheet=DESTINATIONS.name, column="demand_units")
        named = {"destination": self._destinations.names.code, "facility": self._facilities.names.code}
        demand = PairTable(first=1, second=0, size=len(self._destinations.names))
        rows = demand.unique(self._years.of_demand(self._table(DEMAND, named)))
        self._send(DEMAND.table, self._looked_through(rows))
        if not self._demanded and not self._demand_units and not self._log.count and len(self._destinations.names):
            self._warnings.append(
                "All demand is 0: there is nothing to serve, and a plan has the costs of its facilities alone."
            )
        demand.report(
            self._again(DEMAND, named),
            "destination and year",
            lambda year, code: f"The demand of {self._destinations.names.name(code)} in {year}",
            self._log,
        )
        self._years.require_all_demand(self._destinations.names, demand)
        facility_years = PairTable(first=1, second=0, size=len(self._facilities.names))
        self._send(
            FACILITY_YEARS.table, facility_years.unique(self._years.of_facilities(self._table(FACILITY_YEARS, named)))
        )
        facility_years.report(
            self._again(FACILITY_YEARS, named),
            "facility and year",
            lambda year, code: f"The year {year} of {self._facilities.names.name(code)}",
            self._log,
        )
        self._send(RATES.table, self._prices.rates(self._table(RATES)))
        self._send(FITTED_RATES.table, self._prices.fitted(self._table(FITTED_RATES, {"accepted_on": day_written})))
        self._send(SERVICE_YEARS.table, self._years.once_each(self._table(SERVICE_YEARS)))
        tiers = Tiers(self._facilities.names, self._log)
        self._send(EXPANSIONS.table, tiers.rows(self._table(EXPANSIONS, named)))
        tiers.report(self._again(EXPANSIONS, named))
        assignments = PairTable(first=0, second=1, size=len(self._destinations.names))
        self._send(ASSIGNMENTS.table, assignments.unique(self._table(ASSIGNMENTS, named)))
        assignments.report(
            self._again(ASSIGNMENTS, named),
            "facility and destination",
            lambda site, code: (
                f"The assignment of {self._destinations.names.name(code)} to {self._facilities.names.name(site)}"
            ),
            self._log,
        )

    def _read_costs(self) -> None:
        lines = CostLines(self._log)
        for sheet in (OPERATING_COSTS, CONTROL_TOTALS, ONE_TIME_COSTS):
            rows = self._table(sheet, {"facility": self._facilities.names.code})
            self._send(sheet.table, lines.rows(sheet, rows))

    def _read_storage(self) -> None:
        sites = self._facilities.names

        def facility(cell: Cell) -> str:
            return sites.name(sites.code(cell))

        self._send(SKUS.table, sku_rows(self._table(SKUS), self._log))
        for sheet, kind in ((WAREHOUSE, WarehouseParameters), (INVENTORY, InventoryParameters)):
            rows = self._table(sheet, {"facility": facility})
            self._send(sheet.table, facility_parameter_rows(rows, kind, self._log))

    def _read_lanes(self) -> None:
        facilities = self._facilities.names
        for sheet, names in ((DESTINATIONS, self._destinations.names), (SUPPLIERS, self._suppliers.names)):
            if len(facilities) * len(names) > MAX_PAIRS:
                message = (
                    f"{len(facilities):,} facilities x {len(names):,} {sheet.table} are more than {MAX_PAIRS:,} pairs, "
                    f"beyond what one network may hold; group the {sheet.table}, for example by ZIP3."
                )
                self._log.add(message, "too_many_pairs", sheet=LANES.name)
                return
        if len(self._suppliers.names):
            self._read_lanes_both_ways()
        else:
            self._read_lanes_one_way()
        self._warnings += self._prices.warnings()

    def _read_lanes_one_way(self) -> None:
        facilities, destinations = self._facilities.names, self._destinations.names
        named = {"origin": facilities.code, "destination": destinations.code}
        self._send_lanes(
            LANES.table, facilities, destinations, self._table(LANES, named), lambda: self._again(LANES, named)
        )
        self._rows[INBOUND_LANES] = 0

    def _read_lanes_both_ways(self) -> None:
        """Those of facilities, then, in a second reading, those of suppliers: either is a table of its own."""
        suppliers, facilities, destinations = self._suppliers.names, self._facilities.names, self._destinations.names
        ends = LaneEnds(suppliers, facilities, destinations, self._log)

        def again() -> Iterator[TableRow]:
            return ends.quietly(self._again(LANES, ends.parsers))

        rows = ends.outbound(ends.refuse_days(ends.resolved(self._table(LANES, ends.parsers))))
        self._send_lanes(LANES.table, facilities, destinations, rows, lambda: ends.outbound(again()))
        inbound = ends.inbound(again())
        self._send_lanes(INBOUND_LANES, suppliers, facilities, inbound, lambda: ends.inbound(again()))

    def _send_lanes(
        self, table: str, starts: Names, ends: Names, rows: Iterable[TableRow], again: Callable[[], Iterator[TableRow]]
    ) -> None:
        columns = INBOUND_COLUMNS if table == INBOUND_LANES else LANE_COLUMNS
        price, mode, year = (columns.index(name) for name in ("cost_per_unit", "mode", "year"))
        lanes = PairTable(first=0, second=1, size=len(ends), apart=(mode, year), most=MAX_PAIRS)
        priced = self._prices.required(self._years.of_plan(rows, year), price=price, mode=mode)
        try:
            self._send(table, lanes.unique(priced))
        except TooManyPairs:
            of, to = ("Suppliers", "facilities") if table == INBOUND_LANES else ("Facilities", "destinations")
            message = (
                f"{of}, their modes and years x {len(ends):,} {to} are more than {MAX_PAIRS:,} "
                f"pairs, beyond what one network may hold; group the {to}, for example by ZIP3."
            )
            self._log.add(message, "too_many_pairs", sheet=LANES.name)
            return
        lanes.report(
            again(),
            "origin and destination",
            lambda origin, code, mode, year: (
                f"The lane from {starts.name(origin)} to {ends.name(code)}"
                + (f" by {mode}" if mode else "")
                + (f" in {year}" if year else "")
            ),
            self._log,
        )

    def _table(self, sheet: Sheet, parsers: Mapping[str, Parser] | None = None) -> Iterator[TableRow]:
        return table_rows(self._reader, sheet, self._tabs[sheet.table], parsers or {}, self._log)

    def _again(self, sheet: Sheet, parsers: Mapping[str, Parser]) -> Iterator[TableRow]:
        """A table read once more, its problems named already."""
        return table_rows(self._reader, sheet, self._tabs[sheet.table], parsers, ProblemLog())

    def _send(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows[table] = 0
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH_ROWS)):
            self._emit(Batch(table, batch))
            self._rows[table] += len(batch)
            self._progress(ReadingProgress(table, self._rows[table]))

    def _report_formulas(self, accepted: Preflight, formulas: Mapping[str, list[str]]) -> None:
        report_formulas(accepted, formulas, {tab for tabs in self._tabs.values() for tab in tabs}, self._log)
