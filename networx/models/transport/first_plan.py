"""A plan and a bound to begin with where facilities may open and close over the years.

A large model of that kind keeps HiGHS in its root for minutes, without a plan and with no bound worth the name. One set
of facilities that stays over all years is a plan of it too, found in a part of that time, and its relaxation bounds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.plan import Progress, TransportPlan
from networx.models.transport.extract import extract
from networx.models.transport.formulation import formulate
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import merged_years
from networx.solver.highs import solve
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits

FEWEST_COLUMNS = 5_000  # HiGHS begins with smaller models as fast
GOOD_ENOUGH = 0.01  # relative gap; the rest is for the years to find


@dataclass(frozen=True, slots=True)
class Beginning:
    """Either may be missing. `bound` is what no plan costs less than, by the solver's word; dollars."""

    plan: TransportPlan | None = None
    cost: float | None = None
    bound: float | None = None


def begin(
    instance: TransportInstance,
    model: LinearModel,
    seconds: float,
    progress: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> Beginning:
    """At most `seconds` for each of the two; nothing where the model is small or its set is fixed anyway."""
    if instance.fixed_set or model.matrix.shape[1] < FEWEST_COLUMNS:
        return Beginning()
    relaxed = solve(model.relaxed(), Limits(seconds, 0.0), progress, stop=stop, stage="bounding")
    bound = relaxed.objective if relaxed.ending is Ending.OPTIMAL else None
    held = replace(
        instance, rules=replace(instance.rules, lease=np.full(len(instance.facility_names), float(len(instance.years))))
    )
    periods = merged_years(held)
    found = solve(formulate(held, periods), Limits(seconds, GOOD_ENOUGH), progress, stop=stop, stage="one set")
    if found.values is None:
        return Beginning(bound=bound)
    return Beginning(*extract(held, periods, found.values), bound=bound)
