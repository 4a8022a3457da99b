"""The sheet Lanes, once the places, prices and years of a network are known: it is large, and read last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from networx.domain.schema import DESTINATIONS, LANES, SUPPLIERS
from networx.ingest.batches import Batches
from networx.ingest.lane_ends import INBOUND_COLUMNS, LANE_COLUMNS, LaneEnds
from networx.ingest.lane_prices import LanePrices
from networx.ingest.names import Names
from networx.ingest.pairs import PairTable, TooManyPairs
from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow, Tables
from networx.ingest.years import Years

INBOUND_LANES = "inbound_lanes"  # the table of the rows of Lanes that start at a supplier
MAX_PAIRS = 500_000_000  # facilities x destinations or suppliers, a bit each while lanes are read: 60 MB


class LaneTables:
    """One reading of Lanes between these places; `prices` and `years` are those of the other sheets."""

    def __init__(
        self,
        tables: Tables,
        out: Batches,
        log: ProblemLog,
        *,
        suppliers: Names,
        facilities: Names,
        destinations: Names,
        prices: LanePrices,
        years: Years,
    ) -> None:
        self._tables = tables
        self._out = out
        self._log = log
        self._suppliers = suppliers
        self._facilities = facilities
        self._destinations = destinations
        self._prices = prices
        self._years = years

    def read(self) -> list[str]:
        """Hand on the rows of Lanes, those from suppliers as a table apart; the warnings of prices without a lane."""
        facilities = self._facilities
        for sheet, names in ((DESTINATIONS, self._destinations), (SUPPLIERS, self._suppliers)):
            if len(facilities) * len(names) > MAX_PAIRS:
                message = (
                    f"{len(facilities):,} facilities x {len(names):,} {sheet.table} are more than {MAX_PAIRS:,} pairs, "
                    f"beyond what one network may hold; group the {sheet.table}, for example by ZIP3."
                )
                self._log.add(message, "too_many_pairs", sheet=LANES.name)
                return []
        if len(self._suppliers):
            self._both_ways()
        else:
            self._one_way()
        return self._prices.warnings()

    def _one_way(self) -> None:
        facilities, destinations = self._facilities, self._destinations
        named = {"origin": facilities.code, "destination": destinations.code}
        self._send(
            LANES.table,
            facilities,
            destinations,
            self._tables.rows(LANES, named),
            lambda: self._tables.again(LANES, named),
        )
        self._out.rows[INBOUND_LANES] = 0

    def _both_ways(self) -> None:
        """Those of facilities, then, in a second reading, those of suppliers: either is a table of its own."""
        suppliers, facilities, destinations = self._suppliers, self._facilities, self._destinations
        ends = LaneEnds(suppliers, facilities, destinations, self._log)

        def again() -> Iterator[TableRow]:
            return ends.quietly(self._tables.again(LANES, ends.parsers))

        rows = ends.outbound(ends.refuse_days(ends.resolved(self._tables.rows(LANES, ends.parsers))))
        self._send(LANES.table, facilities, destinations, rows, lambda: ends.outbound(again()))
        inbound = ends.inbound(again())
        self._send(INBOUND_LANES, suppliers, facilities, inbound, lambda: ends.inbound(again()))

    def _send(
        self, table: str, starts: Names, ends: Names, rows: Iterable[TableRow], again: Callable[[], Iterator[TableRow]]
    ) -> None:
        columns = INBOUND_COLUMNS if table == INBOUND_LANES else LANE_COLUMNS
        price, mode, year = (columns.index(name) for name in ("cost_per_unit", "mode", "year"))
        lanes = PairTable(first=0, second=1, size=len(ends), apart=(mode, year), most=MAX_PAIRS)
        priced = self._prices.required(self._years.of_plan(rows, year), price=price, mode=mode)
        try:
            self._out.send(table, lanes.unique(priced))
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
