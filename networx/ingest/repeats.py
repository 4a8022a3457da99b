"""Rows that are one shipment: those with the same order and tracking number, wherever they stand in the file.

The rule, for a row whose shipment has one before it:
- every cell the same: the charge stands there already; the row is left out;
- the charges differ, and what else both state is the same: a further charge of the shipment, which is added to it;
- anything else both state differs: nobody can say which is right; the file is refused, and both rows are named.
A row without a tracking number is a shipment of its own.

The file is read twice: first for the keys alone, 8 bytes of hash a row, so that the second time only rows that may have
company are held back, each until the last of them has come.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from networx.domain.shipment_columns import PLACES, SHIPMENT_COLUMNS
from networx.ingest.freight_account import LeftOut, TabAccount
from networx.ingest.problems import ProblemLog
from networx.ingest.refusals import Refusal, refuse

MOST_HELD = 200_000
MOST_ROWS_HELD = 400_000  # of the shipments held, different charges of one shipment among them
_MONEY = frozenset(at for at, (_, kind) in enumerate(SHIPMENT_COLUMNS) if kind == "c")
_CHARGE = PLACES["charge"]
_STATED = tuple(at for at in range(len(SHIPMENT_COLUMNS)) if at not in _MONEY and at != PLACES["tab"])

Key = tuple[str | None, str]


class Charge(NamedTuple):
    """One good row: where it stands, its key (None without a tracking number), its cells in the record's order."""

    account: TabAccount
    number: int
    key: Key | None
    cells: tuple[Any, ...]


def hash_of(key: Key) -> int:
    """64 bits of a key, the same in every process."""
    text = f"{key[0] or ''}\0{key[1]}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), sys.byteorder, signed=True)


@dataclass(slots=True)
class _Held:
    """A shipment whose rows have not all come: where its first row stands, the rows so far, and their sum."""

    account: TabAccount
    number: int
    rows: set[tuple[Any, ...]]
    cells: list[Any]


class Repeats:
    """Which keys come more than once, from the hashes of all keys of the file."""

    def __init__(self, hashes: Iterable[int]) -> None:
        # Only where shipments are read: a child that reads a network has no memory to spare for it.
        import numpy as np

        found = np.fromiter(hashes, dtype=np.int64)
        found.sort()
        values, more = np.unique(found[1:][found[1:] == found[:-1]], return_counts=True)
        self._values = array("q", values.tobytes())
        self._left = array("q", (more + 1).astype(np.int64).tobytes())

    def shipments(self, charges: Iterable[Charge], log: ProblemLog) -> Iterator[tuple[Any, ...]]:
        """The shipments of all rows, by when their last row came; accounts are kept as the rows pass."""
        held: dict[int, dict[Key, _Held]] = {}
        rows = 0
        for charge in charges:
            at = None if charge.key is None else self._at(hash_of(charge.key))
            if at is None or charge.key is None:
                charge.account.keep(charge.cells[_CHARGE])
                charge.account.shipments += 1
                yield charge.cells
                continue
            rows += _join(held.setdefault(at, {}), charge, log)
            self._left[at] -= 1
            if not self._left[at]:
                whole = held.pop(at).values()
                rows -= sum(len(one.rows) for one in whole)
                yield from (tuple(one.cells) for one in whole)
            elif rows > MOST_ROWS_HELD:
                order, tracking = charge.key
                raise refuse(
                    Refusal.FILE_TOO_LARGE,
                    f"More than {MOST_ROWS_HELD:,} different rows are charges of shipments with rows still to come, "
                    f"at last row {charge.number} of {charge.account.tab} (order {order}, tracking number {tracking}). "
                    "Give each shipment a tracking number of its own, sort the file by order_id and tracking_number, "
                    "and upload it again.",
                )
            elif len(held) > MOST_HELD:
                raise refuse(
                    Refusal.FILE_TOO_LARGE,
                    f"More than {MOST_HELD:,} shipments have rows that stand far apart. Sort the file by order_id and "
                    "tracking_number and upload it again.",
                )
        # Rows that could not be read are missing here: their file is refused, and yet every account adds up.
        for rest in held.values():
            yield from (tuple(one.cells) for one in rest.values())

    def _at(self, value: int) -> int | None:
        at = bisect_left(self._values, value)
        return at if at < len(self._values) and self._values[at] == value else None


def _join(known: dict[Key, _Held], charge: Charge, log: ProblemLog) -> bool:
    """Take a row to its shipment; whether it is held as one of its rows."""
    assert charge.key is not None
    cents = charge.cells[_CHARGE]
    content = charge.cells[1:]  # a tab may repeat what another says
    first = known.get(charge.key)
    if first is None:
        known[charge.key] = _Held(charge.account, charge.number, {content}, list(charge.cells))
        charge.account.keep(cents)
        charge.account.shipments += 1
        return True
    if content in first.rows:
        charge.account.leave_out(LeftOut.REPEATED, cents)
    elif (column := _clash(first.cells, charge.cells)) is not None:
        order, tracking = charge.key
        message = (
            f"{column} is another one in row {first.number} of {first.account.tab}, which is the same shipment (order "
            f"{order}, tracking number {tracking}). Correct one of them, or give each shipment a tracking number of "
            "its own."
        )
        value = charge.cells[PLACES[column]]
        log.add(message, "shipment", sheet=charge.account.tab, row=charge.number, column=column, value=value)
    else:
        first.rows.add(content)
        charge.account.keep(cents)
        for at in _STATED:
            first.cells[at] = charge.cells[at] if not first.cells[at] else first.cells[at]
        for at in _MONEY:
            if charge.cells[at] is not None:
                first.cells[at] = (first.cells[at] or 0) + charge.cells[at]
        return True
    return False


def _clash(known: list[Any], cells: tuple[Any, ...]) -> str | None:
    """The first column that two rows of one shipment state differently; an empty cell and a 0 state nothing."""
    return next(
        (SHIPMENT_COLUMNS[at][0] for at in _STATED if known[at] != cells[at] and known[at] and cells[at]),
        None,
    )
