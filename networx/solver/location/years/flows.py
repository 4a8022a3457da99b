"""Who serves whom in one year, once the open sites are known: a linear program, solved to its end.

A year without minimum throughputs and service level is a transportation problem, as for one period. Else a program over
the lanes that are nearly cheapest gives flows, and its prices show which other lanes matter; they come in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.highs import solve_linear
from networx.solver.linear import Assembly
from networx.solver.location.lagrangian import flows as transportation
from networx.solver.location.lagrangian.instance import Instance as Period
from networx.solver.location.years.instance import ROUNDING, Instance
from networx.solver.outcome import Ending

LANES_EACH = 4  # for each customer to begin with
ROUNDS = 60  # of bringing lanes in; each adds at least one, and few are needed
DUST = 1e-12  # a share of a customer's demand


@dataclass(frozen=True, slots=True)
class Shipped:
    """One year with one set of open sites: no flows cost less than `bound`, and there are none if it is inf.

    Flows of `units` (F,) go from `site` to `customer`; None where the bound was enough. `rents` (I,) of a unit of size,
    what customers pay for all their demand, `pays` (J,), and the price of `service` prove the bound; where there are no
    flows, the same times any factor proves any bound (`endless`).
    """

    bound: float
    rents: Floats
    pays: Floats
    service: float
    endless: bool = False
    flows: tuple[Indices, Indices, Floats] | None = None


class Shipping:
    """Solves the flows of the years of one instance. `pause` is called in between and may raise to end it."""

    def __init__(self, instance: Instance, pause: Callable[[], None]) -> None:
        self._instance, self._pause = instance, pause
        self._periods: dict[int, tuple[transportation.Shipping, Indices]] = {}
        self._known: dict[tuple[int, bytes], Shipped] = {}
        self.programs = 0

    def ship(self, year: int, opened: Flags, rents: Floats, cutoff: float) -> Shipped:
        """The best flows of `opened` (I,) in a year, unless they cost `cutoff` or more. `rents` (I,) to begin with."""
        problem = self._instance.problem
        if self._instance.total[year] <= 0:
            return self._idle(opened)
        if problem.level[year] == 0 and not problem.least[opened].any():
            shipped = self._transported(year, opened, rents, cutoff)
            if shipped.bound < math.inf:
                return shipped
        key = year, np.packbits(opened).tobytes()
        if key not in self._known:
            self._known[key] = self._by_program(year, opened, rents)
        return self._known[key]

    def least_cost(self, year: int, opened: Flags) -> float:
        """What the flows of a year cost at least: every unit at its cheapest price."""
        problem = self._instance.problem
        asked = np.flatnonzero(problem.demand[year] > 0)
        cheapest = problem.price[year][np.ix_(opened, asked)].min(axis=0, initial=np.inf)
        return float(cheapest @ problem.demand[year, asked])

    def _idle(self, opened: Flags) -> Shipped:
        """A year without demand: nothing flows, and nobody may have to ship."""
        problem = self._instance.problem
        nothing = np.zeros(0, dtype=np.intp)
        must_ship = bool((problem.least[opened] > 0).any())
        return Shipped(
            bound=math.inf if must_ship else 0.0,
            rents=np.zeros(problem.sites),
            pays=np.zeros(problem.customers),
            service=0.0,
            flows=None if must_ship else (nothing, nothing, np.zeros(0)),
        )

    def _transported(self, year: int, opened: Flags, rents: Floats, cutoff: float) -> Shipped:
        """By the transportation problem of one period."""
        problem = self._instance.problem
        if year not in self._periods:
            asked = np.flatnonzero(problem.demand[year] > 0)
            period = Period(
                fixed=np.zeros(problem.sites),
                size=self._instance.size[year],
                demand=problem.demand[year, asked],
                price=np.ascontiguousarray(problem.price[year][:, asked]),
                must=np.zeros(problem.sites, dtype=bool),
                at_least=0,
                at_most=problem.sites,
                total=float(self._instance.total[year]),
            )
            self._periods[year] = transportation.Shipping(period, self._pause), asked
        shipping, asked = self._periods[year]
        before = shipping.programs
        shipped = shipping.ship(opened, np.maximum(rents, 0.0), cutoff)
        self.programs += shipping.programs - before
        pays = np.zeros(problem.customers)
        pays[asked] = shipped.pays
        flows = shipped.flows
        return Shipped(
            bound=shipped.bound,
            rents=shipped.rents,
            pays=pays,
            service=0.0,
            flows=None if flows is None else (flows.site, asked[flows.customer], flows.units),
        )

    def _by_program(self, year: int, opened: Flags, rents: Floats) -> Shipped:
        program = _Program(self._instance, year, opened)
        held = program.cheap(rents)
        for _ in range(ROUNDS):
            self.programs += 1
            shipped, missing = program.solve(held, self._pause)
            if not missing.any():
                return shipped
            held |= missing
        raise AssertionError("every round brings in a lane that was missing")


class _Program:
    """The flows of one year from S open sites to the K customers with demand."""

    def __init__(self, instance: Instance, year: int, opened: Flags) -> None:
        problem = instance.problem
        self._instance, self._year = instance, year
        self._sites, self._customers = np.flatnonzero(opened), np.flatnonzero(problem.demand[year] > 0)
        place = np.ix_(self._sites, self._customers)
        self._price, self._near = problem.price[year][place], problem.near[year][place]
        self._demand = problem.demand[year, self._customers]
        self._size, self._least = instance.size[year, self._sites], problem.least[self._sites]
        self._scale = float(self._demand.mean())
        self._elastic = False

    def cheap(self, rents: Floats) -> Flags:
        """The few lanes (S, K) of each customer that are cheapest with rent, and of the near ones."""
        offered = self._price + rents[self._sites, None]
        held = np.zeros(offered.shape, dtype=bool)
        for some in (offered, np.where(self._near, offered, np.inf)):
            each = min(LANES_EACH, len(self._sites)) - 1
            held |= (some <= np.partition(some, each, axis=0)[each]) & np.isfinite(some)
        return held

    def solve(self, held: Flags, pause: Callable[[], None]) -> tuple[Shipped, Flags]:
        """Over the lanes that are `held` (S, K); and which others could make it better."""
        row, at = np.nonzero(held)
        price = np.zeros(len(row)) if self._elastic else self._price[row, at]
        count, customers, lane = len(self._sites), len(self._customers), np.arange(len(row))
        assembly = Assembly()
        flow = assembly.add_columns("flow", price, 0.0, np.inf)
        demand = self._demand / self._scale
        served = [(at, flow, 1.0)]
        sent = [(row, flow, 1.0)]
        near = lane[self._near[row, at]]
        reached = [(np.zeros(len(near)), flow[near], 1.0)]
        if self._elastic:
            unserved = assembly.add_columns("unserved", np.ones(customers), 0.0, np.inf)
            short = assembly.add_columns("short", np.ones(count), 0.0, np.inf)
            late = assembly.add_columns("late", 1.0, 0.0, np.inf)
            served.append((np.arange(customers), unserved, 1.0))
            sent.append((np.arange(count), short, 1.0))
            reached.append((np.zeros(1), late, 1.0))
        assembly.add_rows("demand", demand, demand, customers, *served)
        assembly.add_rows("most", -np.inf, self._size / self._scale, count, *sent[:1])
        assembly.add_rows("least", self._least / self._scale, np.inf, count, *sent)
        level = float(self._instance.problem.level[self._year] * demand.sum())
        assembly.add_rows("service", level if level > 0 else -np.inf, np.inf, 1, *reached)
        solution = solve_linear(assembly.model(), pause)
        if solution.ending is not Ending.OPTIMAL:
            # Not with these lanes: what is missing is all that costs anything, until lanes or a proof are found.
            self._elastic = True
            return self.solve(held, pause)
        assert solution.values is not None
        assert solution.row_duals is not None
        paid, duals = solution.row_duals[:customers], solution.row_duals[customers:]
        rent, reward = -(duals[:count] + duals[count : 2 * count]), max(float(duals[-1]), 0.0)
        offered = (0.0 if self._elastic else self._price) + rent[:, None] - reward * self._near
        offered = np.where(np.isfinite(self._price), offered, np.inf)
        missing = ~held & (offered < paid - 1e-9 * (np.abs(paid) + 1e-3))
        lacking = float(solution.values[len(row) :].sum())
        if self._elastic and lacking <= ROUNDING * float(demand.sum()):
            self._elastic = False
            return self.solve(held, pause)
        return self._shipped(row, at, solution.values[: len(row)], paid, rent, reward), missing

    def _shipped(self, row: Indices, at: Indices, values: Floats, paid: Floats, rent: Floats, reward: float) -> Shipped:
        problem = self._instance.problem
        rents, pays = np.zeros(problem.sites), np.zeros(problem.customers)
        rents[self._sites], pays[self._customers] = rent, paid * self._demand
        service = reward * float(self._demand.sum())
        if self._elastic:
            return Shipped(math.inf, rents, pays, service, endless=True)
        units = values * self._scale
        kept = np.flatnonzero(units > DUST * self._demand[at])
        row, at, units = row[kept], at[kept], units[kept]
        units = units * (self._demand / np.bincount(at, units, len(self._demand)))[at]
        cost = float(units @ self._price[row, at])
        return Shipped(cost, rents, pays, service, flows=(self._sites[row], self._customers[at], units))
