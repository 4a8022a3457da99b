"""A bound from years apart: what each costs at least with a rent for each open site, and schedules less those rents.

It is at least the Lagrangian function's, which knows of a year no more than its linear relaxation; this one knows what
sets of sites there are. What is left is what ties the years together, and few networks lack much there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats
from networx.solver.location.years.instance import Instance, Part
from networx.solver.location.years.one_year import YearBound
from networx.solver.location.years.schedules import Prices, Schedules

UNIT_ROUNDING = 2.0**-53


@dataclass(frozen=True, slots=True)
class Apart:
    """A bound of each year, (T,), and the price of a `change` (T,). `rents` are (T, I)."""

    years: tuple[YearBound, ...]
    change: Floats

    @property
    def rents(self) -> Floats:
        return np.array([year.rents for year in self.years])


@dataclass(frozen=True, slots=True)
class ApartValue:
    """The bound, the prices that schedules saw and what the best of each site costs, (I,)."""

    bound: float
    prices: Prices
    best: Floats


class Schedulings:
    """Evaluates them for the parts of one instance."""

    def __init__(self, instance: Instance, schedules: Schedules) -> None:
        self._instance, self._schedules = instance, schedules
        problem = instance.problem
        once = 2 * problem.years * float((np.abs(problem.opening) + np.abs(problem.closing)).sum())
        self._stated = 2 * float(np.abs(problem.fixed).sum()) + once

    def value(self, part: Part, apart: Apart) -> ApartValue:
        """What no plan of the part costs less than; -inf or inf where its schedules say so."""
        problem, change = self._instance.problem, apart.change[:, None]
        rents = apart.rents
        prices = Prices(
            opened=np.where(part.closed, np.inf, problem.fixed - rents),
            closed=np.where(part.opened, np.inf, 0.0),
            opening=problem.opening + change,
            closing=problem.closing + change,
        )
        best, _ = self._schedules.best(prices)
        most = float(problem.most_changes or 0)
        base = sum(year.bound for year in apart.years) - most * float(apart.change.sum())
        sizes = sum(abs(year.bound) for year in apart.years) + float(np.abs(rents).sum()) + self._stated
        sizes += (most + 2 * problem.sites) * float(apart.change.sum())
        rounding = 8 * (4 * rents.size + 16) * UNIT_ROUNDING * sizes
        return ApartValue(base + float(best.sum()) - rounding, prices, best)

    def margins(self, value: ApartValue) -> tuple[Floats, Floats]:
        """The bound (T, I) if a site is open in a year, and if it is closed."""
        if_open, if_closed = self._schedules.margins(value.prices)
        return value.bound + (if_open - value.best), value.bound + (if_closed - value.best)
