"""A search by parts, the one with the least bound first, with dives: what every tree of this kind does."""

from __future__ import annotations

import heapq
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar


class SearchNode(Protocol):
    """A part of the problem: a bound on its plans, and the least cost `settled_at` of what was ruled out within it."""

    bound: float
    settled_at: float
    impossible: bool

    @property
    def steps(self) -> Sequence[object]:
        """What proves what was settled within the node."""
        ...

    def conclude(self) -> None:
        """Write down what proves the bound."""
        ...


class Goal(Protocol):
    """The best plan so far."""

    @property
    def cutoff(self) -> float:
        """What a plan must cost less than to be worth finding."""
        ...


Node = TypeVar("Node", bound=SearchNode)


class BestFirst(ABC, Generic[Node]):
    """The parts of a problem that are still open. How a part is closed or divided is each tree's own, in `_next`."""

    def __init__(self, goal: Goal) -> None:
        self.nodes = 0
        self._goal = goal
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

    def search(self) -> None:
        """Close all parts of the root, whose ascent is done."""
        assert self._now is not None
        self._closed_at = min(self._closed_at, self._now.settled_at)
        self._wait(self._now)
        while self._open:
            self._now = heapq.heappop(self._open)[2]
            while self._now is not None:
                self._now = self._next(self._now)

    @abstractmethod
    def _next(self, node: Node) -> Node | None:
        """Close the node or branch; the child to go on with, if any."""

    def _settle(self, node: Node) -> None:
        """Before a node stands in the proof: what was ruled out within it, and whether nothing in it is a plan."""
        self._closed_at = min(self._closed_at, node.settled_at)
        node.impossible = node.bound == math.inf and not node.steps

    def _divide(self, children: Sequence[Node]) -> Node | None:
        """Close the children that hold nothing better; of the others the best one is next, the rest waits."""
        left = []
        for child in children:
            if child.bound < self._goal.cutoff:
                left.append(child)
            else:
                self._close(child)
        left.sort(key=lambda child: child.bound)
        for child in left[1:]:
            self._wait(child)
        return left[0] if left else None

    def _conclude_open(self) -> None:
        for node in [*(entry[2] for entry in self._open), *([] if self._now is None else [self._now])]:
            node.conclude()

    def _wait(self, node: Node) -> None:
        self._entered += 1
        heapq.heappush(self._open, (node.bound, self._entered, node))

    def _close(self, node: Node) -> None:
        node.conclude()
        self._closed_at = min(self._closed_at, node.bound)
