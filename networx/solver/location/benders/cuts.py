"""Benders cuts of location without capacities, in closed form: for customer j and a level c,

price_j >= c - sum of (c - cost_ij) * open_i over the sites i that are cheaper than c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.solver.location.benders.nearness import Nearness

WHOLE = 1.0 - 1e-9
FIRST_LOOK = 16  # ranks; more are looked at where these are not enough


@dataclass(frozen=True, slots=True)
class Cuts:
    """One cut an entry: `customer`, and `rank` of the first site in the customer's order that costs the level."""

    customer: Indices
    rank: Indices

    def levels(self, nearness: Nearness) -> Floats:
        return nearness.cost[self.customer, self.rank]


def strongest(nearness: Nearness, opening: Floats) -> Indices:
    """For each customer (J,) the rank of the level whose cut asks most where sites are open to `opening` (I,).

    That is where a whole site is reached, counted from the nearest on.
    """
    sites = nearness.cost.shape[1]
    width = min(sites, FIRST_LOOK)
    while True:
        reached = opening[nearness.site[:, :width]].cumsum(axis=1) >= WHOLE
        if width == sites or reached[:, -1].all():
            ranks: Indices = np.where(reached[:, -1], reached.argmax(axis=1), sites - 1)
            return ranks
        width = min(sites, 4 * width)


def right_sides(nearness: Nearness, ranks: Indices, opening: Floats) -> Floats:
    """What the cuts of these ranks, one a customer, ask of the customers' prices."""
    width = int(ranks.max(initial=0))
    levels = nearness.cost[np.arange(len(ranks)), ranks]
    savings = levels[:, None] - nearness.cost[:, :width]
    np.maximum(savings, 0.0, out=savings)
    asked: Floats = levels - np.einsum("jk,jk->j", savings, opening[nearness.site[:, :width]])
    return asked


def around(nearness: Nearness, multipliers: Floats) -> Cuts:
    """The two cuts a customer whose levels enclose its multiplier: together they prove what the multipliers prove."""
    customers, sites = nearness.cost.shape
    above = np.minimum((nearness.cost < multipliers[:, None]).sum(axis=1), sites - 1)
    every = np.arange(customers)
    return Cuts(np.concatenate([every, every]), np.concatenate([above, np.maximum(above - 1, 0)]))
