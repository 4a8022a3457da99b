"""The ascents and flows of one instance by the compiled kernels: the same as `ascent` and `flows` say, much faster."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian import ascent as rules
from networx.solver.location.lagrangian.ascent import Effort, Evaluation, Node
from networx.solver.location.lagrangian.instance import Instance
from networx.solver.location.lagrangian.kernels import climb as kernel
from networx.solver.location.lagrangian.kernels import flows as flow_kernel
from networx.solver.location.lagrangian.kernels.knapsacks import Lanes, Sites, near_lanes
from networx.solver.location.lagrangian.knapsacks import Reach

NEAR, WIDE = 0.15, 0.5  # as in `knapsacks`: a lane costs little here, and finding lanes again a lot
MOVES_A_CALL = 2_000
ENOUGH = 1e-12  # of all demand; less than this too much at a site is rounding


class CompiledAscent:
    """Lanes within a wide reach are found once for the whole search, and those of each ascent among them."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        # Copies: numba compiles for arrays that may be written to, and others would be compiled for anew.
        self._fixed, self._size, self._demand = (
            np.array(part, dtype=np.float64) for part in (instance.fixed, instance.size, instance.demand)
        )
        self._wide: Reach | None = None

    def climb(self, node: Node, effort: Effort, cutoff: Callable[[], float], visit: Callable[[Node], None]) -> None:
        """As `ascent.climb`; `visit` is called once for each step, but only between calls of the kernel."""
        active = np.flatnonzero(~node.closed)
        near = self._near(node.pays, active)
        lanes = self._lanes(active, node.pays, node.rents[active], near)
        at = self._begun(node, effort, active)
        sites: Sites | None = None
        reason = kernel.PAUSED
        while reason not in {kernel.SPENT, kernel.REACHED}:
            if sites is None:
                left = ~node.closed[active]
                active = active[left]
                near.keep(left)
                lanes = lanes._replace(start=lanes.start[left], stop=lanes.stop[left], floor=near.floor)
                nothing = np.zeros((2, len(active)), dtype=bool)
                at = at._replace(rent=at.rent[left], close=nothing[0], keep=nothing[1])
                sites = self._sites(active, node.opened, node.closed)
                if sites is None:
                    node.bound = np.inf
                    return
            before = at.counts[kernel.STEPS]
            reason = kernel.climb(sites, lanes, _rules(effort, self._instance), at, cutoff(), effort.together)
            node.bound, node.size_price = float(at.numbers[kernel.BOUND]), float(at.numbers[kernel.SIZE_PRICE])
            if at.counts[kernel.GAINED]:
                node.pays, at.counts[kernel.GAINED] = at.best_pays.copy(), 0
            if reason == kernel.SETTLED:
                rules.settled(node, active[at.keep], active[at.close], float(at.numbers[kernel.SETTLED_AT]))
                if not node.free.any():
                    return
                sites = None
            elif reason == kernel.BEYOND:
                lanes = self._lanes(active, at.pays, at.rent, near)
            for _ in range(at.counts[kernel.STEPS] - before):
                visit(node)

    def evaluate(self, opened: Flags, closed: Flags, node: Node) -> Evaluation | None:
        """As `ascent.evaluate`."""
        active = np.flatnonzero(~closed)
        sites = self._sites(active, opened, closed)
        if sites is None:
            return None
        near, rent = self._near(node.pays, active), node.rents[active]
        while True:
            lanes = self._lanes(active, node.pays, rent, near)
            bound, size_price, forced_open, forced_closed, within = kernel.evaluate(
                sites, lanes, self._demand, node.pays, rent, node.size_price
            )
            if within:
                return Evaluation(active, bound, size_price, forced_open, forced_closed)

    def _begun(self, node: Node, effort: Effort, active: Indices) -> kernel.Climb:
        nothing = np.zeros((2, len(active)), dtype=bool)
        return kernel.Climb(
            demand=self._demand,
            pays=node.pays.copy(),
            direction=np.zeros_like(node.pays),
            best_pays=node.pays.copy(),
            average=node.average,
            best_rents=node.rents,
            rent=node.rents[active],
            close=nothing[0],
            keep=nothing[1],
            numbers=np.array([node.bound, node.size_price, effort.length, node.bound, np.inf]),
            counts=np.zeros(5, dtype=np.intp),
        )

    def _sites(self, active: Indices, opened: Flags, closed: Flags) -> Sites | None:
        """None where they do not hold the demand."""
        instance = self._instance
        fewest = instance.fewest(opened, closed)
        if fewest is None:
            return None
        parts = active, self._fixed[active], self._size[active], opened[active]
        return Sites(*parts, fewest, instance.at_most, instance.total)

    def _near(self, pays: Floats, active: Indices) -> Reach:
        return Reach(NEAR * self._unit(pays), self._instance.customers, len(active))

    def _unit(self, pays: Floats) -> float:
        """What is paid for a unit in the mean."""
        return float(np.abs(pays).sum()) / self._instance.total

    def _lanes(self, active: Indices, pays: Floats, rents: Floats, near: Reach) -> Lanes:
        """Those of the active sites that may be used near `pays` (J,) and `rents` (A,)."""
        near.widen(pays / self._demand, rents)
        floor = np.full(self._instance.sites, np.inf)
        floor[active] = near.floor
        if self._wide is None:
            self._wide = Reach(WIDE * self._unit(pays), self._instance.customers, self._instance.sites)
        if not self._wide.covers(near.limit, floor):
            self._wide.widen(near.limit, floor)
            row, customer = np.nonzero(self._instance.price < self._wide.limit - self._wide.floor[:, None])
            self._start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=self._instance.sites))])
            self._customer, self._price = customer.astype(np.int32), self._instance.price[row, customer]
        held = self._start, self._customer, self._price
        found = near_lanes(active, *held, self._demand, near.limit, near.floor)
        return Lanes(*found, near.limit, near.floor)


def _rules(effort: Effort, instance: Instance) -> kernel.Rules:
    return kernel.Rules(
        steps=effort.steps,
        patience=effort.patience,
        shorter=effort.shorter,
        shortest=rules.SHORTEST,
        smoothing=rules.SMOOTHING,
        averaging=rules.AVERAGING,
        gain=rules.GAIN,
        reach=rules.REACH_WITHOUT_PLAN,
        steps_in_one=instance.steps_in_one,
    )


def cheapest_flows(
    price: Floats, demand: Floats, size: Floats, rent: Floats, cutoff: float, pause: Callable[[], None]
) -> tuple[Floats, Floats | None] | None:
    """The best rents (S,), and the flows (S, J) unless they cost `cutoff` or more. None where there may be none.

    `price` (S, J), `size` (S,); `rent` (S,) to begin with.
    """
    spare = max(float(size.sum()) - float(demand.sum()), 0.0)
    with_spare = np.zeros((len(demand) + 1, len(size)))
    with_spare[:-1] = price.T
    at = flow_kernel.begin(with_spare, np.append(demand, spare), size, rent)
    reason = flow_kernel.PAUSED
    while reason == flow_kernel.PAUSED:
        reason = flow_kernel.move(at, ENOUGH * float(demand.sum()), cutoff, MOVES_A_CALL)
        pause()
    if reason == flow_kernel.STUCK:
        return None
    return at.rent - at.rent.min(), at.flow[:, :-1] if reason == flow_kernel.DONE else None


def use_once() -> None:
    """Every kernel on three sites and four customers: loads them, or compiles them."""
    instance = Instance(
        fixed=np.array([4.0, 5.0, 6.0]),
        size=np.array([3.0, 3.0, 3.0]),
        demand=np.ones(4),
        price=np.array([[1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0], [2.0, 2.0, 2.0, 2.0]]),
        must=np.zeros(3, dtype=bool),
        at_least=0,
        at_most=3,
        total=4.0,
    )
    nothing, zeros = np.zeros(3, dtype=bool), np.zeros(3)
    node = Node(nothing.copy(), nothing.copy(), -np.inf, np.full(4, 4.0), 0.0, zeros.copy(), zeros.copy())
    ascent = CompiledAscent(instance)
    ascent.climb(node, Effort(steps=3, length=0.5, patience=10, shorter=0.8), lambda: np.inf, lambda _: None)
    ascent.evaluate(nothing, nothing, node)
    cheapest_flows(instance.price, instance.demand, instance.size, zeros, np.inf, lambda: None)
