"""What would let a relief be: the requirements that forbid it, each relaxed as little as does, alone or together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Flags
from networx.domain.phrases import listed
from networx.models.capacity.relief_model import formulate_relief
from networx.models.transport.enlarging import enlarge_words, least_enlargement
from networx.models.transport.instance import TransportInstance
from networx.models.transport.relaxations import as_low_as_can_be, rows_with_minimum
from networx.models.transport.shortages import enough
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Solution

PROVEN = 1e-8  # share of a facility's minimum; less than this is the solver's tolerance
NAMED = 5
COUNT, CHANGES, LEAST = "max_facilities", "max_changes_per_year", "min_throughput_units"

Run = Callable[[LinearModel], Solution]
Cure = tuple[str, Callable[[LinearModel], LinearModel]]  # in words, empty where nothing is asked, and done to a model


def cures_alone(
    instance: TransportInstance, sites: Flags, model: LinearModel, requirements: Sequence[str], run: Run
) -> dict[str, str]:
    """Which of the requirements would do, relaxed by itself, in words; under `enlarge` which facilities, if larger."""
    tried = {name: _relaxed(name, instance, model, run) for name in requirements}
    found = {name: cure[0] for name, cure in tried.items() if cure is not None}
    larger = least_enlargement(instance, lambda loose: formulate_relief(loose, sites), run)
    enlarging = None if larger is None else enlarge_words(instance, larger)
    return found | ({"enlarge": enlarging} if enlarging else {})


def cure_together(instance: TransportInstance, model: LinearModel, requirements: Sequence[str], run: Run) -> str | None:
    """All of them relaxed, each as little as does once those before it are; None where that was not found."""
    said = []
    for at, name in enumerate(requirements):
        free = model
        for later in requirements[at + 1 :]:
            free = _without(later, instance, free)
        cure = _relaxed(name, instance, free, run)
        if cure is None:
            return None
        words, done = cure
        said += [words] if words else []
        model = done(model)
    return listed(said, "and")


def _relaxed(name: str, instance: TransportInstance, model: LinearModel, run: Run) -> Cure | None:
    """The least relaxation of one that does; None where none does, or none was found in time."""
    if name == LEAST:
        return _lower_minima(instance, model, run)
    families, stated = _rows(name, instance, model)
    least = run(as_low_as_can_be(model, families, stated, _any_number(instance)))
    if least.ending is not Ending.OPTIMAL or least.objective is None:
        return None
    needed = max(round(least.objective), stated)
    words = f"raise {name} to {needed}" if needed > stated else ""
    return words, lambda whole: _raised(whole, families, needed - stated)


def _without(name: str, instance: TransportInstance, model: LinearModel) -> LinearModel:
    """The model in which this requirement asks for nothing."""
    if name != LEAST:
        return _raised(model, _rows(name, instance, model)[0], _any_number(instance))
    lower = model.row_lower.copy()
    lower[model.rows["throughput"]] = -np.inf
    return replace(model, row_lower=lower)


def _rows(name: str, instance: TransportInstance, model: LinearModel) -> tuple[list[str], int]:
    """The families of rows that hold it, and the number that is stated."""
    if name == COUNT:
        return ["count"], instance.max_open
    families = [family for family in ("changes", "first changes") if family in model.rows]
    return families, instance.parameters.max_changes_per_year or 0


def _any_number(instance: TransportInstance) -> int:
    return 2 * len(instance.facility_names)


def _raised(model: LinearModel, families: Sequence[str], by: int) -> LinearModel:
    upper = model.row_upper.copy()
    for family in families:
        upper[model.rows[family]] += by
    return replace(model, row_upper=upper)


def _lower_minima(instance: TransportInstance, model: LinearModel, run: Run) -> Cure | None:
    """Fewest units by which minimum throughputs would have to be lower: a column more for each that has one."""
    _, facility = rows_with_minimum(instance)
    lowered, column = np.unique(facility, return_inverse=True)
    least, before, rows = instance.rules.min_throughput[lowered], len(model.cost), model.rows["throughput"]
    entries = (np.ones(len(facility)), (np.arange(rows.start, rows.stop), column))
    slack = sparse.csc_matrix(entries, shape=(model.matrix.shape[0], len(lowered)))
    solution = run(
        replace(
            model,
            cost=np.concatenate([np.zeros(before), least]),
            offset=0.0,
            lower=np.concatenate([model.lower, np.zeros(len(lowered))]),
            upper=np.concatenate([model.upper, np.ones(len(lowered))]),
            integer=np.concatenate([model.integer, np.zeros(len(lowered), dtype=bool)]),
            matrix=sparse.hstack([model.matrix, slack], format="csc"),
        )
    )
    if solution.ending is not Ending.OPTIMAL or solution.values is None:
        return None
    less = np.where(solution.values[before:] > PROVEN, solution.values[before:] * least, 0.0)
    worst = [at for at in np.argsort(-less, kind="stable")[:NAMED] if less[at] > 0]
    named = [f"of {instance.facility_names[lowered[at]]} by {enough(float(less[at]))}" for at in worst]
    more = int(np.count_nonzero(less)) - len(named)
    named += [f"of {more:,} more"] if more else []
    return f"lower {LEAST} {listed(named, 'and')}" if named else "", lambda whole: whole
