"""The search: branching on sites, best bound first with dives, until no part is left that could hold a better plan."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

import numpy as np

from networx.domain.location_proof import LocationProof
from networx.solver.location.lagrangian.ascent import Effort, Node, ascend
from networx.solver.location.lagrangian.branching import Branching
from networx.solver.location.lagrangian.incumbent import Incumbent
from networx.solver.location.lagrangian.instance import Instance
from networx.solver.location.lagrangian.plans import Planner
from networx.solver.location.lagrangian.proof import ProofLog

CHILD = Effort(steps=60, length=0.15, patience=3, shorter=0.7)


class Tree:
    """The parts of one instance that are still open. `look` is called in every step and may raise to end the search."""

    def __init__(self, instance: Instance, incumbent: Incumbent, planner: Planner, look: Callable[[], None]) -> None:
        self.nodes = 0
        self._instance, self._incumbent, self._planner, self._look = instance, incumbent, planner, look
        self._branching = Branching(instance.sites)
        self._proof = ProofLog(instance.customers)
        self._open: list[tuple[float, int, Node]] = []
        self._entered = 0
        self._now: Node | None = None
        self._closed_at = math.inf  # the least bound at which a part was closed

    @property
    def bound(self) -> float:
        """What no plan costs less than; inf where nothing is open and no part was closed with a bound."""
        now = math.inf if self._now is None else min(self._now.bound, self._now.settled_at)
        waiting = self._open[0][0] if self._open else math.inf
        return min(self._closed_at, now, waiting)

    def begin(self, root: Node) -> None:
        """The whole problem, before its ascent."""
        self._enter(root, parent=-1, site=-1, opened=False)
        self._now = root

    def search(self) -> None:
        """Close all parts of the root, whose ascent is done."""
        assert self._now is not None
        self._closed_at = min(self._closed_at, self._now.settled_at)
        self._wait(self._now)
        while self._open:
            self._now = heapq.heappop(self._open)[2]
            while self._now is not None:
                self._now = self._next(self._now)

    def proof(self) -> LocationProof | None:
        """What has been proven so far; None where that is too large to keep. To be asked once, at the end."""
        for node in [*(entry[2] for entry in self._open), *([] if self._now is None else [self._now])]:
            node.conclude()
        return self._proof.written()

    def _next(self, node: Node) -> Node | None:
        """Close the node or branch; the child to go on with, if any."""
        self._look()
        if node.bound >= self._incumbent.cutoff:
            self._close(node)
            return None
        self.nodes += 1
        free = np.flatnonzero(node.free)
        if not len(free):
            shipped = self._planner.ship(node.opened, node.rents)
            node.bound, node.pays, node.size_price = shipped.bound, shipped.pays, 0.0
            self._close(node)
            return None
        return self._branch(node, self._branching.choose(free, node.average))

    def _branch(self, node: Node, site: int) -> Node | None:
        children = [node.child(site, opened=opened) for opened in (True, False)]
        for child, opened in zip(children, (True, False), strict=True):
            ascend(self._instance, child, CHILD, lambda: self._incumbent.cutoff, self._visit)
            child.bound = max(child.bound, node.bound)
            gain = min(child.bound, self._incumbent.cutoff) - node.bound
            self._branching.learn(site, opened=opened, average=float(node.average[site]), gain=gain)
            if opened and child.bound < self._incumbent.cutoff:
                self._planner.round(child)
                self._planner.improve(child)
        for child, opened in zip(children, (True, False), strict=True):
            self._enter(child, parent=node.case, site=site, opened=opened)
        left = []
        for child in children:
            if child.bound < self._incumbent.cutoff:
                left.append(child)
            else:
                self._close(child)
        left.sort(key=lambda child: child.bound)
        for child in left[1:]:
            self._wait(child)
        return left[0] if left else None

    def _visit(self, _: Node) -> None:
        self._look()

    def _enter(self, node: Node, *, parent: int, site: int, opened: bool) -> None:
        self._closed_at = min(self._closed_at, node.settled_at)
        node.impossible = node.bound == math.inf and not node.steps
        node.case = self._proof.enter(parent, site, opened, node.impossible, node.steps)

    def _wait(self, node: Node) -> None:
        self._entered += 1
        heapq.heappush(self._open, (node.bound, self._entered, node))

    def _close(self, node: Node) -> None:
        node.conclude()
        self._closed_at = min(self._closed_at, node.bound)
