"""HiGHS on whole models, built from arrays: one thread, with progress, incumbents, limits and stop.

HiGHS looks at stop requests and at its time limit only now and then, so that whoever needs a hard limit runs this in a
process that can be killed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from typing import Any

import highspy
import numpy as np

from networx.domain.arrays import Floats
from networx.domain.plan import Progress
from networx.errors import SolverFault
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits, Solution, relative_gap

RANDOM_SEED = 0
ENGINE = f"HiGHS {metadata.version('highspy')}"
TOLERANCE = 1e-9  # of primal feasibility and integrality; published plans are checked to 1e-7
SECONDS_BETWEEN_PROGRESS = 0.2
SECONDS_BETWEEN_STOP_LOOKS = 0.05
SMALLEST_COST, LARGEST_COST = 1e-3, 1e8  # of the largest coefficient; beyond, costs are counted in a larger unit
SECONDS_BETWEEN_PAUSES = 0.2  # of a linear program
OVERDUE_AFTER_SECONDS = 0.5  # HiGHS keeps its time limit itself, mostly; after this we interrupt it

# By the name of the HighsModelStatus; a test holds that every one of them stands here.
ENDINGS: dict[str, Ending] = {
    "kOptimal": Ending.OPTIMAL,
    "kModelEmpty": Ending.OPTIMAL,
    "kInfeasible": Ending.INFEASIBLE,
    "kUnbounded": Ending.UNBOUNDED,
    "kUnboundedOrInfeasible": Ending.UNBOUNDED_OR_INFEASIBLE,
    "kTimeLimit": Ending.LIMIT,
    "kIterationLimit": Ending.LIMIT,
    "kSolutionLimit": Ending.LIMIT,
    "kMemoryLimit": Ending.LIMIT,
    "kObjectiveBound": Ending.LIMIT,
    "kObjectiveTarget": Ending.LIMIT,
    "kUnknown": Ending.LIMIT,
    "kInterrupt": Ending.INTERRUPTED,
    "kHighsInterrupt": Ending.INTERRUPTED,
    "kNotset": Ending.FAULT,
    "kLoadError": Ending.FAULT,
    "kModelError": Ending.FAULT,
    "kPresolveError": Ending.FAULT,
    "kSolveError": Ending.FAULT,
    "kPostsolveError": Ending.FAULT,
}

OnProgress = Callable[[Progress], None]
OnIncumbent = Callable[[Floats, float], None]


def solve(
    model: LinearModel,
    limits: Limits,
    progress: OnProgress = lambda _: None,
    incumbent: OnIncumbent | None = None,
    stop: Callable[[], bool] = lambda: False,
    stage: str = "solving",
    start: Floats | None = None,
) -> Solution:
    """Solve to proven optimality or to a limit. `incumbent` gets each better solution and its objective while it runs.

    `start` (one value a column) is a solution to begin with. HiGHS checks it: one that just misses a row is mended with
    its whole numbers kept, and one that cannot be is passed over.

    Raises SolverFault when HiGHS refuses the model or fails; what the callbacks raise comes through.
    """
    started = time.monotonic()
    if stop():
        return Solution(Ending.INTERRUPTED, None, None, None, 0, 0.0)
    cost_unit = _unit_of_cost(model)
    highs = load(replace(model, cost=model.cost / cost_unit, offset=model.offset / cost_unit), limits)
    deadline = started + limits.time_seconds + OVERDUE_AFTER_SECONDS
    watch = _Watch(progress, incumbent, stop, stage, deadline, cost_unit)
    if model.integer.any():
        watch.attach(highs)
    status = _run(highs, start)
    if watch.raised is not None:
        raise watch.raised
    ending = ENDINGS[highs.getModelStatus().name]
    if ending is Ending.INTERRUPTED and watch.overdue:
        ending = Ending.LIMIT
    if ending is Ending.FAULT or status == highspy.HighsStatus.kError:
        raise SolverFault(what=f"HiGHS ended with {highs.modelStatusToString(highs.getModelStatus())}")
    return _solution(highs, model, ending, time.monotonic() - started, cost_unit)


def solve_linear(model: LinearModel, pause: Callable[[], None]) -> Solution:
    """Solve a linear program to its end, with duals. `pause` is called now and then; what it raises ends the solve.

    Raises SolverFault when HiGHS refuses the model, fails, or ends without a verdict.
    """
    cost_unit = _unit_of_cost(model)
    highs = load(replace(model, cost=model.cost / cost_unit, offset=model.offset / cost_unit), Limits(math.inf, 0.0))
    highs.setOptionValue("presolve", "off")  # so that it goes on after a pause from where it was
    started = time.monotonic()
    ending = Ending.LIMIT
    while ending is Ending.LIMIT:
        highs.setOptionValue("time_limit", highs.getRunTime() + SECONDS_BETWEEN_PAUSES)
        highs.run()
        ending = ENDINGS[highs.getModelStatus().name]
        if ending is Ending.LIMIT and highs.getModelStatus() != highspy.HighsModelStatus.kTimeLimit:
            ending = Ending.FAULT
        pause()
    if ending is Ending.FAULT:
        raise SolverFault(what=f"HiGHS ended with {highs.modelStatusToString(highs.getModelStatus())}")
    return _solution(highs, model, ending, time.monotonic() - started, cost_unit)


def _unit_of_cost(model: LinearModel) -> float:
    """What HiGHS is to count costs in: 1, or a power of 2 near the largest where that is beyond its tolerances.

    They are absolute: far below them every solution is optimal, and far above the simplex fails.
    """
    largest = float(np.abs(model.cost).max(initial=0.0))
    if largest == 0 or not math.isfinite(largest) or SMALLEST_COST <= largest <= LARGEST_COST:
        return 1.0
    return 2.0 ** round(math.log2(largest))


def load(model: LinearModel, limits: Limits) -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "log_to_console": False,  # output itself stays on: without it HiGHS reports no progress
        "threads": 1,
        "random_seed": RANDOM_SEED,
        "time_limit": limits.time_seconds,
        "mip_rel_gap": limits.gap,
        "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": TOLERANCE,
        "primal_feasibility_tolerance": TOLERANCE,
        "mip_min_logging_interval": SECONDS_BETWEEN_PROGRESS,
    }
    if limits.nodes is not None:
        options["mip_max_nodes"] = limits.nodes
    for name, value in options.items():
        if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise SolverFault(what=f"HiGHS refused the option {name}")
    # HiGHS takes a NaN for a number and answers "optimal".
    numbers = (model.cost, model.lower, model.upper, model.row_lower, model.row_upper, model.matrix.data)
    if any(np.isnan(part.min(initial=0.0)) for part in numbers):  # the least of what holds a NaN is one
        raise SolverFault(what="the model has a value that is not a number")
    if _pass(highs, model) == highspy.HighsStatus.kError:
        raise SolverFault(what="HiGHS refused the model")
    return highs


def _run(highs: highspy.Highs, start: Floats | None) -> highspy.HighsStatus:
    """Run, and again without presolve where HiGHS at its end refuses its own answer, as presolve was seen to cause."""
    if start is not None:
        _begin_with(highs, start)
    status = highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kSolveError:
        return status
    highs.clearSolver()
    highs.setOptionValue("presolve", "off")
    if start is not None:
        _begin_with(highs, start)
    return highs.run()


def _begin_with(highs: highspy.Highs, start: Floats) -> None:
    solution = highspy.HighsSolution()
    solution.col_value = start.tolist()
    if highs.setSolution(solution) != highspy.HighsStatus.kOk:
        raise SolverFault(what="HiGHS refused the solution to begin with")


def _pass(highs: highspy.Highs, model: LinearModel) -> highspy.HighsStatus:
    """Hand the arrays over as they are: a HighsLp would make a list of Python numbers of each on the way."""
    rows, columns = model.matrix.shape
    lengths = [len(part) for part in (model.cost, model.lower, model.upper, model.integer)]
    if lengths != [columns] * 4 or not len(model.row_lower) == len(model.row_upper) == rows:
        raise SolverFault(what="the model's arrays differ in length")  # HiGHS would read beyond their ends
    matrix = model.matrix
    return highs.passModel(
        columns,
        rows,
        matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        model.offset,
        *(model.cost, model.lower, model.upper, model.row_lower, model.row_upper),
        *(matrix.indptr, matrix.indices, matrix.data),
        model.integer.astype(np.int32),  # 1 is HiGHS's word for a whole number
    )


def _solution(highs: highspy.Highs, model: LinearModel, ending: Ending, seconds: float, cost_unit: float) -> Solution:
    info = highs.getInfo()
    found = ending is Ending.OPTIMAL or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if not found or ending in {Ending.INFEASIBLE, Ending.UNBOUNDED, Ending.UNBOUNDED_OR_INFEASIBLE}:
        values, objective = None, None
    else:
        values = np.asarray(highs.getSolution().col_value, dtype=np.float64)
        objective = float(info.objective_function_value) * cost_unit
    proven = objective if ending is Ending.OPTIMAL else None
    bound = _finite(info.mip_dual_bound * cost_unit) if model.integer.any() else proven
    duals = None
    if ending is Ending.OPTIMAL and not model.integer.any() and highs.getSolution().dual_valid:
        duals = np.asarray(highs.getSolution().row_dual, dtype=np.float64) * cost_unit
    return Solution(ending, values, objective, bound, max(int(info.mip_node_count), 0), seconds, duals)


class _Watch:
    """What runs inside HiGHS's callbacks. An error raised there is kept and raised again after HiGHS has returned."""

    def __init__(
        self,
        progress: OnProgress,
        incumbent: OnIncumbent | None,
        stop: Callable[[], bool],
        stage: str,
        deadline: float,
        cost_unit: float,
    ) -> None:
        self.raised: BaseException | None = None
        self.overdue = False
        self._progress, self._incumbent, self._stop = progress, incumbent, stop
        self._stage, self._deadline, self._cost_unit = stage, deadline, cost_unit
        self._next_progress = self._next_look = 0.0
        self._stopping = False

    def attach(self, highs: highspy.Highs) -> None:
        highs.cbMipInterrupt.subscribe(self._guarded(self._look))
        highs.cbMipLogging.subscribe(self._guarded(self._report))
        if self._incumbent is not None:
            highs.cbMipImprovingSolution.subscribe(self._guarded(self._improved))

    def _guarded(self, step: Callable[[Any], None]) -> Callable[[Any], None]:
        def run(event: Any) -> None:
            if self.raised is None:
                try:
                    step(event)
                except BaseException as error:  # must not unwind through the solver's C++ frames
                    self.raised = error
            if self._stopping or self.raised is not None:
                event.interrupt()

        return run

    def _look(self, event: Any) -> None:
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + SECONDS_BETWEEN_STOP_LOOKS
            self.overdue = now > self._deadline
            self._stopping = self.overdue or self._stop()
        self._report(event)

    def _report(self, event: Any) -> None:
        now = time.monotonic()
        if now < self._next_progress:
            return
        self._next_progress = now + SECONDS_BETWEEN_PROGRESS
        best, bound = (
            _finite(told * self._cost_unit) for told in (event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)
        )
        self._progress(Progress(self._stage, incumbent=best, bound=bound, gap=relative_gap(best, bound)))

    def _improved(self, event: Any) -> None:
        assert self._incumbent is not None
        values = np.array(event.data_out.mip_solution, dtype=np.float64)
        self._incumbent(values, float(event.data_out.objective_function_value) * self._cost_unit)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
