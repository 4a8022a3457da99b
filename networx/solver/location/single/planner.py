"""Offering plans: those near what a node's knapsacks would do, and those near the best plan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.single_source_proof import TOLERANCE
from networx.solver.location.single.ascent import Seen
from networx.solver.location.single.assigning import assigned
from networx.solver.location.single.incumbent import Incumbent
from networx.solver.location.single.instance import Instance
from networx.solver.location.single.node import Node

LIKELY = 0.02  # a site that was open less than this on average is no candidate
TRIED_EACH_ROUND = 20  # neighbours


class Planner:
    """Offers plans to the incumbent. `look` is called between assignments and may raise to end the search."""

    def __init__(self, instance: Instance, incumbent: Incumbent, look: Callable[[], None]) -> None:
        self._instance, self._incumbent, self._look = instance, incumbent, look
        self._improved_from = np.inf
        self._tried: set[bytes] = set()

    def follow(self, node: Node, seen: Seen) -> None:
        """Open what the choice opens, as many as it takes to hold the demand, and assign near what it serves."""
        ranked = seen.choice.share + 0.01 * node.average
        self._assign(self._enough(node, ranked), seen.filled.takes * 0.5 + node.usage * 0.5, again=True)

    def round(self, node: Node) -> None:
        """Open the sites that were most open on the way, and assign near what they served."""
        self._assign(self._enough(node, node.average), node.usage, again=False)

    def improve(self, node: Node) -> None:
        """Close, open or exchange a site of the best plan while that saves, if the plan is new."""
        while self._incumbent.plan is not None and self._incumbent.cost < self._improved_from:
            self._improved_from = self._incumbent.cost
            opened = self._incumbent.plan.opened
            wanted = np.zeros(self._instance.cost.shape)
            wanted[self._incumbent.plan.site, self._incumbent.plan.customer] = 0.5
            for neighbour in self._neighbours(opened, node.average):
                self._assign(neighbour, wanted, again=False)
                if self._incumbent.cost < self._improved_from:
                    break

    def _neighbours(self, opened: Flags, average: Floats) -> list[Flags]:
        """Those that hold the demand and whose cheapest service leaves room for a better plan, the best first."""
        split, cost = self._instance.split, self._instance.cost
        inside, new = np.flatnonzero(opened), np.flatnonzero(~opened & (average > LIKELY))
        nearest = inside[np.argmin(cost[inside], axis=0)]
        least, second = np.partition(np.vstack([cost[inside], np.full(cost.shape[1], np.inf)]), 1, axis=0)[:2]
        found: list[tuple[float, int, int]] = []
        for closes in [-1, *inside[~split.must[inside]].tolist()]:
            self._look()
            left = opened & (np.arange(len(opened)) != closes)
            size, count, fixed = split.size[left].sum(), int(left.sum()), split.fixed[left].sum()
            offers = np.where(nearest == closes, second, least)
            if closes >= 0 and self._holds(size) and max(split.at_least, 1) <= count:
                found.append((float(fixed + offers.sum()), closes, -1))
            if split.at_least <= count + 1 <= split.at_most:
                bounds = fixed + split.fixed[new] + np.minimum(offers, cost[new]).sum(axis=1)
                sound = self._holds(size + split.size[new])
                found += [(float(bounds[at]), closes, int(new[at])) for at in np.flatnonzero(sound)]
        better = sorted(one for one in found if one[0] < self._incumbent.cutoff)[:TRIED_EACH_ROUND]
        sites = np.arange(len(opened))
        return [(opened & (sites != closes)) | (sites == opens) for _, closes, opens in better]

    def _holds(self, size: Floats) -> Flags:
        enough: Flags = size >= self._instance.split.total * (1 - TOLERANCE)
        return enough

    def _enough(self, node: Node, ranked: Floats) -> Flags:
        instance, split = self._instance, self._instance.split
        order = np.argsort(-(ranked + 2.0 * node.opened - 2.0 * node.closed), kind="stable")
        enough = int(np.searchsorted(np.cumsum(split.size[order]), split.total * (1 - TOLERANCE))) + 1
        count = max(enough, split.at_least, int(node.opened.sum()), int((ranked > 0.5).sum()))
        opened = np.zeros(instance.sites, dtype=bool)
        opened[order[: min(count, split.at_most)]] = True
        return opened

    def _assign(self, opened: Flags, wanted: Floats, *, again: bool) -> None:
        self._look()
        key = opened.tobytes()
        if not again and key in self._tried:
            return
        self._tried.add(key)
        found = assigned(self._instance, opened, self._instance.cost, wanted, self._look)
        if found is None or not found.fits:
            return
        self._incumbent.offer(self._needed(opened, found.site), found.site)

    def _needed(self, opened: Flags, site: np.ndarray) -> Flags:
        """Without the sites that serve nobody, are paid for, and need not be open."""
        split = self._instance.split
        used = np.zeros(len(opened), dtype=bool)
        used[site] = True
        idle = np.flatnonzero(opened & ~used & ~split.must & (split.fixed > 0))
        spare = int(opened.sum()) - split.at_least
        left = opened.copy()
        left[idle[np.argsort(-split.fixed[idle], kind="stable")][: max(spare, 0)]] = False
        return left
