"""Finding plans: a whole assignment from what the knapsacks would serve, mended and then improved move by move.

What a site holds beyond its size costs a price a unit that rises until nothing does: so an assignment that does not fit
is improved the same way as one that does, by moving one customer or exchanging two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.single_source_proof import TOLERANCE
from networx.solver.location.single.instance import Instance

MOVES = 400  # of one improvement at most
MOST_EXCHANGED = 500  # customers that are looked at for an exchange, those who lose most where they are
RISES = 6  # of the price of what does not fit
RISE = 4.0
LEAST_SAVING = 1e-9  # relative to the largest cost


@dataclass(frozen=True, slots=True)
class Assigned:
    """`site` (J,) of each customer; `fits` in every size, at `cost` of service alone."""

    site: Indices
    cost: float
    fits: bool


def assigned(
    instance: Instance, opened: Flags, cost: Floats, wanted: Floats, look: Callable[[], None]
) -> Assigned | None:
    """Assign all customers to the sites `opened`, near what is `wanted` (I, J) most; None where one has no lane.

    `cost` (I, J) is inf where a pair is not allowed. `look` is called at every move and may raise to end it.
    """
    sites = np.flatnonzero(opened)
    reach = cost[sites]
    if not len(sites) or not np.isfinite(reach).any(axis=0).all():
        return None
    demand, size = instance.demand, instance.size[sites] * (1 + TOLERANCE)
    scale = float(reach[np.isfinite(reach)].max(initial=0.0)) or 1.0
    place = np.argmin(reach - wanted[sites] * 2 * scale, axis=0)
    price = scale / max(float(demand.max()), 1e-300) * 0.1
    for _ in range(RISES):
        place = _improved(reach, demand, size, place, price, LEAST_SAVING * scale, look)
        used = np.bincount(place, demand, len(sites))
        if (used <= size).all():
            return Assigned(sites[place], float(reach[place, np.arange(len(demand))].sum()), fits=True)
        price *= RISE
    return Assigned(sites[place], float(reach[place, np.arange(len(demand))].sum()), fits=False)


def _improved(
    cost: Floats,
    demand: Floats,
    size: Floats,
    place: Indices,
    price: float,
    least: float,
    look: Callable[[], None],
) -> Indices:
    """Take the best move, or else the best exchange, as long as it saves; a unit that does not fit costs `price`."""
    place, customers = place.copy(), np.arange(len(demand))
    for _ in range(MOVES):
        look()
        room = size - np.bincount(place, demand, len(size))
        now = cost[place, customers]
        over = np.maximum(-room, 0.0)
        eased = np.maximum(-room[place] - demand, 0.0) - over[place]
        moved = cost - now + price * (np.maximum(demand - room[:, None], 0.0) - over[:, None] + eased)
        moved[place, customers] = np.inf
        site, customer = divmod(int(np.argmin(moved)), len(demand))
        if float(moved[site, customer]) < -least:
            place[customer] = site
            continue
        lost = now - cost.min(axis=0) + price * over[place] * demand
        looked = np.argsort(-lost, kind="stable")[:MOST_EXCHANGED]
        exchanged = _exchanges(cost[:, looked], demand[looked], room, place[looked], price)
        one, other = divmod(int(np.argmin(exchanged)), len(looked))
        if not float(exchanged[one, other]) < -least:
            break
        one, other = int(looked[one]), int(looked[other])
        place[one], place[other] = place[other], place[one]
    return place


def _exchanges(cost: Floats, demand: Floats, room: Floats, place: Indices, price: float) -> Floats:
    """What it costs if two customers change places (J, J); inf within a site."""
    at = cost[place]  # at[k, j]: customer j where k is
    now = np.diagonal(at)
    grown = demand[:, None] - demand[None, :]  # what the place of k gains when j comes for k is -grown[k, j]
    over = np.maximum(-room, 0.0)[place]
    there = np.maximum(-grown - room[place][:, None], 0.0) - over[:, None]
    here = np.maximum(grown - room[place][None, :], 0.0) - over[None, :]
    change: Floats = at + at.T - now[:, None] - now[None, :] + price * (there + here)
    change[place[:, None] == place[None, :]] = np.inf
    return change
