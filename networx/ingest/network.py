"""A network workbook, read and checked as a whole: good rows go out in batches, every fault is named.

Runs in a confined child process and touches nothing but the file. What the rows become is for the loader: it keeps
them only if the summary has no problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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
from networx.ingest.batches import Batch, Batches, ReadingProgress
from networx.ingest.cells import Parser
from networx.ingest.cost_lines import CostLines
from networx.ingest.demand_across import DemandAcross
from networx.ingest.expansions import Tiers
from networx.ingest.formulas import report_formulas
from networx.ingest.inspection import inspect
from networx.ingest.lane_ends import of_suppliers_alone
from networx.ingest.lane_prices import LanePrices, day_written
from networx.ingest.lane_tables import LaneTables
from networx.ingest.occupancy import checked
from networx.ingest.pairs import PairTable
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
from networx.ingest.tables import TableRow, Tables, table_rows
from networx.ingest.tabs import tabs_of
from networx.ingest.unmatched import UnmatchedColumn, unmatched_columns
from networx.ingest.years import Years


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
        self._out = Batches(emit, progress)
        self._log = ProblemLog()
        self._warnings: list[str] = []
        self._tabs = tabs_of(reader, self._log, self._warnings)
        self._tables = Tables(reader, self._tabs, self._log)
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
        self._read_demand()
        self._read_rules()
        self._read_costs()
        self._read_storage()
        self._out.send(
            PARAMETERS.table, self._prices.parameters(parameter_rows(self._tables.rows(PARAMETERS), self._log))
        )
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
        self._read_demand()
        self._read_rules()
        self._out.send(PARAMETERS.table, parameter_rows(self._tables.rows(PARAMETERS), self._log))
        return self._summary()

    def _summary(self) -> Summary:
        return Summary(
            rows=self._out.rows,
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
        table = self._tables.rows(sheet, places.parsers)
        rows = places.rows(checked(table, self._log) if sheet is FACILITIES else table)
        self._out.send(sheet.table, rows if sheet is FACILITIES else self._summed(rows))
        self._warnings += places.warnings()
        if not places.seen and self._log.count == earlier:
            self._log.add("The sheet has no rows; it needs at least one.", "no_rows", sheet=sheet.name)
        places.names.unread = not places.seen

    def _read_suppliers(self) -> None:
        earlier = self._log.count
        rows = self._suppliers.rows(self._tables.rows(SUPPLIERS, self._suppliers.parsers))
        self._out.send(SUPPLIERS.table, rows)
        self._suppliers.names.unread = not self._suppliers.seen and self._log.count > earlier
        of_suppliers_alone(self._tables.again(SUPPLIERS, {}), self._facilities.names, self._log)
        self._warnings += self._suppliers.warnings()

    def _summed(self, destinations: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in destinations:
            self._demand_units += row[-1]
            yield row

    def _looked_through(self, demand: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in demand:
            self._demanded = self._demanded or row[-1] > 0
            yield row

    def _read_demand(self) -> None:
        self._out.send(FORECAST.table, self._years.forecast_rows(self._tables.rows(FORECAST)))
        if self._years.forecast and not self._demand_units and not self._log.count:
            message = "demand_units are all 0, so there is nothing for Forecast to scale; state them."
            self._log.add(message, "not_scalable", sheet=DESTINATIONS.name, column="demand_units")
        named = self._named()
        demand = PairTable(first=1, second=0, size=len(self._destinations.names))
        rows = demand.unique(self._years.of_demand(self._demand(named, self._log, self._warnings)))
        self._out.send(DEMAND.table, self._looked_through(rows))
        if not self._demanded and not self._demand_units and not self._log.count and len(self._destinations.names):
            self._warnings.append(
                "All demand is 0: there is nothing to serve, and a plan has the costs of its facilities alone."
            )
        demand.report(
            self._demand(named, ProblemLog(), []),
            "destination and year",
            lambda year, code: f"The demand of {self._destinations.names.name(code)} in {year}",
            self._log,
        )
        self._years.require_all_demand(self._destinations.names, demand)

    def _read_rules(self) -> None:
        named = self._named()
        facility_years = PairTable(first=1, second=0, size=len(self._facilities.names))
        self._out.send(
            FACILITY_YEARS.table,
            facility_years.unique(self._years.of_facilities(self._tables.rows(FACILITY_YEARS, named))),
        )
        facility_years.report(
            self._tables.again(FACILITY_YEARS, named),
            "facility and year",
            lambda year, code: f"The year {year} of {self._facilities.names.name(code)}",
            self._log,
        )
        self._out.send(RATES.table, self._prices.rates(self._tables.rows(RATES)))
        self._out.send(
            FITTED_RATES.table, self._prices.fitted(self._tables.rows(FITTED_RATES, {"accepted_on": day_written}))
        )
        self._out.send(SERVICE_YEARS.table, self._years.once_each(self._tables.rows(SERVICE_YEARS)))
        tiers = Tiers(self._facilities.names, self._log)
        self._out.send(EXPANSIONS.table, tiers.rows(self._tables.rows(EXPANSIONS, named)))
        tiers.report(self._tables.again(EXPANSIONS, named))
        assignments = PairTable(first=0, second=1, size=len(self._destinations.names))
        self._out.send(ASSIGNMENTS.table, assignments.unique(self._tables.rows(ASSIGNMENTS, named)))
        assignments.report(
            self._tables.again(ASSIGNMENTS, named),
            "facility and destination",
            lambda site, code: (
                f"The assignment of {self._destinations.names.name(code)} to {self._facilities.names.name(site)}"
            ),
            self._log,
        )

    def _named(self) -> dict[str, Parser]:
        """How cells that name a place of this network are read."""
        return {"destination": self._destinations.names.code, "facility": self._facilities.names.code}

    def _read_costs(self) -> None:
        lines = CostLines(self._log)
        for sheet in (OPERATING_COSTS, CONTROL_TOTALS, ONE_TIME_COSTS):
            rows = self._tables.rows(sheet, {"facility": self._facilities.names.code})
            self._out.send(sheet.table, lines.rows(sheet, rows))

    def _read_storage(self) -> None:
        sites = self._facilities.names

        def facility(cell: Cell) -> str:
            return sites.name(sites.code(cell))

        self._out.send(SKUS.table, sku_rows(self._tables.rows(SKUS), self._log))
        for sheet, kind in ((WAREHOUSE, WarehouseParameters), (INVENTORY, InventoryParameters)):
            rows = self._tables.rows(sheet, {"facility": facility})
            self._out.send(sheet.table, facility_parameter_rows(rows, kind, self._log))

    def _read_lanes(self) -> None:
        lanes = LaneTables(
            self._tables,
            self._out,
            self._log,
            suppliers=self._suppliers.names,
            facilities=self._facilities.names,
            destinations=self._destinations.names,
            prices=self._prices,
            years=self._years,
        )
        self._warnings += lanes.read()

    def _demand(self, named: Mapping[str, Parser], log: ProblemLog, warnings: list[str]) -> Iterator[TableRow]:
        """The rows of Demand, whose months or years may stand across."""
        across = DemandAcross(self._reader, log, warnings)
        return across.marked(table_rows(across, DEMAND, self._tabs[DEMAND.table], named, log))

    def _report_formulas(self, accepted: Preflight, formulas: Mapping[str, list[str]]) -> None:
        report_formulas(accepted, formulas, {tab for tabs in self._tabs.values() for tab in tabs}, self._log)
