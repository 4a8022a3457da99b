"""Rounds of solving the master and cutting off its optimum, in any box of a part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.course import Course
from networx.solver.location.benders.cuts import strongest
from networx.solver.location.benders.dual import Dual, evaluate
from networx.solver.location.benders.master import Master, Relaxed
from networx.solver.location.benders.part import Part

FEW = 0.1  # of the groups of customers; where fewer cuts come from the middle, those at the optimum itself are added
TAIL = 0.01  # of the way that is left to the cutoff; once rounds gain less, branching does more


@dataclass(frozen=True, slots=True)
class Tightened:
    """The best multipliers that the rounds came by, and the last optimum."""

    dual: Dual
    relaxed: Relaxed


def tighten(part: Part, box: Box, master: Master, course: Course) -> Tightened | None:
    """Ends at the cutoff, when nothing is left to cut off, or when rounds gain little; None when told to stop."""
    dual: Dual | None = None
    core: Floats | None = None
    while True:
        relaxed = master.solve()
        if relaxed is None:
            return None
        before = -np.inf if dual is None else dual.bound
        found = evaluate(part.nearness, part.fixed, box, relaxed.multipliers)
        if dual is None or found.bound > dual.bound:
            dual = found
        if dual.bound >= course.cutoff or dual.bound - before < TAIL * (course.cutoff - dual.bound):
            return Tightened(dual, relaxed)
        core = relaxed.opening if core is None else (core + relaxed.opening) / 2
        if not _cut(part, master, relaxed, core):
            return Tightened(dual, relaxed)


def _cut(part: Part, master: Master, relaxed: Relaxed, core: Floats) -> int:
    """Cuts that the optimum violates, taken half way to the core of past optima, for they cut deeper there."""
    added = master.add(strongest(part.nearness, (relaxed.opening + core) / 2), relaxed)
    if added <= FEW * master.groups.count:
        added += master.add(strongest(part.nearness, relaxed.opening), relaxed)
    return added
