"""One instance on its way to an outcome: an engine solves it, the flows are settled, the bound is judged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.bound_proofs import BoundProof
from networx.domain.parameters import HIGHS, YEARS
from networx.domain.plan import (
    EARLIER_ATTEMPT,
    RECOMPUTED,
    SOLVER,
    Infeasibility,
    Outcome,
    Progress,
    ResultStatus,
    TransportPlan,
)
from networx.errors import SolverFault
from networx.models.transport.elastic import explain
from networx.models.transport.extract import extract
from networx.models.transport.first_plan import begin
from networx.models.transport.formulation import formulate
from networx.models.transport.instance import TransportInstance
from networx.models.transport.location import ENGINES, Location, Search, engine_of, solve_location
from networx.models.transport.periods import Periods, merged_years
from networx.models.transport.start import Start, values_of
from networx.models.transport.years import YearsLocation, solve_years
from networx.solver.highs import ENGINE as HIGHS_ENGINE
from networx.solver.highs import solve
from networx.solver.linear import LinearModel
from networx.solver.location.problem import LocationAnswer, LocationPlan
from networx.solver.location.years.problem import YearsAnswer, YearsPlan
from networx.solver.outcome import Ending, Limits, Solution, relative_gap

ROUNDING = 1e-9  # relative; costs are compared and gaps closed to this
CONTRADICTION = 1e-6  # relative; a bound this far above a plan's cost is wrong, not rounded
LEAST_SECONDS_TO_SETTLE = 1.0
LEAST_SECONDS_TO_EXPLAIN = 10.0
EXPLAINING = "explaining"
SHARE_TO_BEGIN = 0.25  # of the time that is left, for each of two looks

EnginePlan = TypeVar("EnginePlan", LocationPlan, YearsPlan)
OnIncumbent = Callable[[TransportPlan, float, float | None], None]


class Run:
    """One instance on its way to an outcome."""

    def __init__(
        self,
        instance: TransportInstance,
        progress: Callable[[Progress], None],
        incumbent: OnIncumbent | None,
        stop: Callable[[], bool],
        started: float,
        start: Start | None,
        chosen: Callable[[str], None],
        search: Search,
    ) -> None:
        self.instance, self.progress, self.incumbent, self.stop = instance, progress, incumbent, stop
        self.started = started
        self.start = start
        self.engine = HIGHS_ENGINE
        self.chosen = chosen
        self.search = search
        self.proof: BoundProof | None = None
        self.relaxation: float | None = None
        self.best = math.inf if start is None else start.cost
        self.bound: float | None = None if start is None else start.bound

    def outcome(self) -> Outcome:
        self.progress(Progress("formulating"))
        periods = merged_years(self.instance)
        engine = engine_of(self.instance, periods)
        self.engine = ENGINES[engine]
        self.chosen(self.engine)
        solution = self._solved(engine, periods)
        if solution.ending in {Ending.INFEASIBLE, Ending.UNBOUNDED_OR_INFEASIBLE}:
            return self._explained()
        if solution.ending is Ending.UNBOUNDED:
            raise SolverFault(what="it calls a model without negative costs unbounded")
        # Nothing costs less than nothing: prices are 0 or more.
        bound = max(solution.bound or 0.0, self.relaxation or 0.0, 0.0)
        found = [] if solution.values is None else [extract(self.instance, periods, solution.values)]
        if self.start is not None:
            found.append((self.start.plan, self.start.cost))
        if not found:
            seconds = time.monotonic() - self.started
            return Outcome(ResultStatus.NO_SOLUTION, self.engine, seconds, bound=bound)
        plan, cost = min(found, key=lambda one: one[1])
        # The flows of a location engine are those of a transportation problem solved to its end.
        by_highs = self.engine == HIGHS_ENGINE
        return self._settled(plan, cost, bound) if by_highs else self._judged(plan, cost, bound)

    def _solved(self, engine: str, periods: Periods) -> Solution:
        if engine == HIGHS:
            return self._by_highs(periods)
        if engine != YEARS:
            return self._by_location(engine, periods)
        solution = self._by_years(periods)
        if solution.values is not None or self.start is not None or self.stop():
            return solution
        if solution.ending is not Ending.INFEASIBLE and self._seconds_left(0.0) <= 0:
            return solution
        # It found no plan: whether there is one is for HiGHS to say, which starts from what is proven.
        self.relaxation, self.proof, self.engine = solution.bound, None, HIGHS_ENGINE
        self.chosen(self.engine)
        return self._by_highs(periods)

    def _by_highs(self, periods: Periods) -> Solution:
        model = formulate(self.instance, periods)
        if self.start is None:
            self._begin(model)
        return solve(
            model,
            self._limits(),
            self._watched,
            None if self.incumbent is None else self._published(periods),
            self._done,
            start=None if self.start is None else values_of(self.instance, periods, self.start.plan),
        )

    def _begin(self, model: LinearModel) -> None:
        """Take a plan and a bound that are found sooner than those of the whole model, where it is a large one."""
        seconds = self._seconds_left(1.0) * SHARE_TO_BEGIN
        found = begin(self.instance, model, seconds, lambda now: self.progress(Progress(now.stage)), self.stop)
        self.relaxation = max((bound for bound in (self.relaxation, found.bound) if bound is not None), default=None)
        if found.plan is None or found.cost is None:
            return
        self.start = Start(found.plan, found.cost)
        self.progress = told_from(self.start, self.progress)
        self.best = found.cost
        if self.incumbent is not None:
            self.incumbent(found.plan, found.cost, self.relaxation)

    def _by_location(self, engine: str, periods: Periods) -> Solution:
        location = Location.of(self.instance, periods)
        values = partial(location.values, self.instance, periods)
        start = None if self.start is None else location.plan(periods, self.start.plan, self.start.cost)
        limits, improved = self._limits(), self._improved(periods, values)
        answer = solve_location(engine, location, limits, self._watched, improved, self._done, start, self.search)
        return self._answered(answer, values)

    def _by_years(self, periods: Periods) -> Solution:
        location = YearsLocation.of(self.instance)
        values = partial(location.values, self.instance, periods)
        start = None if self.start is None else location.plan(self.instance, self.start.plan, self.start.cost)
        limits, improved = self._limits(), self._improved(periods, values)
        return self._answered(solve_years(location, limits, self._watched, improved, self._done, start), values)

    def _improved(self, periods: Periods, values: Callable[[EnginePlan], Floats]) -> Callable[[EnginePlan], None]:
        """Publishes the plans of a location engine; `values` says one in the columns of the whole model."""
        publish = self._published(periods)

        def improved(plan: EnginePlan) -> None:
            if self.incumbent is not None:
                publish(values(plan), plan.cost)

        return improved

    def _answered(self, answer: LocationAnswer | YearsAnswer, values: Callable[[Any], Floats]) -> Solution:
        self.proof = answer.proof
        best = answer.plan
        found, cost = (None, None) if best is None else (values(best), best.cost)
        return Solution(answer.ending, found, cost, answer.bound, answer.nodes, answer.seconds)

    def _limits(self) -> Limits:
        return Limits(self._seconds_left(1.0), self.instance.parameters.gap)

    def _done(self) -> bool:
        """Whether to stop: told so, or what was proven before the start already proves the best plan."""
        if self.start is None or self.start.bound is None:
            return self.stop()
        gap = relative_gap(self.best, self.start.bound)
        return self.stop() or (gap is not None and gap <= self.instance.parameters.gap)

    def _watched(self, progress: Progress) -> None:
        known = [bound for bound in (progress.bound, self.relaxation) if bound is not None]
        bound = max(known, default=None)
        self.bound = bound if self.start is None else self.start.best_bound(bound)
        self.progress(replace(progress, bound=bound, gap=relative_gap(progress.incumbent, bound)))

    def _published(self, periods: Periods) -> Callable[[Floats, float], None]:
        def publish(values: Floats, _: float) -> None:
            plan, cost = extract(self.instance, periods, values)
            if cost < self.best * (1 - ROUNDING) and self.incumbent is not None:
                self.best = cost
                self.incumbent(plan, cost, self.bound)

        return publish

    def _settled(self, plan: TransportPlan, cost: float, bound: float) -> Outcome:
        """Keep the facilities that are open, solve the flows again, and price the plan from the data."""
        if self.instance.single_source:
            return self._judged(plan, cost, bound)  # its flows are whole: there is nothing to settle
        self.progress(Progress("settling", bound=bound))
        fixed = self.instance.with_open(plan.opened, plan.tiers)
        periods = merged_years(fixed)
        again = solve(
            formulate(fixed, periods, tighten=False).relaxed(),
            Limits(self._seconds_left(LEAST_SECONDS_TO_SETTLE), self.instance.parameters.gap),
        )
        if again.ending is Ending.OPTIMAL and again.values is not None:
            better, better_cost = extract(fixed, periods, again.values, plan.opened)
            if better_cost <= min(cost * (1 + ROUNDING), math.inf if self.start is None else self.start.cost):
                plan, cost = replace(better, tiers=np.where(better.opened, plan.tiers, 0)), better_cost
        return self._judged(plan, cost, bound)

    def _judged(self, plan: TransportPlan, cost: float, proven_now: float) -> Outcome:
        bound, source = proven_now, SOLVER if self.proof is None else RECOMPUTED
        if self.start is not None and self.start.bound is not None and self.start.bound > bound:
            bound, source = self.start.bound, EARLIER_ATTEMPT
        if bound > cost * (1 + CONTRADICTION) + ROUNDING:
            raise SolverFault(what=f"its bound {bound!r} is above the cost {cost!r} of a plan it found")
        bound = min(bound, cost)
        gap = relative_gap(cost, bound)
        assert gap is not None
        proven = gap <= max(self.instance.parameters.gap, ROUNDING)
        return Outcome(
            status=ResultStatus.OPTIMAL if proven else ResultStatus.FEASIBLE,
            engine=self.engine,
            seconds=time.monotonic() - self.started,
            objective=cost,
            bound=bound,
            gap=gap,
            bound_source=source,
            plan=plan,
            proof=self.proof if source == RECOMPUTED else None,
        )

    def _explained(self) -> Outcome:
        if self.start is not None:
            raise SolverFault(what="it calls a scenario infeasible of which it is given a plan")
        self.progress(Progress(EXPLAINING))
        infeasibility = explain(self.instance, self._seconds_left(LEAST_SECONDS_TO_EXPLAIN), self.stop)
        if infeasibility is None:
            return Outcome(ResultStatus.NO_SOLUTION, self.engine, time.monotonic() - self.started)
        return infeasible(infeasibility, self.started, bound_source=SOLVER)

    def _seconds_left(self, at_least: float) -> float:
        spent = time.monotonic() - self.started
        return max(self.instance.parameters.time_limit_seconds - spent, at_least)


def told_from(start: Start, progress: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """`progress` as it is told to who has a plan already."""
    return lambda now: progress(start.at_least_as_good(now))


def infeasible(infeasibility: Infeasibility, started: float, bound_source: str) -> Outcome:
    """The outcome of an instance without a plan."""
    return Outcome(
        ResultStatus.INFEASIBLE,
        HIGHS_ENGINE,
        time.monotonic() - started,
        bound_source=bound_source,
        infeasibility=infeasibility,
    )
