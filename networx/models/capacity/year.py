"""One year with a fixed set of facilities: a linear program, twice where demand stays unserved.

First as much as possible is served, then at least cost. The rows are those of the transport model; its limits on single
flows, which the rows of demand and capacity imply, are lifted, so that the rows' duals are the whole price.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Flags
from networx.domain.capacity import Multipliers, YearAnswer
from networx.errors import SolverFault
from networx.models.transport.elastic import PROVEN_SHORT
from networx.models.transport.extract import DUST
from networx.models.transport.formulation import demand_rows, flow_columns, formulate
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import separate_years
from networx.models.transport.relaxations import demand_may_stay_unserved
from networx.solver.highs import solve
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits, Solution

GAP = 0.0


class OutOfTime(Exception):
    """The limit came, or the caller said stop, before a linear program was solved."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What a solve may still use: `left` gives seconds, `stop` says whether to end at once."""

    left: Callable[[], float]
    stop: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class YearProblem:
    """One year of an instance with these facilities open, one of them perhaps with another capacity."""

    instance: TransportInstance
    year: int
    opened: Flags
    larger: int | None = None
    enlarged: float | None = None

    def with_capacity(self, facility: int, units: float) -> YearProblem:
        return replace(self, larger=facility, enlarged=units)

    def alone(self) -> TransportInstance:
        """The year as a whole problem; how many are open is not asked."""
        whole, year = self.instance, slice(self.year, self.year + 1)
        capacity = whole.capacity[year].copy()
        if self.larger is not None:
            capacity[0, self.larger] = self.enlarged
        free = replace(whole.parameters, min_facilities=None, max_facilities=None)
        return replace(
            whole,
            years=whole.years[year],
            rules=whole.rules.of_years(year),
            capacity=capacity,
            fixed_cost=np.zeros_like(whole.fixed_cost[year]),
            demand=whole.demand[year],
            lanes=whole.lanes.of_years(year),
            service=whole.service.of_years(year),
            inbound=whole.inbound.of_years(year),
            parameters=free,
        ).with_open(self.opened)


def solve_year(problem: YearProblem, clock: Clock) -> YearAnswer:
    """As much as possible served, at least cost. Raises OutOfTime, SolverFault."""
    return _Year(problem, clock).cheapest()


def least_short(problem: YearProblem, clock: Clock) -> YearAnswer:
    """As much as possible served, at whatever cost. Raises OutOfTime, SolverFault."""
    return _Year(problem, clock).fullest()


class _Year:
    def __init__(self, problem: YearProblem, clock: Clock) -> None:
        self._problem, self._clock = problem, clock
        self._alone = problem.alone()
        self._total = float(self._alone.demand.sum())
        self._periods = separate_years(self._alone)
        self._flows = flow_columns(self._alone, self._periods)
        self._model = _without_upper_limits(formulate(self._alone, self._periods, tighten=False).relaxed(), "flow")

    def cheapest(self) -> YearAnswer:
        solution = self._run(self._model)
        if solution.ending is Ending.OPTIMAL:
            return self._answer(solution, least_cost=self._multipliers(solution, self._model))
        shortest = self.fullest()
        if shortest.short <= PROVEN_SHORT * self._total:
            raise SolverFault(what="it calls a year infeasible whose demand it can serve in full")
        model = self._priced(shortest.short)
        solution = self._solved(model)
        return self._answer(solution, shortest.least_short, self._multipliers(solution, model))

    def fullest(self) -> YearAnswer:
        model = self._elastic()
        solution = self._solved(model)
        return self._answer(solution, least_short=self._multipliers(solution, model))

    def _elastic(self) -> LinearModel:
        """Least units unserved; its last columns are each destination's share that stays so."""
        return _without_upper_limits(demand_may_stay_unserved(self._model, self._alone, self._periods))

    def _priced(self, units: float) -> LinearModel:
        """Least cost among the ways that leave no more than these units unserved."""
        model = self._elastic()
        shares = sparse.csc_matrix((model.cost / self._total)[np.newaxis, :])
        end = model.matrix.shape[0]
        return replace(
            model,
            cost=np.concatenate([self._model.cost, np.zeros(len(model.cost) - len(self._model.cost))]),
            matrix=sparse.vstack([model.matrix, shares], format="csc"),
            row_lower=np.append(model.row_lower, -np.inf),
            row_upper=np.append(model.row_upper, units / self._total),
            rows={**model.rows, "unserved": slice(end, end + 1)},
        )

    def _run(self, model: LinearModel) -> Solution:
        seconds = self._clock.left()
        if seconds <= 0 or self._clock.stop():
            raise OutOfTime
        solution = solve(model, Limits(seconds, GAP))
        if solution.ending in {Ending.LIMIT, Ending.INTERRUPTED}:
            raise OutOfTime
        if solution.ending is Ending.OPTIMAL and solution.row_duals is None:
            raise SolverFault(what="it gives no duals of a linear program")
        return solution

    def _solved(self, model: LinearModel) -> Solution:
        solution = self._run(model)
        if solution.ending is not Ending.OPTIMAL:
            raise SolverFault(what=f"it calls a year {solution.ending} in which demand may stay unserved")
        return solution

    def _multipliers(self, solution: Solution, model: LinearModel) -> Multipliers:
        """The duals of the scaled rows as prices of a unit; what has the wrong sign is rounding and counts as none."""
        duals = solution.row_duals
        assert duals is not None
        held = self._periods.capacity[0]
        facility = np.flatnonzero(self._periods.binding[0] & (held > 0))
        capacity = np.zeros(len(held))
        capacity[facility] = np.minimum(duals[model.rows["capacity"]] / held[facility], 0.0)

        def of_all_demand(row: str) -> float:
            return float(duals[model.rows[row]].sum()) / self._total if row in model.rows and self._total > 0 else 0.0

        return Multipliers(capacity, max(of_all_demand("service"), 0.0), min(of_all_demand("unserved"), 0.0))

    def _answer(
        self, solution: Solution, least_short: Multipliers | None = None, least_cost: Multipliers | None = None
    ) -> YearAnswer:
        """The flows in units: rounded, cleaned of dust, and made to sum to each destination's demand."""
        assert solution.values is not None
        lanes, demand = self._alone.lanes, self._alone.demand[0]
        first = len(self._problem.opened)
        last = first + len(self._flows.lane)
        place = lanes.destination[self._flows.lane]
        shares = solution.values[first:last] * self._flows.most_units / demand[place]
        missing = np.zeros(len(demand))
        if len(solution.values) > last:
            missing[demand_rows(self._periods)[1]] = solution.values[last:]
        kept = np.flatnonzero(shares > DUST)
        missing = np.where(missing > DUST, missing, 0.0)
        total = missing + np.bincount(place[kept], shares[kept], minlength=len(demand))
        scale = np.divide(demand, total, out=np.zeros_like(demand), where=total > 0)
        units, unserved = shares[kept] * scale[place[kept]], missing * scale
        prices = lanes.cost_per_unit[self._flows.lane[kept]]
        return YearAnswer(
            year=self._problem.year,
            opened=self._problem.opened,
            facility=lanes.facility[self._flows.lane[kept]].astype(np.int32),
            destination=place[kept].astype(np.int32),
            units=units,
            unserved=unserved,
            short=math.fsum(unserved.tolist()),
            cost=None if least_cost is None else math.fsum((prices * units).tolist()),
            least_short=least_short,
            least_cost=least_cost,
            larger=self._problem.larger,
            enlarged=self._problem.enlarged,
        )


def _without_upper_limits(model: LinearModel, group: str | None = None) -> LinearModel:
    """The model without upper limits on a group of columns, or on those at its end that belong to none."""
    upper = model.upper.copy()
    grouped = max(span.stop for span in model.columns.values())
    upper[model.columns[group] if group is not None else slice(grouped, None)] = np.inf
    return replace(model, upper=upper)
