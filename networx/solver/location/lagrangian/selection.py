"""Which sites to open once each has its price: as few as allowed, as many as needed, with size for all demand.

Site i costs v[i], at least `fewest` and at most `most` are open, and their sizes add up to the demand D. The size
row is priced at m >= 0 a unit, which leaves w = v - m x size and a choice by sorting; the value

    m D + (sum of w over those that must be open) + (least sum of w over a count of the others that is allowed)

is a lower bound for every m, concave in it, and its best m is found where two of its lines meet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices

STEPS = 60  # of the search for m: lines that meet end it long before


@dataclass(frozen=True, slots=True)
class _Line:
    """The choice at one m, the value there and how it rises with m."""

    size_price: float
    value: float
    rise: float
    chosen: Indices


@dataclass(frozen=True)
class Selection:
    """The best value found, with m = `size_price`, and `share` (A,) open of each site, whole unless sizes bind."""

    value: float
    size_price: float
    share: Floats
    force: Callable[[], tuple[Floats, Floats]]

    @property
    def forced_open(self) -> Floats:
        """The values (A,) if that site, which may still be either, were open."""
        return self._forced[0]

    @property
    def forced_closed(self) -> Floats:
        """The values (A,) if that site, which may still be either, were closed."""
        return self._forced[1]

    @cached_property
    def _forced(self) -> tuple[Floats, Floats]:
        return self.force()  # as dear as the choice itself, and not always asked for


@dataclass(frozen=True)
class Chooser:
    """What stays the same while prices move: `size` (A,), `opened` (A,) for those that must be, counts and demand.

    There is always a choice: whoever makes one has seen to it that the largest sites hold the demand.
    """

    size: Floats
    opened: Flags
    fewest: int
    most: int
    total: float

    @cached_property
    def _free(self) -> Indices:
        return np.flatnonzero(~self.opened)

    @cached_property
    def _sized(self) -> Indices:
        return self._free[self.size[self._free] > 0]

    @cached_property
    def _must(self) -> Indices:
        return np.flatnonzero(self.opened)

    @cached_property
    def _held(self) -> float:
        """The size of those that must be open."""
        return float(self.size[self._must].sum())

    def choose(self, cost: Floats, near: float = 0.0) -> Selection:
        """The best choice at `cost` (A,). `near` is an m that was best before."""
        sorted_out = self._by_ratio(cost)
        if sorted_out is not None:
            return self._selection(cost, *sorted_out)
        left = self._line(cost, 0.0)
        if left.rise <= 0:
            return self._selection(cost, left, left)
        right = self._right(cost, near)
        for _ in range(STEPS):
            if right.rise >= 0:
                return self._selection(cost, right, right)
            meet = (left.value - right.value + right.rise * right.size_price - left.rise * left.size_price) / (
                right.rise - left.rise
            )
            if not left.size_price < meet < right.size_price:
                break
            middle = self._line(cost, meet)
            if middle.value >= left.value + left.rise * (meet - left.size_price) - 1e-12 * abs(middle.value):
                return self._selection(cost, left, right, middle)
            if middle.rise > 0:
                left = middle
            else:
                right = middle
        return self._selection(cost, left, right)

    def _by_ratio(self, cost: Floats) -> tuple[_Line, _Line, _Line] | None:
        """The best lines where the counts do not bind: sites come in by what a unit of their size costs."""
        already, free = self._held, self._sized
        if already >= self.total or not len(free):
            return None
        ratio = cost[free] / self.size[free]
        order = np.argsort(ratio, kind="stable")
        held = already + np.cumsum(self.size[free[order]])
        last = int(np.searchsorted(held, self.total * (1 - 1e-9)))
        if last >= len(free):
            return None
        size_price = float(ratio[order[last]])
        least, most = self._counts(len(self._free))
        if size_price <= 0 or last < least or last + 1 > most:
            return None
        before, after = free[order[:last]], free[order[: last + 1]]
        reduced = cost - size_price * self.size
        value = float(size_price * self.total + reduced[self._must].sum() + reduced[before].sum())
        below = self.total - float(held[last - 1] if last else already)
        left = _Line(size_price, value, below, before)
        right = _Line(size_price, value, self.total - float(held[last]), after)
        return left, right, left

    def _right(self, cost: Floats, near: float) -> _Line:
        """A choice that holds all demand: with a high enough m the largest are chosen."""
        size_price = near if near > 0 else float(np.abs(cost).sum() / self.size.sum()) + 1e-12
        line = self._line(cost, size_price)
        while line.rise > 0 and size_price < 1e280:
            size_price *= 2
            line = self._line(cost, size_price)
        return line

    def _line(self, cost: Floats, size_price: float) -> _Line:
        reduced = cost - size_price * self.size
        free = self._free
        order = free[np.argsort(reduced[free], kind="stable")]
        least, most = self._counts(len(free))
        count = min(max(int((reduced[free] < 0).sum()), least), most)
        chosen = order[:count]
        held = self._held + self.size[chosen].sum()
        value = size_price * self.total + reduced[self._must].sum() + reduced[chosen].sum()
        rise = self.total - held
        return _Line(size_price, float(value), 0.0 if abs(rise) <= 1e-9 * self.total else float(rise), chosen)

    def _counts(self, free: int) -> tuple[int, int]:
        already = len(self._must)
        return max(self.fewest - already, 0), min(self.most - already, free)

    def _selection(self, cost: Floats, left: _Line, right: _Line, best: _Line | None = None) -> Selection:
        best = best or max(left, right, key=lambda line: line.value)
        share = self.opened.astype(np.float64)
        if left.rise > 0 >= right.rise:
            mixed = left.rise / (left.rise - right.rise)
            share[left.chosen] += 1 - mixed
            share[right.chosen] += mixed
        else:
            share[best.chosen] = 1.0
        reduced = cost - best.size_price * self.size
        return Selection(best.value, best.size_price, share, lambda: self._force(reduced, best))

    def _force(self, reduced: Floats, best: _Line) -> tuple[Floats, Floats]:
        """The value after changing one site: the others are chosen anew, which sorting has already done.

        Forced open, i leaves a count one smaller to the others; forced closed, the same count, or none if too few.
        """
        free = self._free
        order = free[np.argsort(reduced[free], kind="stable")]
        ordered = reduced[order]
        sums = np.concatenate([[0.0], np.cumsum(ordered)])
        least, most = self._counts(len(free))
        base = best.value - sums[len(best.chosen)]
        negative = int((ordered < 0).sum())
        rank = np.arange(len(order))
        others_negative = negative - (ordered < 0)
        opened = np.full(len(reduced), best.value)
        closed = np.full(len(reduced), best.value)
        if not len(free):
            return opened, closed

        def prefix_without(count: Indices) -> Floats:
            """The least sum of `count` others than the site of each rank."""
            within = rank < count
            total: Floats = np.where(
                within, sums[np.minimum(count + 1, len(order))] - ordered, sums[np.minimum(count, len(order))]
            )
            return total

        with_it = np.clip(others_negative, max(least - 1, 0), max(most - 1, 0))
        opened[order] = base + ordered + prefix_without(with_it) if most >= 1 else np.inf
        without_it = np.clip(others_negative, least, min(most, len(order) - 1))
        closed[order] = base + prefix_without(without_it) if least <= len(order) - 1 else np.inf
        return opened, closed
