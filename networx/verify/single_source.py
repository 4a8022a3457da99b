"""A lower bound where one site serves all of a customer, recomputed from its proof without trusting whoever wrote it.

As for split demand (location.py), with cases that may also say who serves a customer, and with a knapsack of whole
customers for each site: any multipliers, any grid and any lattice give a valid bound, so that a wrong number in the
proof can only make it lower. Everything is computed in floats, and what rounding could have added is taken off again.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.single_source_proof import TOLERANCE, SingleSourceProof, room_on_grid, weight_on_grid
from networx.verify.location import UNIT_ROUNDING, LocationData, ProofRefused
from networx.verify.packing import most_profit, most_profit_forced
from networx.verify.single_source_cases import Case, check_shapes, children, lifted

MOST_ROOM = 20_000  # steps of the grid; more would take too long to go through


def recomputed_single_source_bound(data: LocationData, proof: SingleSourceProof) -> float:
    """What no plan costs less than, as far as the proof shows. Raises ProofRefused for one that leaves cases out."""
    check_shapes(data, proof)
    fitting = _fitting(data)
    return lifted(fitting, float(proof.lattice[0]), _Checking(fitting, proof).bound())


def _fitting(data: LocationData) -> LocationData:
    """The same without lanes to customers that are larger than the site: no plan uses them, or their cost."""
    holds = data.demand[None, :] <= data.capacity[:, None] * (1 + TOLERANCE)
    return replace(data, cost=np.where(holds, data.cost, np.inf))


class _Checking:
    def __init__(self, data: LocationData, proof: SingleSourceProof) -> None:
        self._data, self._proof = data, proof
        reach = np.where(np.isfinite(data.cost), data.demand, 0.0).sum(axis=1)
        self._size = np.minimum(data.capacity, reach)
        self._total = math.fsum(data.demand)
        grid = float(proof.grid[0])
        self._weight, self._room = weight_on_grid(data.demand, grid), room_on_grid(self._size, grid)
        if self._room.max(initial=0) > MOST_ROOM:
            raise ProofRefused("its grid is finer than is gone through")

    def bound(self) -> float:
        proof = self._proof
        waiting = {0: self._whole()}
        branched = children(proof)
        lowest = math.inf
        for number in range(len(proof.parent)):
            case = waiting.pop(number)
            if proof.impossible[number]:
                if branched[number] or not self._impossible(case):
                    raise ProofRefused(f"case {number} is possible")
                continue
            last = -math.inf
            for step in np.flatnonzero(proof.step_case == number):
                last, settled_at = self._step(int(step), case)
                lowest = min(lowest, settled_at)
            for child in branched[number]:
                waiting[child] = case.copy()
                site, customer = int(proof.site[child]), int(proof.customer[child])
                if not case.is_question(site, customer):
                    raise ProofRefused(f"case {child} decides what is decided")
                waiting[child].answer(site, customer, bool(proof.chosen[child]))
            if not branched[number]:
                lowest = min(lowest, last)
        return max(lowest, self._least_of_all())

    def _whole(self) -> Case:
        sites, customers = self._data.cost.shape
        nothing = np.zeros(sites, dtype=bool)
        return Case(self._data.must.copy(), nothing, np.zeros((sites, customers), bool), np.full(customers, -1))

    def _least_of_all(self) -> float:
        """What a plan costs at least whatever is open: 0 where no number is negative."""
        cheapest = np.minimum(self._data.cost.min(axis=0), 0.0)
        return math.fsum(np.minimum(self._data.fixed, 0.0)) + math.fsum(cheapest) * (1 + 1e-12)

    def _allowed(self, case: Case) -> Flags:
        """Pairs (I, J) that are open in the case, without the customers that are given."""
        allowed: Flags = np.isfinite(self._data.cost) & ~case.barred & ~case.closed[:, None] & (case.given < 0)
        return allowed

    def _impossible(self, case: Case) -> bool:
        """Whether counts, sizes, or a customer's lanes rule out every plan."""
        given = case.given >= 0
        held = np.bincount(case.given[given], self._data.demand[given], len(self._size))
        without_lane = ~(self._allowed(case).any(axis=0) | given)
        too_much = held > self._size * (1 + TOLERANCE)
        return self._fewest(case) is None or bool(too_much.any() or without_lane.any())

    def _fewest(self, case: Case) -> int | None:
        """The fewest sites that are allowed and large enough, the largest first; None where there are none."""
        already, usable = int(case.opened.sum()), int((~case.closed).sum())
        others = np.sort(self._size[~case.opened & ~case.closed])[::-1]
        held = math.fsum(self._size[case.opened]) + np.concatenate([[0.0], np.cumsum(others)])
        for count in range(max(already, self._data.at_least), min(self._data.at_most, usable) + 1):
            if held[count - already] >= self._total * (1 - TOLERANCE):
                return count
        return None

    def _step(self, step: int, case: Case) -> tuple[float, float]:
        """The bound of the case at this step, and that of what it settles; what it settles is answered in the case."""
        proof, data = self._proof, self._data
        fewest = self._fewest(case)
        if fewest is None or self._impossible(case):
            return math.inf, math.inf
        pays, size_price = proof.pays[step], float(proof.size_price[step])
        saved, sizes = self._saved(pays, case)
        sizes += np.abs(data.fixed) + size_price * self._size
        # A sum of n terms is off by less than n roundings of the sum of their sizes; the factor covers sums of sums.
        share = 16 * (len(pays) + len(data.fixed) + 16) * UNIT_ROUNDING
        # Each site takes off what its own numbers may be off by: one that is too dear to be open takes off nothing.
        reduced = data.fixed - saved - size_price * self._size - share * sizes
        base = math.fsum(pays) + size_price * self._total
        base -= share * (float(np.abs(pays).sum()) + size_price * self._total)

        def value(costs: Floats, opened: Flags, closed: Flags) -> float:
            free = np.sort(costs[~opened & ~closed])
            already = int(opened.sum())
            least, most = max(fewest - already, 0), min(data.at_most - already, len(free))
            if most < least:
                return math.inf
            count = min(max(int((free < 0).sum()), least), most)
            return base + math.fsum(costs[opened]) + math.fsum(free[:count])

        chosen = np.flatnonzero(proof.settled_step == step)
        sites, customers = proof.settled_site[chosen], proof.settled_customer[chosen]
        settled_at = math.inf
        for site in np.unique(sites):
            here = sites == site
            only = np.arange(len(reduced)) == site
            asked = customers[here]
            with_it, without = self._forced(int(site), asked[asked >= 0], pays, case, float(saved[site]))
            open_value = value(reduced, case.opened | only, case.closed & ~only)
            closed_value = math.inf if case.opened[site] else value(reduced, case.opened, case.closed | only)
            for customer, answer in zip(asked, proof.settled_chosen[chosen][here], strict=True):
                if not case.is_question(int(site), int(customer)):
                    raise ProofRefused(f"step {step} settles what is settled")
                if customer < 0:
                    other = closed_value if answer else open_value
                elif answer:
                    other = min(closed_value, open_value + saved[site] - without[int(customer)])
                else:
                    other = open_value + saved[site] - with_it[int(customer)]
                settled_at = min(settled_at, other)
        bound = value(reduced, case.opened, case.closed)
        for site, customer, answer in zip(sites, customers, proof.settled_chosen[chosen], strict=True):
            if not case.is_question(int(site), int(customer)):
                raise ProofRefused(f"step {step} settles a question twice")
            case.answer(int(site), int(customer), bool(answer))
        return bound, settled_at

    def _given_to(self, site: int, pays: Floats, case: Case) -> tuple[float, int, float]:
        """What the customers given to a site save there, and the room and size they leave."""
        customers = np.flatnonzero(case.given == site)
        gain = math.fsum(pays[customers] - self._data.cost[site, customers])
        room = int(self._room[site] - self._weight[customers].sum())
        return gain, max(room, 0), float(self._size[site]) * (1 + TOLERANCE) - math.fsum(self._data.demand[customers])

    def _saved(self, pays: Floats, case: Case) -> tuple[Floats, Floats]:
        """The most that each site's service can save (I,), and the sizes of the numbers added up there (I,)."""
        allowed = self._allowed(case)
        saved, sizes = np.zeros(len(self._size)), np.zeros(len(self._size))
        for site in np.flatnonzero(~case.closed):
            customers = np.flatnonzero(allowed[site] & (self._data.cost[site] < pays))
            profit = pays[customers] - self._data.cost[site, customers]
            gain, room, left = self._given_to(int(site), pays, case)
            most = most_profit(profit, self._weight[customers], room)
            saved[site] = gain + min(most, _continuous(profit, self._data.demand[customers], left))
            given = case.given == site
            sizes[site] = np.abs(profit).sum() + np.abs(pays[customers]).sum()
            sizes[site] += np.abs(self._data.cost[site, given]).sum() + np.abs(pays[given]).sum()
        return saved, sizes

    def _forced(
        self, site: int, asked: Indices, pays: Floats, case: Case, saved: float
    ) -> tuple[dict[int, float], dict[int, float]]:
        """The most that a site saves with each customer asked for, and without it; no more than as it likes."""
        if not len(asked):
            return {}, {}
        customers = np.flatnonzero(self._allowed(case)[site])
        profit = pays[customers] - self._data.cost[site, customers]
        gain, room, _ = self._given_to(site, pays, case)
        place = {int(customer): at for at, customer in enumerate(customers)}
        if not set(asked.tolist()) <= place.keys():
            raise ProofRefused("a step settles a pair that is settled")
        with_it, without = most_profit_forced(profit, self._weight[customers], room)
        return (
            {int(one): min(gain + float(with_it[place[int(one)]]), saved) for one in asked},
            {int(one): min(gain + float(without[place[int(one)]]), saved) for one in asked},
        )


def _continuous(profit: Floats, demand: Floats, size: float) -> float:
    """The most profit if the last customer may be split, in units: no less than that of whole ones."""
    order = np.argsort(-profit / demand, kind="stable")
    taken = np.minimum(demand[order], np.maximum(size - (np.cumsum(demand[order]) - demand[order]), 0.0))
    return math.fsum(profit[order] / demand[order] * taken) * (1 + 1e-12)
