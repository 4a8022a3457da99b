"""The best plan so far, and the cost at which a part of the search is not worth looking at any more."""

from __future__ import annotations

import math
from collections.abc import Callable

from networx.solver.location.lagrangian.flows import Flows
from networx.solver.location.problem import LocationPlan, LocationProblem

SMALLEST_COST = 1e-9  # a gap is relative to the cost, or to this where that is larger
SHARE_OF_GAP = 0.999  # of the gap is used, so that rounding cannot leave a proof just short of it
NO_BETTER = 1e-12  # relative


class Incumbent:
    """Keeps the cheapest plan offered, `start` to begin with. `improved` gets each better one once.

    From `ceiling` on no plan is worth finding.
    """

    def __init__(
        self,
        problem: LocationProblem,
        gap: float,
        improved: Callable[[LocationPlan], None],
        start: LocationPlan | None,
        ceiling: float,
    ) -> None:
        self._problem, self._gap, self._improved, self._ceiling = problem, gap * SHARE_OF_GAP, improved, ceiling
        self.plan = start

    @property
    def cost(self) -> float:
        return math.inf if self.plan is None else self.plan.cost

    @property
    def cutoff(self) -> float:
        """What a plan must cost less than to be worth finding."""
        if self.plan is None:
            return self._ceiling
        return min(self.cost - self._gap * max(abs(self.cost), SMALLEST_COST), self._ceiling)

    @property
    def to_beat(self) -> float:
        """What a plan must cost less than to be taken: the cutoff falls with it, be it better by less than the gap."""
        return min(self.cost, self._ceiling)

    def offer(self, flows: Flows) -> bool:
        """Take the plan if it is better."""
        if self.plan is not None and flows.cost >= self.cost - NO_BETTER * abs(self.cost):
            return False
        demand = self._problem.demand
        self.plan = LocationPlan(
            opened=flows.opened.copy(),
            site=flows.site,
            customer=flows.customer,
            share=flows.units / demand[flows.customer],
            cost=flows.cost,
        )
        self._improved(self.plan)
        return True
