"""One year with a fixed set of facilities: a linear program, twice where demand stays unserved.

First as much as possible is served, then at least cost. The rows are those of the transport model, but that every
capacity has one of its own (`limits`), so that the rows' duals are the whole price.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Codes, Floats
from networx.domain.capacity_answer import Multipliers, YearAnswer
from networx.errors import SolverFault
from networx.models.capacity.limits import multipliers, with_own_limits
from networx.models.capacity.problem import YearProblem
from networx.models.transport.clashes_of_service import floor_share
from networx.models.transport.elastic import PROVEN_SHORT
from networx.models.transport.extract import DUST
from networx.models.transport.flows import flow_columns
from networx.models.transport.formulation import demand_rows, formulate
from networx.models.transport.inbound import units_in
from networx.models.transport.periods import separate_years
from networx.models.transport.relaxations import (
    demand_may_stay_unserved,
    lowest_service_raised,
    throughput_may_be_missed,
)
from networx.solver.highs import solve
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits, Solution

GAP = 0.0


class MinimaMissed(Exception):
    """The open facilities cannot all ship their minimum throughput; `answer` says what lacks at least."""

    def __init__(self, answer: YearAnswer) -> None:
        super().__init__()
        self.answer = answer


class OutOfTime(Exception):
    """The limit came, or the caller said stop, before a linear program was solved."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What a solve may still use: `left` gives seconds, `stop` says whether to end at once."""

    left: Callable[[], float]
    stop: Callable[[], bool]


def solve_year(problem: YearProblem, clock: Clock) -> YearAnswer:
    """As much as possible served, at least cost. Raises MinimaMissed, OutOfTime, SolverFault."""
    return _Year(problem, clock).cheapest()


def least_short(problem: YearProblem, clock: Clock) -> YearAnswer:
    """As much as possible served, at whatever cost. Raises MinimaMissed, OutOfTime, SolverFault."""
    return _Year(problem, clock).fullest()


def highest_service(problem: YearProblem, clock: Clock) -> float | None:
    """The highest share of demand that can be served near by while all of it is served, rounded down.

    None where no level has to be reached, and where not all can be served at any. Raises OutOfTime.
    """
    return _Year(problem, clock).highest_service()


class _Year:
    def __init__(self, problem: YearProblem, clock: Clock) -> None:
        self._problem, self._clock = problem, clock
        self._alone = problem.alone()
        self._total = float(self._alone.demand.sum())
        self._periods = separate_years(self._alone)
        self._flows = flow_columns(self._alone, self._periods)
        relaxed = formulate(self._alone, self._periods, tighten=False).relaxed()
        self._model = with_own_limits(relaxed, self._alone, self._periods, self._flows)

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
        solution = self._run(model)
        if solution.ending is Ending.INFEASIBLE and "throughput" in model.rows:
            raise MinimaMissed(self._least_missed())
        return self._answer(self._optimal(solution), least_short=self._multipliers(solution, model))

    def highest_service(self) -> float | None:
        if not self._alone.service.hard:
            return None
        solution = self._run(lowest_service_raised(self._model))
        if solution.ending is not Ending.OPTIMAL or solution.values is None:
            return None
        return floor_share(float(solution.values[-1]))

    def _least_missed(self) -> YearAnswer:
        """Least units that lack of the minimum throughputs, whatever stays unserved."""
        elastic = self._elastic()
        free = replace(elastic, cost=np.zeros_like(elastic.cost))
        model = _without_upper_limits(throughput_may_be_missed(free, self._alone))
        solution = self._solved(model)
        assert solution.values is not None
        answer = self._answer(replace(solution, values=solution.values[: len(elastic.cost)]))
        least = np.where(self._problem.opened, self._alone.rules.min_throughput, 0.0)
        missed = np.maximum(least - np.bincount(answer.facility, answer.units, len(least)), 0.0)
        if math.fsum(missed.tolist()) <= PROVEN_SHORT * math.fsum(least.tolist()):
            raise SolverFault(what="it calls a year infeasible whose minimum throughputs it can meet")
        return replace(answer, missed=missed, least_missed=self._multipliers(solution, model))

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
        return self._optimal(self._run(model))

    def _optimal(self, solution: Solution) -> Solution:
        if solution.ending is not Ending.OPTIMAL:
            raise SolverFault(what=f"it calls a year {solution.ending} in which demand may stay unserved")
        return solution

    def _multipliers(self, solution: Solution, model: LinearModel) -> Multipliers:
        duals = solution.row_duals
        assert duals is not None
        return multipliers(duals, model, self._alone, self._periods, self._flows)

    def _answer(
        self, solution: Solution, least_short: Multipliers | None = None, least_cost: Multipliers | None = None
    ) -> YearAnswer:
        """The flows in units: rounded, cleaned of dust, and made to sum to each destination's demand."""
        assert solution.values is not None
        lanes, demand = self._alone.lanes, self._alone.demand[0]
        values, end = solution.values, len(self._model.cost)
        lane = self._flows.lane
        place = lanes.destination[lane]
        shares = values[self._model.columns["flow"]] * self._flows.most_units / demand[place]
        missing = np.zeros(len(demand))
        if len(values) > end:
            missing[demand_rows(self._periods)[1]] = values[end:]
        kept = np.flatnonzero(shares > DUST)
        missing = np.where(missing > DUST, missing, 0.0)
        total = missing + np.bincount(place[kept], shares[kept], minlength=len(demand))
        scale = np.divide(demand, total, out=np.zeros_like(demand), where=total > 0)
        units, unserved = shares[kept] * scale[place[kept]], missing * scale
        sent, short = lanes.facility[lane[kept]], math.fsum(unserved.tolist())
        inbound = self._brought_in(
            solution, np.bincount(sent, units, minlength=len(self._problem.opened)).astype(float)
        )
        penalty = self._penalty(math.fsum(units[self._alone.near[0, lane[kept]]].tolist()) + short)
        costs = [*(lanes.cost_per_unit[lane[kept]] * units).tolist(), inbound.cost, penalty]
        return YearAnswer(
            year=self._problem.year,
            opened=self._problem.opened,
            facility=sent.astype(np.int32),
            destination=place[kept].astype(np.int32),
            units=units,
            unserved=unserved,
            short=short,
            cost=None if least_cost is None else math.fsum(costs),
            least_short=least_short,
            least_cost=least_cost,
            tiers=self._problem.in_use.astype(np.int32),
            larger=self._problem.larger,
            enlarged=None if self._problem.larger is None else self._problem.enlarged,
            mode=lanes.mode[lane[kept]].astype(np.int32),
            inbound_supplier=inbound.supplier,
            inbound_facility=inbound.facility,
            inbound_units=inbound.units,
            inbound_mode=inbound.mode,
            inbound_cost=inbound.cost if least_cost is not None else 0.0,
            penalty=penalty if least_cost is not None else 0.0,
        )

    def _brought_in(self, solution: Solution, shipped: Floats) -> _BroughtIn:
        """What comes in for what facilities ship, (I,) units."""
        ways = self._alone.inbound
        if not len(ways):
            nothing = np.zeros(0, dtype=np.int32)
            return _BroughtIn(nothing, nothing, nothing, np.zeros(0), 0.0)
        assert solution.values is not None
        values = solution.values[self._model.columns["inbound"]]
        units = units_in(ways, self._periods.capacity, values, shipped[np.newaxis])[0]
        used = np.flatnonzero(units)
        cost = math.fsum((ways.cost_per_unit[used] * units[used]).tolist())
        supplier, facility = ways.supplier[used].astype(np.int32), ways.facility[used].astype(np.int32)
        return _BroughtIn(supplier, facility, ways.lanes.mode[used].astype(np.int32), units[used], cost)

    def _penalty(self, near: float) -> float:
        """Dollars for the service that is lacking, where that has a price; what stays unserved counts as near."""
        service = self._alone.service
        return service.cost(service.shortfall(self._alone.demand, np.array([near])))


@dataclass(frozen=True, slots=True)
class _BroughtIn:
    supplier: Codes
    facility: Codes
    mode: Codes
    units: Floats
    cost: float


def _without_upper_limits(model: LinearModel) -> LinearModel:
    """The model without upper limits on the columns at its end that belong to no group."""
    upper = model.upper.copy()
    upper[max(span.stop for span in model.columns.values()) :] = np.inf
    return replace(model, upper=upper)
