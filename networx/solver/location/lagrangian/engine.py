"""One problem from start to answer: what is plainly impossible, the root's bound and plans, then the tree."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Floats
from networx.solver.location.lagrangian.ascent import Effort, Node, ascend, lagrangian
from networx.solver.location.lagrangian.control import Control, Halt
from networx.solver.location.lagrangian.flows import Shipping
from networx.solver.location.lagrangian.gear import Gear
from networx.solver.location.lagrangian.incumbent import Incumbent
from networx.solver.location.lagrangian.instance import ROUNDING, prepare
from networx.solver.location.lagrangian.plans import Planner
from networx.solver.location.lagrangian.tree import Tree
from networx.solver.location.lagrangian.units import Unit
from networx.solver.location.lesson import Lesson
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Ending, Limits

NAME = "Lagrangian"
ROOT = (
    Effort(steps=300, length=0.5, patience=10, shorter=0.8),
    Effort(steps=300, length=0.1, patience=10, shorter=0.8),
)
# From a neighbour's multipliers: one evaluation, for rents to price its sites by, then shorter climbs.
LOOK = Effort(steps=1, length=0.0, patience=1, shorter=1.0)
AGAIN = (Effort(steps=60, length=0.1, patience=5, shorter=0.7), Effort(steps=100, length=0.05, patience=5, shorter=0.7))
FIRST_PLAN_AFTER, STEPS_BETWEEN_PLANS = 20, 10
CHEAPEST = 3  # what customers pay at first: the price of their third cheapest lane
REACHED = 1e-6  # of all demand; less than this unserved is looked at to the end


def solve(
    problem: LocationProblem,
    limits: Limits,
    watch: Watch,
    start: LocationPlan | None = None,
    lesson: Lesson | None = None,
    problems: int = 1,
) -> LocationAnswer:
    """The cheapest plan, proven to the gap of `limits`, or the best found when they or `watch` end the search.

    `start` is a plan to begin with, never worse than the answer; `lesson` is what a neighbour of this problem taught,
    passed over where it is of other sites or customers. `problems` of this size, this one among them, are asked of
    this process: where they are many, kernels are loaded for them all.
    """
    if lesson is not None and not lesson.fits(len(problem.fixed), len(problem.demand)):
        lesson = None
    unit = Unit.of(problem)
    if unit.size == 1:
        return _Search(problem, limits, watch, start, lesson, problems=problems).answer()
    lesson = None if lesson is None else lesson.scaled(1 / unit.size)
    search = _Search(
        unit.problem(problem),
        limits,
        unit.watch(watch),
        unit.start(start),
        lesson,
        dollars=unit.size,
        problems=problems,
    )
    return unit.answer(search.answer())


class _Search:
    """`ceiling` is a cost at which plans stop to matter, whatever the best is; `dollars` is the unit of costs."""

    def __init__(
        self,
        problem: LocationProblem,
        limits: Limits,
        watch: Watch,
        start: LocationPlan | None,
        lesson: Lesson | None = None,
        ceiling: float = math.inf,
        dollars: float = 1.0,
        problems: int = 1,
    ) -> None:
        self._problem, self._limits, self._watch, self._lesson = problem, limits, watch, lesson
        self._instance = prepare(problem, limits.gap, dollars)
        self._control = Control(limits, watch, self._standing)
        self._incumbent = Incumbent(problem, limits.gap, watch.improved, start, ceiling)
        self._gear = Gear(self._instance, problems)
        self._shipping = Shipping(self._instance, self._control.look, self._gear)
        self._planner = Planner(self._shipping, self._incumbent)
        self._tree = Tree(self._instance, self._incumbent, self._planner, self._gear, self._control.look)
        self._root: Node | None = None
        self._steps = 0

    def answer(self) -> LocationAnswer:
        try:
            ending = self._ending()
        except Halt as halt:
            ending = halt.ending
        bound, plan = self._tree.bound, self._incumbent.plan
        multipliers = None if self._root is None else self._root.pays
        return LocationAnswer(
            ending=ending,
            plan=plan,
            bound=None if ending is Ending.INFEASIBLE else self._reported(bound),
            nodes=self._tree.nodes,
            seconds=self._control.seconds,
            root_bound=None if multipliers is None else lagrangian(self._instance, multipliers),
            multipliers=multipliers,
            proof=None if ending is Ending.INFEASIBLE else self._tree.proof(),
            lesson=None if plan is None or multipliers is None else Lesson(multipliers, plan.opened),
        )

    def _reported(self, bound: float) -> float | None:
        """A bound that exceeds the cost by no more than rounding is the cost; by more, whoever asked is to see it."""
        if not math.isfinite(bound):
            return None
        plan, root = self._incumbent.plan, self._root
        rounding = 0.0 if root is None else ROUNDING * float(np.abs(root.pays).sum())
        return plan.cost if plan is not None and plan.cost < bound <= plan.cost + rounding else bound

    def _standing(self) -> tuple[float | None, float | None, int]:
        bound, plan = self._tree.bound, self._incumbent.plan
        return None if plan is None else plan.cost, bound if math.isfinite(bound) else None, self._tree.nodes

    def _ending(self) -> Ending:
        instance = self._instance
        nothing = np.zeros(instance.sites, dtype=bool)
        lacks = np.isfinite(self._problem.cost).T @ instance.size < instance.demand * (1 - ROUNDING)
        if lacks.any() or instance.fewest(instance.must, nothing) is None:
            return Ending.INFEASIBLE
        first = self._first_pays()
        taught = self._lesson is not None and first is self._lesson.pays
        root = Node(
            opened=instance.must.copy(),
            closed=nothing,
            bound=-math.inf,
            pays=instance.in_steps(first),
            size_price=0.0,
            average=instance.must.astype(np.float64),
            rents=np.zeros(instance.sites),
        )
        self._root = root
        self._tree.begin(root)
        if self._lesson is not None:
            ascend(self._gear, root, LOOK, lambda: self._incumbent.cutoff, self._visit)
            self._planner.near(self._lesson.opened, root.rents)
        for effort in AGAIN if taught else ROOT:
            ascend(self._gear, root, effort, lambda: self._incumbent.cutoff, self._visit)
            if self._incumbent.plan is None and not self._some_plan():
                return Ending.INFEASIBLE
            self._planner.improve(root)
            if root.bound >= self._incumbent.cutoff:
                break
        self._tree.search()
        return Ending.OPTIMAL

    def _first_pays(self) -> Floats:
        """A neighbour's multipliers where they say more than prices alone do."""
        cost = self._problem.cost
        place = min(CHEAPEST, len(cost)) - 1
        nearly = np.partition(cost, place, axis=0)[place]
        pays: Floats = np.where(np.isfinite(nearly), nearly, cost.min(axis=0))
        if self._lesson is not None:
            learned = self._lesson.pays
            return learned if lagrangian(self._instance, learned) > lagrangian(self._instance, pays) else pays
        return pays

    def _visit(self, root: Node) -> None:
        self._control.look()
        self._steps += 1
        if self._steps >= FIRST_PLAN_AFTER and self._steps % STEPS_BETWEEN_PLANS == 0:
            self._planner.round(root)

    def _some_plan(self) -> bool:
        """Whether there is one, which is then the incumbent."""
        if not self._planner.largest():
            return False
        if self._incumbent.plan is None:
            opened = self._least_unserved()
            if opened is None:
                return False
            self._planner.ship(opened, np.zeros(self._instance.sites))
        return self._incumbent.plan is not None

    def _least_unserved(self) -> np.ndarray | None:
        """Sites that serve all demand, or None if none do: only demand that stays unserved costs anything.

        That is a location problem again, which always has a plan: one more site, always open, serves nothing.
        """
        problem, instance = self._problem, self._instance
        served = np.where(np.isfinite(problem.cost), 0.0, np.inf)
        eased = LocationProblem(
            fixed=np.zeros(instance.sites + 1),
            capacity=np.append(problem.capacity, np.inf),
            demand=problem.demand,
            cost=np.vstack([served, problem.demand]),
            must=np.append(problem.must, True),
            at_least=problem.at_least + 1,
            at_most=problem.at_most + 1,
        )
        reached: list[LocationPlan] = []

        def improved(plan: LocationPlan) -> None:
            if plan.cost <= ROUNDING * instance.total:
                reached.append(plan)

        left = Limits(max(self._limits.time_seconds - self._control.seconds, 0.0), 0.0)
        watch = Watch(
            lambda _, __, ___: self._watch.progress(*self._standing()),
            improved,
            lambda: bool(reached) or self._watch.stop(),
        )
        answer = _Search(eased, left, watch, None, ceiling=REACHED * instance.total).answer()
        if reached:
            return reached[0].opened[:-1]
        if answer.ending in {Ending.LIMIT, Ending.INTERRUPTED}:
            raise Halt(answer.ending)
        return None
