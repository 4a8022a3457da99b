"""One transport scenario from tables to outcome: prepare, look for clashes, solve, settle, explain."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from networx.domain.network import Floats, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Infeasibility, Outcome, Progress, ResultStatus, TransportPlan
from networx.errors import SolverFault
from networx.models.transport.clashes import clashes
from networx.models.transport.elastic import explain
from networx.models.transport.extract import extract
from networx.models.transport.formulation import formulate
from networx.models.transport.instance import TransportInstance, prepare
from networx.models.transport.periods import Periods, merged_years
from networx.solver.highs import ENGINE, solve
from networx.solver.outcome import Ending, Limits, relative_gap

ROUNDING = 1e-9  # relative; costs are compared and gaps closed to this
CONTRADICTION = 1e-6  # relative; a bound this far above a plan's cost is wrong, not rounded
LEAST_SECONDS_TO_SETTLE = 5.0
LEAST_SECONDS_TO_EXPLAIN = 10.0

OnIncumbent = Callable[[TransportPlan, float, float | None], None]


def solve_transport(
    tables: NetworkTables,
    parameters: TransportParameters,
    progress: Callable[[Progress], None] = lambda _: None,
    incumbent: OnIncumbent | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Choose facilities and flows at least cost. `incumbent` gets (plan, cost, bound) of each better plan on the way.

    Raises RefusedInput for data that cannot be used, SolverFault when the solver contradicts itself.
    """
    started = time.monotonic()
    progress(Progress("preparing"))
    instance = prepare(tables, parameters)
    clash = clashes(instance)
    if clash is not None:
        return _infeasible(clash, started, bound_source="closed_form")
    return _Run(instance, progress, incumbent, stop, started).outcome()


def _infeasible(infeasibility: Infeasibility, started: float, bound_source: str) -> Outcome:
    return Outcome(
        ResultStatus.INFEASIBLE,
        ENGINE,
        time.monotonic() - started,
        bound_source=bound_source,
        infeasibility=infeasibility,
    )


class _Run:
    """One instance on its way to an outcome."""

    def __init__(
        self,
        instance: TransportInstance,
        progress: Callable[[Progress], None],
        incumbent: OnIncumbent | None,
        stop: Callable[[], bool],
        started: float,
    ) -> None:
        self.instance, self.progress, self.incumbent, self.stop = instance, progress, incumbent, stop
        self.started = started
        self.bound: float | None = None

    def outcome(self) -> Outcome:
        self.progress(Progress("formulating"))
        periods = merged_years(self.instance)
        model = formulate(self.instance, periods)
        limits = Limits(self._seconds_left(1.0), self.instance.parameters.gap)
        on_values = None if self.incumbent is None else self._published(periods)
        solution = solve(model, limits, self._watched, on_values, self.stop)
        if solution.ending in {Ending.INFEASIBLE, Ending.UNBOUNDED_OR_INFEASIBLE}:
            return self._explained()
        if solution.ending is Ending.UNBOUNDED:
            raise SolverFault(what="it calls a model without negative costs unbounded")
        # Nothing costs less than nothing: prices are 0 or more.
        bound = max(solution.bound or 0.0, 0.0)
        if solution.values is None:
            seconds = time.monotonic() - self.started
            return Outcome(ResultStatus.NO_SOLUTION, ENGINE, seconds, bound=bound)
        return self._settled(periods, solution.values, bound)

    def _watched(self, progress: Progress) -> None:
        self.bound = progress.bound
        self.progress(progress)

    def _published(self, periods: Periods) -> Callable[[npt.NDArray[np.float64], float], None]:
        best = float("inf")

        def publish(values: npt.NDArray[np.float64], _: float) -> None:
            nonlocal best
            plan, cost = extract(self.instance, periods, values)
            if cost < best and self.incumbent is not None:
                best = cost
                self.incumbent(plan, cost, self.bound)

        return publish

    def _settled(self, periods: Periods, values: Floats, bound: float) -> Outcome:
        """Fix the rounded facilities, solve the flows again, and price the plan from the data."""
        self.progress(Progress("settling", bound=bound))
        plan, cost = extract(self.instance, periods, values)
        fixed = self.instance.with_open(np.array(plan.open))
        fixed_periods = merged_years(fixed)
        again = solve(
            formulate(fixed, fixed_periods, tighten=False).relaxed(),
            Limits(self._seconds_left(LEAST_SECONDS_TO_SETTLE), self.instance.parameters.gap),
        )
        if again.ending is Ending.OPTIMAL and again.values is not None:
            better, better_cost = extract(fixed, fixed_periods, again.values)
            if better_cost <= cost * (1 + ROUNDING):
                plan, cost = better, better_cost
        return self._judged(plan, cost, bound)

    def _judged(self, plan: TransportPlan, cost: float, bound: float) -> Outcome:
        if bound > cost * (1 + CONTRADICTION) + ROUNDING:
            raise SolverFault(what=f"its bound {bound!r} is above the cost {cost!r} of a plan it found")
        bound = min(bound, cost)
        gap = relative_gap(cost, bound)
        assert gap is not None
        proven = gap <= max(self.instance.parameters.gap, ROUNDING)
        return Outcome(
            status=ResultStatus.OPTIMAL if proven else ResultStatus.FEASIBLE,
            engine=ENGINE,
            seconds=time.monotonic() - self.started,
            objective=cost,
            bound=bound,
            gap=gap,
            plan=plan,
        )

    def _explained(self) -> Outcome:
        self.progress(Progress("explaining"))
        infeasibility = explain(self.instance, self._seconds_left(LEAST_SECONDS_TO_EXPLAIN), self.stop)
        if infeasibility is None:
            return Outcome(ResultStatus.NO_SOLUTION, ENGINE, time.monotonic() - self.started)
        return _infeasible(infeasibility, self.started, bound_source="solver")

    def _seconds_left(self, at_least: float) -> float:
        spent = time.monotonic() - self.started
        return max(self.instance.parameters.time_limit_seconds - spent, at_least)
