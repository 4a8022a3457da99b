"""Benders cuts of location without capacities, in closed form, for groups of customers.

For any levels u (J,) and a group of customers, what they pay together is at least

sum of u_j - sum over the sites of open_i * sum of max(u_j - cost_ij, 0), both over the group's customers j.

Groups keep the linear program small: a row a group, where a row a customer would take ten times as long to solve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.solver.location.benders.nearness import Nearness

WHOLE = 1.0 - 1e-9
FIRST_LOOK = 16  # ranks; more are looked at where these are not enough


@dataclass(frozen=True, slots=True)
class Groups:
    """Customers who have their cheapest site in common. `of` (J,) is each one's group, below `count`."""

    of: Indices
    count: int

    @classmethod
    def around_sites(cls, nearness: Nearness) -> Groups:
        sites, of = np.unique(nearness.site[:, 0], return_inverse=True)
        return cls(of, len(sites))

    def total(self, values: Floats) -> Floats:
        """What the customers' `values` (J,) add up to in each group."""
        return np.bincount(self.of, values, self.count).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """The cuts of all groups at the same levels: `saving` (groups, I) and `level` (groups,) summed over customers."""

    saving: Floats
    level: Floats


def rows(nearness: Nearness, groups: Groups, levels: Floats) -> Rows:
    """The cuts at these levels (J,)."""
    sites, width = nearness.cost.shape[1], nearness.reach(levels)
    savings = np.maximum(levels[:, None] - nearness.cost[:, :width], 0.0)
    places = groups.of[:, None] * sites + nearness.site[:, :width]
    added = np.bincount(places.ravel(), savings.ravel(), groups.count * sites).astype(np.float64, copy=False)
    return Rows(added.reshape(groups.count, sites), groups.total(levels))


def strongest(nearness: Nearness, opening: Floats) -> Floats:
    """For each customer (J,) the level whose cut asks most where sites are open to `opening` (I,).

    That is the cost at which a whole site is reached, counted from the nearest on.
    """
    customers, sites = nearness.cost.shape
    ranks, left = np.full(customers, sites - 1), np.arange(customers)
    start, width, met = 0, min(sites, FIRST_LOOK), np.zeros((customers, 1))
    while len(left) and start < sites:
        reach = met + opening[nearness.site[left, start:width]].cumsum(axis=1)
        found = reach[:, -1] >= WHOLE
        ranks[left[found]] = start + (reach[found] >= WHOLE).argmax(axis=1)
        left, met = left[~found], reach[~found, -1:]
        start, width = width, min(sites, 2 * width)
    levels: Floats = nearness.cost[np.arange(customers), ranks]
    return levels


def around(nearness: Nearness, multipliers: Floats) -> tuple[Floats, Floats]:
    """Each customer's next costs at or above its multiplier, and below it."""
    customers, sites = nearness.cost.shape
    above = np.minimum((nearness.cost < multipliers[:, None]).sum(axis=1), sites - 1)
    every = np.arange(customers)
    return nearness.cost[every, above], nearness.cost[every, np.maximum(above - 1, 0)]
