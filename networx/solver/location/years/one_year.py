"""One year on its own: what its flows cost at least, once each open site pays a rent.

It is a location problem of one period, for the engine of those, which proves its bound. Minimum throughputs are left
out and the service level has a price: both can only lower the bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.location_proof import LocationProof
from networx.solver.location.lagrangian import engine
from networx.solver.location.lesson import Lesson
from networx.solver.location.problem import LocationPlan, LocationProblem, Watch
from networx.solver.location.years.instance import Instance, Part
from networx.solver.outcome import Limits


@dataclass(frozen=True, slots=True)
class YearBound:
    """Flows of `year` and `rents` (I,) of what is open in it cost `bound` or more, in the part it was proven for.

    It was to be proven to a relative `gap`. `service` is the price of all demand near by. The part is that of a node
    once it had taken the first `after` of its `steps`, which may still grow.
    """

    year: int
    rents: Floats
    service: float
    gap: float
    bound: float
    proof: LocationProof
    part: Part
    steps: Sequence[object]
    after: int

    def answers(self, part: Part, rents: Floats, gap: float) -> bool:
        """Whether the question is the same one, and as sharp."""
        year, own = self.year, self.part
        return (
            self.gap <= gap
            and bool((self.rents == rents).all())
            and bool((own.opened[year] == part.opened[year]).all())
            and bool((own.closed[year] == part.closed[year]).all())
            and bool(own.least[year] == part.least[year])
            and bool(own.most[year] == part.most[year])
        )


class OneYear:
    """The years of one instance. `stop` is asked while one is solved.

    `found` gets the year, the open sites (I,) and what the flows cost of each better plan of it on the way.
    """

    def __init__(
        self, instance: Instance, stop: Callable[[], bool], found: Callable[[int, Flags, float], None]
    ) -> None:
        self._instance, self._stop, self._found = instance, stop, found
        self._taught: dict[int, Lesson] = {}

    def bounded(
        self, part: Part, steps: Sequence[object], year: int, rents: Floats, service: float, gap: float
    ) -> YearBound | None:
        """The bound of a year of a node's part, after its steps so far, proven to a relative gap.

        None where there is none, or its proof is too large to keep.
        """
        instance, problem = self._instance, self._instance.problem
        usable = np.flatnonzero(~part.closed[year])
        asked = np.flatnonzero(problem.demand[year] > 0)
        place = np.ix_(usable, asked)
        price, total = problem.price[year][place], float(instance.total[year])
        if service > 0:
            price = price - problem.near[year][place] * (service / total)
        reward = float(problem.level[year]) * service

        def found(plan: LocationPlan) -> None:
            opened = self._whole(usable, plan)
            self._found(year, opened, plan.cost - float(rents[opened].sum()) + reward)

        taught = self._taught.get(year)
        answer = engine.solve(
            LocationProblem(
                fixed=rents[usable],
                capacity=instance.size[year, usable],
                demand=problem.demand[year, asked],
                cost=price * problem.demand[year, asked],
                must=part.opened[year, usable],
                at_least=int(part.least[year]),
                at_most=int(min(part.most[year], len(usable))),
            ),
            Limits(np.inf, gap),
            Watch(lambda *_: None, found, self._stop),
            lesson=None if taught is None else Lesson(taught.pays, taught.opened[usable]),
        )
        if answer.lesson is not None and answer.plan is not None:
            self._taught[year] = Lesson(answer.lesson.pays, self._whole(usable, answer.plan))
        if answer.bound is None or not isinstance(answer.proof, LocationProof):
            return None
        return YearBound(year, rents.copy(), service, gap, answer.bound + reward, answer.proof, part, steps, len(steps))

    def _whole(self, usable: np.ndarray, plan: LocationPlan) -> Flags:
        opened = np.zeros(self._instance.problem.sites, dtype=bool)
        opened[usable] = plan.opened
        return opened
