"""Sums of shipments taken one row at a time, in whole cents; it shares no code with the sums that it checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from networx.domain.network import NetworkTables
from networx.domain.paid import (
    DESTINATION_SHEETS,
    GROUPINGS,
    NOT_KNOWN,
    ORIGIN_SHEETS,
    GroupKey,
    Paid,
    PaidGroups,
    Place,
    places_of,
)
from networx.domain.shipment_columns import PLACES

_EPOCH = dt.date(1970, 1, 1)
_COLUMNS = (
    *("direction", "mode", "ship_date", "origin", "origin_zip", "destination", "dest_zip"),
    *("charge", "weight_lb", "units", "pkgs"),
)
_AT = tuple(PLACES[name] for name in _COLUMNS)
# What a group's sums are, in their order.
SUMMED = ("shipments", "cents", "weight_lb", "weighed", "weighed_cents", "units", "counted", "counted_cents", "pkgs")
MEASURED = ("weight_lb", "units", "pkgs")
Sums = list[Any]


class Summed:
    """The groups as they grow, row by row."""

    def __init__(self, network: NetworkTables | None) -> None:
        self.groups: dict[str, dict[GroupKey, Sums]] = {name: {} for name in ("all", *GROUPINGS)}
        self.first_day: int | None = None
        self.last_day: int | None = None
        known = places_of(network)
        self._named = {kind: frozenset(names) for kind, (names, _) in known.items()}
        self._alone_there = {kind: _alone(names, zips) for kind, (names, zips) in known.items()}
        self._ends: dict[Any, Place] = {}
        self._months: dict[int, str] = {}

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            way, mode, day, origin, origin_zip, destination, dest_zip, cents, weight, units, packages = (
                row[at] for at in _AT
            )
            start = self._end("from", way, origin, origin_zip)
            end = self._end("to", way, destination, dest_zip)
            month = self._month(day)
            keys: tuple[GroupKey, ...] = (
                *((), (*start, *end), (mode,), (way or NOT_KNOWN,)),
                *(start, (month,), (month[:4],)),
            )
            for name, key in zip(("all", *GROUPINGS), keys, strict=True):
                sums = self.groups[name].get(key)
                if sums is None:
                    sums = self.groups[name][key] = [0, 0, 0.0, 0, 0, 0.0, 0, 0, 0.0]
                sums[0] += 1
                sums[1] += cents
                if weight is not None:
                    sums[2] += weight
                    sums[3] += 1
                    sums[4] += cents
                if units is not None:
                    sums[5] += units
                    sums[6] += 1
                    sums[7] += cents
                if packages is not None:
                    sums[8] += packages
            self.first_day = day if self.first_day is None else min(self.first_day, day)
            self.last_day = day if self.last_day is None else max(self.last_day, day)

    @property
    def cents(self) -> int:
        """Of all shipments."""
        return int(self.groups["all"].get((), [0, 0])[1])

    def paid(self, seconds: float) -> Paid:
        """The sums as columns. There is at least one shipment."""
        assert self.first_day is not None
        assert self.last_day is not None
        groups = {name: _columns(known) for name, known in self.groups.items()}
        return Paid(groups, self.first_day, self.last_day, seconds)

    def _end(self, side: str, way: str | None, name: str | None, zip_code: str | None) -> Place:
        asked = (side, way, name, zip_code)
        if asked not in self._ends:
            self._ends[asked] = self._found(*asked)
        return self._ends[asked]

    def _found(self, side: str, way: str | None, name: str | None, zip_code: str | None) -> Place:
        sheets = (ORIGIN_SHEETS if side == "from" else DESTINATION_SHEETS)[way]
        for kind in sheets:
            if name is not None and name in self._named.get(kind, ()):
                return kind, name
        for kind in sheets:
            there = self._alone_there.get(kind, {}).get(zip_code[:5]) if zip_code else None
            if there is not None:
                return kind, there
        return ("zip3", zip_code[:3]) if zip_code is not None else ("name", str(name))

    def _month(self, day: int) -> str:
        if day not in self._months:
            self._months[day] = (_EPOCH + dt.timedelta(days=day)).isoformat()[:7]
        return self._months[day]


def _alone(names: Sequence[str], zips: Sequence[str | None]) -> dict[str, str]:
    """Who stands at a ZIP code alone, by its five digits."""
    there: dict[str, list[str]] = {}
    for name, zip_code in zip(names, zips, strict=True):
        if zip_code:
            there.setdefault(zip_code[:5], []).append(name)
    return {zip5: found[0] for zip5, found in there.items() if len(found) == 1}


def _columns(known: dict[GroupKey, Sums]) -> PaidGroups:
    keys = tuple(sorted(known))
    parts = zip(*(known[key] for key in keys), strict=True)
    kinds = (np.float64 if name in MEASURED else np.int64 for name in SUMMED)
    named = zip(SUMMED, parts, kinds, strict=True)
    arrays: dict[str, Any] = {name: np.array(part, dtype=kind) for name, part, kind in named}
    return PaidGroups(keys, **arrays)
