"""Raising a node's bound: subgradient steps on what customers pay, and the sites that each new best bound settles.

The direction is smoothed over steps and their length follows Polyak: towards what has to be reached, shorter whenever
the bound stalls. The average of the choices on the way tells which sites are undecided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.lagrangian.instance import Instance
from networx.solver.location.lagrangian.knapsacks import Knapsacks
from networx.solver.location.lagrangian.proof import Step
from networx.solver.location.lagrangian.selection import Chooser, Selection

SMOOTHING = 0.7  # the weight of earlier directions
AVERAGING = 0.9  # the weight of earlier choices
GAIN = 1e-5  # relative
SHORTEST = 2e-3  # step length at which it ends
REACH_WITHOUT_PLAN = 0.03  # relative; how far above the bound to aim while there is no plan


@dataclass(slots=True)
class Node:
    """A part of the search: sites opened and closed (I,) in all of it, and a bound on its plans, shown by `pays` (J,).

    `average` (I,) is how open each site was on the way, `rents` (I,) what a unit of each site's size was worth. `steps`
    prove what was settled within the node, at `settled_at` at least, and at its end its bound; `case` is its number in
    the proof once it stands there, and `impossible` that it says there that its sites are too small.
    """

    opened: Flags
    closed: Flags
    bound: float
    pays: Floats
    size_price: float
    average: Floats
    rents: Floats
    steps: list[Step] = field(default_factory=list)
    settled_at: float = np.inf
    case: int = -1
    impossible: bool = False

    @property
    def free(self) -> Flags:
        undecided: Flags = ~self.opened & ~self.closed
        return undecided

    def child(self, site: int, *, opened: bool) -> Node:
        """The part of it with that site opened or closed; its bound is not known yet."""
        parts = {True: self.opened.copy(), False: self.closed.copy()}
        parts[opened][site] = True
        return Node(
            parts[True], parts[False], -np.inf, self.pays, self.size_price, self.average.copy(), self.rents.copy()
        )

    def conclude(self) -> None:
        """Write down what proves the bound; where the sites left are too small, that is seen at any multipliers."""
        if self.bound > -np.inf and not self.impossible:
            nothing = np.zeros(0, dtype=np.intp)
            self.steps.append(Step(self.pays, self.size_price, nothing, nothing))


@dataclass(frozen=True, slots=True)
class Effort:
    """How an ascent steps: how often at most, the first one's length as a share of Polyak's, and how it shortens.

    After `patience` steps without a gain worth it, the length is taken times `shorter`. So many steps are taken
    `together`, before anyone is asked or told, where they are compiled.
    """

    steps: int
    length: float
    patience: int
    shorter: float
    together: int = 10


@dataclass(frozen=True, slots=True)
class Evaluation:
    """At a node's payments: bound, price of size, and the bounds with each of `active` (A,) forced open, and closed."""

    active: Indices
    bound: float
    size_price: float
    forced_open: Floats
    forced_closed: Floats


class Ascent(Protocol):
    """How payments are raised: in numpy, as below, or compiled."""

    def climb(self, node: Node, effort: Effort, cutoff: Callable[[], float], visit: Callable[[Node], None]) -> None:
        """Improve the node in place, writing down what proves that sites are settled."""
        ...

    def evaluate(self, opened: Flags, closed: Flags, node: Node) -> Evaluation | None:
        """At the payments of the node, with these sites opened and closed (I,); None where no set holds the demand."""
        ...


def ascend(
    ascent: Ascent,
    node: Node,
    effort: Effort,
    cutoff: Callable[[], float],
    visit: Callable[[Node], None],
) -> None:
    """Improve the node in place until its bound reaches the cutoff, nothing is undecided, or the effort is spent.

    `visit` is called each step and may raise to end it. A node that cannot hold the demand gets the bound inf.
    """
    opened, closed, steps, settled_at = node.opened, node.closed, len(node.steps), node.settled_at
    ascent.climb(node, effort, cutoff, visit)
    added, reached = len(node.steps) - steps, cutoff() <= node.bound < np.inf
    if node.bound == np.inf or added == 0 or (added == 1 and not reached):
        return
    evaluation = ascent.evaluate(opened, closed, node)
    if evaluation is None:
        return
    if reached and evaluation.bound >= cutoff():
        # The last payments alone prove it: what was settled on the way is not needed, and proofs are smaller without.
        del node.steps[steps:]
        node.opened, node.closed, node.settled_at = opened, closed, settled_at
        node.bound, node.size_price = evaluation.bound, evaluation.size_price
    elif added > 1:
        _gather(node, opened, closed, steps, cutoff(), evaluation)


@dataclass(frozen=True, slots=True)
class PlainAscent:
    """In numpy."""

    instance: Instance

    def climb(self, node: Node, effort: Effort, cutoff: Callable[[], float], visit: Callable[[Node], None]) -> None:
        _climb(self.instance, node, effort, cutoff, visit)

    def evaluate(self, opened: Flags, closed: Flags, node: Node) -> Evaluation | None:
        instance, active = self.instance, np.flatnonzero(~closed)
        fewest = instance.fewest(opened, closed)
        if fewest is None:
            return None
        filled = Knapsacks(instance, active, node.pays, node.rents).fill(node.pays)
        chooser = Chooser(instance.size[active], opened[active], fewest, instance.at_most, instance.total)
        choice = chooser.choose(instance.fixed[active] + filled.saved, node.size_price)
        paid = float(node.pays.sum())
        forced_open, forced_closed = choice.forced_open + paid, choice.forced_closed + paid
        return Evaluation(active, choice.value + paid, choice.size_price, forced_open, forced_closed)


def _climb(
    instance: Instance,
    node: Node,
    effort: Effort,
    cutoff: Callable[[], float],
    visit: Callable[[Node], None],
) -> None:
    pays, length, stalled = node.pays.copy(), effort.length, 0
    reference = node.bound
    direction: Floats | None = None
    active = np.flatnonzero(~node.closed)
    knapsacks = Knapsacks(instance, active, pays, node.rents)
    chooser: Chooser | None = None
    for _ in range(effort.steps):
        visit(node)
        if chooser is None:
            fewest = instance.fewest(node.opened, node.closed)
            if fewest is None:
                node.bound = np.inf
                return
            left = ~node.closed[active]
            if not left.all():
                active = active[left]
                knapsacks.keep(left)
            chooser = Chooser(instance.size[active], node.opened[active], fewest, instance.at_most, instance.total)
        filled = knapsacks.fill(pays)
        choice = chooser.choose(instance.fixed[active] + filled.saved, node.size_price)
        paid = float(pays.sum())
        bound = paid + choice.value
        node.average *= AVERAGING
        node.average[active] += (1 - AVERAGING) * choice.share
        if bound > node.bound:
            node.bound, node.pays, node.size_price = bound, pays, choice.size_price
            node.rents[active] = filled.rent
            if bound >= cutoff():
                return
            if _settle(node, choice, paid, cutoff(), active):
                chooser = None
                if not node.free.any():
                    return
        if bound > reference + GAIN * abs(reference) or not np.isfinite(reference):
            reference, stalled = bound, 0
        else:
            stalled += 1
        if stalled >= effort.patience:
            length, stalled = length * effort.shorter, 0
            if length < SHORTEST:
                return
        towards = 1.0 - knapsacks.served(filled, choice.share)
        direction = towards if direction is None else SMOOTHING * direction + (1 - SMOOTHING) * towards
        norm = float(direction @ direction)
        if norm < 1e-12:
            return
        target = cutoff()
        if not np.isfinite(target):
            target = bound + REACH_WITHOUT_PLAN * abs(bound) + 1.0
        pays = instance.in_steps(pays + length * max(target - bound, 1e-4 * abs(bound)) / norm * direction)


def _gather(node: Node, opened: Flags, closed: Flags, first: int, cutoff: float, evaluation: Evaluation) -> None:
    """Let one step, at what was best in the end, settle what it can of what the steps from `first` on have settled.

    They began with the sites `opened` and `closed` (I,). Proofs are three times as small for it. The other steps stay
    true after it: they find more sites decided than they did.
    """
    active, forced_open, forced_closed = evaluation.active, evaluation.forced_open, evaluation.forced_closed
    close = (node.closed & ~closed)[active] & (forced_open >= cutoff)
    keep = (node.opened & ~opened)[active] & (forced_closed >= cutoff)
    gathered = Step(node.pays, evaluation.size_price, active[keep], active[close])
    done_open, done_closed = np.zeros((2, len(closed)), dtype=bool)
    done_open[gathered.opened], done_closed[gathered.closed] = True, True
    left = [
        replace(step, opened=step.opened[~done_open[step.opened]], closed=step.closed[~done_closed[step.closed]])
        for step in node.steps[first:]
    ]
    node.steps[first:] = [gathered, *(step for step in left if len(step.opened) or len(step.closed))]
    node.settled_at = min(
        node.settled_at, forced_open[close].min(initial=np.inf), forced_closed[keep].min(initial=np.inf)
    )


def lagrangian(instance: Instance, pays: Floats) -> float:
    """The bound that multipliers (J,) give on all plans. The demand must be holdable."""
    nothing = np.zeros(instance.sites, dtype=bool)
    fewest = instance.fewest(instance.must, nothing)
    assert fewest is not None
    filled = Knapsacks(instance, np.arange(instance.sites), pays, np.zeros(instance.sites)).fill(pays)
    chooser = Chooser(instance.size, instance.must, fewest, instance.at_most, instance.total)
    return float(pays.sum()) + chooser.choose(instance.fixed + filled.saved).value


def _settle(node: Node, choice: Selection, paid: float, cutoff: float, active: Indices) -> bool:
    """Decide the undecided sites of which one state costs the cutoff or more; False where there are none."""
    undecided = node.free[active]
    forced_open, forced_closed = choice.forced_open + paid, choice.forced_closed + paid
    close = undecided & (forced_open >= cutoff)
    keep = undecided & (forced_closed >= cutoff) & ~close
    if not close.any() and not keep.any():
        return False
    settled_at = min(forced_open[close].min(initial=np.inf), forced_closed[keep].min(initial=np.inf))
    settled(node, active[keep], active[close], float(settled_at))
    return True


def settled(node: Node, keep: Indices, close: Indices, settled_at: float) -> None:
    """Sites that are open, or closed, in every plan of the node below `settled_at`, which its best payments prove."""
    node.steps.append(Step(node.pays, node.size_price, keep, close))
    node.settled_at = min(node.settled_at, settled_at)
    node.opened, node.closed = node.opened.copy(), node.closed.copy()
    node.opened[keep] = True
    node.closed[close] = True
