"""The cases of a single-source proof: what holds in each, whether they cover every plan, and what costs come in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Indices
from networx.domain.single_source_proof import SingleSourceProof
from networx.verify.location import LocationData, ProofRefused

FINEST_LATTICE = 1e-9


@dataclass(slots=True)
class Case:
    """What holds in it: `opened` and `closed` (I,), `barred` (I, J) pairs, and the site `given` (J,) or -1."""

    opened: Flags
    closed: Flags
    barred: Flags
    given: Indices

    def copy(self) -> Case:
        return Case(self.opened.copy(), self.closed.copy(), self.barred.copy(), self.given.copy())

    def is_question(self, site: int, customer: int) -> bool:
        if customer < 0:
            return not (self.opened[site] or self.closed[site])
        return bool(not self.closed[site] and not self.barred[site, customer] and self.given[customer] < 0)

    def answer(self, site: int, customer: int, chosen: bool) -> None:
        if customer < 0:
            (self.opened if chosen else self.closed)[site] = True
        elif chosen:
            self.given[customer] = site
            self.opened[site] = True
        else:
            self.barred[site, customer] = True


def children(proof: SingleSourceProof) -> list[list[int]]:
    """The two cases below each case, or none. Raises ProofRefused where an answer is missing."""
    below: list[list[int]] = [[] for _ in proof.parent]
    for number in range(1, len(proof.parent)):
        below[int(proof.parent[number])].append(number)
    for pair in below:
        whole = not pair or (
            len(pair) == 2
            and proof.site[pair[0]] == proof.site[pair[1]]
            and proof.customer[pair[0]] == proof.customer[pair[1]]
            and proof.chosen[pair[0]] != proof.chosen[pair[1]]
        )
        if not whole:
            raise ProofRefused("a case is missing")
    return below


def check_shapes(data: LocationData, proof: SingleSourceProof) -> None:
    sites, customers = data.cost.shape
    cases, steps, settled = len(proof.parent), len(proof.step_case), len(proof.settled_step)
    sound = (
        cases > 0
        and all(len(part) == cases for part in (proof.site, proof.customer, proof.chosen, proof.impossible))
        and proof.pays.shape == (steps, customers)
        and proof.size_price.shape == (steps,)
        and len(proof.settled_site) == len(proof.settled_customer) == len(proof.settled_chosen) == settled
        and bool(np.isfinite(proof.pays).all() and np.isfinite(proof.size_price).all())
        and bool((proof.size_price >= 0).all())
        and _within(proof.step_case, 0, cases)
        and _within(proof.settled_step, 0, steps)
        and _within(proof.settled_site, 0, sites)
        and _within(proof.settled_customer, -1, customers)
        and _within(proof.site[1:], 0, sites)
        and _within(proof.customer[1:], -1, customers)
        and proof.parent[0] == -1
        and bool((proof.parent[1:] >= 0).all() and (proof.parent[1:] < np.arange(1, cases)).all())
        and proof.grid.shape == proof.lattice.shape == (1,)
        and bool(np.isfinite(proof.grid[0]) and proof.grid[0] > 0)
        and bool(np.isfinite(proof.lattice[0]) and (proof.lattice[0] == 0 or proof.lattice[0] >= FINEST_LATTICE))
    )
    if not sound:
        raise ProofRefused("its arrays do not fit together")


def _within(indices: Indices, least: int, count: int) -> bool:
    return bool(((indices >= least) & (indices < count)).all())


def lifted(data: LocationData, lattice: float, bound: float) -> float:
    """The least cost from `bound` on that a plan can have whose every cost is a multiple of `lattice`."""
    if lattice == 0 or not math.isfinite(bound):
        return bound
    finite = np.isfinite(data.cost)
    cost = np.where(finite, data.cost, 0.0)
    off = float(np.abs(cost - lattice * np.rint(cost / lattice)).max(axis=0).sum())
    off += float(np.abs(data.fixed - lattice * np.rint(data.fixed / lattice)).sum())
    off += 1e-13 * float(np.abs(cost).max(axis=0).sum() + np.abs(data.fixed).sum())
    return max(bound, math.ceil((bound - off) / lattice) * lattice - 2 * off)
