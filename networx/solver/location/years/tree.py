"""The search: branching on a site open in a year, best bound first with dives, until no part can hold a better plan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.years_proof import YearsProof
from networx.solver.location.best_first import BestFirst
from networx.solver.location.lagrangian.branching import Branching
from networx.solver.location.years.ascent import Ascent, Effort
from networx.solver.location.years.coordination import Coordination
from networx.solver.location.years.flows import Shipped
from networx.solver.location.years.incumbent import Incumbent
from networx.solver.location.years.instance import Instance
from networx.solver.location.years.leaves import Leaves
from networx.solver.location.years.node import Node
from networx.solver.location.years.plans import Planner
from networx.solver.location.years.proof import ProofLog, Split

CHILD = Effort(steps=60, length=0.15, patience=4, shorter=0.7)
CHILD_ROUNDS = 4  # of moving rents
UNDECIDED = 0.15  # a number of open sites that was further than this from whole is undecided
FIRM = 0.05  # a site that was open less than this is closed, and open where it was so for all but this
HALF = 0.5
ROUND_EACH = 8  # nodes
SELDOMER = 16  # a share of the nodes so far: how many more until it is looked at how large the proof is


class Tree(BestFirst[Node]):
    """The parts of one instance that are still open. `look` is called in every step and may raise to end the search."""

    def __init__(
        self,
        instance: Instance,
        incumbent: Incumbent,
        planner: Planner,
        ascent: Ascent,
        coordination: Coordination,
        leaves: Leaves,
        look: Callable[[], None],
    ) -> None:
        super().__init__(incumbent)
        self._incumbent, self._planner, self._ascent = incumbent, planner, ascent
        self._coordination = coordination
        self._leaves, self._look = leaves, look
        self._sites = instance.problem.sites
        self._branching = Branching(instance.size.size)
        self._proof = ProofLog(instance.problem.demand > 0)
        self._kept: tuple[float | None, YearsProof | None] | None = None
        self._look_at = 0

    def begin(self, root: Node) -> None:
        """The whole problem, before its ascent."""
        self._enter(root, -1, None, first=False)
        self._now = root

    @property
    def proven(self) -> float:
        """The bound that the proof shows: that of when it became too large to go on with, if it did."""
        kept = None if self._kept is None else self._kept[0]
        return self.bound if kept is None else kept

    def proof(self) -> YearsProof | None:
        """What shows it; None where that is too large. To be asked once, at the end."""
        if self._kept is not None:
            return self._kept[1]
        self._conclude_open()
        return self._proof.written()

    def _keep_proof(self) -> None:
        """Keep what has been proven so far, if it is all that can be kept."""
        self._look_at = self.nodes + 1 + self.nodes // SELDOMER
        if self._proof.full(len(self._open) + 1):
            bound = self.bound
            self._conclude_open()
            proof = self._proof.written()
            self._kept = bound if proof is not None else None, proof
            self._proof.forget()

    def _next(self, node: Node) -> Node | None:
        """Close the node or branch; the child to go on with, if any."""
        self._look()
        if node.bound >= self._incumbent.cutoff:
            self._close(node)
            return None
        self.nodes += 1
        if self._kept is None and self.nodes >= self._look_at:
            self._keep_proof()
        if not node.part.free.any():
            self._leaves.solve(node)
            self._close(node)
            return None
        missing = self._missing(node)
        if missing and self._ascent.push(node, missing) and node.bound >= self._incumbent.cutoff:
            self._close(node)
            return None
        return self._branch(node, self._split(node, [year for year, _ in missing]))

    def _missing(self, node: Node) -> list[tuple[int, Shipped]]:
        """The years without flows for the schedules of a node in which all but everything is decided."""
        if (np.minimum(node.average, 1 - node.average)[node.part.free] > FIRM).any():
            return []
        self._planner.taken()
        self._planner.ship(node.average > HALF, node.rents)
        return self._planner.taken()

    def _split(self, node: Node, unserved: list[int]) -> Split:
        """On how many are open in a year, where that is undecided or too few could serve it; else on one site."""
        counts = node.average.sum(axis=1)
        next_count = np.floor(counts).astype(np.intp) + 1
        undecided = np.abs(counts - np.round(counts))
        undecided[(next_count <= node.part.least) | (next_count > node.part.most)] = 0.0
        if undecided.max() > UNDECIDED:
            year = int(undecided.argmax())
            return Split(year, count=int(next_count[year]))
        for year in unserved:
            opened = node.average[year] > HALF
            count = int(opened.sum()) + 1
            if node.part.least[year] < count <= node.part.most[year]:
                return Split(year, count=count)
            # Others have to be open in that year: sites that are, and might not be, decide it.
            might = np.flatnonzero(node.part.free[year] & opened)
            if len(might):
                state = self._branching.choose(year * self._sites + might, node.average.ravel())
                return Split(*divmod(state, self._sites))
        free = np.flatnonzero(node.part.free)
        state = self._branching.choose(free, node.average.ravel())
        return Split(*divmod(state, self._sites))

    def _branch(self, node: Node, split: Split) -> Node | None:
        year, site, count = split.year, split.site, split.count
        children = []
        for first in (True, False):
            if site >= 0:
                child = node.child(node.part.with_state(year, site, opened=first))
            else:
                child = node.child(node.part.with_count(year, count, more=first))
            self._bound(child)
            if node.shown is not None:
                child.raise_to(node.bound, node.shown)  # what bounds the whole bounds a part of it
            children.append(child)
            if site >= 0:
                gain = min(child.bound, self._incumbent.cutoff) - node.bound
                average = float(node.average[year, site])
                self._branching.learn(year * self._sites + site, opened=first, average=average, gain=gain)
        if self.nodes % ROUND_EACH == 0:
            best = min(children, key=lambda child: child.bound)
            if best.bound < self._incumbent.cutoff:
                self._planner.round(best)
                self._planner.improve(best)
        for child, first in zip(children, (True, False), strict=True):
            self._enter(child, node.case, split, first=first)
        return self._divide(children)

    def _bound(self, child: Node) -> None:
        """By years apart where the parent is bounded so, else by multipliers."""
        if child.apart is None or not self._coordination.raise_bound(child, CHILD_ROUNDS):
            self._ascent.ascend(child, CHILD, self._visit)

    def _visit(self, _: Node) -> None:
        self._look()

    def _enter(self, node: Node, parent: int, split: Split | None, *, first: bool) -> None:
        self._settle(node)
        if self._kept is None:
            node.case = self._proof.enter(parent, split, first, node.impossible, node.steps)
