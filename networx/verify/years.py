"""A lower bound where facilities open and close over years that differ, recomputed without trusting whoever proved it.

The proof is a tree of cases. Here it is checked that the cases cover every plan, and the Lagrangian function is
evaluated anew for each: any multipliers give a valid bound, so that a wrong number in the proof can only make it lower.
The cheapest schedule of a site is put together from whole stays, each from opening to closing. Everything is computed
in floats, and what rounding could have added is taken off again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.years_proof import YearsProof
from networx.verify.location import SHORT, UNIT_ROUNDING, ProofRefused


@dataclass(frozen=True, slots=True)
class YearsData:
    """Years T, sites I, customers J: the problem as the data states it.

    `price` (T, I, J) of a unit is inf without a lane. `lease` (I,) in years, `existing` (I,) before the first year; a
    site with a lease as long as the plan is open in all the years in which it `may` (T, I), or in none. `level` (T,) of
    a year's demand goes over `near` (T, I, J) lanes; `most_changes` is inf where any number may change.
    """

    fixed: Floats
    capacity: Floats
    may: Flags
    must: Flags
    demand: Floats
    price: Floats
    lease: Floats
    existing: Flags
    opening: Floats
    closing: Floats
    least: Floats
    at_least: int
    at_most: int
    most_changes: float
    near: Flags
    level: Floats


def recomputed_years_bound(data: YearsData, proof: YearsProof) -> float:
    """What no plan costs less than, as far as the proof shows. Raises ProofRefused for one that leaves cases out."""
    return _Checking(data, proof).bound()


@dataclass(frozen=True, slots=True)
class _Part:
    """What holds in a case: sites opened and closed (T, I), which steps add to, and how many (T,) in a year."""

    opened: Flags
    closed: Flags
    least: Indices
    most: Indices


class _Checking:
    def __init__(self, data: YearsData, proof: YearsProof) -> None:
        self._data, self._proof = data, proof
        self._years, self._sites = data.fixed.shape
        lanes = np.isfinite(data.price)
        reach = np.array([np.where(lanes[t], data.demand[t], 0.0).sum(axis=1) for t in range(self._years)])
        self._size = np.where(data.may, np.minimum(data.capacity, reach), 0.0)
        self._total = np.array([math.fsum(row) for row in data.demand])
        whole = np.where(self._total > 0, self._total, 1.0)[:, None]
        self._share = np.where(self._total[:, None] > 0, np.minimum(self._size / whole, 1.0), 0.0)
        self._asked = data.demand > 0
        # An open site that cannot ship what it has to is none; what is short by rounding counts as enough.
        self._never = ~data.may | (self._size < data.least * (1 - SHORT))
        self._check_shapes()

    def bound(self) -> float:
        proof = self._proof
        cases = len(proof.parent)
        shape = cases, self._years, self._sites
        opened, closed = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        counts = np.zeros((cases, 2, self._years), dtype=np.intp)
        branched = self._children()
        lowest = math.inf
        for case in range(cases):
            if case == 0:
                opened[case], closed[case] = self._data.must, self._never
                counts[case, 0], counts[case, 1] = self._data.at_least, self._data.at_most
            else:
                parent, at = proof.parent[case], (proof.year[case], proof.site[case])
                opened[case], closed[case], counts[case] = opened[parent], closed[parent], counts[parent]
                if proof.site[case] < 0:
                    least, most = counts[case]
                    count, year = proof.count[case], proof.year[case]
                    if proof.opened[case]:
                        least[year] = max(least[year], count)
                    else:
                        most[year] = min(most[year], count - 1)
                elif opened[case][at] or closed[case][at]:
                    raise ProofRefused(f"case {case} decides what is decided")
                else:
                    (opened if proof.opened[case] else closed)[case][at] = True
            part = _Part(opened[case], closed[case], *counts[case])
            if proof.impossible[case]:
                if not self._impossible(part):
                    raise ProofRefused(f"case {case} is possible")
                continue
            last = -math.inf
            for step in np.flatnonzero(proof.step_case == case):
                last, settled_at = self._step(int(step), part)
                lowest = min(lowest, settled_at)
            if not branched[case]:
                lowest = min(lowest, last)
        return max(lowest, self._least_of_all())

    def _least_of_all(self) -> float:
        """0 where no number is negative: nothing costs less than nothing."""
        data = self._data
        numbers = (data.fixed, data.price, data.opening, data.closing)
        return 0.0 if all(bool((part >= 0).all()) for part in numbers) else -math.inf

    def _check_shapes(self) -> None:
        proof, years = self._proof, self._years
        cases, steps, settled = len(proof.parent), len(proof.step_case), len(proof.settled_step)
        shared = (proof.size_price, proof.count_price, proof.change_price, proof.service_price)
        whole = (
            cases > 0
            and all(
                len(part) == cases for part in (proof.year, proof.site, proof.count, proof.opened, proof.impossible)
            )
            and proof.pays.shape == (steps, int(self._asked.sum()))
            and all(part.shape == (steps, years) for part in shared)
            and all(len(part) == settled for part in (proof.settled_year, proof.settled_site, proof.settled_opened))
        )
        if not whole:
            raise ProofRefused("its arrays do not fit together")
        sound = (
            all(bool(np.isfinite(part).all()) for part in (proof.pays, *shared))
            and all(bool((part >= 0).all()) for part in (proof.size_price, proof.change_price, proof.service_price))
            and _within(proof.step_case, cases)
            and _within(proof.settled_step, steps)
            and _within(proof.settled_year, years)
            and _within(proof.settled_site, self._sites)
            and _within(proof.year[1:], years)
            and _within(proof.site[1:] + 1, self._sites + 1)
            and proof.parent[0] == -1
            and bool((proof.parent[1:] >= 0).all() and (proof.parent[1:] < np.arange(1, cases)).all())
        )
        if not sound:
            raise ProofRefused("its arrays do not fit together")

    def _children(self) -> Flags:
        """Which cases are split, each in the two states of one site in one year, or by how many are open in it."""
        proof = self._proof
        branched = np.zeros(len(proof.parent), dtype=bool)
        by_parent: dict[int, list[int]] = {}
        for case in range(1, len(proof.parent)):
            by_parent.setdefault(int(proof.parent[case]), []).append(case)
        for parent, children in by_parent.items():
            asked = (proof.year, proof.site, np.where(proof.site < 0, proof.count, 0), proof.opened)
            states = {tuple(int(part[case]) for part in asked) for case in children}
            one = {state[:3] for state in states}
            if len(children) != 2 or len(states) != 2 or len(one) != 1:
                raise ProofRefused("a case is missing")
            branched[parent] = True
        return branched

    def _impossible(self, part: _Part) -> bool:
        """Whether counts, sizes or schedules rule out every plan with these states."""
        if self._fewest(part) is None:
            return True
        nothing = np.zeros(part.opened.shape)
        every = np.arange(self._sites)
        return bool(np.isinf(self._schedules(every, nothing, np.zeros(self._years), part.opened, part.closed)).any())

    def _fewest(self, part: _Part) -> Indices | None:
        """For each year the fewest sites that are allowed and large enough; None where a year has none."""
        fewest = np.zeros(self._years, dtype=np.intp)
        if (part.opened & part.closed).any():
            return None
        for year in range(self._years):
            must, may = part.opened[year], ~part.closed[year] & ~part.opened[year]
            others = np.sort(self._size[year, may])[::-1]
            already = int(must.sum())
            for count in range(
                max(already, int(part.least[year])), min(int(part.most[year]), already + len(others)) + 1
            ):
                held = math.fsum([*self._size[year, must], *others[: count - already]])
                if held >= self._total[year] * (1 - SHORT):
                    fewest[year] = count
                    break
            else:
                return None
        return fewest

    def _step(self, step: int, part: _Part) -> tuple[float, float]:
        """The bound of the case at this step, and that of what it settles; the states it settles are set."""
        proof, data = self._proof, self._data
        opened, closed = part.opened, part.closed
        settled = np.flatnonzero(proof.settled_step == step)
        at = proof.settled_year[settled], proof.settled_site[settled]
        if (opened[at] | closed[at]).any() or len(set(zip(*at, strict=True))) < len(settled):
            raise ProofRefused(f"step {step} settles what is decided")
        fewest = self._fewest(part)
        if fewest is None:
            return math.inf, math.inf
        pays = np.zeros(data.demand.shape)
        pays[self._asked] = proof.pays[step]
        size, count = proof.size_price[step], proof.count_price[step]
        change, service = proof.change_price[step], proof.service_price[step]
        if (math.isinf(data.most_changes) and change.any()) or (not data.existing.any() and change[0] != 0):
            raise ProofRefused(f"step {step} prices changes that nobody counts")
        gain, magnitude = self._gains(pays, service, ~closed)
        cost = data.fixed + gain - size[:, None] * self._share - count[:, None]
        most = 0.0 if math.isinf(data.most_changes) else data.most_changes
        wanted = np.where(count > 0, fewest, part.most)
        parts = [*pays.ravel(), *size, *(count * wanted), *(data.level * service), *(-most * change)]
        magnitude += float(np.abs(parts).sum() + np.abs(data.fixed).sum() + (size[:, None] * self._share).sum())
        magnitude += float(self._sites * np.abs(count).sum() + 2 * self._years * (data.opening + data.closing).sum())
        magnitude += float(2 * self._sites * change.sum())
        terms = len(parts) + 4 * data.fixed.size + 16
        # A sum of n terms is off by less than n roundings of the sum of their sizes; the factor covers sums of sums.
        rounding = 8 * terms * UNIT_ROUNDING * magnitude
        sites = np.arange(self._sites)
        best = self._schedules(sites, cost, change, opened, closed)
        if np.isinf(best).any():
            return math.inf, math.inf
        bound = math.fsum([*parts, *best]) - rounding
        settled_at = math.inf
        if len(settled):
            year, site = at
            states = proof.settled_opened[settled]
            with_open, with_closed = opened[:, site], closed[:, site]
            rows = np.arange(len(settled))
            with_open[year[~states], rows[~states]] = True
            with_closed[year[states], rows[states]] = True
            other = self._schedules(site, cost[:, site], change, with_open, with_closed)
            too_many = ~states & (opened[year].sum(axis=1) >= part.most[year])
            too_few = states & ((~closed[year]).sum(axis=1) <= part.least[year])
            other[too_many | too_few] = math.inf
            settled_at = bound + float((other - best[site]).min())
            opened[year[states], site[states]] = True
            closed[year[~states], site[~states]] = True
        return bound, settled_at

    def _gains(self, pays: Floats, service: Floats, usable: Flags) -> tuple[Floats, float]:
        """The least that service adds for each year and site, (T, I), and the sizes of all numbers added up.

        Any rent on a unit of size gives a valid bound of a knapsack, be it below 0 where a site has to ship; the one
        where it is full, or has shipped what it must, gives the best.
        """
        data = self._data
        gain, magnitude = np.zeros(usable.shape), 0.0
        for year, site in zip(*np.nonzero(usable), strict=True):
            if self._total[year] <= 0:
                continue
            lanes = np.flatnonzero(np.isfinite(data.price[year, site]) & self._asked[year])
            demand = data.demand[year, lanes]
            price = data.price[year, site, lanes] - data.near[year, site, lanes] * (service[year] / self._total[year])
            worth = price - pays[year, lanes] / demand
            size, least = self._size[year, site], data.least[site]
            rent = _rent(worth, demand, size, least)
            left = demand * np.minimum(worth + rent, 0.0)
            gain[year, site] = float(left.sum()) - max(rent, 0.0) * size + max(-rent, 0.0) * least
            taken = left < 0
            numbers = np.abs(price[taken]) + np.abs(pays[year, lanes[taken]] / demand[taken]) + abs(rent)
            magnitude += float(numbers @ demand[taken]) + abs(rent) * max(size, least)
        return gain, magnitude

    def _schedules(self, site: Indices, cost: Floats, change: Floats, opened: Flags, closed: Flags) -> Floats:
        """The least cost of a schedule of each of these sites (S,); inf where it has none.

        `cost` of a year open, what is `opened` and what `closed` are (T, S), `change` (T,) is paid for each change. A
        schedule is a row of stays; what follows a stay does not depend on what was before it.
        """
        data, years = self._data, self._years
        may, lease = data.may[:, site], data.lease[site]
        paid_open = np.where(closed, math.inf, cost)
        paid_shut = np.where(opened, math.inf, 0.0)
        opening = data.opening[site] + change[:, None]
        closing = data.closing[site] + change[:, None]
        after = np.zeros((years + 2, len(site)))  # from a year on, when closed before it

        def stay(first: int, starts: Floats, leaves_at_once: Flags) -> Floats:
            """The least cost from a year on of staying from then to some later one."""
            least, held = np.full(len(site), math.inf), starts
            for last in range(first, years - 1):
                held = held + paid_open[last]
                free = leaves_at_once | (last - first + 1 >= lease) | ~may[last + 1]
                left = held + closing[last + 1] + paid_shut[last + 1] + after[last + 2]
                least = np.minimum(least, np.where(free, left, math.inf))
            cheapest: Floats = np.minimum(least, held + paid_open[years - 1])
            return cheapest

        never = np.zeros(len(site), dtype=bool)
        for first in reversed(range(years)):
            shut = paid_shut[first] + after[first + 1]
            after[first] = np.minimum(shut, stay(first, opening[first], never))
        before = data.existing[site]
        leaves = closing[0] + paid_shut[0] + after[1]
        value = np.where(before, np.minimum(leaves, stay(0, np.zeros(len(site)), before)), after[0])
        return np.where(lease >= years, self._unchanging(site, paid_open, paid_shut, opening, closing), value)

    def _unchanging(
        self, site: Indices, paid_open: Floats, paid_shut: Floats, opening: Floats, closing: Floats
    ) -> Floats:
        """The lesser cost (S,) of being open whenever a site may be, and never."""
        may, before = self._data.may[:, site], self._data.existing[site]
        always, never = np.zeros(len(site)), np.where(before, closing[0], 0.0)
        for year in range(self._years):
            now = may[year]
            always = always + np.where(now, paid_open[year], paid_shut[year])
            always = always + np.where(now & ~before, opening[year], 0.0) + np.where(~now & before, closing[year], 0.0)
            never = never + paid_shut[year]
            before = now
        return np.minimum(always, never)


def _rent(worth: Floats, demand: Floats, size: float, least: float) -> float:
    """The rent on a unit of size at which a knapsack of lanes worth `worth` a unit is best bounded."""
    wanted = float(demand[worth < 0].sum())
    if least <= wanted <= size or not len(worth):
        return 0.0
    order = np.argsort(worth)
    filled = np.cumsum(demand[order])
    at = int(np.searchsorted(filled, size if wanted > size else least))
    return float(-worth[order[min(at, len(order) - 1)]])


def _within(indices: Indices, count: int) -> bool:
    return bool(((indices >= 0) & (indices < count)).all())
