"""The sites' subproblems: which whole customers a site takes if it is open, given what each pays for being served.

A 0-1 knapsack for each site, solved by dynamic programming over steps of the grid, for all sites at once. A site that
has room for all customers worth taking needs no table. Where the grid is coarse, the continuous knapsack may be the
better bound, and counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices, Ints
from networx.solver.location.single.instance import Instance
from networx.solver.location.single.node import Node


@dataclass(frozen=True, slots=True)
class Filled:
    """`saved` (I,), 0 or more, of each site that is not closed, and `takes` (I, J) whom it would serve."""

    saved: Floats
    takes: Flags


class Knapsacks:
    """The subproblems of one node; it must hold no more than fits."""

    def __init__(self, instance: Instance, node: Node) -> None:
        self._instance = instance
        self._allowed = node.allowed(instance)
        self._given = np.flatnonzero(node.given >= 0)
        self._giver = node.given[self._given]
        self._room: Ints = np.maximum(instance.room - held_on_grid(instance, node), 0)
        self._left = np.maximum(instance.size - held(instance, node), 0.0)
        self._cost = np.where(self._allowed, instance.cost, np.inf)

    def fill(self, pays: Floats) -> Filled:
        """Solve all of them at `pays` (J,)."""
        profit = np.maximum(pays - self._cost, 0.0)
        takes = profit > 0
        tight = np.flatnonzero(takes @ self._instance.weight > self._room)
        if len(tight):
            _, takes[tight] = packed(profit[tight], self._instance.weight, self._room[tight])
        saved = (profit * takes).sum(axis=1)
        if not self._instance.exact:
            for site in tight:
                saved[site] = min(saved[site], self._continuous(int(site), profit[site]))
        self._add_given(pays, saved, takes)
        return Filled(saved, takes)

    def magnitude(self, pays: Floats) -> float:
        """The sizes of all numbers that the sites' savings are added up from."""
        wanted = self._cost < pays
        sizes = np.where(wanted, pays - self._cost, 0.0).sum() + (wanted @ np.abs(pays)).sum()
        given = self._instance.cost[self._giver, self._given]
        return float(sizes + np.abs(given).sum() + np.abs(pays[self._given]).sum())

    def alternatives(self, pays: Floats, saved: Floats) -> tuple[Floats, Floats]:
        """What each site saves if it serves the customer, and if it does not, (I, J); NaN where that is no question.

        `saved` (I,) is what it saves as it likes.
        """
        served, unserved = np.full(self._cost.shape, np.nan), np.full(self._cost.shape, np.nan)
        given = np.zeros(len(saved))
        np.add.at(given, self._giver, pays[self._given] - self._instance.cost[self._giver, self._given])
        for site in np.flatnonzero(self._allowed.any(axis=1)):
            customers = np.flatnonzero(self._allowed[site])
            profit = pays[customers] - self._cost[site, customers]
            weight, room = self._instance.weight[customers], int(self._room[site])
            with_it, without = _forced(profit, weight, room)
            # A coarse grid may allow more than the continuous knapsack, which forcing can only lower.
            least = np.minimum(with_it, saved[site] - given[site]) + given[site]
            served[site, customers] = np.where(weight <= room, least, -np.inf)
            unserved[site, customers] = np.minimum(without + given[site], saved[site])
        return served, unserved

    def _continuous(self, site: int, profit: Floats) -> float:
        customers = np.flatnonzero(profit)
        demand = self._instance.demand[customers]
        order = np.argsort(-profit[customers] / demand, kind="stable")
        before = np.cumsum(demand[order]) - demand[order]
        taken = np.clip(self._left[site] * (1 + 1e-8) - before, 0.0, demand[order])
        return float((profit[customers][order] / demand[order]) @ taken)

    def _add_given(self, pays: Floats, saved: Floats, takes: Flags) -> None:
        takes[self._giver, self._given] = True
        np.add.at(saved, self._giver, pays[self._given] - self._instance.cost[self._giver, self._given])


def held(instance: Instance, node: Node) -> Floats:
    """Units that are given to each site (I,)."""
    given = node.given >= 0
    units: Floats = np.bincount(node.given[given], instance.demand[given], instance.sites).astype(np.float64)
    return units


def held_on_grid(instance: Instance, node: Node) -> Ints:
    given = node.given >= 0
    return np.bincount(node.given[given], instance.weight[given], instance.sites).astype(np.int64)


def packed(profit: Floats, weight: Ints, room: Ints) -> tuple[Floats, Flags]:
    """The most profit (A,) of whole customers within each room (A,), and who they are (A, J). `profit` (A, J) >= 0."""
    rows, widest = np.arange(len(room)), int(room.max(initial=0))
    wanted: Indices = np.flatnonzero((profit > 0).any(axis=0) & (weight <= widest))
    best = np.zeros((len(room), widest + 1))
    taken = np.zeros((len(wanted), len(room), widest + 1), dtype=bool)
    for step, customer in enumerate(wanted):
        size = int(weight[customer])
        more = best[:, : widest + 1 - size] + profit[:, customer, None]
        np.greater(more, best[:, size:], out=taken[step, :, size:])
        np.maximum(best[:, size:], more, out=best[:, size:])
    takes, left = np.zeros(profit.shape, dtype=bool), room.copy()
    for step in range(len(wanted) - 1, -1, -1):
        chosen = taken[step, rows, left]
        takes[:, wanted[step]] = chosen
        left -= weight[wanted[step]] * chosen
    return best[rows, room], takes


def _forced(profit: Floats, weight: Ints, room: int) -> tuple[Floats, Floats]:
    """The most profit of one site with each customer inside, and without it, (n,); by tables from both ends."""
    inside = np.flatnonzero((profit > 0) & (weight <= room))
    from_left = np.zeros((len(inside) + 1, room + 1))
    from_right = np.zeros((len(inside) + 1, room + 1))
    for step, customer in enumerate(inside):
        _taking(from_left[step], from_left[step + 1], float(profit[customer]), int(weight[customer]))
    for step in range(len(inside) - 1, -1, -1):
        customer = inside[step]
        _taking(from_right[step + 1], from_right[step], float(profit[customer]), int(weight[customer]))
    whole = from_left[-1]
    without = np.full(len(profit), whole[room])
    with_it = profit + whole[np.maximum(room - weight, 0)]
    for step, customer in enumerate(inside):
        size = int(weight[customer])
        before, after = from_left[step], from_right[step + 1][::-1]
        without[customer] = (before + after).max()
        with_it[customer] = profit[customer] + (before[: room + 1 - size] + after[size:]).max()
    return with_it, without


def _taking(before: Floats, after: Floats, profit: float, weight: int) -> None:
    after[:] = before
    np.maximum(after[weight:], before[: len(before) - weight] + profit, out=after[weight:])
