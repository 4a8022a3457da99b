"""The search: branching on sites, then on who serves a customer, best bound first with dives, until all is closed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.single_source_proof import SingleSourceProof
from networx.solver.location.best_first import BestFirst
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


class Tree(BestFirst[Node]):
    """The parts of one instance that are still open. `look` is called in every step and may raise to end the search."""

    def __init__(self, instance: Instance, incumbent: Incumbent, planner: Planner, look: Callable[[], None]) -> None:
        super().__init__(incumbent)
        self._instance, self._incumbent, self._planner, self._look = instance, incumbent, planner, look
        self._branching = Branching(instance.sites)
        self._proof = ProofLog(instance.customers, instance.grid, instance.lattice)

    def begin(self, root: Node) -> None:
        """The whole problem, before its ascent."""
        self._enter(root, -1, Question(-1), chosen=False)
        self._now = root

    def proof(self) -> SingleSourceProof | None:
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
        return self._divide(children)

    def _visit(self, _: Node, seen: Seen) -> None:
        self._look()
        served = seen.filled.takes & (seen.choice.share > 0)[:, None]
        if (served.sum(axis=0) == 1).all():
            self._incumbent.offer(seen.choice.share > 0, np.argmax(served, axis=0))

    def _enter(self, node: Node, parent: int, question: Question, *, chosen: bool) -> None:
        self._settle(node)
        node.case = self._proof.enter(parent, question, chosen, node.impossible, node.steps)
