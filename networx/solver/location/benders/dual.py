"""The Lagrangian function of location without capacities: any multipliers prove a bound, in closed form.

For multipliers u (J,) the bound is sum(u) + min over the allowed sets of open sites of the sum of their values, where
a site's value is fixed_i + sum_j min(cost_ij - u_j, 0). A Benders cut at the level u_j is the same for one customer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.nearness import Nearness


@dataclass(frozen=True, slots=True)
class Dual:
    """The function at one point: `values` and `chosen` (I,) are the sites' values and the cheapest allowed set."""

    multipliers: Floats
    values: Floats
    chosen: Flags
    bound: float


def evaluate(nearness: Nearness, fixed: Floats, box: Box, multipliers: Floats) -> Dual:
    """The function in a box that is not empty. Multipliers are one a customer; `fixed` is of the nearness's sites."""
    values = site_values(nearness, fixed, multipliers)
    chosen = cheapest_set(values, box)
    return Dual(multipliers, values, chosen, float(multipliers.sum() + values[chosen].sum()))


def site_values(nearness: Nearness, fixed: Floats, multipliers: Floats) -> Floats:
    """What each site adds when it is open: its fixed cost, less what its customers would pay beyond its price."""
    width = nearness.reach(multipliers)
    gains = multipliers[:, None] - nearness.cost[:, :width]
    np.maximum(gains, 0.0, out=gains)
    values: Floats = fixed - np.bincount(nearness.site[:, :width].ravel(), gains.ravel(), minlength=len(fixed))
    return values


def subgradient(nearness: Nearness, dual: Dual) -> Floats:
    """By how much the bound would rise with each multiplier (J,): 1 less the chosen sites that undercut it."""
    width = nearness.reach(dual.multipliers)
    cheaper = nearness.cost[:, :width] < dual.multipliers[:, None]
    rising: Floats = 1.0 - (cheaper & dual.chosen[nearness.site[:, :width]]).sum(axis=1)
    return rising


def cheapest_set(values: Floats, box: Box) -> Flags:
    """The allowed set of least value: what is held, whatever is worth it, and more or fewer where the count asks so."""
    chosen = box.opened | (box.free & (values < 0.0))
    count = int(chosen.sum())
    if count < box.at_least:
        spare = np.flatnonzero(box.free & ~chosen)
        chosen[spare[np.argsort(values[spare], kind="stable")[: box.at_least - count]]] = True
    elif count > box.at_most:
        loose = np.flatnonzero(box.free & chosen)
        chosen[loose[np.argsort(-values[loose], kind="stable")[: count - box.at_most]]] = False
    return chosen


def flip_bounds(dual: Dual, box: Box) -> Floats:
    """For each free site (I,) the bound of all plans that open it though it is not chosen, or the other way round.

    Sites that are held stand at the bound itself; what cannot be flipped, for the count forbids it, at infinity.
    """
    values, chosen = dual.values, dual.chosen
    into, out_of = box.free & ~chosen, box.free & chosen
    count = int(chosen.sum())
    dearest_in = values[out_of].max(initial=-np.inf)
    cheapest_out = values[into].min(initial=np.inf)
    bounds = np.full(len(values), dual.bound)
    if count == box.at_most:
        bounds[into] += values[into] - dearest_in
    else:
        bounds[into] += values[into] - max(dearest_in, 0.0)
    if count == box.at_least:
        bounds[out_of] += cheapest_out - values[out_of]
    else:
        bounds[out_of] += (min(cheapest_out, 0.0) if count == box.at_most else 0.0) - values[out_of]
    return bounds
