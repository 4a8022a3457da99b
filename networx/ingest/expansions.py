"""The rows of Expansions: the tiers of each facility, each once, from 1 on without a gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from networx.ingest.names import Names
from networx.ingest.pairs import PairTable
from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow

_FACILITY, _TIER = 0, 1


class Tiers:
    """The tiers of one workbook as they are read."""

    def __init__(self, facilities: Names, log: ProblemLog) -> None:
        self._facilities = facilities
        self._log = log
        self._pairs = PairTable(first=_TIER, second=_FACILITY, size=len(facilities))
        self._stated: dict[int, dict[int, TableRow]] = {}

    def rows(self, rows: Iterable[TableRow]) -> Iterator[tuple[Any, ...]]:
        """The good rows, each tier of a facility once."""
        return self._pairs.unique(self._noted(rows))

    def report(self, again: Iterable[TableRow]) -> None:
        """Name what is stated twice, and each tier that follows a gap; `again` reads the sheet once more."""
        self._pairs.report(
            again,
            "facility and tier",
            lambda tier, code: f"Tier {tier} of {self._facilities.name(code)}",
            self._log,
        )
        for code, tiers in self._stated.items():
            for tier in sorted(tiers):
                if tier > 1 and tier - 1 not in tiers:
                    row = tiers[tier]
                    message = (
                        f"tier {tier} of {self._facilities.name(code)} has no tier {tier - 1} before it; add that row, "
                        "or number the tiers 1, 2, 3 and so on."
                    )
                    self._log.add(message, "tier_gap", sheet=row.tab, row=row.number, column="tier", value=tier)

    def _noted(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        for row in rows:
            code, tier = row.values[_FACILITY], row.values[_TIER]
            if code is not None and tier is not None:
                self._stated.setdefault(code, {}).setdefault(tier, row)
            yield row
