"""Branch and bound over the sites: plunge first, then the best bound; every node's bound is its multipliers' own."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

from networx.solver.location.benders.box import Box
from networx.solver.location.benders.branching import Branch, Rises
from networx.solver.location.benders.course import Course
from networx.solver.location.benders.master import Master, Relaxed
from networx.solver.location.benders.part import Part
from networx.solver.location.benders.proof import Record
from networx.solver.location.benders.root import held, search
from networx.solver.location.benders.rounds import tighten
from networx.solver.location.benders.search import serve

NODES_BETWEEN_SEARCHES = 4
GROWTH_BEFORE_TIDYING = 1.2  # of the cuts, since they were tidied last


class Node(NamedTuple):
    """Plans that wait: nothing in `box` costs less than `bound`. `number` is its age, `case` its own in the proof.

    `branch` is the one that led here, None for the root.
    """

    bound: float
    number: int
    box: Box
    case: int
    branch: Branch | None = None


class Tree:
    """All that is left of one part; `grow` works until nothing is, or until it is told to stop."""

    def __init__(self, part: Part, master: Master, course: Course, record: Record) -> None:
        self._part, self._master, self._course, self._record = part, master, course, record
        self._waiting: list[Node] = []
        self._number = 0
        self._rises = Rises(len(part.fixed))
        self._tidy()

    def grow(self, root: Node, relaxed: Relaxed) -> None:
        """From the root and its last optimum on."""
        course = self._course
        node = self._branched(root, relaxed)
        while node is not None or self._waiting:
            node = node or heapq.heappop(self._waiting)
            course.prove(min(node.bound, self._waiting[0].bound) if self._waiting else node.bound)
            if course.closed or course.stopping():
                return
            node = self._worked(node)
        if not course.stopped:
            course.prove(np.inf)

    def _worked(self, node: Node) -> Node | None:
        """Bound a node; what remains of it waits, but for the child to go on with."""
        course, box = self._course, node.box
        if node.bound >= course.cutoff or box.empty:
            course.give_up(np.inf if box.empty else node.bound)
            return None
        course.nodes += 1
        self._master.hold(box)
        tightened = tighten(self._part, box, self._master, course)
        if tightened is None:
            heapq.heappush(self._waiting, node)
            return None
        if self._master.cuts > self._tidy_at:
            self._tidy()
        dual = tightened.dual
        if node.branch is not None:
            self._rises.learn(node.branch, min(dual.bound, course.cutoff) - node.bound)
        if dual.bound > node.bound:
            node = node._replace(bound=dual.bound, box=held(box, dual, course))
            self._record.step(node.case, self._part, dual.multipliers, box, node.box)
        return self._branched(node, tightened.relaxed)

    def _branched(self, node: Node, relaxed: Relaxed) -> Node | None:
        """The child of a bounded node to go on with; the other one waits."""
        course, part, box = self._course, self._part, node.box
        site = self._rises.best(relaxed.opening, box)
        if course.nodes % NODES_BETWEEN_SEARCHES == 0 or site is None:
            search(part, course, relaxed.opening)
        if node.bound >= course.cutoff or box.empty:
            course.give_up(node.bound)
            return None
        if not box.free.any():
            self._only_plan(node)
            return None
        if site is None:
            site = int(box.free.argmax())
        at = float(relaxed.opening[site])
        first = at >= 0.5
        heapq.heappush(self._waiting, self._child(node, box, Branch(site, not first, at if first else 1.0 - at)))
        return self._child(node, box, Branch(site, first, 1.0 - at if first else at))

    def _child(self, node: Node, box: Box, branch: Branch) -> Node:
        self._number += 1
        inner = box.with_site(branch.site, opened=branch.opened)
        case = self._record.enter(node.case, self._part, branch.site, opened=branch.opened, impossible=inner.empty)
        return Node(node.bound, self._number, inner, case, branch)

    def _tidy(self) -> None:
        self._master.tidy()
        self._tidy_at = GROWTH_BEFORE_TIDYING * self._master.cuts

    def _only_plan(self, node: Node) -> None:
        """What is left is one set of sites: its prices are its multipliers, and its cost is their bound."""
        part, opened = self._part, node.box.opened
        prices = serve(part.nearness, opened).cost
        cost = float(part.fixed[opened].sum() + prices.sum())
        self._course.offer(part, opened, cost)
        self._course.give_up(cost)
        self._record.step(node.case, part, prices, node.box, node.box)
