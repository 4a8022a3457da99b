"""A lower bound on the cost of a location problem, recomputed from its proof without trusting whoever wrote it.

The proof is a tree of cases. Here it is checked that the cases cover every set of sites, and the Lagrangian function is
evaluated anew for each: any multipliers give a valid bound, so that a wrong number in the proof can only make it
lower. Everything is computed in floats, and what rounding could have added is taken off again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.location_proof import LocationProof

UNIT_ROUNDING = 2.0**-53
SHORT = 1e-9  # relative; sizes count as too small for the demand beyond this


@dataclass(frozen=True, slots=True)
class LocationData:
    """Sites I, customers J: the problem as the data states it. `cost` (I, J) serves all demand, inf without a lane."""

    fixed: Floats
    capacity: Floats
    demand: Floats
    cost: Floats
    must: Flags
    at_least: int
    at_most: int


class ProofRefused(Exception):
    """What is wrong with the proof."""


def recomputed_bound(data: LocationData, proof: LocationProof) -> float:
    """What no plan costs less than, as far as the proof shows. Raises ProofRefused for one that leaves cases out."""
    return _Checking(data, proof).bound()


class _Checking:
    def __init__(self, data: LocationData, proof: LocationProof) -> None:
        self._data, self._proof = data, proof
        reach = np.where(np.isfinite(data.cost), data.demand, 0.0).sum(axis=1)
        self._size = np.minimum(data.capacity, reach)
        self._total = math.fsum(data.demand)
        self._check_shapes()

    def bound(self) -> float:
        proof = self._proof
        cases, sites = len(proof.parent), len(self._data.fixed)
        opened, closed = np.zeros((cases, sites), dtype=bool), np.zeros((cases, sites), dtype=bool)
        branched = self._children()
        lowest = math.inf
        for case in range(cases):
            if case == 0:
                opened[case] = self._data.must
            else:
                parent, site = proof.parent[case], proof.site[case]
                opened[case], closed[case] = opened[parent], closed[parent]
                if opened[case, site] or closed[case, site]:
                    raise ProofRefused(f"case {case} decides a site that is decided")
                (opened if proof.opened[case] else closed)[case, site] = True
            if proof.impossible[case]:
                if not self._impossible(opened[case], closed[case]):
                    raise ProofRefused(f"case {case} is possible")
                continue
            steps = np.flatnonzero(proof.step_case == case)
            last = -math.inf
            for step in steps:
                last, settled_at = self._step(int(step), opened[case], closed[case])
                lowest = min(lowest, settled_at)
            if not branched[case]:
                lowest = min(lowest, last)
        return max(lowest, self._least_of_all())

    def _least_of_all(self) -> float:
        """What a plan costs at least whatever is open: 0 where no number is negative."""
        cheapest = np.minimum(self._data.cost.min(axis=0), 0.0)
        return math.fsum(np.minimum(self._data.fixed, 0.0)) + math.fsum(cheapest) * (1 + 1e-12)

    def _check_shapes(self) -> None:
        proof, sites, customers = self._proof, len(self._data.fixed), len(self._data.demand)
        cases, steps, settled = len(proof.parent), len(proof.step_case), len(proof.settled_step)
        sound = (
            cases > 0
            and all(len(part) == cases for part in (proof.site, proof.opened, proof.impossible))
            and proof.pays.shape == (steps, customers)
            and proof.size_price.shape == (steps,)
            and len(proof.settled_site) == len(proof.settled_opened) == settled
            and bool(np.isfinite(proof.pays).all() and np.isfinite(proof.size_price).all())
            and bool((proof.size_price >= 0).all())
            and _within(proof.step_case, cases)
            and _within(proof.settled_step, steps)
            and _within(proof.settled_site, sites)
            and _within(proof.site[1:], sites)
            and proof.parent[0] == -1
            and bool((proof.parent[1:] >= 0).all() and (proof.parent[1:] < np.arange(1, cases)).all())
        )
        if not sound:
            raise ProofRefused("its arrays do not fit together")

    def _children(self) -> Flags:
        """Which cases are split, each in the two states of one site."""
        proof = self._proof
        branched = np.zeros(len(proof.parent), dtype=bool)
        order = np.argsort(proof.parent[1:], kind="stable") + 1
        pairs, left_over = order[: len(order) // 2 * 2].reshape(-1, 2), len(order) % 2
        parents = proof.parent[pairs]
        whole = (
            left_over == 0
            and bool((parents[:, 0] == parents[:, 1]).all())
            and len(np.unique(parents[:, 0])) == len(parents)
            and bool((proof.site[pairs[:, 0]] == proof.site[pairs[:, 1]]).all())
            and bool((proof.opened[pairs[:, 0]] != proof.opened[pairs[:, 1]]).all())
        )
        if not whole:
            raise ProofRefused("a case is missing")
        branched[parents[:, 0]] = True
        return branched

    def _impossible(self, opened: Flags, closed: Flags) -> bool:
        """Whether the counts or the sizes rule out every set with these sites."""
        return self._fewest(opened, closed) is None

    def _fewest(self, opened: Flags, closed: Flags) -> int | None:
        """The fewest sites that are allowed and large enough, the largest first; None where there are none."""
        already, usable = int(opened.sum()), int((~closed).sum())
        for count in range(max(already, self._data.at_least), min(self._data.at_most, usable) + 1):
            others = np.sort(self._size[~opened & ~closed])[::-1][: count - already]
            if math.fsum([*self._size[opened], *others]) >= self._total * (1 - SHORT):
                return count
        return None

    def _step(self, step: int, opened: Flags, closed: Flags) -> tuple[float, float]:
        """The bound of the case at this step, and that of what it settles; the sites it settles are set."""
        proof = self._proof
        fewest = self._fewest(opened, closed)
        if fewest is None:
            return math.inf, math.inf
        pays, size_price = proof.pays[step], float(proof.size_price[step])
        gain, sizes = self._gains(pays, ~closed)
        sizes += np.abs(self._data.fixed) + size_price * self._size
        terms = len(pays) + len(self._data.fixed) + 16
        # A sum of n terms is off by less than n roundings of the sum of their sizes; the factor covers sums of sums.
        share = 8 * terms * UNIT_ROUNDING
        # Each site takes off what its own numbers may be off by: one that is too dear to be open takes off nothing.
        reduced = self._data.fixed + gain - size_price * self._size - share * sizes
        base = math.fsum(pays) + size_price * self._total
        base -= share * (float(np.abs(pays).sum()) + size_price * self._total)

        def value(forced_open: Flags, without: Flags) -> float:
            free = np.sort(reduced[~forced_open & ~without])
            already = int(forced_open.sum())
            least, most = max(fewest - already, 0), min(self._data.at_most - already, len(free))
            if most < least:
                return math.inf
            count = min(max(int((free < 0).sum()), least), most)
            return base + math.fsum(reduced[forced_open]) + math.fsum(free[:count])

        bound, settled_at = value(opened, closed), math.inf
        settled = np.flatnonzero(proof.settled_step == step)
        sites, states = proof.settled_site[settled], proof.settled_opened[settled]
        if (opened[sites] | closed[sites]).any() or len(np.unique(sites)) < len(sites):
            raise ProofRefused(f"step {step} settles a site that is decided")
        for site, state in zip(sites, states, strict=True):
            other = np.arange(len(reduced)) == site
            settled_at = min(settled_at, value(opened, closed | other) if state else value(opened | other, closed))
        opened[sites[states]] = True
        closed[sites[~states]] = True
        return bound, settled_at

    def _gains(self, pays: Floats, usable: Flags) -> tuple[Floats, Floats]:
        """The least that each site's service can add (I,), at most 0, and the sizes of the numbers added up there (I,).

        Any rent on a unit of size gives a valid bound of a site's knapsack; the one where it is full gives the best.
        """
        data = self._data
        gain, sizes = np.zeros(len(data.fixed)), np.zeros(len(data.fixed))
        for site in np.flatnonzero(usable):
            customers = np.flatnonzero(data.cost[site] < pays)
            worth = data.cost[site, customers] - pays[customers]
            demand = data.demand[customers]
            rent = 0.0
            if demand.sum() > self._size[site]:
                order = np.argsort(worth / demand)
                full = int(np.searchsorted(np.cumsum(demand[order]), self._size[site]))
                at = order[min(full, len(order) - 1)]
                rent = float(-worth[at] / demand[at])
            left = np.minimum(worth + rent * demand, 0.0)
            rented = rent * self._size[site] if rent > 0 else 0.0
            gain[site] = left.sum() - rented
            sizes[site] = (np.abs(worth) + np.abs(pays[customers]) + rent * demand).sum() + rented
        return gain, sizes


def _within(indices: Indices, count: int) -> bool:
    return bool(((indices >= 0) & (indices < count)).all())
