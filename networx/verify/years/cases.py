"""That the cases of a proof cover every plan, and what bounds each of them."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Flags, Indices
from networx.domain.years_proof import YearsProof
from networx.verify.location import UNIT_ROUNDING, ProofRefused
from networx.verify.years.apart import BoundsOfYears
from networx.verify.years.data import Part, Sizes, YearsData
from networx.verify.years.lagrangian import Multipliers
from networx.verify.years.schedules import cheapest_schedules


def recomputed_years_bound(data: YearsData, proof: YearsProof) -> float:
    """What no plan costs less than, as far as the proof shows. Raises ProofRefused for one that leaves cases out."""
    return _Checking(data, proof).bound()


class _Checking:
    def __init__(self, data: YearsData, proof: YearsProof) -> None:
        self._data, self._proof = data, proof
        self._years, self._sites = data.fixed.shape
        self._sizes = Sizes.of(data)
        self._check_shapes()
        self._bounds_of_years = BoundsOfYears(data, self._sizes, proof)
        self._multipliers = Multipliers(data, self._sizes, proof)

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
                opened[case], closed[case] = self._data.must, self._sizes.never
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
            part = Part(opened[case], closed[case], *counts[case])
            if proof.impossible[case]:
                if not self._impossible(part):
                    raise ProofRefused(f"case {case} is possible")
                continue
            last = -math.inf
            steps = np.flatnonzero(proof.step_case == case)
            for after, step in enumerate(steps):
                self._bounds_of_years.recompute(case, after, part)
                last, settled_at = self._step(int(step), part)
                lowest = min(lowest, settled_at)
            self._bounds_of_years.recompute(case, len(steps), part)
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
            and proof.pays.shape == (steps, int(self._sizes.asked.sum()))
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

    def _impossible(self, part: Part) -> bool:
        """Whether counts, sizes or schedules rule out every plan with these states."""
        if part.fewest(self._sizes) is None:
            return True
        nothing = np.zeros(part.opened.shape)
        every = np.arange(self._sites)
        return bool(
            np.isinf(
                cheapest_schedules(self._data, every, nothing, np.zeros(self._years), part.opened, part.closed)
            ).any()
        )

    def _step(self, step: int, part: Part) -> tuple[float, float]:
        """The bound of the case at this step, and that of what it settles; the states it settles are set."""
        proof, data = self._proof, self._data
        opened, closed = part.opened, part.closed
        settled = np.flatnonzero(proof.settled_step == step)
        at = proof.settled_year[settled], proof.settled_site[settled]
        if (opened[at] | closed[at]).any() or len(set(zip(*at, strict=True))) < len(settled):
            raise ProofRefused(f"step {step} settles what is decided")
        fewest = part.fewest(self._sizes)
        if fewest is None:
            return math.inf, math.inf
        change = proof.change_price[step]
        if (math.isinf(data.most_changes) and change.any()) or (not data.existing.any() and change[0] != 0):
            raise ProofRefused(f"step {step} prices changes that nobody counts")
        if self._bounds_of_years.shows(step):
            shown = self._bounds_of_years.shown(step, int(proof.step_case[step]))
        else:
            shown = self._multipliers.shown(step, part, fewest)
        # A sum of n terms is off by less than n roundings of the sum of their sizes; the factor covers sums of sums.
        share = 8 * shown.terms * UNIT_ROUNDING
        rounding = share * shown.magnitude
        # Each site takes off what its own cost may be off by: one that is too dear to be open takes off nothing.
        cost = shown.cost - share * np.abs(data.fixed)
        sites = np.arange(self._sites)
        best = cheapest_schedules(data, sites, cost, change, opened, closed)
        if np.isinf(best).any():
            return math.inf, math.inf
        bound = math.fsum([*shown.parts, *best]) - rounding
        settled_at = math.inf
        if len(settled):
            year, site = at
            states = proof.settled_opened[settled]
            with_open, with_closed = opened[:, site], closed[:, site]
            rows = np.arange(len(settled))
            with_open[year[~states], rows[~states]] = True
            with_closed[year[states], rows[states]] = True
            other = cheapest_schedules(data, site, cost[:, site], change, with_open, with_closed)
            too_many = ~states & (opened[year].sum(axis=1) >= part.most[year])
            too_few = states & ((~closed[year]).sum(axis=1) <= part.least[year])
            other[too_many | too_few] = math.inf
            settled_at = bound + float((other - best[site]).min())
            opened[year[states], site[states]] = True
            closed[year[~states], site[~states]] = True
        return bound, settled_at


def _within(indices: Indices, count: int) -> bool:
    return bool(((indices >= 0) & (indices < count)).all())
