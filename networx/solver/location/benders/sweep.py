"""Many counts of open sites of one problem, searched together: each begins with what is known and has its own proof.

A cut says what customers pay whatever is open, so that one master serves all counts: its count row moves, and each
linear program goes on from the last one's basis and cuts. A count also begins with the sites and multipliers of the
nearest one before it. Bounds, and the sites that they rule out, are evaluated anew for each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.benders.box import Box
from networx.solver.location.benders.course import Course
from networx.solver.location.benders.dual import Dual, evaluate
from networx.solver.location.benders.engine import HOPELESS, answered, cut_and_branched, hopeless, offered, put_around
from networx.solver.location.benders.master import Master
from networx.solver.location.benders.part import Part
from networx.solver.location.benders.proof import ROOT, Record
from networx.solver.location.benders.root import climbed, held, near
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Limits


@dataclass(frozen=True, slots=True)
class _Known:
    """What a count left: `opened` (I,) are the sites of its best plan, `multipliers` (J,) prove most of it."""

    opened: Flags
    multipliers: Floats


class Sweep:
    """A problem without capacities that bind, of which counts from `at_least` to `at_most` are asked in any order."""

    def __init__(self, problem: LocationProblem) -> None:
        self._problem = problem
        self._whole: Part | None = None
        self._master: Master | None = None
        self._course: Course | None = None
        self._known: dict[int, _Known] = {}

    def solve(self, count: int, limits: Limits, watch: Watch, start: LocationPlan | None = None) -> LocationAnswer:
        """Exactly so many sites, as `engine.solve` would: within the range, or it raises ValueError.

        Deterministic for the same counts in the same order, but for where a limit or a stop cuts one off.
        """
        if not self._problem.at_least <= count <= self._problem.at_most:
            raise ValueError(f"{count} sites are not in the range that was stated")
        problem = replace(self._problem, at_least=count, at_most=count)
        if hopeless(problem):
            return HOPELESS
        if self._whole is None:
            self._whole = Part.whole(self._problem)
        whole = replace(self._whole, box=replace(self._whole.box, at_least=count, at_most=count))
        course, record = Course(problem, whole, limits, watch), Record(whole)
        self._course = course
        offered(problem, whole, course, start)
        box, dual = self._begun(count, whole, course, record)
        if not (course.closed or course.stopping()):
            dual = cut_and_branched(whole, box, dual, self._master_at(whole, box, dual), course, record)
        if course.best is not None:
            self._known[count] = _Known(course.best, dual.multipliers)
        return answered(whole, course, record)

    def _begun(self, count: int, whole: Part, course: Course, record: Record) -> tuple[Box, Dual]:
        """What is left where the nearest count's multipliers rule the rest out; the first count climbs instead."""
        if not self._known:
            part, dual = climbed(whole, course, record)
            left = part.globally(np.ones(len(part.fixed), dtype=bool))
            return whole.box.holding(part.globally(part.box.opened), ~left), dual
        known = self._known[min(self._known, key=lambda other: abs(other - count))]
        near(whole, course, known.opened, known.multipliers)
        dual = evaluate(whole.nearness, whole.fixed, whole.box, known.multipliers)
        course.prove(dual.bound)
        box = held(whole.box, dual, course)
        record.step(ROOT, whole, dual.multipliers, whole.box, box)
        return box, dual

    def _master_at(self, whole: Part, box: Box, dual: Dual) -> Master:
        """The one master of all counts, at this one."""
        if self._master is None:
            self._master = Master(whole, self._stopping)
            put_around(self._master, whole, dual)
        self._master.tidy()  # what held nothing up at the count before costs more than it saves at this one
        self._master.count(box.at_least, box.at_most)
        self._master.hold(box)
        return self._master

    def _stopping(self) -> bool:
        assert self._course is not None
        return self._course.stopping()
