"""Who serves whom, and at what price, once the open sites are known: a transportation problem, solved to the end.

A rent r[i] >= 0 on a unit of each site's size gives a lower bound: every customer goes where price plus rent is least,
and the rents of all size come off. A few steps raise the rents; if that already shows that the sites are too dear, it
is enough. Else a linear program over the lanes that are nearly cheapest gives flows and better rents, and their bound
shows whether the lanes that were left out matter; if they do, they come in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.highs import solve_linear
from networx.solver.linear import LinearModel
from networx.solver.location.lagrangian.gear import Gear
from networx.solver.location.lagrangian.instance import ROUNDING, Instance

RENT_STEPS = 12
EXACT = 1e-10  # relative; flows that cost no more than this above their bound are optimal
DEARER = 100.0
ROUNDS = 60  # of bringing lanes in; each adds at least one, and few are needed
MOVING = 0.5  # the share of customers that may move to begin with
LANES_EACH = 3  # for each customer to begin with


@dataclass(frozen=True, slots=True)
class Flows:
    """Flows `units` (F,) from `site` (F,) to `customer` (F,). `cost` counts fixed cost too."""

    opened: Flags
    site: Indices
    customer: Indices
    units: Floats
    cost: float


@dataclass(frozen=True, slots=True)
class Shipped:
    """What is known of a set of open sites: no plan with it costs less than `bound`, and none exists if it is inf.

    `rents` (I,) of a unit of each site's size (0 for closed ones), and what customers pay then, `pays` (J,), prove it;
    a bound of inf they do not. `flows` is the best plan, or None where the bound was enough.
    """

    bound: float
    rents: Floats
    pays: Floats
    flows: Flows | None


class Shipping:
    """Solves the flows of sets of sites of one instance. `pause` is called in between and may raise to end it."""

    def __init__(self, instance: Instance, pause: Callable[[], None], gear: Gear | None = None) -> None:
        self._instance, self.pause, self._gear = instance, pause, gear
        self._known: dict[bytes, Shipped] = {}
        self.programs = 0

    def ship(self, opened: Flags, rents: Floats, cutoff: float) -> Shipped:
        """The best flows of `opened` (I,), unless its plans cost `cutoff` or more. `rents` (I,) to begin with."""
        key = np.packbits(opened).tobytes()
        known = self._known.get(key)
        if known is None or (known.flows is None and (known.bound < cutoff or _unproven(known, cutoff))):
            known = _Shipment(self, opened).solve(rents if known is None else known.rents, cutoff)
            self._known[key] = known
        return known

    @property
    def instance(self) -> Instance:
        return self._instance

    def cheapest_flows(
        self, price: Floats, size: Floats, rent: Floats, cutoff: float
    ) -> tuple[Floats, Floats | None] | None:
        """By the compiled kernel, whose answer is; None where there is no kernel, or no answer."""
        if self._gear is None or self._gear.cheapest_flows is None:
            return None
        self.programs += 1
        return self._gear.cheapest_flows(price, self._instance.demand, size, rent, cutoff, self.pause)

    def solve(self, model: LinearModel) -> tuple[Floats, Floats]:
        """Values and row duals."""
        self.programs += 1
        solution = solve_linear(model, self.pause)
        assert solution.values is not None
        assert solution.row_duals is not None
        return solution.values, solution.row_duals


def _unproven(known: Shipped, cutoff: float) -> bool:
    """Whether it was only seen that there is no plan, when there was no cutoff yet that prices could prove."""
    return bool(np.isinf(known.bound) and np.isfinite(cutoff))


def _cheapest(offered: Floats, count: int) -> Flags:
    """The `count` finite prices that are least in each column, and their equals."""
    count = min(count, len(offered))
    least = np.partition(offered, count - 1, axis=0)[count - 1]
    cheap: Flags = (offered <= least) & np.isfinite(offered)
    return cheap


class _Shipment:
    """One set of open sites, S of them."""

    def __init__(self, shipping: Shipping, opened: Flags) -> None:
        self._shipping, self._instance, self._opened = shipping, shipping.instance, opened
        self._sites = np.flatnonzero(opened)
        self._price = self._instance.price[self._sites]
        self._size = self._instance.size[self._sites]
        self._demand = self._instance.demand
        self._fixed = float(self._instance.fixed[self._sites].sum())

    def solve(self, rents: Floats, cutoff: float) -> Shipped:
        if self._size.sum() < self._instance.total * (1 - ROUNDING):
            return self._impossible()
        cheapest_price = self._price.min(axis=0, initial=np.inf)
        if not np.isfinite(cheapest_price).all():
            return self._out_of_reach(cheapest_price, cutoff)
        rent = rents[self._sites]
        for begin in (np.zeros_like(rent), rent):
            cheapest, bound = self._nearest(begin)
            load = np.bincount(cheapest, self._demand, len(self._sites))
            if not begin.any() and (load <= self._size * (1 + 1e-12)).all():
                return self._shipped(bound, begin, cheapest, np.arange(len(cheapest)), self._demand)
        rent, bound = self._raised(rent, cutoff)
        if bound >= cutoff:
            return self._known(bound, rent)
        return self._by_paths(rent, cutoff) or self._by_program(rent, cutoff)

    def _by_paths(self, rent: Floats, cutoff: float) -> Shipped | None:
        """By shortest paths, and None where that cannot be done or has not come to a proof."""
        found = self._shipping.cheapest_flows(self._price, self._size, rent, cutoff - self._fixed)
        if found is None:
            return None
        rent, flows = found
        _, bound = self._nearest(rent)
        if flows is None:
            return self._known(bound, rent) if bound >= cutoff else None
        row, customer = np.nonzero(flows)
        shipped = self._shipped(bound, rent, row, customer, flows[row, customer])
        assert shipped.flows is not None
        return shipped if shipped.flows.cost - bound <= EXACT * abs(shipped.flows.cost) else None

    def _nearest(self, rent: Floats) -> tuple[Indices, float]:
        """Where each customer goes at these rents, and the bound."""
        offered = self._price + rent[:, None]
        nearest = np.argmin(offered, axis=0)
        paid = offered[nearest, np.arange(len(nearest))]
        return nearest, float(self._fixed + paid @ self._demand - rent @ self._size)

    def _raised(self, rent: Floats, cutoff: float) -> tuple[Floats, float]:
        """Better rents by a few subgradient steps towards the cutoff."""
        best, best_bound = rent, -np.inf
        if not np.isfinite(cutoff):
            return rent, self._nearest(rent)[1]
        for step in range(RENT_STEPS):
            nearest, bound = self._nearest(rent)
            if bound > best_bound:
                best, best_bound = rent, bound
            if bound >= cutoff:
                break
            over = np.bincount(nearest, self._demand, len(self._sites)) - self._size
            over[(over < 0) & (rent <= 0)] = 0.0
            norm = float(over @ over)
            if norm <= 0:
                break
            rent = np.maximum(rent + (cutoff - bound) / norm * over * 0.9**step, 0.0)
        return best, best_bound

    def _by_program(self, rent: Floats, cutoff: float) -> Shipped:
        """Linear programs over the customers and lanes that may matter, until the bound says that no others do."""
        held, moving = self._cheap(rent)
        nearest, _ = self._nearest(rent)
        unserved_price = self._unserved_price()
        customers = np.arange(self._instance.customers)
        for _ in range(ROUNDS):
            staying = np.flatnonzero(~moving)
            stayed = np.bincount(nearest[staying], self._demand[staying], len(self._sites))
            crowded = (stayed > self._size)[nearest] & ~moving
            if crowded.any():
                moving |= crowded
                continue
            chosen = np.flatnonzero(moving)
            row, at = np.nonzero(held[:, chosen])
            values, duals = self._shipping.solve(self._program(row, at, chosen, self._size - stayed, unserved_price))
            rent = np.maximum(-duals[len(chosen) :], 0.0)
            _, bound = self._nearest(rent)
            units = np.concatenate([values[: len(row)] * self._scale, self._demand[staying]])
            rows, served = np.concatenate([row, nearest[staying]]), np.concatenate([chosen[at], staying])
            cost = self._fixed + float(units @ self._price[rows, served])
            offered = self._price + rent[:, None]
            paid = offered[nearest, customers]
            paid[chosen] = duals[: len(chosen)]
            missing = offered < paid - 1e-9 * np.abs(paid)
            missing[:, chosen] &= ~held[:, chosen]
            unserved = float(values[len(row) :].sum()) * self._scale
            if unserved <= ROUNDING * self._instance.total:
                if cost - bound <= EXACT * abs(cost) or not missing.any():
                    return self._shipped(bound, rent, rows, served, units)
            elif not missing.any():
                if not np.isfinite(cutoff):
                    return self._impossible()
                if bound >= cutoff:
                    return self._known(bound, rent)
                unserved_price *= DEARER
            if bound >= cutoff:
                break
            held |= _cheapest(np.where(missing, offered, np.inf), LANES_EACH)
            moving |= missing.any(axis=0)
        return self._known(bound, rent)

    def _cheap(self, rent: Floats) -> tuple[Flags, Flags]:
        """The few lanes of each customer that are cheapest with rent, and the customers that lose least by moving."""
        offered = self._price + rent[:, None]
        held = _cheapest(offered, LANES_EACH)
        if len(self._sites) == 1:
            return held, np.ones(held.shape[1], dtype=bool)
        least = np.partition(offered, 1, axis=0)[:2]
        loss = least[1] - least[0]
        moving: Flags = loss <= np.sort(loss)[int(MOVING * (len(loss) - 1))]  # inf where there is one lane alone
        return held, moving

    def _unserved_price(self) -> float:
        """A price above what serving one more unit can cost: every change of flows passes each site at most once."""
        finite = self._price[np.isfinite(self._price)]
        spread = float(finite.max() - min(finite.min(), 0.0))
        return 2.0 * (len(self._sites) + 1) * spread + 1.0

    @property
    def _scale(self) -> float:
        """Units that one unit of the program stands for: its flows are then near 1."""
        return self._instance.total / self._instance.customers

    def _program(self, row: Indices, at: Indices, chosen: Indices, size: Floats, unserved_price: float) -> LinearModel:
        """Flows of the `chosen` customers over lanes from site `row` to the customer in place `at` among them."""
        customers, sites, lanes = len(chosen), len(self._sites), len(row)
        columns = lanes + customers
        entries = np.empty(2 * lanes + customers, dtype=np.int32)
        entries[0 : 2 * lanes : 2] = at
        entries[1 : 2 * lanes : 2] = customers + row
        entries[2 * lanes :] = np.arange(customers)
        starts = np.concatenate([np.arange(0, 2 * lanes, 2), 2 * lanes + np.arange(customers + 1)]).astype(np.int32)
        matrix = sparse.csc_matrix((np.ones(len(entries)), entries, starts), shape=(customers + sites, columns))
        demand = self._demand[chosen] / self._scale
        return LinearModel(
            cost=np.concatenate([self._price[row, chosen[at]], np.full(customers, unserved_price)]),
            lower=np.zeros(columns),
            upper=np.full(columns, np.inf),
            row_lower=np.concatenate([demand, np.full(sites, -np.inf)]),
            row_upper=np.concatenate([demand, size / self._scale]),
            matrix=matrix,
            integer=np.zeros(columns, dtype=bool),
            rows={"demand": slice(0, customers), "size": slice(customers, customers + sites)},
            columns={"lane": slice(0, lanes), "unserved": slice(lanes, columns)},
        )

    def _shipped(self, bound: float, rent: Floats, row: Indices, customer: Indices, units: Floats) -> Shipped:
        kept = np.flatnonzero(units > 1e-12 * self._demand[customer])
        row, customer, units = row[kept], customer[kept], units[kept]
        served = np.bincount(customer, units, self._instance.customers)
        units = units * (self._demand / served)[customer]
        cost = self._fixed + float(units @ self._price[row, customer])
        flows = Flows(self._opened, self._sites[row], customer, units, cost)
        return self._known(bound, rent, flows)

    def _known(self, bound: float, rent: Floats, flows: Flows | None = None) -> Shipped:
        pays = (self._price + rent[:, None]).min(axis=0) * self._demand
        return Shipped(bound, self._spread(rent), pays, flows)

    def _out_of_reach(self, cheapest_price: Floats, cutoff: float) -> Shipped:
        """Some customers have no lane: nobody takes what they pay, be it as much as the cutoff."""
        reached = np.isfinite(cheapest_price)
        if not np.isfinite(cutoff):
            return self._impossible()
        pays = np.where(reached, cheapest_price * self._demand, 0.0)
        pays[~reached] = max(cutoff - self._fixed - float(pays.sum()), 0.0) * 1.01 + abs(cutoff) + 1.0
        return Shipped(self._fixed + float(pays.sum()), np.zeros(self._instance.sites), pays, None)

    def _impossible(self) -> Shipped:
        return Shipped(np.inf, np.zeros(self._instance.sites), np.zeros(self._instance.customers), None)

    def _spread(self, rent: Floats) -> Floats:
        whole = np.zeros(self._instance.sites)
        whole[self._sites] = rent
        return whole
