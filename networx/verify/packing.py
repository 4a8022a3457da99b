"""The most profit of whole customers within a room counted in steps: a table over the room, one customer at a time."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Floats, Ints


def most_profit(profit: Floats, weight: Ints, room: int) -> float:
    """Over all sets of customers (n,) whose weights add up to `room` at most; 0 for none of them."""
    return float(_tables(profit, weight, room)[-1, room])


def most_profit_forced(profit: Floats, weight: Ints, room: int) -> tuple[Floats, Floats]:
    """The same over sets with each customer, -inf where it does not fit, and over sets without it, (n,) each."""
    before = _tables(profit, weight, room)
    after = _tables(profit[::-1], weight[::-1], room)[::-1]
    with_it, without = np.full(len(profit), -np.inf), np.zeros(len(profit))
    for one in range(len(profit)):
        others = after[one + 1]
        without[one] = (before[one] + others[::-1]).max()
        left = room - int(weight[one])
        if left >= 0:
            with_it[one] = profit[one] + (before[one][: left + 1] + others[left::-1]).max()
    return with_it, without


def _tables(profit: Floats, weight: Ints, room: int) -> Floats:
    """Row k, column r: the most profit of the first k customers within r steps."""
    tables = np.zeros((len(profit) + 1, room + 1))
    for one in range(len(profit)):
        row, size = tables[one + 1], int(weight[one])
        row[:] = tables[one]
        if size <= room:
            np.maximum(row[size:], tables[one][: room + 1 - size] + float(profit[one]), out=row[size:])
    return tables
