"""What a changed problem begins with: the base plan, where it meets what is asked now, or the base plan's lesson."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.location_proof import LocationProof
from networx.domain.parameters import BENDERS, LAGRANGIAN
from networx.domain.plan import Outcome, TransportPlan
from networx.domain.sensitivity import Kind, Question
from networx.models.transport import Start
from networx.models.transport.extract import extract
from networx.models.transport.formulation import formulate
from networx.models.transport.instance import TransportInstance
from networx.models.transport.location import engine_of
from networx.models.transport.periods import merged_years
from networx.models.transport.start import values_of
from networx.solver.location.lesson import Lesson

LEARN = (LAGRANGIAN, BENDERS)
MET = 1e-9  # what a row of the formulation, whose numbers are near 1, may be missed by


def beginning(
    question: Question, base: TransportInstance, changed: TransportInstance, plan: TransportPlan, lesson: Lesson | None
) -> tuple[Start | None, Lesson | None]:
    """A plan of the changed problem with its cost there, or what the base problem taught; neither where none fits.

    The bound of the base problem is left out: it is one of another problem.
    """
    if engine_of(changed, merged_years(changed)) in LEARN:
        return None, None if lesson is None else _retold(question, base, changed, lesson)
    moved = _moved(question, changed, plan)
    return None if moved is None else _start(changed, moved), None


def proven_lesson(instance: TransportInstance, outcome: Outcome) -> Lesson | None:
    """What the proof of a base plan teaches, for a base problem whose solver is gone: what customers paid at last."""
    if not isinstance(outcome.proof, LocationProof) or outcome.plan is None:
        return None
    of_all = np.flatnonzero(outcome.proof.step_case == 0)
    if not len(of_all):
        return None
    opened = np.asarray(outcome.plan.open, dtype=bool)[instance.allowed]
    return Lesson(pays=outcome.proof.pays[of_all[-1]], opened=opened)


def _retold(question: Question, base: TransportInstance, changed: TransportInstance, lesson: Lesson) -> Lesson | None:
    """The lesson for the sites and customers of the changed problem, which may have one site more or fewer."""
    if not lesson.fits(int(base.allowed.sum()), int(_served(base).sum())) or (_served(base) != _served(changed)).any():
        return None
    opened = np.zeros(len(base.facility_names), dtype=bool)
    opened[base.allowed] = lesson.opened
    if question.kind is Kind.OPENED:
        opened[question.site] = True
    factor = 1.0 + (question.change or 0.0) if question.kind is Kind.DEMAND else 1.0
    return replace(lesson.scaled(factor), opened=opened[changed.allowed])


def _served(instance: TransportInstance) -> Flags:
    """(J,): who has demand."""
    some: Flags = np.logical_or.reduce(instance.demand > 0, axis=0)
    return some


def _moved(question: Question, changed: TransportInstance, plan: TransportPlan) -> TransportPlan | None:
    """The base plan with the least that the question changes; None where that would be another plan."""
    if question.kind is Kind.DEMAND:
        factor = 1.0 + (question.change or 0.0)
        return replace(plan, flow_units=plan.flow_units * factor, inbound_units=plan.inbound_units * factor)
    if question.kind is Kind.OPENED:
        opened = plan.opened.copy()
        opened[:, question.site] = changed.rules.may[:, question.site]
        return replace(plan, opened=opened)
    return plan if question.kind is Kind.SERVICE else None


def _start(changed: TransportInstance, plan: TransportPlan) -> Start | None:
    """The plan with its cost, None unless it meets every row of the changed problem."""
    periods = merged_years(changed)
    model, values = formulate(changed, periods), values_of(changed, periods, plan)
    rows = model.matrix @ values
    met = (
        (values >= model.lower - MET).all()
        and (values <= model.upper + MET).all()
        and (rows >= model.row_lower - MET).all()
        and (rows <= model.row_upper + MET).all()
    )
    if not met:
        return None
    again, cost = extract(changed, periods, values)
    return Start(again, cost)
