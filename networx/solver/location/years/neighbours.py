"""Better plans near a good one: another schedule for one site, or one site for another over some years.

The rents of the plan at hand bound what the flows of each year cost with another set: its customers go where price plus
rent is least. Only neighbours whose bound leaves room for a better plan are solved, the most promising first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.years.instance import ROUNDING, Instance
from networx.solver.location.years.patterns import Patterns

PAIRS = 40  # of sites exchanged that are looked at, the best by their sums over the years


@dataclass(frozen=True, slots=True)
class Duals:
    """What proved the flows of a plan: `rents` (T, I) of open and closed sites, `rewards` (T,) a unit near by."""

    rents: Floats
    rewards: Floats


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A plan with these sites open (T, I) costs about `estimate` or more."""

    estimate: float
    opened: Flags


class Neighbours:
    """Of plans of one instance."""

    def __init__(self, instance: Instance, patterns: Patterns) -> None:
        self._instance, self._patterns = instance, patterns

    def of(self, opened: Flags, duals: Duals) -> list[Neighbour]:
        """All that obey the rules, by their estimates."""
        base, closing, opening, swapping = self._by_year(opened, duals)
        now = base.sum() + self._instance.one_time(opened)
        flip = np.where(opened, closing, opening)
        found = self._other_schedules(opened, now, flip)
        found += self._exchanges(opened, now, swapping)
        return sorted(found, key=lambda neighbour: neighbour.estimate)

    def _by_year(self, opened: Flags, duals: Duals) -> tuple[Floats, Floats, Floats, Floats]:
        """For each year: the bound with these sites (T,), and how it moves with one closed (T, I), one opened (T, I),
        and the one closed and the other opened (T, I, I); 0 where that is no change."""
        problem, size = self._instance.problem, self._instance.size
        years, sites = opened.shape
        base, closing, opening = np.zeros(years), np.zeros((years, sites)), np.zeros((years, sites))
        swapping = np.zeros((years, sites, sites))
        for year in range(years):
            rents = duals.rents[year]
            own = problem.fixed[year] - np.maximum(rents, 0.0) * size[year] + np.maximum(-rents, 0.0) * problem.least
            asked = np.flatnonzero(problem.demand[year] > 0)
            demand = problem.demand[year, asked]
            here, others = np.flatnonzero(opened[year]), np.flatnonzero(~opened[year])
            offered = problem.price[year][:, asked] + rents[:, None]
            if duals.rewards[year] > 0:
                offered = offered - duals.rewards[year] * problem.near[year][:, asked]
            if not len(here):
                opening[year] = own
                continue
            ordered = np.sort(offered[here], axis=0)
            least = ordered[0]
            nearest = here[offered[here].argmin(axis=0)]
            second = ordered[1] if len(here) > 1 else np.full(len(asked), np.inf)
            worse = np.bincount(nearest, (second - least) * demand, sites)
            base[year] = float(own[here].sum() + least @ demand)
            closing[year, here] = worse[here] - own[here]
            opening[year, others] = own[others] + np.minimum(offered[others] - least, 0.0) @ demand
            # With a site closed as well, only the customers who were nearest to it are served otherwise.
            order = np.argsort(nearest, kind="stable")
            left_by, begins = np.unique(nearest[order], return_index=True)
            new, before, after = offered[others][:, order], least[order], second[order]
            lost = (np.minimum(new, after) - np.minimum(new, before)) * demand[order]
            swapping[year][np.ix_(here, others)] = opening[year, others] - own[here, None]
            swapping[year][np.ix_(left_by, others)] += np.add.reduceat(lost, begins, axis=1).T
        return base, closing, opening, swapping

    def _other_schedules(self, opened: Flags, now: float, flip: Floats) -> list[Neighbour]:
        """Each site with each other pattern of its own."""
        patterns = self._patterns
        differs = patterns.opened[:, :, None] != opened
        moved = np.einsum("pti,ti->pi", differs, np.where(np.isfinite(flip), flip, 1e300)) + patterns.once
        own = self._once_now(opened)
        found = []
        for pattern, site in zip(*np.nonzero(patterns.allowed & differs.any(axis=1) & (moved < 1e299)), strict=True):
            other = opened.copy()
            other[:, site] = patterns.opened[pattern]
            if self._obeys(other):
                found.append(Neighbour(float(now + moved[pattern, site] - own[site]), other))
        return found

    def _exchanges(self, opened: Flags, now: float, swapping: Floats) -> list[Neighbour]:
        """One site in place of another in some years on end, with the schedules of both allowed."""
        years, _ = opened.shape
        found = []
        allowed = self._allowed_patterns()
        fits = opened[:, :, None] & ~opened[:, None, :]
        once = self._once_now(opened)
        for first in range(years):
            for last in range(first + 1, years + 1):
                span = slice(first, last)
                gain = np.where(fits[span], swapping[span], 0.0).sum(axis=0)
                some: Flags = np.logical_or.reduce(fits[span], axis=0)
                gain = np.where(some, gain, np.inf)
                order = np.argsort(gain, axis=None)[:PAIRS]
                for closes, opens in zip(*np.unravel_index(order, gain.shape), strict=True):
                    if not some[closes, opens] or not np.isfinite(gain[closes, opens]):
                        continue
                    other = opened.copy()
                    moved = fits[span, closes, opens]
                    other[span, closes] &= ~moved
                    other[span, opens] |= moved
                    ways = [tuple(other[:, site]) for site in (closes, opens)]
                    new = [allowed.get((way, int(site))) for way, site in zip(ways, (closes, opens), strict=True)]
                    if new[0] is None or new[1] is None or not self._obeys(other):
                        continue
                    change = new[0] + new[1] - once[closes] - once[opens]
                    found.append(Neighbour(float(now + gain[closes, opens] + change), other))
        return found

    def _allowed_patterns(self) -> dict[tuple[tuple[bool, ...], int], float]:
        """What opening and closing costs with each pattern that a site may have."""
        patterns = self._patterns
        pattern, site = np.nonzero(patterns.allowed)
        ways = [tuple(way) for way in patterns.opened]
        return {
            (ways[p], i): cost
            for p, i, cost in zip(pattern.tolist(), site.tolist(), patterns.once[pattern, site].tolist(), strict=True)
        }

    def _once_now(self, opened: Flags) -> Floats:
        """What opening and closing costs each site (I,)."""
        problem = self._instance.problem
        before = np.vstack([problem.existing, opened[:-1]])
        once: Floats = ((opened & ~before) * problem.opening + (~opened & before) * problem.closing).sum(axis=0)
        return once

    def _obeys(self, opened: Flags) -> bool:
        """Whether counts, changes and capacities hold in each year."""
        instance, problem = self._instance, self._instance.problem
        counts = opened.sum(axis=1)
        held = np.where(opened, instance.size, 0.0).sum(axis=1)
        return bool(
            (counts >= problem.at_least).all()
            and (counts <= problem.at_most).all()
            and (held >= instance.total * (1 - ROUNDING)).all()
            and not (opened & instance.all.closed).any()
            and (problem.most_changes is None or (instance.changes(opened) <= problem.most_changes).all())
        )
