"""The best places for each number of them, in one search: each also begins with the one before and one place more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.greenfield import Places
from networx.domain.location_proof import LocationProof
from networx.domain.plan import Progress, ResultStatus
from networx.models.greenfield.instance import GreenfieldInstance
from networx.solver.location.benders.engine import NAME
from networx.solver.location.benders.sweep import Sweep
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Limits, relative_gap

ENGINE = f"NetWORX {NAME}"
ROUNDING = 1e-9  # relative; a smaller gap than this is never asked for


def best_places(
    instance: GreenfieldInstance,
    counts: range,
    *,
    seconds: float,
    gap: float,
    progress: Callable[[int, Progress], None] = lambda _, __: None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Places]:
    """The best `count` places for each of `counts`, ascending. `seconds` are for all of them together.

    When told to stop, or when time is over, what is left ends with the best that is known of it: at least the start.
    """
    deadline = time.monotonic() + seconds
    cost = instance.miles * instance.units
    sweep = Sweep(_problem(instance, cost, counts))
    start: LocationPlan | None = None
    for count in counts:
        started = time.monotonic()
        start = _with_more(cost, start, count)
        watch = Watch(_telling(count, progress), lambda _: None, stop)
        left = max(deadline - started, 0.0)
        answer = sweep.solve(count, Limits(left, gap), watch, start)
        start = start if answer.plan is None else answer.plan
        yield _places(instance, count, start, answer, gap, time.monotonic() - started)


def _problem(instance: GreenfieldInstance, cost: Floats, counts: range) -> LocationProblem:
    sites = len(instance.zips)
    return LocationProblem(
        fixed=np.zeros(sites),
        capacity=np.full(sites, np.inf),
        demand=instance.units,
        cost=cost,
        must=np.zeros(sites, dtype=bool),
        at_least=min(counts),
        at_most=max(counts),
    )


def _with_more(cost: Floats, before: LocationPlan | None, count: int) -> LocationPlan:
    """The places of the plan before, and those that save most, one after another, until there are `count`."""
    opened = np.zeros(len(cost), dtype=bool) if before is None else before.opened.copy()
    served = cost[opened].min(axis=0, initial=np.inf)
    while opened.sum() < count:
        total = np.minimum(cost, served).sum(axis=1)
        total[opened] = np.inf
        best = int(np.argmin(total))
        opened[best] = True
        served = np.minimum(served, cost[best])
    return _plan_of(cost, opened)


def _plan_of(cost: Floats, opened: np.ndarray) -> LocationPlan:
    sites, customers = np.flatnonzero(opened), np.arange(cost.shape[1])
    site = sites[np.argmin(cost[sites], axis=0)]
    return LocationPlan(opened, site, customers, np.ones(len(customers)), float(cost[site, customers].sum()))


def _places(
    instance: GreenfieldInstance, count: int, plan: LocationPlan, answer: LocationAnswer, gap: float, seconds: float
) -> Places:
    chosen = np.flatnonzero(plan.opened)
    place = np.argmin(instance.miles[chosen], axis=0)
    unit_miles = float((instance.miles[chosen][place, np.arange(len(place))] * instance.units).sum())
    bound = None if answer.bound is None else min(max(answer.bound, 0.0), unit_miles)
    open_gap = relative_gap(unit_miles, bound)
    proven = open_gap is not None and open_gap <= max(gap, ROUNDING)
    serves = np.full(int(instance.destination.max()) + 1, -1)
    serves[instance.destination] = place
    return Places(
        count=count,
        status=ResultStatus.OPTIMAL if proven else ResultStatus.FEASIBLE,
        zips=tuple(instance.zips[site] for site in chosen),
        serves=serves,
        unit_miles=unit_miles,
        bound=bound,
        gap=open_gap,
        proof=answer.proof if isinstance(answer.proof, LocationProof) else None,
        seconds=seconds,
    )


def _telling(
    count: int, progress: Callable[[int, Progress], None]
) -> Callable[[float | None, float | None, int], None]:
    return lambda best, bound, _: progress(count, _told(best, bound))


def _told(best: float | None, bound: float | None) -> Progress:
    return Progress("solving", incumbent=best, bound=bound, gap=relative_gap(best, bound))
