"""The search: branching on sites, then on who serves a customer, best bound first with dives, until all is closed."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

import numpy as np

from networx.domain.single_source_proof import SingleSourceProof
from networx.solver.location.lagrangian.ascent import Effort
from networx.solver.location.lagrangian.branching import Branching
from networx.solver.location.single.ascent import Seen, ascend
from networx.solver.location.single.incumbent import Incumbent
from networx.solver.location.single.instance import Instance
from networx.solver.location.single.node import Node
from networx.solver.location.single.planner import Planner
from networx.solver.location.single.proof import ProofLog, Question

CHILD = Effort(steps=60, length=0.15, patience=3, shorter=0.7)
ONCE = Effort(steps=1, length=0.0, patience=1, shorter=1.0)
DECIDED = 0.02  # an average as close as this to 0 or 1 is taken for decided


class Tree:
    """The parts of one instance that are still open. `look` is called in every step and may raise to end the search."""

    def __init__(self, instance: Instance, incumbent: Incumbent, planner: Planner, look: Callable[[], None]) -> None:
        self.nodes = 0
        self._instance, self._incumbent, self._planner, self._look = instance, incumbent, planner, look
        self._branching = Branching(instance.sites)
        self._proof = ProofLog(instance.customers, instance.grid, instance.lattice)
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
        self._enter(root, -1, Question(-1), chosen=False)
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

    def proof(self) -> SingleSourceProof | None:
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
        question = self._question(node)
        if question is None:  # one plan is left, whose cost any multipliers give
            ascend(self._instance, node, ONCE, lambda: self._incumbent.cutoff, self._visit)
            self._close(node)
            return None
        return self._branch(node, question)

    def _question(self, node: Node) -> Question | None:
        """An undecided site, else the heaviest customer that is served here and there; None where all is decided."""
        free = np.flatnonzero(node.free)
        unsure = free[np.abs(node.average[free] - 0.5) < 0.5 - DECIDED]
        if len(unsure):
            return Question(self._branching.choose(unsure, node.average))
        allowed = node.allowed(self._instance)
        usage = np.where(allowed, node.usage, -1.0)
        doubt = self._instance.demand * (1.05 - usage.max(axis=0, initial=-1.0))
        customer = int(np.argmax(np.where(node.given < 0, doubt, -np.inf)))
        if node.given[customer] < 0:
            return Question(int(np.argmax(usage[:, customer])), customer)
        return Question(self._branching.choose(free, node.average)) if len(free) else None

    def _branch(self, node: Node, question: Question) -> Node | None:
        children = [node.child(question, chosen=chosen) for chosen in (True, False)]
        for child, chosen in zip(children, (True, False), strict=True):
            ascend(self._instance, child, CHILD, lambda: self._incumbent.cutoff, self._visit)
            child.bound = max(child.bound, node.bound)
            if question.customer < 0:
                gain = min(child.bound, self._incumbent.cutoff) - node.bound
                self._branching.learn(
                    question.site, opened=chosen, average=float(node.average[question.site]), gain=gain
                )
            if child.bound < self._incumbent.cutoff:
                self._planner.round(child)
                if chosen:
                    self._planner.improve(child)
        for child, chosen in zip(children, (True, False), strict=True):
            self._enter(child, node.case, question, chosen=chosen)
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

    def _visit(self, _: Node, seen: Seen) -> None:
        self._look()
        served = seen.filled.takes & (seen.choice.share > 0)[:, None]
        if (served.sum(axis=0) == 1).all():
            self._incumbent.offer(seen.choice.share > 0, np.argmax(served, axis=0))

    def _enter(self, node: Node, parent: int, question: Question, *, chosen: bool) -> None:
        self._closed_at = min(self._closed_at, node.settled_at)
        node.impossible = node.bound == math.inf and not node.steps
        node.case = self._proof.enter(parent, question, chosen, node.impossible, node.steps)

    def _wait(self, node: Node) -> None:
        self._entered += 1
        heapq.heappush(self._open, (node.bound, self._entered, node))

    def _close(self, node: Node) -> None:
        node.conclude()
        self._closed_at = min(self._closed_at, node.bound)
