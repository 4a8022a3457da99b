"""The search: branching on sites, best bound first with dives, until no part is left that could hold a better plan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.location_proof import LocationProof
from networx.solver.location.best_first import BestFirst
from networx.solver.location.lagrangian.ascent import Ascent, Effort, Node, ascend
from networx.solver.location.lagrangian.branching import Branching
from networx.solver.location.lagrangian.incumbent import Incumbent
from networx.solver.location.lagrangian.instance import Instance
from networx.solver.location.lagrangian.plans import Planner
from networx.solver.location.lagrangian.proof import ProofLog

CHILD = Effort(steps=80, length=0.15, patience=5, shorter=0.7, together=20)


class Tree(BestFirst[Node]):
    """The parts of one instance that are still open. `look` is called in every step and may raise to end the search."""

    def __init__(
        self,
        instance: Instance,
        incumbent: Incumbent,
        planner: Planner,
        ascent: Ascent,
        look: Callable[[], None],
    ) -> None:
        super().__init__(incumbent)
        self._incumbent, self._planner, self._ascent, self._look = incumbent, planner, ascent, look
        self._branching = Branching(instance.sites)
        self._proof = ProofLog(instance.customers, short=instance.steps_in_one > 0)

    def begin(self, root: Node) -> None:
        """The whole problem, before its ascent."""
        self._enter(root, parent=-1, site=-1, opened=False)
        self._now = root

    def proof(self) -> LocationProof | None:
        """What has been proven so far; None where that is too large to keep. To be asked once, at the end."""
        self._conclude_open()
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
            ascend(self._ascent, child, CHILD, lambda: self._incumbent.cutoff, self._visit)
            child.bound = max(child.bound, node.bound)
            gain = min(child.bound, self._incumbent.cutoff) - node.bound
            self._branching.learn(site, opened=opened, average=float(node.average[site]), gain=gain)
            if opened and child.bound < self._incumbent.cutoff:
                self._planner.round(child)
                self._planner.improve(child)
        for child, opened in zip(children, (True, False), strict=True):
            self._enter(child, parent=node.case, site=site, opened=opened)
        return self._divide(children)

    def _visit(self, _: Node) -> None:
        self._look()

    def _enter(self, node: Node, *, parent: int, site: int, opened: bool) -> None:
        self._settle(node)
        node.case = self._proof.enter(parent, site, opened, node.impossible, node.steps)
