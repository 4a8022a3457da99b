"""Any plan at all, where sizes are so tight that mending assignments finds none: HiGHS is asked, until it has one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver import highs
from networx.solver.linear import Assembly, LinearModel
from networx.solver.location.single.instance import Instance
from networx.solver.outcome import Ending, Limits

GOOD_ENOUGH = 0.1  # gap; the search makes more of a plan sooner than HiGHS does


def any_plan(
    instance: Instance,
    seconds: float,
    told: Callable[[], None],
    offer: Callable[[Flags, Indices], bool],
    stop: Callable[[], bool],
) -> bool:
    """Offer the first plans found; False where HiGHS shows that there is none. `told` is called while it works."""
    model, site = _model(instance)
    offered: list[bool] = []

    def found(values: Floats, _: float) -> None:
        serves = np.zeros(instance.cost.shape)
        serves[site] = values[instance.sites :]
        offered.append(offer(values[: instance.sites] > 0.5, np.argmax(serves, axis=0)))

    limits = Limits(seconds, GOOD_ENOUGH)
    solution = highs.solve(model, limits, lambda _: told(), found, lambda: any(offered) or stop())
    if solution.values is not None and not any(offered):
        found(solution.values, 0.0)
    return solution.ending not in {Ending.INFEASIBLE, Ending.UNBOUNDED_OR_INFEASIBLE}


def _model(instance: Instance) -> tuple[LinearModel, tuple[Indices, Indices]]:
    """Columns: sites, then allowed pairs in the order of the answer's indices."""
    split = instance.split
    site, customer = np.nonzero(np.isfinite(instance.cost))
    assembly = Assembly()
    opened = assembly.add_columns("open", split.fixed, split.must.astype(float), 1.0, integer=True)
    serves = assembly.add_columns("serves", instance.cost[site, customer], 0.0, 1.0, integer=True)
    lane, none = np.arange(len(site)), np.zeros(instance.sites, dtype=int)
    assembly.add_rows("demand", 1.0, 1.0, instance.customers, (customer, serves, 1.0))
    assembly.add_rows("link", -np.inf, 0.0, len(site), (lane, serves, 1.0), (lane, opened[site], -1.0))
    size = np.where(split.size > 0, split.size, 1.0)
    shares = (site, serves, split.demand[customer] / size[site])
    assembly.add_rows("size", -np.inf, 0.0, instance.sites, shares, (np.arange(instance.sites), opened, -1.0))
    assembly.add_rows("count", split.at_least, split.at_most, 1, (none, opened, 1.0))
    return assembly.model(), (site, customer)
