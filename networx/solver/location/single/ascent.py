"""Raising a node's bound: subgradient steps on what customers pay, and the questions that each new best bound settles.

As for split demand (networx.solver.location.lagrangian), with knapsacks of whole customers: a bound that the linear
program does not reach. Sites are settled at each better bound, pairs of site and customer at the end, where the bound
is best: what a site saves with a customer forced in or out comes from tables of its knapsack from both ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.single_source_proof import TOLERANCE
from networx.solver.location.lagrangian.ascent import Effort
from networx.solver.location.lagrangian.selection import Chooser, Selection
from networx.solver.location.single.instance import Instance
from networx.solver.location.single.knapsacks import Filled, Knapsacks, held
from networx.solver.location.single.node import Node
from networx.solver.location.single.proof import Step

SMOOTHING = 0.7  # the weight of earlier directions
AVERAGING = 0.9  # the weight of earlier choices
GAIN = 1e-5  # relative
UNIT_ROUNDING = 2.0**-53
ROUNDINGS = 20  # that a sum of sums can be off, for each number in it
FARTHEST = 0.1  # relative; how far above the bound to aim at most, while plans are few and dear
SHORTEST = 2e-3  # step length at which it ends
WORTH_SETTLING_PAIRS = 0.05  # relative gap above which no pair would be settled


@dataclass(frozen=True, slots=True)
class Seen:
    """One evaluation: the bound, the choice of sites, and what they would serve.

    `paid` is what customers pay, less what rounding can have added to all that the bound is added up from.
    """

    bound: float
    paid: float
    choice: Selection
    filled: Filled


Visit = Callable[[Node, Seen], None]


def ascend(instance: Instance, node: Node, effort: Effort, cutoff: Callable[[], float], visit: Visit) -> None:
    """Improve the node in place until its bound reaches the cutoff or the effort is spent, then settle pairs.

    `visit` is called each step and may raise to end it. A node that cannot hold the demand gets the bound inf.
    """
    pays, length, stalled = node.pays.copy(), effort.length, 0
    reference = node.bound
    direction: Floats | None = None
    bounds: _Bounds | None = None
    for _ in range(effort.steps):
        if bounds is None:
            if hopeless(instance, node):
                node.bound = np.inf
                return
            bounds = _Bounds(instance, node)
        seen = bounds.at(pays, node.size_price)
        visit(node, seen)
        node.average = AVERAGING * node.average + (1 - AVERAGING) * seen.choice.share
        served = seen.filled.takes * seen.choice.share[:, None]
        node.usage = AVERAGING * node.usage + (1 - AVERAGING) * served
        if seen.bound > node.bound:
            node.bound, node.pays, node.size_price = seen.bound, pays, seen.choice.size_price
            if seen.bound >= cutoff():
                return
            if _settle_sites(node, seen.choice, seen.paid, cutoff()):
                bounds = None
        if seen.bound > reference + GAIN * abs(reference) or not np.isfinite(reference):
            reference, stalled = seen.bound, 0
        else:
            stalled += 1
        if stalled >= effort.patience:
            length, stalled = length * effort.shorter, 0
            if length < SHORTEST:
                break
        towards = 1.0 - served.sum(axis=0)
        direction = towards if direction is None else SMOOTHING * direction + (1 - SMOOTHING) * towards
        norm = float(direction @ direction)
        if norm < 1e-12:
            break
        reach = min(cutoff(), seen.bound + FARTHEST * max(abs(seen.bound), FARTHEST * abs(cutoff())))
        pays = pays + length * max(reach - seen.bound, 1e-4 * abs(seen.bound)) / norm * direction
    _settle_pairs(instance, node, cutoff())
    if hopeless(instance, node):
        node.bound = np.inf


def hopeless(instance: Instance, node: Node) -> bool:
    """Whether counts or sizes alone rule out every plan: of the sites, of one site's customers, or of a customer."""
    if instance.split.fewest(node.opened, node.closed) is None:
        return True
    if (held(instance, node) > instance.size * (1 + TOLERANCE)).any():
        return True
    return not bool((node.allowed(instance).any(axis=0) | (node.given >= 0)).all())


class _Bounds:
    """The Lagrangian function of a node as it is now."""

    def __init__(self, instance: Instance, node: Node) -> None:
        fewest = instance.split.fewest(node.opened, node.closed)
        assert fewest is not None
        self._instance = instance
        self._active = np.flatnonzero(~node.closed)
        self.knapsacks = Knapsacks(instance, node)
        self._chooser = Chooser(
            instance.size[self._active],
            node.opened[self._active],
            fewest,
            instance.split.at_most,
            instance.split.total,
        )

    def at(self, pays: Floats, near: float) -> Seen:
        filled = self.knapsacks.fill(pays)
        active = self._active
        choice = self._chooser.choose(self._instance.fixed[active] - filled.saved[active], near)
        whole = Selection(
            choice.value,
            choice.size_price,
            self._spread(choice.share, 0.0),
            lambda: (self._spread(choice.forced_open, np.inf), self._spread(choice.forced_closed, -np.inf)),
        )
        paid = float(pays.sum()) - self._rounding(pays, choice.size_price)
        return Seen(paid + choice.value, paid, whole, filled)

    def _rounding(self, pays: Floats, size_price: float) -> float:
        instance = self._instance
        sizes = self.knapsacks.magnitude(pays) + float(np.abs(pays).sum() + np.abs(instance.fixed).sum())
        sizes += size_price * (instance.split.total + float(instance.size.sum()))
        return ROUNDINGS * (instance.customers + instance.sites + 16) * UNIT_ROUNDING * sizes

    def _spread(self, values: Floats, elsewhere: float) -> Floats:
        spread = np.full(self._instance.sites, elsewhere)
        spread[self._active] = values
        return spread


def _settle_sites(node: Node, choice: Selection, paid: float, cutoff: float) -> bool:
    """Decide the undecided sites of which one state costs the cutoff or more; False where there are none."""
    forced_open, forced_closed = choice.forced_open + paid, choice.forced_closed + paid
    close: Flags = node.free & (forced_open >= cutoff)
    keep: Flags = node.free & (forced_closed >= cutoff) & ~close
    if not close.any() and not keep.any():
        return False
    node.settled_at = min(
        node.settled_at, forced_open[close].min(initial=np.inf), forced_closed[keep].min(initial=np.inf)
    )
    answers = [(int(site), -1, bool(keep[site])) for site in np.flatnonzero(close | keep)]
    _answer(node, answers)
    return True


def _settle_pairs(instance: Instance, node: Node, cutoff: float) -> None:
    """Decide the pairs of which one answer costs the cutoff or more, at the node's best multipliers."""
    if node.bound < cutoff - WORTH_SETTLING_PAIRS * abs(cutoff) or hopeless(instance, node):
        return
    bounds = _Bounds(instance, node)
    seen = bounds.at(node.pays, node.size_price)
    saved, paid = seen.filled.saved[:, None], seen.paid
    served, unserved = bounds.knapsacks.alternatives(node.pays, seen.filled.saved)
    opened = seen.choice.forced_open
    opened = np.where(node.opened, seen.choice.value, opened)[:, None] + paid
    closed = np.where(node.opened, np.inf, seen.choice.forced_closed + paid)[:, None]
    if_served = opened + saved - served
    if_not = np.minimum(closed, opened + saved - unserved)
    question = node.allowed(instance)
    bar = question & (if_served >= cutoff)
    give = question & (if_not >= cutoff) & ~bar
    # A customer that two sites must serve, each proven alone: one answer is enough to see that no plan is left.
    give &= np.cumsum(give, axis=0) == 1
    settled = [(int(site), int(customer), False) for site, customer in np.argwhere(bar)]
    settled += [(int(site), int(customer), True) for site, customer in np.argwhere(give)]
    if settled:
        node.settled_at = min(node.settled_at, if_served[bar].min(initial=np.inf), if_not[give].min(initial=np.inf))
        _answer(node, settled)


def _answer(node: Node, answers: list[tuple[int, int, bool]]) -> None:
    """Settle questions at the node's best multipliers."""
    node.steps.append(Step(node.pays, node.size_price, tuple(answers)))
    for site, customer, chosen in answers:
        node.answer(site, customer, chosen=chosen)
