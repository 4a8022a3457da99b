"""Costs in a unit that suits the absolute tolerances of linear programs: dollars, unless they are tiny or huge."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.location_proof import LocationProof
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch

SMALLEST, LARGEST = 1e3, 1e8  # of the largest cost in a problem that is solved as it is


@dataclass(frozen=True, slots=True)
class Unit:
    """A power of 2: scaling rounds nothing."""

    size: float

    @classmethod
    def of(cls, problem: LocationProblem) -> Unit:
        costs = np.abs(np.concatenate([problem.fixed, problem.cost[np.isfinite(problem.cost)]]))
        largest = float(costs.max(initial=0.0))
        if largest == 0 or SMALLEST <= largest <= LARGEST:
            return cls(1.0)
        return cls(2.0 ** round(math.log2(largest / SMALLEST)))

    def problem(self, stated: LocationProblem) -> LocationProblem:
        return replace(stated, fixed=stated.fixed / self.size, cost=stated.cost / self.size)

    def start(self, stated: LocationPlan | None) -> LocationPlan | None:
        return None if stated is None else replace(stated, cost=stated.cost / self.size)

    def watch(self, stated: Watch) -> Watch:
        """One that hears this unit and tells dollars."""

        def progress(incumbent: float | None, bound: float | None, nodes: int) -> None:
            stated.progress(self._told(incumbent), self._told(bound), nodes)

        return Watch(progress, lambda plan: stated.improved(self._plan(plan)), stated.stop)

    def answer(self, found: LocationAnswer) -> LocationAnswer:
        """In dollars."""
        return replace(
            found,
            plan=None if found.plan is None else self._plan(found.plan),
            bound=self._told(found.bound),
            root_bound=self._told(found.root_bound),
            multipliers=None if found.multipliers is None else found.multipliers * self.size,
            proof=self._proof(found.proof) if isinstance(found.proof, LocationProof) else None,
            lesson=None if found.lesson is None else found.lesson.scaled(self.size),
        )

    def _told(self, cost: float | None) -> float | None:
        return None if cost is None else cost * self.size

    def _plan(self, plan: LocationPlan) -> LocationPlan:
        return replace(plan, cost=plan.cost * self.size)

    def _proof(self, proof: LocationProof) -> LocationProof:
        return replace(proof, pays=proof.pays * self.size, size_price=proof.size_price * self.size)
