"""A client's own model, from its statement to a verdict: the objective, then what may give way, then the proof."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Floats
from networx.domain.json_model import JsonModel
from networx.domain.model_answer import (
    DEFAULT_GAP,
    DEFAULT_TIME_LIMIT_SECONDS,
    ELASTIC_MODEL,
    FARKAS,
    PROVEN_WITHIN,
    RAY,
    SOLVER_WORD,
    ModelData,
    ModelOutcome,
    Question,
    gap_of,
)
from networx.domain.plan import Clash, Infeasibility, Progress, ResultStatus
from networx.errors import SolverFault
from networx.models.generic.evidence import elastic, farkas, ray
from networx.models.generic.formulation import Formulation, formulate_data, formulate_json
from networx.models.generic.search import Clock, Found, Search, contradiction_of, objective_of
from networx.solver.highs import ENGINE
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits

OnIncumbent = Callable[[Question, Floats, float], None]

# A step that gives way must not be undone by the rounding of the step before it.
LOCKED_WITHIN = 0.0
MOST_CLASHES = 20


def solve_json(
    model: JsonModel,
    progress: Callable[[Progress], None] = lambda _: None,
    incumbent: OnIncumbent | None = None,
) -> Iterator[tuple[Question, ModelOutcome]]:
    """Each question of the model with its verdict: one an objective, and where there are several, the point between.

    The point between has every objective at its mean over the different answers, where all objectives have an optimum.
    """
    gap = DEFAULT_GAP if model.tolerance is None else max(model.tolerance, DEFAULT_GAP)
    seconds = DEFAULT_TIME_LIMIT_SECONDS if model.timeout_seconds is None else model.timeout_seconds
    clock = Clock(time.monotonic() + seconds)
    answers: list[Floats] = []
    for objective in model.objectives:
        question = Question(objective)
        outcome = _Run(formulate_json(model, question), question, gap, clock, progress, incumbent).outcome()
        yield question, outcome
        if outcome.status in {ResultStatus.OPTIMAL, ResultStatus.FEASIBLE} and outcome.values is not None:
            answers.append(outcome.values)
    if model.several and len(answers) == len(model.objectives):
        question = _between(model, answers)
        yield question, _Run(formulate_json(model, question), question, gap, clock, progress, None).outcome()


def solve_data(
    data: ModelData,
    progress: Callable[[Progress], None] = lambda _: None,
    incumbent: OnIncumbent | None = None,
    seconds: float = DEFAULT_TIME_LIMIT_SECONDS,
) -> ModelOutcome:
    """The verdict on a model from a file."""
    clock = Clock(time.monotonic() + seconds)
    return _Run(formulate_data(data), Question(), DEFAULT_GAP, clock, progress, incumbent).outcome()


def _between(model: JsonModel, answers: list[Floats]) -> Question:
    different: list[Floats] = []
    for answer in answers:
        if not any(np.allclose(answer, other, rtol=PROVEN_WITHIN, atol=PROVEN_WITHIN) for other in different):
            different.append(answer)
    pins = []
    for objective in model.objectives:
        name = objective.attribute or ""
        coefficients = np.array([variable.get(name, 0.0) for variable in model.variables.values()])
        pins.append((name, float(np.mean([coefficients @ answer for answer in different]))))
    return Question(replace(model.objectives[0], attribute=None), tuple(pins))


@dataclass(slots=True)
class _Run:
    """One question on its way to a verdict."""

    formulation: Formulation
    question: Question
    gap: float
    clock: Clock
    progress: Callable[[Progress], None]
    incumbent: OnIncumbent | None
    began: float = 0.0

    def outcome(self) -> ModelOutcome:
        self.began = time.monotonic()
        model = self.formulation.model
        # On the way to a second goal no answer is final.
        watched = self._told if self.incumbent is not None and not self.formulation.penalties else None
        found = Search(model, self.gap, self.clock, self._shown, watched).run()
        if found.ending is Ending.INFEASIBLE:
            return self._infeasible()
        if found.ending is Ending.UNBOUNDED:
            return self._unbounded()
        if found.values is None:
            return self._verdict(ResultStatus.NO_SOLUTION, bound=self._stated(found.bound))
        return self._answered(found)

    def _answered(self, found: Found) -> ModelOutcome:
        assert found.values is not None
        values, complete = self._given_way(found) if self.formulation.penalties else (found.values, True)
        objective = objective_of(self.formulation.model, values)
        bound = found.bound
        if bound is not None and bound > objective + PROVEN_WITHIN * max(1.0, abs(objective)):
            raise SolverFault(what=f"its bound {bound!r} is beyond the objective {objective!r} of an answer it found")
        bound = None if bound is None else min(bound, objective)
        gap = gap_of(objective, bound)
        proven = complete and gap is not None and gap <= max(self.gap, PROVEN_WITHIN)
        return self._verdict(
            ResultStatus.OPTIMAL if proven else ResultStatus.FEASIBLE,
            objective=self._stated(objective),
            bound=self._stated(bound),
            values=values[: self.formulation.variables],
            multipliers=None if found.duals is None else found.duals[: self.formulation.hard],
        )

    def _given_way(self, found: Found) -> tuple[Floats, bool]:
        """Of all answers as good, the one whose soft requirements give way least, priority by priority."""
        assert found.values is not None
        values, model = found.values, self.formulation.model
        if self.incumbent is not None:
            self._told(values, 0.0)  # an answer, if there is no time for a better one among its equals
        model = _locked(model, model.cost, objective_of(model, values) - model.offset)
        complete = found.ending is Ending.OPTIMAL
        for columns, weights in self.formulation.penalties.values():
            cost = np.zeros(len(model.cost))
            cost[columns] = weights
            step = Search(replace(model, cost=cost, offset=0.0), self.gap, self.clock, self._stage_shown).run()
            if step.values is None:
                return values, False
            values = step.values
            complete = complete and step.ending is Ending.OPTIMAL
            model = _locked(model, cost, float(cost @ values))
        return values, complete

    def _infeasible(self) -> ModelOutcome:
        hard = self.formulation.with_hard_rows_only()
        multipliers = farkas(hard, self.clock.left())
        found, short, over = elastic(hard, Limits(self.clock.left(), self.gap))
        proven = found.bound is not None and found.bound > contradiction_of(hard)
        if multipliers is None and not proven and found.ending is Ending.OPTIMAL:
            raise SolverFault(what="it calls a model infeasible of which every requirement can be met")
        word = ELASTIC_MODEL if proven else SOLVER_WORD
        involved = np.abs(multipliers) > PROVEN_WITHIN if multipliers is not None else (short > 0) | (over > 0)
        clashes = [
            self._clash(hard, at, short[at], over[at]) for at in np.flatnonzero(involved)[:MOST_CLASHES].tolist()
        ]
        if sum(clash.cure is not None for clash in clashes) > 1:
            together = "together with the other changes named here"
            clashes = [replace(one, cure=one.cure and f"{one.cure}, {together}") for one in clashes]
        return self._verdict(
            ResultStatus.INFEASIBLE,
            evidence=word if multipliers is None else FARKAS,
            multipliers=multipliers,
            infeasibility=Infeasibility(word, tuple(clashes)),
        )

    def _clash(self, hard: LinearModel, at: int, short: float, over: float) -> Clash:
        name, lower, upper = self.formulation.row_names[at], float(hard.row_lower[at]), float(hard.row_upper[at])
        if lower == upper:
            message = f'"{name}" must be {lower:.12g}.'
        else:
            limits = [f"at least {lower:.12g}"] if np.isfinite(lower) else []
            limits += [f"at most {upper:.12g}"] if np.isfinite(upper) else []
            message = f'"{name}" must be {" and ".join(limits)}.'
        cure = None
        if short > PROVEN_WITHIN:
            cure = f'{lower - short:.9g} instead of {lower:.9g} for "{name}"'
        elif over > PROVEN_WITHIN:
            cure = f'{upper + over:.9g} instead of {upper:.9g} for "{name}"'
        by = max(short, over)
        return Clash(name, message, float(by) if by > PROVEN_WITHIN else None, cure=cure)

    def _unbounded(self) -> ModelOutcome:
        model = self.formulation.model
        anything = replace(model, cost=np.zeros_like(model.cost))
        point = Search(anything, self.gap, self.clock, self._stage_shown).run()
        if point.ending is Ending.INFEASIBLE:
            return self._infeasible()
        direction = ray(model, self.clock.left())
        if point.values is None:
            return self._verdict(ResultStatus.NO_SOLUTION)
        if direction is None:
            return self._verdict(ResultStatus.UNBOUNDED, evidence=SOLVER_WORD)
        count = self.formulation.variables
        return self._verdict(ResultStatus.UNBOUNDED, evidence=RAY, values=point.values[:count], ray=direction[:count])

    def _verdict(self, status: ResultStatus, **found: object) -> ModelOutcome:
        return ModelOutcome(status, ENGINE, time.monotonic() - self.began, **found)  # type: ignore[arg-type]

    def _stated(self, cost: float | None) -> float | None:
        """A cost in the client's own sense; no negative zero."""
        return None if cost is None else self.formulation.sign * cost + 0.0

    def _told(self, values: Floats, _: float) -> None:
        assert self.incumbent is not None
        whole = np.where(self.formulation.model.integer, np.round(values), values)
        cost = objective_of(self.formulation.model, whole)
        self.incumbent(self.question, whole[: self.formulation.variables], self.formulation.sign * cost)

    def _shown(self, now: Progress) -> None:
        self.progress(replace(now, incumbent=self._stated(now.incumbent), bound=self._stated(now.bound)))

    def _stage_shown(self, now: Progress) -> None:
        """Of a search with another goal: its figures are not the model's."""
        self.progress(Progress(now.stage))


def _locked(model: LinearModel, cost: Floats, worth: float) -> LinearModel:
    """The model with one row more: this cost stays as low as it is."""
    if not cost.any():
        return model
    return replace(
        model,
        matrix=sparse.csc_matrix(sparse.vstack([model.matrix, sparse.csr_matrix(cost)])),
        row_lower=np.append(model.row_lower, -np.inf),
        row_upper=np.append(model.row_upper, worth + LOCKED_WITHIN * max(1.0, abs(worth))),
    )
