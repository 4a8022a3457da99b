"""One problem from start to answer: the root's bound and plans, then the tree."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from networx.solver.location.lagrangian.control import Control, Halt
from networx.solver.location.problem import Watch
from networx.solver.location.years.apart import Schedulings
from networx.solver.location.years.ascent import Ascent, Effort
from networx.solver.location.years.coordination import Coordination
from networx.solver.location.years.exchange import Exchange
from networx.solver.location.years.flows import Shipping
from networx.solver.location.years.incumbent import Incumbent
from networx.solver.location.years.instance import ROUNDING, Instance, prepare
from networx.solver.location.years.leaves import Leaves
from networx.solver.location.years.neighbours import Neighbours
from networx.solver.location.years.node import Node
from networx.solver.location.years.patterns import patterns_of
from networx.solver.location.years.plans import Planner
from networx.solver.location.years.problem import YearsAnswer, YearsPlan, YearsProblem
from networx.solver.location.years.relaxation import Multipliers, Relaxation
from networx.solver.location.years.rounding import Rounding
from networx.solver.location.years.schedules import Schedules
from networx.solver.location.years.tree import Tree
from networx.solver.outcome import Ending, Limits

NAME = "Lagrangian over years"
ROOT = (
    Effort(steps=400, length=0.5, patience=10, shorter=0.8),
    Effort(steps=1000, length=0.3, patience=20, shorter=0.8),
    Effort(steps=1000, length=0.1, patience=20, shorter=0.8),
)
FIRST_PLAN_AFTER, STEPS_BETWEEN_PLANS = 60, 40
ROUNDS = 100  # of moving rents between years and schedules
CHEAPEST = 3  # what customers pay at first: the price of their third cheapest lane
THRESHOLDS = (0.5, 0.35, 0.65)  # how open a site was on the way, to be opened


def solve(
    problem: YearsProblem,
    limits: Limits,
    progress: Callable[[float | None, float | None, int], None],
    improved: Callable[[YearsPlan], None],
    stop: Callable[[], bool],
    start: YearsPlan | None = None,
) -> YearsAnswer:
    """The cheapest plan, proven to the gap of `limits`, or the best found when they or `stop` end the search.

    `start` is a plan to begin with, never worse than the answer. `progress` gets incumbent, bound and nodes. Where the
    root finds no plan the search ends at once, with what bounds all plans there may be.
    """
    return _Search(problem, limits, progress, improved, stop, start).answer()


def coordinated(instance: Instance) -> bool:
    """Whether years apart can say more: where there are several, each with demand, and some site may change."""
    return bool(instance.problem.years > 1 and (instance.total > 0).all() and not instance.problem.whole.all())


class _Search:
    def __init__(
        self,
        problem: YearsProblem,
        limits: Limits,
        progress: Callable[[float | None, float | None, int], None],
        improved: Callable[[YearsPlan], None],
        stop: Callable[[], bool],
        start: YearsPlan | None,
    ) -> None:
        self._problem, self._instance = problem, prepare(problem, limits.gap)
        self._control = Control(limits, Watch(progress, lambda _: None, stop), self._standing)
        self._incumbent = Incumbent(limits.gap, improved, start)
        patterns = patterns_of(problem)

        def over() -> bool:
            return stop() or self._control.seconds >= limits.time_seconds

        schedules = Schedules(problem)
        relaxation = Relaxation(self._instance, schedules)
        shipping = Shipping(self._instance, self._control.look)
        exchange = Exchange(self._instance, patterns, self._control.look, over)
        self._ascent = Ascent(relaxation, lambda: self._incumbent.cutoff)
        self._planner = Planner(
            self._instance,
            schedules,
            shipping,
            self._incumbent,
            Rounding(self._instance, patterns, over),
            Neighbours(self._instance, patterns),
            exchange.offer,
        )
        self._coordination = Coordination(
            self._instance,
            relaxation,
            Schedulings(self._instance, schedules),
            exchange,
            self._incumbent,
            self._planner,
            limits.gap,
            self._control.look,
        )
        leaves = Leaves(self._instance, self._incumbent, self._planner, shipping, relaxation)
        self._tree = Tree(
            self._instance,
            self._incumbent,
            self._planner,
            self._ascent,
            self._coordination,
            leaves,
            self._control.look,
        )
        self._root: Node | None = None
        self._steps = 0

    def answer(self) -> YearsAnswer:
        try:
            ending = self._ending()
        except Halt as halt:
            ending = halt.ending
        # Beyond the size of a proof the search goes on; what it then adds is told where it finds the optimum.
        done = ending is Ending.OPTIMAL and self._tree.bound > self._tree.proven
        bound = self._tree.bound if done else self._tree.proven
        return YearsAnswer(
            ending=ending,
            plan=self._incumbent.plan,
            bound=None if ending is Ending.INFEASIBLE else self._reported(bound),
            nodes=self._tree.nodes,
            seconds=self._control.seconds,
            proof=None if ending is Ending.INFEASIBLE or done else self._tree.proof(),
        )

    def _reported(self, bound: float) -> float | None:
        """A bound that exceeds the cost by no more than rounding is the cost; by more, whoever asked is to see it."""
        if not math.isfinite(bound):
            return None
        plan, root = self._incumbent.plan, self._root
        rounding = 0.0 if root is None else ROUNDING * float(np.abs(root.at.pays).sum())
        return plan.cost if plan is not None and plan.cost < bound <= plan.cost + rounding else float(bound)

    def _standing(self) -> tuple[float | None, float | None, int]:
        bound, plan = self._tree.proven, self._incumbent.plan
        return None if plan is None else plan.cost, bound if math.isfinite(bound) else None, self._tree.nodes

    def _ending(self) -> Ending:
        instance = self._instance
        if instance.fewest(instance.all) is None:
            return Ending.INFEASIBLE
        root = Node(
            part=instance.all,
            bound=-math.inf,
            at=self._first_prices(),
            average=instance.all.opened.astype(np.float64),
            rents=np.zeros(instance.size.shape),
        )
        self._root = root
        self._tree.begin(root)
        for effort in ROOT:
            self._ascent.ascend(root, effort, self._visit)
            if root.bound == math.inf and self._incumbent.plan is None:
                return Ending.INFEASIBLE
            for threshold in THRESHOLDS:
                self._planner.round(root, threshold)
            self._planner.improve(root)
            if self._incumbent.plan is None:
                return Ending.LIMIT
            if root.bound >= self._incumbent.cutoff:
                break
        if root.bound < self._incumbent.cutoff and coordinated(self._instance):
            self._coordination.raise_bound(root, ROUNDS)
        self._tree.search()
        return Ending.OPTIMAL

    def _first_prices(self) -> Multipliers:
        problem = self._problem
        place = min(CHEAPEST, problem.sites) - 1
        nearly = np.partition(problem.price, place, axis=1)[:, place]
        least = problem.price.min(axis=1)
        paid = np.where(np.isfinite(nearly), nearly, np.where(np.isfinite(least), least, 0.0))
        nothing = np.zeros(problem.years)
        return Multipliers(paid * problem.demand, nothing, nothing, nothing, nothing)

    def _visit(self, root: Node) -> None:
        self._control.look()
        self._steps += 1
        if self._steps >= FIRST_PLAN_AFTER and self._steps % STEPS_BETWEEN_PLANS == 0:
            self._planner.round(root, THRESHOLDS[self._steps // STEPS_BETWEEN_PLANS % len(THRESHOLDS)])
