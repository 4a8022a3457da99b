"""The knapsacks of sites and years by the compiled kernels: the same as `knapsacks` says, ten times as fast and more.

Full sites know few lanes beside those that they use: the ones within reach
of what is paid and rented now. Whoever leaves it gets more room, and the lanes are fetched again around where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.years import kernels
from networx.solver.location.years.instance import Instance
from networx.solver.location.years.problem import YearsProblem

NEAR, WIDE = 0.08, 0.4  # of what a unit pays in the mean: how far beyond what is paid and rented now lanes are held
WIDER = 1.5  # each time that this was not enough


@dataclass(frozen=True, slots=True)
class _Filled:
    """`solved` says how rows take units at `unit` (T, J) and `reward` (T,)."""

    lanes: kernels.Lanes
    solved: kernels.Solved
    rows: kernels.Rows
    held: kernels.Held
    unit: Floats
    reward: Floats

    @property
    def saved(self) -> Floats:
        return self.solved.saved

    @property
    def rent(self) -> Floats:
        return self.solved.rent

    def served(self, open_rows: Flags) -> tuple[Floats, Floats]:
        return kernels.serve(self.lanes, self.rows, self.held, self.solved, open_rows, self.unit, self.reward)


class _Reach:
    """How much customers may pay for a unit, `limit` (T, J), and how little rows' rents may be, `floor` (R,).

    Lanes of which price and floor exceed the limit are not used within it. Whoever leaves it gets more room each time.
    """

    def __init__(self, room: float, asked: Flags, rows: int) -> None:
        self._asked, self._above, self._below = asked, np.full(asked.shape, room), np.full(rows, room)
        self.limit, self.floor = np.full(asked.shape, -np.inf), np.full(rows, np.inf)

    def covers(self, limit: Floats, floor: Floats) -> bool:
        return bool((limit <= self.limit)[self._asked].all() and (floor >= self.floor).all())

    def surround(self, limit: Floats, floor: Floats) -> None:
        """Give room around these, more to those that are beyond."""
        self._above[(limit > self.limit) & np.isfinite(self.limit)] *= WIDER
        self._below[(floor < self.floor) & np.isfinite(self.floor)] *= WIDER
        self.limit = np.where(self._asked, limit + self._above, -np.inf)
        self.floor = np.maximum(floor - self._below, 0.0)

    def keep(self, left: Flags) -> None:
        self.floor, self._below = self.floor[left], self._below[left]


class CompiledKnapsacks:
    """They begin near what is paid at first, and near the `rent` (R,) that units of size are likely to be worth."""

    def __init__(
        self,
        instance: Instance,
        lanes: kernels.Lanes,
        year: Indices,
        site: Indices,
        unit: Floats,
        reward: Floats,
        rent: Floats,
    ) -> None:
        problem = instance.problem
        self._lanes = lanes
        self._size, self._least = instance.size[year, site], problem.least[site]
        # Kernels are compiled for arrays without gaps; for others they would be compiled anew, within a search.
        self.year, self.site = np.ascontiguousarray(year), np.ascontiguousarray(site)
        asked, paid = problem.demand > 0, unit + reward[:, None]
        mean = float((np.abs(paid) * problem.demand).sum()) / max(float(problem.demand.sum()), 1e-300)
        self._near, self._wide = (_Reach(share * mean, asked, len(year)) for share in (NEAR, WIDE))
        self._rent = np.maximum(rent, 0.0)
        self._hold(paid, self._rent)
        if not self._rent.any():
            self._hold(paid, self.fill(unit, reward).rent)

    def _hold(self, paid: Floats, rent: Floats) -> None:
        """Have the lanes at hand that may be used near what is `paid` (T, J) and `rent` (R,)."""
        near, wide = self._near, self._wide
        near.surround(paid, rent)
        if not wide.covers(near.limit, near.floor):
            wide.surround(near.limit, near.floor)
            self._farther = kernels.among_all(self._lanes, self.year, self.site, wide.limit, wide.floor)
        self._held = kernels.among(self._farther, self.year, near.limit, near.floor)
        self._rows = kernels.Rows(self.year, self.site, self._size, self._least, near.floor)

    def keep(self, left: Flags) -> None:
        """Forget the rows that are not `left` (R,)."""
        self.year, self.site = self.year[left], self.site[left]
        self._size, self._least, self._rent = self._size[left], self._least[left], self._rent[left]
        self._near.keep(left)
        self._wide.keep(left)
        self._farther, self._held = _only(self._farther, left), _only(self._held, left)
        self._rows = kernels.Rows(self.year, self.site, self._size, self._least, self._near.floor)

    def fill(self, unit: Floats, reward: Floats) -> _Filled:
        """Solve all of them at what customers pay a unit (T, J), near ones `reward` (T,) more."""
        paid = unit + reward[:, None]
        if not self._near.covers(paid, self._near.floor):
            self._hold(paid, self._rent)
        solved, within = kernels.fill(self._lanes, self._rows, self._held, unit, reward, self._rent)
        while not within:
            self._hold(paid, solved.rent)
            solved, within = kernels.fill(self._lanes, self._rows, self._held, unit, reward, solved.rent)
        self._rent = solved.rent
        return _Filled(self._lanes, solved, self._rows, self._held, unit, reward)


def _only(held: kernels.Held, left: Flags) -> kernels.Held:
    counts = np.diff(held.start)
    lanes = np.repeat(left, counts)
    start = np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(counts[left])])
    return kernels.Held(start, held.customer[lanes], held.price[lanes], held.units[lanes], held.near[lanes])


def lanes_of(problem: YearsProblem) -> kernels.Lanes:
    """All lanes. Copies: numba compiles for arrays that may be written to, and others would be compiled for anew."""
    return kernels.Lanes(_planes(problem.price), _planes(problem.near), problem.demand.copy())


def _planes(by_year: np.ndarray) -> np.ndarray:
    """One plane where all years are one array seen several times, else one a year."""
    return np.array(by_year[:1] if by_year.strides[0] == 0 else by_year, order="C")


def use_once() -> None:
    """Every kernel on one year, two sites and two customers: loads them, or compiles them."""
    price, near = np.array([[[1.0, 2.0], [2.0, 1.0]]]), np.zeros((1, 2, 2), dtype=bool)
    lanes = kernels.Lanes(price, near, np.ones((1, 2)))
    year, site, nothing = np.zeros(2, dtype=np.intp), np.arange(2), np.zeros(2)
    unit, reward = np.full((1, 2), 3.0), np.zeros(1)
    held = kernels.among(kernels.among_all(lanes, year, site, unit, nothing), year, unit, nothing)
    rows = kernels.Rows(year, site, np.ones(2), nothing, nothing)
    solved, _ = kernels.fill(lanes, rows, held, unit, reward, nothing)
    kernels.serve(lanes, rows, held, solved, np.ones(2, dtype=bool), unit, reward)
