"""The rents at which years and schedules meet: which set each year takes, of those known, and which schedule each site.

A linear program over them. Where both agree its value is that of a plan, and where it is whole it is one; its prices
are the next rents. They stay within reach of the rents at which the bound was best, since few sets are known at first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.highs import solve, solve_linear
from networx.solver.linear import Assembly, Entries
from networx.solver.location.years.instance import Instance, Part
from networx.solver.location.years.patterns import Patterns
from networx.solver.outcome import Ending, Limits

NODES = 200  # no limit of time: a busy machine is to find the same
GOOD_ENOUGH = 1e-4  # relative gap of a plan that is put together


@dataclass(frozen=True, slots=True)
class Agreed:
    """`rents` (T, I) and prices of a `change` (T,) at which years and schedules meet, and what everything costs there.

    `average` (T, I) is how open each site is in the schedules, and `apart` by how much the sets of years differ.
    """

    rents: Floats
    change: Floats
    cost: float
    apart: float
    average: Floats


@dataclass(frozen=True, slots=True)
class _Program:
    """The columns and rows so far, and which pattern (Z,) of which site (Z,) the columns `schedule` (Z,) stand for.

    `ties` are the entries of the rows, one a year and site, that years and schedules share.
    """

    assembly: Assembly
    schedule: Indices
    pattern: Indices
    site: Indices
    ties: tuple[Entries, ...]


class Exchange:
    """Of one instance. `pause` may raise to end it, and `stop` is asked while a plan is put together."""

    def __init__(
        self, instance: Instance, patterns: Patterns, pause: Callable[[], None], stop: Callable[[], bool]
    ) -> None:
        self._instance, self._patterns = instance, patterns
        self._pause, self._stop = pause, stop
        self._sets: list[dict[bytes, tuple[Flags, float]]] = [{} for _ in range(instance.problem.years)]

    def offer(self, year: int, opened: Flags, cost: float) -> None:
        """A set (I,) of a year and what its flows cost."""
        key, known = np.packbits(opened).tobytes(), self._sets[year]
        if key not in known or cost < known[key][1]:
            known[key] = opened.copy(), cost

    def agreed(self, part: Part, centre: Floats, reach: float) -> Agreed | None:
        """The rents within `reach` of `centre` (T, I); None where a year or a site has nothing to take."""
        program = self._program(part, whole=False)
        if program is None:
            return None
        assembly, state = program.assembly, np.arange(centre.size)
        more = assembly.add_columns("more", (reach - centre).ravel(), 0.0, np.inf)
        fewer = assembly.add_columns("fewer", (centre + reach).ravel(), 0.0, np.inf)
        assembly.add_rows("tied", 0.0, 0.0, centre.size, *program.ties, (state, more, 1.0), (state, fewer, -1.0))
        model = assembly.model()
        solution = solve_linear(model, self._pause)
        if solution.ending is not Ending.OPTIMAL:
            return None
        assert solution.values is not None
        assert solution.row_duals is not None
        assert solution.objective is not None
        average = np.zeros(centre.shape)
        taken = solution.values[program.schedule]
        np.add.at(average.T, program.site, self._patterns.opened[program.pattern] * taken[:, None])
        change = np.zeros(len(centre))
        if "changes" in model.rows:
            change = np.maximum(-solution.row_duals[model.rows["changes"]], 0.0)
        return Agreed(
            rents=-solution.row_duals[model.rows["tied"]].reshape(centre.shape),
            change=change,
            cost=solution.objective,
            apart=float(solution.values[more[0] :].sum()),
            average=np.clip(average, 0.0, 1.0),
        )

    def plan(self, part: Part) -> Flags | None:
        """What is open (T, I) in the cheapest plan of the sets that are known; None where none was found."""
        program = self._program(part, whole=True)
        if program is None:
            return None
        program.assembly.add_rows("tied", 0.0, 0.0, self._instance.size.size, *program.ties)
        solution = solve(program.assembly.model(), Limits(np.inf, GOOD_ENOUGH, NODES), stop=self._stop)
        if solution.values is None:
            return None
        opened = np.zeros(self._instance.size.shape, dtype=bool)
        chosen = np.flatnonzero(solution.values[program.schedule] > 0.5)
        opened[:, program.site[chosen]] = self._patterns.opened[program.pattern[chosen]].T
        return opened

    def _program(self, part: Part, *, whole: bool) -> _Program | None:
        problem, patterns = self._instance.problem, self._patterns
        sets = [
            (year, opened, cost)
            for year, known in enumerate(self._sets)
            for opened, cost in known.values()
            if _within(part, year, opened)
        ]
        is_open = patterns.opened[:, :, None]
        allowed = patterns.allowed & (~part.opened | is_open).all(axis=1) & (~part.closed | ~is_open).all(axis=1)
        pattern, site = np.nonzero(allowed)
        if len({year for year, _, _ in sets}) < problem.years or len(np.unique(site)) < problem.sites:
            return None
        of_year = np.array([year for year, _, _ in sets])
        opened = np.array([opened for _, opened, _ in sets])
        assembly, most = Assembly(), 1.0 if whole else np.inf  # one of each anyway, and a bound would take its dual
        taken = assembly.add_columns("set", np.array([cost for _, _, cost in sets]), 0.0, most, integer=whole)
        cost = np.einsum("kt,tk->k", patterns.opened[pattern].astype(np.float64), problem.fixed[:, site])
        schedule = assembly.add_columns("schedule", cost + patterns.once[pattern, site], 0.0, most, integer=whole)
        assembly.add_rows("year", 1.0, 1.0, problem.years, (of_year, taken, 1.0))
        assembly.add_rows("site", 1.0, 1.0, problem.sites, (site, schedule, 1.0))
        if problem.most_changes is not None:
            which, year = np.nonzero(patterns.changes[pattern, :, site])
            entries = year, schedule[which], 1.0
            assembly.add_rows("changes", -np.inf, problem.most_changes, problem.years, entries)
        in_set, at_site = np.nonzero(opened)
        which, year = np.nonzero(patterns.opened[pattern])
        ties = (
            (of_year[in_set] * problem.sites + at_site, taken[in_set], 1.0),
            (year * problem.sites + site[which], schedule[which], -1.0),
        )
        return _Program(assembly, schedule, pattern, site, ties)


def _within(part: Part, year: int, opened: Flags) -> bool:
    count = int(opened.sum())
    obeys = part.opened[year] <= opened
    return bool(obeys.all() and not (opened & part.closed[year]).any() and part.least[year] <= count <= part.most[year])
