"""Facility location and p-median without capacities, to proven optimality: climb, cut, branch."""

from __future__ import annotations

import numpy as np

from networx.solver.location.benders.box import Box
from networx.solver.location.benders.course import Course
from networx.solver.location.benders.cuts import around
from networx.solver.location.benders.dual import Dual
from networx.solver.location.benders.master import Master
from networx.solver.location.benders.part import Part
from networx.solver.location.benders.proof import ROOT, Record
from networx.solver.location.benders.root import climbed, held, near, search
from networx.solver.location.benders.rounds import tighten
from networx.solver.location.benders.search import cost_of
from networx.solver.location.benders.tree import Node, Tree
from networx.solver.location.lesson import Lesson
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Ending, Limits

NAME = "Benders"
HOPELESS = LocationAnswer(Ending.INFEASIBLE, None, None, 0, 0.0)


def solve(
    problem: LocationProblem,
    limits: Limits,
    watch: Watch,
    start: LocationPlan | None = None,
    lesson: Lesson | None = None,
) -> LocationAnswer:
    """Solve a problem whose capacities bind nowhere; they are not looked at. `start` is a plan to begin with; one
    that is none of the problem's is passed over. `lesson` is what a neighbour of this problem taught, passed over where
    it is of other sites or customers.

    Deterministic but for where a limit or a stop cuts it off. Raises SolverFault when HiGHS fails at a linear program.
    """
    if hopeless(problem):
        return HOPELESS
    whole = Part.whole(problem)
    course, record = Course(problem, whole, limits, watch), Record(whole)
    offered(problem, whole, course, start)
    first = None
    if lesson is not None and lesson.fits(len(problem.fixed), len(problem.demand)):
        first = lesson.scaled(1 / whole.unit).pays
        near(whole, course, lesson.opened, first)
    part, dual = climbed(whole, course, record, first)
    if not (course.closed or course.stopping()):
        master = Master(part, course.stopping)
        put_around(master, part, dual)
        cut_and_branched(part, part.box, dual, master, course, record)
    return answered(whole, course, record)


def hopeless(problem: LocationProblem) -> bool:
    """Whether counting alone leaves no plan: of sites, or of a customer's lanes."""
    must, sites = int(problem.must.sum()), len(problem.fixed)
    most = min(problem.at_most, sites)
    served = np.count_nonzero(np.isfinite(problem.cost).any(axis=0))
    customers = len(problem.demand)
    return bool(max(must, problem.at_least) > most or (most == 0 and customers > 0) or served < customers)


def offered(problem: LocationProblem, whole: Part, course: Course, start: LocationPlan | None) -> None:
    """Begin with a plan, if there is one and it is one of the problem's."""
    if start is None:
        return
    count = int(start.opened.sum())
    if problem.at_least <= count <= problem.at_most and count > 0 and start.opened[problem.must].all():
        course.offer(whole, start.opened, cost_of(whole.nearness, whole.fixed, start.opened))


def put_around(master: Master, part: Part, dual: Dual) -> None:
    """The first cuts: together they prove what the multipliers prove."""
    for levels in (dual.multipliers, *around(part.nearness, dual.multipliers)):
        master.add(levels)


def cut_and_branched(part: Part, box: Box, dual: Dual, master: Master, course: Course, record: Record) -> Dual:
    """Close what the climb left open in the box, which the master holds; the multipliers that prove most of it all."""
    tightened = tighten(part, box, master, course)
    if tightened is None:
        return dual
    if tightened.dual.bound > dual.bound:
        dual = tightened.dual
    course.prove(dual.bound)
    if not course.closed:
        search(part, course, tightened.relaxed.opening)
    inner = held(box, dual, course)
    record.step(ROOT, part, dual.multipliers, box, inner)
    if not course.closed:
        Tree(part, master, course, record).grow(Node(dual.bound, 0, inner, ROOT), tightened.relaxed)
    return dual


def answered(whole: Part, course: Course, record: Record) -> LocationAnswer:
    """How it ended, with the proof as it was written down. A bound was proven before."""
    plan = course.plan() if course.found else None
    if course.closed:
        ending = Ending.OPTIMAL if plan is not None else Ending.INFEASIBLE
    else:
        ending = Ending.INTERRUPTED if course.told_to_stop else Ending.LIMIT
    bound = course.bound * whole.unit
    alone = record.alone
    assert alone is not None
    return LocationAnswer(
        ending,
        plan,
        bound if plan is None else min(bound, plan.cost),
        course.nodes,
        course.seconds(),
        alone.bound * whole.unit,
        alone.multipliers * whole.unit,
        record.written(),
        None if plan is None else Lesson(alone.multipliers * whole.unit, plan.opened),
    )
