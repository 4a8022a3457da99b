"""One problem from start to answer: what is plainly impossible, the root's bound and plans, then the tree."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.single_source_proof import TOLERANCE
from networx.solver.location.lagrangian.ascent import Effort, PlainAscent
from networx.solver.location.lagrangian.ascent import Node as SplitNode
from networx.solver.location.lagrangian.ascent import ascend as climb
from networx.solver.location.lagrangian.control import Control, Halt
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.location.single.any_plan import any_plan
from networx.solver.location.single.ascent import Seen, ascend, hopeless
from networx.solver.location.single.incumbent import Incumbent
from networx.solver.location.single.instance import prepare
from networx.solver.location.single.node import Node
from networx.solver.location.single.planner import Planner
from networx.solver.location.single.tree import Tree
from networx.solver.outcome import Ending, Limits

NAME = "single-source"
SPLIT = Effort(steps=300, length=0.5, patience=10, shorter=0.8)
ROOT = (
    Effort(steps=200, length=0.25, patience=8, shorter=0.8),
    Effort(steps=150, length=0.1, patience=8, shorter=0.8),
)
STEPS_BETWEEN_PLANS = 10
SHARE_FOR_ANY_PLAN = 0.3  # of the time that is left, for each of two looks
CHEAPEST = 3  # what customers pay at first: the price of their third cheapest lane


def solve(problem: LocationProblem, limits: Limits, watch: Watch, start: LocationPlan | None = None) -> LocationAnswer:
    """The cheapest plan in which one site serves all of each customer, proven to the gap of `limits`.

    Or the best found when they or `watch` end the search. `start` is a plan to begin with, never worse than the answer;
    one that splits a customer or does not fit is passed over. Deterministic but for where a limit cuts it off.
    """
    return _Search(problem, limits, watch, start).answer()


class _Search:
    def __init__(self, problem: LocationProblem, limits: Limits, watch: Watch, start: LocationPlan | None) -> None:
        self._instance, self._limits = prepare(problem), limits
        self._control = Control(limits, watch, self._standing)
        usable = start if start is not None and self._serves_whole(start) else None
        self._incumbent = Incumbent(self._instance, limits.gap, watch.improved, usable)
        self._planner = Planner(self._instance, self._incumbent, self._control.look)
        self._tree = Tree(self._instance, self._incumbent, self._planner, self._control.look)
        self._root: Node | None = None
        self._steps = 0

    def answer(self) -> LocationAnswer:
        try:
            ending = self._ending()
        except Halt as halt:
            ending = halt.ending
        plan, bound = self._incumbent.plan, self._bound()
        if ending is Ending.OPTIMAL and plan is None:
            ending = Ending.INFEASIBLE
        return LocationAnswer(
            ending=ending,
            plan=plan,
            bound=None if ending is Ending.INFEASIBLE else bound,
            nodes=self._tree.nodes,
            seconds=self._control.seconds,
            proof=None if ending is Ending.INFEASIBLE or self._root is None else self._tree.proof(),
        )

    def _bound(self) -> float | None:
        bound = self._incumbent.lifted(max(self._tree.bound, self._incumbent.least)) if self._root else -math.inf
        plan = self._incumbent.plan
        if not math.isfinite(bound):
            return None
        # A bound that exceeds the cost by no more than rounding is the cost; by more, whoever asked is to see it.
        rounding = TOLERANCE * (float(np.abs(self._instance.fixed).sum()) + abs(bound))
        return plan.cost if plan is not None and plan.cost < bound <= plan.cost + rounding else bound

    def _standing(self) -> tuple[float | None, float | None, int]:
        plan = self._incumbent.plan
        return None if plan is None else plan.cost, self._bound(), self._tree.nodes

    def _serves_whole(self, plan: LocationPlan) -> bool:
        instance = self._instance
        if len(plan.site) != instance.customers or (np.sort(plan.customer) != np.arange(instance.customers)).any():
            return False
        used = np.bincount(plan.site, instance.demand[plan.customer], instance.sites)
        lanes = np.isfinite(instance.cost[plan.site, plan.customer]).all() and bool(plan.opened[plan.site].all())
        return bool(lanes and (used <= instance.size * (1 + TOLERANCE)).all())

    def _ending(self) -> Ending:
        instance, must = self._instance, self._instance.split.must
        root = Node(
            opened=must.copy(),
            closed=np.zeros(instance.sites, dtype=bool),
            barred=np.zeros(instance.cost.shape, dtype=bool),
            given=np.full(instance.customers, -1),
            bound=-math.inf,
            pays=np.zeros(instance.customers),
            size_price=0.0,
            average=must.astype(np.float64),
            usage=np.zeros(instance.cost.shape),
        )
        if hopeless(instance, root):
            return Ending.INFEASIBLE
        self._root = root
        self._tree.begin(root)
        root.pays = self._split_pays(root)
        for effort in ROOT:
            ascend(instance, root, effort, lambda: self._incumbent.cutoff, self._visit)
            if root.bound >= self._incumbent.cutoff:
                break
            self._planner.round(root)
            if self._incumbent.plan is None and not self._any_plan():
                return Ending.INFEASIBLE
            self._planner.improve(root)
        self._tree.search()
        return Ending.OPTIMAL

    def _any_plan(self) -> bool:
        """Whether there may be one; the incumbent, if it is found."""
        stop = self._control.stopping
        told = self._control.tell
        left = self._limits.time_seconds - self._control.seconds
        possible = any_plan(self._instance, left * SHARE_FOR_ANY_PLAN, told, self._incumbent.offer, stop)
        self._control.look()
        return possible

    def _split_pays(self, root: Node) -> Floats:
        """Multipliers that are good where customers may be split: near the best, and much cheaper to find."""
        split = self._instance.split
        node = SplitNode(
            opened=root.opened.copy(),
            closed=root.closed.copy(),
            bound=-math.inf,
            pays=self._first_pays(),
            size_price=0.0,
            average=root.average.copy(),
            rents=np.zeros(split.sites),
        )
        lanes = replace(split, price=self._instance.cost / split.demand)
        climb(PlainAscent(lanes), node, SPLIT, lambda: self._incumbent.cutoff, lambda _: self._control.look())
        return node.pays

    def _first_pays(self) -> Floats:
        cost = self._instance.cost
        place = min(CHEAPEST, len(cost)) - 1
        nearly = np.partition(cost, place, axis=0)[place]
        pays: Floats = np.where(np.isfinite(nearly), nearly, cost.min(axis=0))
        return pays

    def _visit(self, root: Node, seen: Seen) -> None:
        self._control.look()
        self._steps += 1
        if self._steps % STEPS_BETWEEN_PLANS == 0:
            self._planner.follow(root, seen)
