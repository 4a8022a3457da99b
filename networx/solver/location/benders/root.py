"""Before anything is branched on: climb, search, and drop the sites that no better plan opens."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.benders.ascent import Ascent
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.course import Course
from networx.solver.location.benders.dual import Dual, cheapest_set, evaluate, flip_bounds
from networx.solver.location.benders.part import Part
from networx.solver.location.benders.proof import ROOT, Record
from networx.solver.location.benders.search import improve

STAGES = 25
STEPS = 40  # of the climb, between searches
SLOW = 0.5  # of the way to the cutoff; where more is left after a stage, cutting does more than climbing
MOVES = 500


def search(part: Part, course: Course, share: Floats) -> None:
    """Offer the best set of sites near the one that fractional openings (I,) point at."""
    opened, cost = improve(
        part.nearness, part.fixed, part.box, cheapest_set(0.5 - share, part.box), course.stopping, MOVES
    )
    course.offer(part, opened, cost)


def held(box: Box, dual: Dual, course: Course) -> Box:
    """The box without the plans that flip a site though that costs more than any plan of interest."""
    bounds = flip_bounds(dual, box)
    sure = box.free & (bounds >= course.cutoff)
    course.give_up(float(bounds[sure].min(initial=np.inf)))
    return box.holding(sure & dual.chosen, sure & ~dual.chosen)


def near(whole: Part, course: Course, opened: Flags, multipliers: Floats) -> None:
    """Offer a plan near a neighbour's sites (I,): as many more or fewer as the box asks, by their values at these."""
    values = evaluate(whole.nearness, whole.fixed, whole.box, multipliers).values
    apart = 2.0 * float(np.abs(values).sum()) + 1.0  # so that no site of the neighbour's comes after one that is not
    first = cheapest_set(np.where(opened, values - apart, values + apart), whole.box)
    course.offer(whole, *improve(whole.nearness, whole.fixed, whole.box, first, course.stopping, MOVES))


def climbed(part: Part, course: Course, record: Record, first: Floats | None = None) -> tuple[Part, Dual]:
    """The part that is left after the climb, and the best multipliers in it. `first` (J,) are a neighbour's."""
    ascent = Ascent(part, first)
    for stage in range(STAGES):
        before = course.cutoff - ascent.dual.bound
        ascent.climb(part, course, STEPS)
        course.prove(ascent.dual.bound)
        if not course.stopping():
            search(part, course, ascent.share)
        box = held(part.box, ascent.dual, course)
        record.step(ROOT, part, ascent.dual.multipliers, part.box, box)
        if course.closed or course.stopping():
            break
        part, kept = part.within(box), ~box.closed
        ascent.reduced(part, kept)
        if ascent.spent or (stage > 0 and course.cutoff - ascent.dual.bound > SLOW * before):
            break
    return part, ascent.dual
