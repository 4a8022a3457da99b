"""One solve on its way: the best set of sites, what is proven of every other, and whether to go on."""

from __future__ import annotations

import time

import numpy as np

from networx.domain.arrays import Flags
from networx.solver.location.benders.part import Part
from networx.solver.location.problem import LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Limits

SECONDS_BETWEEN_LOOKS = 0.05
SECONDS_BETWEEN_PROGRESS = 0.25
ROUNDING = 1e-9  # relative; a smaller gap than this is never asked for
FLOAT_ROUNDING = 1e-13  # of the sum of all that a bound is added up from


class Course:
    """Costs are in the units of the whole problem's part. What is given up counts as proven at the bound it had."""

    def __init__(self, problem: LocationProblem, whole: Part, limits: Limits, watch: Watch) -> None:
        self.nodes = 0
        self.stopped = False
        self.told_to_stop = False
        self.best: Flags | None = None
        self.cost = np.inf
        self.proven = -np.inf
        self._given_up = np.inf
        self._problem, self._whole, self._gap, self._watch = problem, whole, max(limits.gap, ROUNDING), watch
        self.started = time.monotonic()
        self._deadline = self.started + limits.time_seconds
        self._next_look = self._next_progress = 0.0
        least = np.abs(whole.nearness.cost[:, 0]).sum() + np.abs(whole.fixed).sum()
        self._rounding = FLOAT_ROUNDING * float(least)

    def stopping(self) -> bool:
        """Whether to stop, asked often and everywhere; also tells how far it is."""
        now = time.monotonic()
        if self.stopped or now < self._next_look:
            return self.stopped
        self._next_look = now + SECONDS_BETWEEN_LOOKS
        if now >= self._next_progress:
            self._next_progress = now + SECONDS_BETWEEN_PROGRESS
            self._watch.progress(
                self._in_money(self.cost if self.found else np.inf), self._in_money(self.bound), self.nodes
            )
        self.told_to_stop = self._watch.stop()
        self.stopped = self.told_to_stop or now > self._deadline
        return self.stopped

    @property
    def found(self) -> bool:
        """Whether the best set serves every customer on a lane that is there."""
        return self.cost < self._whole.nearness.dearest

    @property
    def cutoff(self) -> float:
        """Plans at or above this cost are of no interest: none is better than the best by more than the gap."""
        if not self.found:
            return self._whole.nearness.dearest
        return self.cost - max(self._gap * abs(self.cost), self._rounding)

    @property
    def bound(self) -> float:
        """No plan costs less than this."""
        return min(self.proven, self.cost)

    @property
    def closed(self) -> bool:
        return self.bound >= self.cutoff

    def offer(self, part: Part, opened: Flags, cost: float) -> None:
        """A set of sites of a part and its cost, which may be the best so far."""
        if not cost < self.cost:
            return
        self.cost = cost
        self.best = part.globally(opened)
        if self.found:
            self._watch.improved(self.plan())

    def give_up(self, bound: float) -> None:
        """Plans of at least this cost are looked at no further."""
        self._given_up = min(self._given_up, bound)

    def prove(self, bound: float) -> None:
        """All plans that were not given up cost at least this."""
        self.proven = max(self.proven, min(bound, self._given_up))

    def plan(self) -> LocationPlan:
        """The best set as a plan of the problem, its cost added up from the problem's own figures."""
        assert self.best is not None
        problem, inside = self._problem, np.flatnonzero(self.best)
        customers = np.arange(len(problem.demand))
        site = inside[problem.cost[inside].argmin(axis=0)]
        cost = float(problem.fixed[inside].sum() + problem.cost[site, customers].sum())
        return LocationPlan(self.best.copy(), site, customers, np.ones(len(customers)), cost)

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def _in_money(self, cost: float) -> float | None:
        return float(cost) * self._whole.unit if np.isfinite(cost) else None
