"""Better plans near a good one: one site closed, one opened, or one for another, each judged by a bound first.

The rents of the plan at hand bound what every neighbour costs: its customers go where price plus rent is least. Only
neighbours whose bound leaves room for a better plan are solved, the most promising first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian.flows import Shipping
from networx.solver.location.lagrangian.incumbent import Incumbent
from networx.solver.location.lagrangian.instance import ROUNDING, Instance

TRIED_EACH_ROUND = 8
DEAREST_LOSS = 1e30  # a unit, where a customer has no other open site


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`closes` and `opens` are a site each, or -1; no plan with it costs less than `bound`."""

    bound: float
    closes: int
    opens: int

    def applied(self, opened: Flags) -> Flags:
        """The sites (I,) after it."""
        other = opened.copy()
        if self.closes >= 0:
            other[self.closes] = False
        if self.opens >= 0:
            other[self.opens] = True
        return other


def improve(shipping: Shipping, incumbent: Incumbent, candidates: Indices, rents: Floats, programs: int) -> None:
    """Move to better neighbours until there is none, or `programs` flows have been solved. `rents` (I,)."""
    last = shipping.programs + programs
    while incumbent.plan is not None and shipping.programs < last:
        opened = incumbent.plan.opened
        here = shipping.ship(opened, rents, np.inf)
        mixed = np.where(opened, here.rents, rents)
        tried = 0
        for neighbour in neighbours(shipping, opened, candidates, mixed):
            if neighbour.bound >= incumbent.to_beat or tried >= TRIED_EACH_ROUND or shipping.programs >= last:
                return
            before = shipping.programs
            shipped = shipping.ship(neighbour.applied(opened), mixed, incumbent.to_beat)
            tried += shipping.programs - before
            if shipped.flows is not None and incumbent.offer(shipped.flows):
                break
        else:
            return


def least_missed(instance: Instance, opened: Flags, rents: Floats) -> int:
    """The open site (one that need not be) whose customers lose least by going elsewhere, as rents (I,) price size."""
    sites = np.flatnonzero(opened)
    offered = instance.price[sites] + rents[sites, None]
    first = np.argmin(offered, axis=0)
    least = offered[first, np.arange(instance.customers)]
    offered[first, np.arange(instance.customers)] = np.inf
    served = np.isfinite(least)
    loss = np.zeros(instance.customers)
    loss[served] = np.minimum(offered[:, served].min(axis=0) - least[served], DEAREST_LOSS) * instance.demand[served]
    missed = np.bincount(first, loss, len(sites)) - instance.fixed[sites] + rents[sites] * instance.size[sites]
    missed[instance.must[sites]] = np.inf
    return int(sites[np.argmin(missed)])


def neighbours(
    shipping: Shipping, opened: Flags, candidates: Indices, rents: Floats, *, holding: bool = True
) -> list[Neighbour]:
    """All within the counts, by bound; unless not asked so, only those whose sites hold the demand."""
    instance = shipping.instance
    sites = np.flatnonzero(opened)
    offered = instance.price[sites] + rents[sites, None]
    nearest = np.argmin(offered, axis=0)
    customers = np.arange(instance.customers)
    least = offered[nearest, customers]
    offered[nearest, customers] = np.inf
    second = offered.min(axis=0)
    new = candidates[~opened[candidates]]
    new_offered = instance.price[new] + rents[new, None]
    own = instance.fixed - rents * instance.size
    held = float(instance.size[opened].sum())
    count = len(sites)
    found: list[Neighbour] = []

    def add(closes: int, offers: Floats) -> None:
        """The neighbours that close this site: with nothing new, and with each candidate."""
        size = held - (instance.size[closes] if closes >= 0 else 0.0)
        cost = float(own[opened].sum() - (own[closes] if closes >= 0 else 0.0))
        left = count - (closes >= 0)
        needed = instance.total * (1 - ROUNDING) if holding else 0.0
        if closes >= 0 and size >= needed and left >= instance.at_least:
            found.append(Neighbour(cost + float(offers @ instance.demand), closes, -1))
        if left + 1 <= instance.at_most and (left + 1 >= instance.at_least or not holding) and len(new):
            bounds = cost + own[new] + np.minimum(offers, new_offered) @ instance.demand
            enough = size + instance.size[new] >= needed
            found.extend(
                Neighbour(float(bounds[at]), closes, int(new[at]))
                for at in np.flatnonzero(enough & np.isfinite(bounds))
            )

    add(-1, least)
    for row, site in enumerate(sites):
        shipping.pause()
        if not instance.must[site]:
            add(int(site), np.where(nearest == row, second, least))
    return sorted(found, key=lambda neighbour: (neighbour.bound, neighbour.closes, neighbour.opens))
