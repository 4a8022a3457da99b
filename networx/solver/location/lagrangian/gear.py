"""When a search goes on with the compiled kernels: at once where a network is large, else when it has taken a while.

Loading them takes a quarter of a second, which most searches never come to; the problems of a sweep share it, so that
all of them together count as one. What counts is the steps taken, not the time, nor what this process did before, so
that the same problem is solved in the same way each time; only while kernels are still being compiled, once an
installation, does numpy go on until they are there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from networx.domain.arrays import Flags, Floats
from networx.solver.location.compiling import kernels_at_hand
from networx.solver.location.lagrangian.ascent import Ascent, Effort, Evaluation, Node, PlainAscent
from networx.solver.location.lagrangian.instance import Instance

if TYPE_CHECKING:
    CheapestFlows = Callable[
        [Floats, Floats, Floats, Floats, float, Callable[[], None]], tuple[Floats, Floats | None] | None
    ]

LARGE = 250_000  # lanes: a step in numpy takes half a millisecond and more
LONG = 1_000  # steps


class Gear:
    """The ascents of one search of so many `problems` of this size, and the flows where kernels have them."""

    def __init__(self, instance: Instance, problems: int) -> None:
        self._instance = instance
        self._ascent: Ascent = PlainAscent(instance)
        self._left = 0 if problems * instance.price.size >= LARGE else LONG
        self.cheapest_flows: CheapestFlows | None = None

    def climb(self, node: Node, effort: Effort, cutoff: Callable[[], float], visit: Callable[[Node], None]) -> None:
        def counted(now: Node) -> None:
            self._left -= 1
            visit(now)

        self._shift()
        self._ascent.climb(node, effort, cutoff, counted)

    def evaluate(self, opened: Flags, closed: Flags, node: Node) -> Evaluation | None:
        return self._ascent.evaluate(opened, closed, node)

    def _shift(self) -> None:
        if self._left <= 0 and self.cheapest_flows is None and kernels_at_hand():
            from networx.solver.location.lagrangian.compiled import CompiledAscent, cheapest_flows

            self._ascent, self.cheapest_flows = CompiledAscent(self._instance), cheapest_flows
