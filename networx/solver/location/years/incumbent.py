"""The best plan so far, and the cost at which a part of the search is not worth looking at any more."""

from __future__ import annotations

import math
from collections.abc import Callable

from networx.solver.location.lagrangian.incumbent import NO_BETTER, SHARE_OF_GAP, SMALLEST_COST
from networx.solver.location.years.problem import YearsPlan


class Incumbent:
    """Keeps the cheapest plan offered, `start` to begin with. `improved` gets each better one once."""

    def __init__(self, gap: float, improved: Callable[[YearsPlan], None], start: YearsPlan | None) -> None:
        self._gap, self._improved = gap * SHARE_OF_GAP, improved
        self.plan = start

    @property
    def cost(self) -> float:
        return math.inf if self.plan is None else self.plan.cost

    @property
    def cutoff(self) -> float:
        """What a plan must cost less than to be worth finding."""
        if self.plan is None:
            return math.inf
        return self.cost - self._gap * max(abs(self.cost), SMALLEST_COST)

    def offer(self, plan: YearsPlan) -> bool:
        """Take the plan if it is better."""
        if self.plan is not None and plan.cost >= self.cost - NO_BETTER * abs(self.cost):
            return False
        self.plan = plan
        self._improved(plan)
        return True
