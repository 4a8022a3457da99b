"""Cheapest flows of open sites by successive shortest paths, compiled by numba.

At any rents each customer goes where price plus rent is least, which is cheapest but for the sites' sizes. What is too
much at a site then moves on, from site to site, along the shortest path to one that has room; the rents rise so that
every flow stays cheapest at them. When nothing is too much anywhere, flows and rents are both the best (Ahuja,
Magnanti and Orlin 1993, chapter 9). Spare size counts as one more customer, who pays nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian.kernels import CACHED

DONE, DEAR, STUCK, PAUSED = range(4)  # why `move` returned


class Moving(NamedTuple):
    """Where it stands, changed in place: S sites, J customers and the spare size in the last place.

    `price` (J + 1, S), `flow` (S, J + 1) and `over` (S,), what is too much. `step` (S, S) is the least that a unit's
    price rises if it moves from a site to another, `mover` (S, S) whose that is. `bound` (1,) is what flows cost.
    """

    price: Floats
    flow: Floats
    over: Floats
    rent: Floats
    step: Floats
    mover: npt.NDArray[np.int32]
    bound: Floats


@numba.njit(cache=CACHED)
def _steps_from(at: Moving, site: int) -> None:
    """Find anew whom to move from a site."""
    at.step[site, :] = np.inf
    for customer in range(len(at.price)):
        if at.flow[site, customer] > 0:
            _may_move(at, site, customer)


@numba.njit(cache=CACHED)
def _may_move(at: Moving, site: int, customer: int) -> None:
    here = at.price[customer, site]
    for other in range(len(at.over)):
        rise = at.price[customer, other] - here
        if rise < at.step[site, other]:
            at.step[site, other] = rise
            at.mover[site, other] = customer


@numba.njit(cache=CACHED)
def begin(price: Floats, demand: Floats, size: Floats, rent: Floats) -> Moving:
    """Everyone where it is cheapest at `rent` (S,); `price` (J + 1, S), `demand` (J + 1,)."""
    sites, customers = len(size), len(demand)
    flow, over, bound = np.zeros((sites, customers)), -size, -(rent * size).sum()
    for customer in range(customers):
        nearest, least = 0, np.inf
        for site in range(sites):
            offered = price[customer, site] + rent[site]
            if offered < least:
                nearest, least = site, offered
        flow[nearest, customer] = demand[customer]
        over[nearest] += demand[customer]
        bound += least * demand[customer]
    at = Moving(
        price,
        flow,
        over,
        rent.copy(),
        np.full((sites, sites), np.inf),
        np.zeros((sites, sites), dtype=np.int32),
        np.array([bound]),
    )
    for site in range(sites):
        _steps_from(at, site)
    return at


@numba.njit(cache=CACHED)
def move(at: Moving, enough: float, cutoff: float, most: int) -> int:
    """Move at most so many times: DONE where no site has more than `enough` too much, DEAR from the cutoff on."""
    sites = len(at.over)
    far, before, seen = np.empty(sites), np.empty(sites, dtype=np.intp), np.empty(sites, dtype=np.bool_)
    for _ in range(most):
        if at.bound[0] >= cutoff:
            return DEAR
        excess = 0.0
        for site in range(sites):
            seen[site], before[site] = False, -1
            far[site] = 0.0 if at.over[site] > enough else np.inf
            excess += at.over[site] if at.over[site] > enough else 0.0
        if excess == 0.0:
            return DONE
        end = _nearest_room(at, far, before, seen)
        if end < 0:
            return STUCK
        at.bound[0] += far[end] * excess
        for site in range(sites):
            if seen[site]:
                at.rent[site] += far[end] - far[site]
        moved, site = -at.over[end], end
        while before[site] >= 0:
            moved = min(moved, at.flow[before[site], at.mover[before[site], site]])
            site = before[site]
        moved = min(moved, at.over[site])
        at.over[site] -= moved
        at.over[end] += moved
        site = end
        while before[site] >= 0:
            source = before[site]
            customer = at.mover[source, site]
            at.flow[source, customer] -= moved
            at.flow[site, customer] += moved
            _may_move(at, site, customer)
            if at.flow[source, customer] <= 0:
                at.flow[source, customer] = 0.0
                _steps_from(at, source)
            site = source
    return PAUSED


@numba.njit(cache=CACHED)
def _nearest_room(at: Moving, far: Floats, before: Indices, seen: Flags) -> int:
    """Shortest paths from what is too much (Dijkstra's), until one ends where there is room; -1 where none does."""
    while True:
        nearest, least = -1, np.inf
        for site in range(len(far)):
            if not seen[site] and far[site] < least:
                nearest, least = site, far[site]
        if nearest < 0 or at.over[nearest] < 0:
            return nearest
        seen[nearest] = True
        for site in range(len(far)):
            if not seen[site]:
                length = least + max(at.step[nearest, site] + at.rent[site] - at.rent[nearest], 0.0)
                if length < far[site]:
                    far[site], before[site] = length, nearest
