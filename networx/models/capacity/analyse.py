"""One capacity analysis from tables to outcome: each year solved, full facilities examined, relief sought."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.capacity import MULTIPLIERS, CapacityOutcome
from networx.domain.capacity_answer import YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.parameters import CapacityParameters, TransportParameters, require_complete_capacity
from networx.domain.phrases import SINGLE_YEAR
from networx.domain.plan import SOLVER, Infeasibility, Progress, ResultStatus
from networx.models.capacity.bottlenecks import examine
from networx.models.capacity.clashes import missed_clash, short_clashes
from networx.models.capacity.problem import YearProblem
from networx.models.capacity.relief import Sought, seek_relief
from networx.models.capacity.year import Clock, MinimaMissed, OutOfTime, highest_service, least_short, solve_year
from networx.models.transport.elastic import PROVEN_SHORT
from networx.models.transport.instance import TransportInstance, prepare
from networx.solver.highs import ENGINE

# Shares of the whole, by which progress is told.
_YEARS_DONE, _EXAMINED = 30.0, 60.0


def analyse_capacity(
    tables: NetworkTables,
    parameters: TransportParameters,
    own: CapacityParameters,
    sites: Flags,
    progress: Callable[[Progress], None] = lambda _: None,
    so_far: Callable[[CapacityOutcome], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> CapacityOutcome:
    """Analyse the facilities `sites` (from `chosen_sites`). `so_far` gets what is known before a relief is sought.

    Raises RefusedInput for data that cannot be used, SolverFault when the solver contradicts itself.
    """
    started = time.monotonic()
    progress(Progress("preparing", 0.0))
    instance = prepare_analysis(tables, parameters, own)
    return _Analysis(instance, sites, progress, so_far, stop, started).outcome()


def prepare_analysis(
    tables: NetworkTables, parameters: TransportParameters, own: CapacityParameters
) -> TransportInstance:
    """The network that is analysed. Raises RefusedInput naming all that is missing or contradicts itself."""
    return prepare(tables, parameters, lambda shared, _: require_complete_capacity(shared, own), any_capacity=True)


class _Analysis:
    """One instance on its way to an outcome."""

    def __init__(
        self,
        instance: TransportInstance,
        sites: Flags,
        progress: Callable[[Progress], None],
        so_far: Callable[[CapacityOutcome], None],
        stop: Callable[[], bool],
        started: float,
    ) -> None:
        self._instance, self._sites = instance, sites
        self._progress, self._so_far = progress, so_far
        self._started = started
        self._clock = Clock(self._seconds_left, stop)

    def outcome(self) -> CapacityOutcome:
        base: list[YearAnswer] = []
        missed: list[YearAnswer] = []
        try:
            for year, label in enumerate(self._instance.years):
                stage = "solving" if label == SINGLE_YEAR else f"solving {label}"
                self._progress(Progress(stage, _YEARS_DONE * year / len(self._instance.years)))
                try:
                    base.append(solve_year(YearProblem(self._instance, year, self._opened[year]), self._clock))
                except MinimaMissed as minima:
                    missed.append(minima.answer)
        except OutOfTime:
            return self._stated(ResultStatus.NO_SOLUTION, ())
        if missed:
            clashes = tuple(missed_clash(self._instance, answer) for answer in missed)
            outcome = self._stated(ResultStatus.INFEASIBLE, ())
            return replace(outcome, missed=tuple(missed), infeasibility=Infeasibility(MULTIPLIERS, clashes))
        outcome = self._stated(ResultStatus.NO_SOLUTION, tuple(base))
        if not outcome.short:
            outcome = self._proven(outcome)
        self._so_far(outcome)
        found = examine(self._instance, base, self._clock, self._examining)
        outcome = replace(
            outcome,
            bottlenecks=tuple(found.bottlenecks),
            resolved=tuple(found.resolved),
            not_examined=found.left_out,
        )
        if outcome.short:
            self._so_far(outcome)
            outcome = self._relieved(outcome)
        return replace(outcome, seconds=time.monotonic() - self._started)

    @property
    def _opened(self) -> Flags:
        """(T, I): each site in all years in which it may be open."""
        opened: Flags = self._instance.rules.may & self._sites
        return opened

    def _examining(self, done: int, of: int) -> None:
        share = _YEARS_DONE + (_EXAMINED - _YEARS_DONE) * done / max(of, 1)
        self._progress(Progress(f"place {done + 1} of {of} with more capacity", share))

    def _stated(self, status: ResultStatus, base: tuple[YearAnswer, ...]) -> CapacityOutcome:
        seconds = time.monotonic() - self._started
        whole = self._instance
        return CapacityOutcome(
            status,
            ENGINE,
            seconds,
            whole.years,
            self._sites,
            base,
            modes=whole.lanes.modes,
            inbound_modes=whole.inbound.lanes.modes,
        )

    def _proven(self, outcome: CapacityOutcome) -> CapacityOutcome:
        """All demand is served: the answer is the cost of doing so, whose proof goes with each year."""
        opened, rules = self._opened, self._instance.rules
        fixed = float(self._instance.fixed_cost[opened].sum() + rules.one_time_cost(opened).sum())
        cost = fixed + sum(answer.cost or 0.0 for answer in outcome.base)
        return replace(outcome, status=ResultStatus.OPTIMAL, objective=cost, bound=cost, gap=0.0)

    def _relieved(self, outcome: CapacityOutcome) -> CapacityOutcome:
        self._progress(Progress("seeking relief", _EXAMINED))
        try:
            everything = self._with_everything(outcome)
            if everything:
                levels = [self._level_possible(answer.year) for answer in everything]
                clashes = short_clashes(self._instance, everything, levels)
                return replace(
                    outcome,
                    status=ResultStatus.INFEASIBLE,
                    everything=everything,
                    infeasibility=Infeasibility(MULTIPLIERS, clashes),
                )
            sought = seek_relief(self._instance, self._sites, self._clock, self._progress)
        except OutOfTime:
            sought = Sought()
        if sought.impossible is not None:
            return replace(
                outcome, status=ResultStatus.INFEASIBLE, bound_source=SOLVER, infeasibility=sought.impossible
            )
        if sought.relief is None:
            return outcome
        proven = sought.relief.gap <= max(self._instance.parameters.gap, 1e-9)
        return replace(
            outcome,
            status=ResultStatus.OPTIMAL if proven else ResultStatus.FEASIBLE,
            objective=sought.relief.objective,
            bound=sought.relief.bound,
            gap=sought.relief.gap,
            bound_source=SOLVER,
            relief=sought.relief,
        )

    def _with_everything(self, outcome: CapacityOutcome) -> tuple[YearAnswer, ...]:
        """The short years that stay short with every allowed facility open and every tier in use."""
        short = [answer.year for answer in outcome.base if answer.short > 0]
        best = [least_short(self._all_in_use(year), self._clock) for year in short]
        demand = self._instance.demand.sum(axis=1)
        return tuple(answer for answer in best if answer.short > PROVEN_SHORT * float(demand[answer.year]))

    def _all_in_use(self, year: int) -> YearProblem:
        instance, may = self._instance, self._instance.rules.may[year]
        most = np.bincount(instance.tiers.facility, minlength=len(instance.facility_names)).astype(np.int32)
        return YearProblem(instance, year, may, tiers=np.where(may, most, 0), minima_of=self._sites)

    def _level_possible(self, year: int) -> float | None:
        """As `highest_service` with everything open. Without time for it nothing is said of the level."""
        try:
            return highest_service(self._all_in_use(year), self._clock)
        except OutOfTime:
            return None

    def _seconds_left(self) -> float:
        return self._instance.parameters.time_limit_seconds - (time.monotonic() - self._started)
