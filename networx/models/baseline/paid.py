"""What was paid, by lane, mode, direction, origin, month and year: sums of shipments, and nothing else.

A lane's ends are places of the network where the shipment names one or stands in the ZIP code of exactly one, else the
first three digits of their ZIP codes, else the client's own name. The rule is in docs/models/baseline.md.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from networx.domain.arrays import Codes, Indices, Ints
from networx.domain.network import NetworkTables
from networx.domain.paid import (
    DESTINATION_SHEETS,
    NOT_KNOWN,
    ORIGIN_SHEETS,
    GroupKey,
    Paid,
    PaidGroups,
    Place,
    places_of,
)
from networx.domain.shipments import DIRECTIONS, MODES, NOT_STATED, Shipments
from networx.errors import Problem, RefusedInput


def sum_paid(shipments: Shipments, network: NetworkTables | None = None) -> Paid:
    """Sum up. Raises RefusedInput where there is no shipment."""
    if not len(shipments):
        raise RefusedInput([Problem("There are no shipments to sum up.", "no_rows")])
    began = time.process_time()
    known = {kind: _Sheet(*columns) for kind, columns in places_of(network).items()}
    origin = _Ends(shipments, shipments.origin, shipments.origin_zip, ORIGIN_SHEETS, known)
    destination = _Ends(shipments, shipments.destination, shipments.dest_zip, DESTINATION_SHEETS, known)
    months, month_codes = _months(shipments.ship_day)
    modes, mode_codes = np.unique(shipments.mode, return_inverse=True)
    directions, direction_codes = np.unique(shipments.direction, return_inverse=True)
    pairs, lane_codes = np.unique(
        origin.codes.astype(np.int64) * len(destination.places) + destination.codes, return_inverse=True
    )
    lanes = [
        (*origin.places[pair // len(destination.places)], *destination.places[pair % len(destination.places)])
        for pair in pairs.tolist()
    ]
    years, year_of_month = np.unique([month[:4] for month in months], return_inverse=True)
    return Paid(
        groups={
            "all": _groups(shipments, [()], np.zeros(len(shipments), dtype=np.intp)),
            "lane": _groups(shipments, lanes, lane_codes),
            "mode": _groups(shipments, [(MODES[mode],) for mode in modes.tolist()], mode_codes),
            "direction": _groups(
                shipments,
                [(NOT_KNOWN if way == NOT_STATED else DIRECTIONS[way],) for way in directions.tolist()],
                direction_codes,
            ),
            "origin": _groups(shipments, origin.places, origin.codes),
            "month": _groups(shipments, [(month,) for month in months], month_codes),
            "year": _groups(shipments, [(str(year),) for year in years], year_of_month[month_codes]),
        },
        first_day=int(shipments.ship_day.min()),
        last_day=int(shipments.ship_day.max()),
        seconds=time.process_time() - began,
    )


class _Sheet:
    """The names of one sheet, and the one place at each ZIP code that has one alone."""

    def __init__(self, names: Sequence[str], zips: Sequence[str | None]) -> None:
        self.names = frozenset(names)
        times = Counter(code[:5] for code in zips if code)
        self.at_zip = {code[:5]: name for name, code in zip(names, zips, strict=True) if code and times[code[:5]] == 1}


class _Ends:
    """One end of every shipment: the places there are, and the code of each shipment's."""

    def __init__(
        self,
        shipments: Shipments,
        names: Codes,
        zips: Codes,
        sheets: Mapping[str | None, tuple[str, ...]],
        known: Mapping[str, _Sheet],
    ) -> None:
        stated = np.stack([shipments.direction.astype(np.int64), names.astype(np.int64), zips.astype(np.int64)])
        kinds, inverse = np.unique(stated, axis=1, return_inverse=True)
        found = [
            _place(shipments.names, direction, name, zip_code, sheets, known)
            for direction, name, zip_code in kinds.T.tolist()
        ]
        self.places: list[Place] = sorted(set(found))
        code = {place: at for at, place in enumerate(self.places)}
        self.codes: Indices = np.array([code[place] for place in found], dtype=np.intp)[inverse.reshape(-1)]


def _place(
    names: Sequence[str],
    direction: int,
    name: int,
    zip_code: int,
    sheets: Mapping[str | None, tuple[str, ...]],
    known: Mapping[str, _Sheet],
) -> Place:
    written = None if name == NOT_STATED else names[name]
    digits = None if zip_code == NOT_STATED else f"{zip_code:05d}"
    way = None if direction == NOT_STATED else DIRECTIONS[direction]
    of_direction = [kind for kind in sheets[way] if kind in known]
    for kind in of_direction:
        if written in known[kind].names:
            assert written is not None
            return kind, written
    for kind in of_direction:
        if digits in known[kind].at_zip:
            assert digits is not None
            return kind, known[kind].at_zip[digits]
    if digits is not None:
        return "zip3", digits[:3]
    assert written is not None
    return "name", written


def _months(days: Codes) -> tuple[list[str], Indices]:
    found, codes = np.unique(days.astype("datetime64[D]").astype("datetime64[M]"), return_inverse=True)
    return [str(month) for month in found], codes.astype(np.intp)


def _groups(shipments: Shipments, keys: Sequence[GroupKey], codes: Any) -> PaidGroups:
    """Sums by group: of cents as whole numbers, in the order of the keys."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(keys)))

    def summed(values: Any) -> Any:
        return np.add.reduceat(values[order], starts)

    def stated(values: Any) -> tuple[Any, Ints, Ints]:
        there = ~np.isnan(values)
        cents = np.where(there, shipments.charge_cents, 0)
        return summed(np.where(there, values, 0.0)), summed(there.astype(np.int64)), summed(cents)

    weight, weighed, weighed_cents = stated(shipments.weight_lb)
    units, counted, counted_cents = stated(shipments.units)
    packages, _, _ = stated(shipments.pkgs)
    rank = _ascending(keys)
    return PaidGroups(
        keys=tuple(keys[at] for at in rank),
        **{
            name: values[rank]
            for name, values in {
                "shipments": summed(np.ones(len(shipments), dtype=np.int64)),
                "cents": summed(shipments.charge_cents),
                "weight_lb": weight,
                "weighed": weighed,
                "weighed_cents": weighed_cents,
                "units": units,
                "counted": counted,
                "counted_cents": counted_cents,
                "pkgs": packages,
            }.items()
        },
    )


def _ascending(keys: Sequence[GroupKey]) -> list[int]:
    by_key: Callable[[int], GroupKey] = keys.__getitem__
    return sorted(range(len(keys)), key=by_key)
