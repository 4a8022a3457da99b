"""Every question solved in turn within one time limit; what did not come is said."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Outcome, Progress
from networx.domain.sensitivity import NO_DELTA, Answer, Kind, NotAsked, Question, Sensitivity, delta_of
from networx.errors import RefusedInput, SolverFault
from networx.models.sensitivity.beginning import beginning, proven_lesson
from networx.models.sensitivity.changes import Changed, changed
from networx.models.sensitivity.questions import count_open, questions, require_names
from networx.models.transport import TransportInstance, prepare, solve_transport
from networx.solver.location.lesson import Lesson

LEAST_SECONDS = 1.0  # less time is not worth a question

Certify = Callable[[NetworkTables, TransportParameters, Outcome], Certificate | None]


@dataclass(frozen=True, slots=True)
class Base:
    """The problem as it was stated, its outcome with a plan, and what it taught, where its engine does."""

    tables: NetworkTables
    parameters: TransportParameters
    outcome: Outcome
    lesson: Lesson | None = None


def ask(
    base: Base,
    certify: Certify | None,
    names: Sequence[str] | None = None,
    progress: Callable[[str, int, int, Progress], None] = lambda *_: None,
    stop: Callable[[], bool] = lambda: False,
    seconds: Callable[[], float] = time.monotonic,
    *,
    kinds: Collection[Kind] | None = None,
    known: Collection[str] = (),
    planned: Callable[[Sequence[Question], Sequence[NotAsked]], None] = lambda *_: None,
    answered: Callable[[Answer], None] = lambda _: None,
) -> Sensitivity:
    """Answer what is asked of the base plan, within its `time_limit_seconds` for all questions together.

    `names` are the facilities to ask of one by one; None asks of those most likely to matter. `kinds` are the kinds of
    questions; None asks them all. Those whose labels are `known` are passed over. `progress` gets the question, its
    number, how many there are, and where it stands; `planned` what is asked and what is not, before anything is solved,
    and `answered` each answer as it comes. `seconds` is the clock of the
    shared limit. Without `certify` no answer is checked: whoever gets them has them `checked`.

    Raises RefusedInput for names that are no facility's.
    """
    plan = base.outcome.plan
    assert plan is not None
    require_names(base.tables, names or ())
    started, limit = seconds(), base.parameters.time_limit_seconds
    instance = prepare(base.tables, base.parameters)
    if base.lesson is None:
        base = replace(base, lesson=proven_lesson(instance, base.outcome))
    asked, not_asked = questions(base.tables, instance, plan, names, kinds)
    planned(asked, not_asked)
    answers: list[Answer] = []
    for number, question in enumerate(asked):
        if question.label in known:
            continue
        left = limit - (seconds() - started)
        if stop() or left < LEAST_SECONDS:
            why = "stopped before" if stop() else "the time was up before"
            not_asked.append(NotAsked(question.kind, question.label, why, question.site))
            continue
        # What a question leaves of its share is for those after it.
        still = sum(other.label not in known for other in asked[number:])
        share = max(left / still, LEAST_SECONDS)
        told = _told(progress, question.label, number + 1, len(asked))
        answer = _answered(base, instance, question, share, told, stop)
        answers.append(answer if certify is None else checked(base, answer, certify))
        answered(answers[-1])
    return Sensitivity(tuple(answers), tuple(not_asked), limit, seconds() - started)


def _problem_of(base: Base, question: Question) -> Changed:
    """The problem that a question makes of the base problem."""
    assert base.outcome.plan is not None
    return changed(base.tables, base.parameters, question, count_open(base.outcome.plan) or 0)


def checked(base: Base, answer: Answer, certify: Certify) -> Answer:
    """The answer with its certificate and its delta; one that fails its check is emptied, and says so."""
    if answer.outcome is None:
        return answer
    problem = _problem_of(base, answer.question)
    certificate = certify(problem.tables, problem.parameters, answer.outcome)
    if certificate is not None and not certificate.valid:
        return Answer(answer.question, None, None, NO_DELTA, why=(str(certificate.refusal()),), failed=True)
    delta = delta_of(base.outcome, answer.outcome, problem.direction)
    return replace(answer, certificate=certificate, delta=delta, direction=problem.direction)


def _told(
    progress: Callable[[str, int, int, Progress], None], label: str, number: int, of: int
) -> Callable[[Progress], None]:
    return lambda now: progress(label, number, of, now)


def _answered(
    base: Base,
    instance: TransportInstance,
    question: Question,
    share: float,
    progress: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> Answer:
    """One question solved; what the change contradicts, or a solver does, is told and ends no other."""
    assert base.outcome.plan is not None
    problem = _problem_of(base, question)
    parameters = replace(problem.parameters, time_limit_seconds=share)
    try:
        now = prepare(problem.tables, parameters)
        start, lesson = beginning(question, instance, now, base.outcome.plan, base.lesson)
        outcome = solve_transport(problem.tables, parameters, progress, stop=stop, start=start, lesson=lesson)
    except RefusedInput as refused:
        return Answer(question, None, None, NO_DELTA, why=tuple(one.message for one in refused.problems))
    except SolverFault as fault:
        return Answer(question, None, None, NO_DELTA, why=(str(fault),), failed=True)
    return Answer(question, outcome, None, NO_DELTA, problem.direction, _why(outcome))


def _why(outcome: Outcome) -> tuple[str, ...]:
    """Why there is no plan; nothing where there is one."""
    if outcome.infeasibility is not None:
        return tuple(clash.message for clash in outcome.infeasibility.clashes)
    return () if outcome.plan is not None else ("Its time was up before a plan was found.",)
