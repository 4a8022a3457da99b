"""Local search over sets of open sites: add one, drop one or swap two while that saves, the best move each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.nearness import Nearness

LEAST_SAVING = 1e-10  # of the cost; less is rounding


@dataclass(frozen=True, slots=True)
class Served:
    """Who is served from where, (J,) each: `first` is the nearest open site, at `cost`; `second` the next price."""

    first: Indices
    cost: Floats
    second: Floats


def improve(
    nearness: Nearness, fixed: Floats, box: Box, opened: Flags, stop: Callable[[], bool], moves: int
) -> tuple[Flags, float]:
    """The set that no single move improves, or what was reached after so many moves or when told to stop; its cost."""
    opened = opened.copy()
    served = serve(nearness, opened)
    cost = float(fixed[opened].sum() + served.cost.sum())
    for _ in range(moves):
        if stop():
            break
        saving, come, go = best_move(nearness, fixed, box, opened, served)
        if not saving > LEAST_SAVING * abs(cost):
            break
        trial = opened.copy()
        if come is not None:
            trial[come] = True
        if go is not None:
            trial[go] = False
        served_then = serve(nearness, trial)
        cost_then = float(fixed[trial].sum() + served_then.cost.sum())
        if not cost_then < cost:
            break
        opened, served, cost = trial, served_then, cost_then
    return opened, cost


def cost_of(nearness: Nearness, fixed: Floats, opened: Flags) -> float:
    """What a set of open sites costs with every customer at the nearest."""
    return float(fixed[opened].sum() + serve(nearness, opened).cost.sum())


def serve(nearness: Nearness, opened: Flags) -> Served:
    """Each customer from its nearest open site. One at least is open. With one alone, `second` is the dearest price."""
    customers, sites = nearness.cost.shape
    wanted, rows = min(2, int(opened.sum())), np.arange(customers)
    width = min(sites, 4 * (sites // max(int(opened.sum()), 1) + 1))
    while True:
        ranks = opened[nearness.site[:, :width]]
        if width == sites or (ranks.sum(axis=1) >= wanted).all():
            break
        width = min(sites, 2 * width)
    first = ranks.argmax(axis=1)
    if wanted == 2:
        ranks[rows, first] = False
        second = nearness.cost[rows, ranks.argmax(axis=1)]
    else:
        second = nearness.cost[:, -1]
    return Served(nearness.site[rows, first], nearness.cost[rows, first], second)


def best_move(
    nearness: Nearness, fixed: Floats, box: Box, opened: Flags, served: Served
) -> tuple[float, int | None, int | None]:
    """What the best move saves, the site that opens and the one that closes."""
    sites, count = len(fixed), int(opened.sum())
    inside = np.flatnonzero(opened)
    place = np.zeros(sites, dtype=np.intp)
    place[inside] = np.arange(count)
    at = place[served.first]
    loss = np.bincount(at, served.second - served.cost, minlength=count) - fixed[inside]
    loss[box.opened[inside]] = np.inf
    # Only sites nearer than the second open one change anything for a customer, whichever site closes.
    width = nearness.reach(served.second)
    site, cost = nearness.site[:, :width], nearness.cost[:, :width]
    gain = np.maximum(served.cost[:, None] - cost, 0.0)
    gains = np.bincount(site.ravel(), gain.ravel(), minlength=sites) - fixed
    gains[opened | box.closed] = -np.inf
    kept = np.maximum(served.second[:, None] - np.maximum(cost, served.cost[:, None]), 0.0)
    both = np.bincount((at[:, None] * sites + site).ravel(), kept.ravel(), minlength=count * sites)
    swap = both.reshape(count, sites) + gains[None, :] - loss[:, None]
    out, into = divmod(int(swap.argmax()), sites)
    best: tuple[float, int | None, int | None] = (float(swap[out, into]), into, int(inside[out]))
    if count < box.at_most and float(gains.max()) > best[0]:
        best = (float(gains.max()), int(gains.argmax()), None)
    if count > max(box.at_least, 1) and float(-loss.min()) > best[0]:
        best = (float(-loss.min()), None, int(inside[loss.argmin()]))
    return best
