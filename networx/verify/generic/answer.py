"""The certificate of a solution: every bound, every requirement, every whole number and the objective, recomputed.

The bound of a model without integers is recomputed from its dual values where they prove it; else it is the solver's
word, and recorded as such. What is checked then is that bound, gap and status agree.
"""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.model_answer import DUALITY, PROVEN_WITHIN, SOLVER_WORD, ModelOutcome, gap_of
from networx.domain.plan import Certificate, Check, ResultStatus
from networx.verify.generic.duality import recomputed_bound
from networx.verify.generic.facts import Facts, Line
from networx.verify.measure import check, counted, worst_of

RESIDUAL = 1e-7  # of the larger of 1 and the right-hand side
COST = 1e-9  # relative to the larger of 1 and the objective
WHOLE = 1e-9


def certify_answer(facts: Facts, outcome: ModelOutcome, gap: float) -> Certificate:
    """Check the solution and what is claimed of it; `gap` is what was asked for. Never raises on a bad one."""
    values = np.zeros(0) if outcome.values is None else outcome.values
    checks = solution_checks(facts, values)
    if checks[0].passed:
        checks.append(_objective(facts, values, outcome.objective))
    checks += _claims(facts, outcome, gap)
    bound, source = outcome.bound, SOLVER_WORD
    proven = _proven_bound(facts, outcome, gap) if all(line.passed for line in checks) else None
    if proven is not None:
        bound, source = proven, DUALITY
        open_still = gap_of(outcome.objective, bound)
        assert open_still is not None
        checks.append(check("the bound follows from dual values", open_still, _close(gap) + COST, f"exactly {bound!r}"))
    return Certificate(
        dataset_sha256=facts.sha256,
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=outcome.objective,
        bound=bound,
        gap=gap_of(outcome.objective, bound),
        bound_source=source,
    )


def _proven_bound(facts: Facts, outcome: ModelOutcome, asked: float) -> float | None:
    """The bound that the dual values prove, where it is as good as what is claimed; never beyond the objective."""
    if outcome.multipliers is None or outcome.objective is None or outcome.status is not ResultStatus.OPTIMAL:
        return None
    bound = recomputed_bound(facts, outcome.multipliers)
    if bound is None:
        return None
    # An answer may miss its requirements by their tolerance, and then be a little better than any can be.
    bound = max(bound, outcome.objective) if facts.maximise else min(bound, outcome.objective)
    gap = gap_of(outcome.objective, bound)
    return bound if gap is not None and gap <= _close(asked) else None


def _close(asked: float) -> float:
    return max(asked, PROVEN_WITHIN)


def solution_checks(facts: Facts, values: Floats) -> list[Check]:
    """Whether these values are allowed, whatever they are worth."""
    shape = counted("a number for each variable", abs(len(values) - len(facts.names)), f"{len(values)} numbers")
    if not shape.passed:
        return [shape]
    lower, upper = np.asarray(facts.lower, dtype=float), np.asarray(facts.upper, dtype=float)
    ends = np.maximum(1.0, np.where(np.isfinite(upper), np.abs(upper), 1.0))
    beyond = np.maximum(lower - values, values - upper) / ends
    away = np.where(np.asarray(facts.whole, dtype=bool), np.abs(values - np.round(values)), 0.0)

    def variable(at: tuple[int, ...]) -> str:
        return facts.names[at[0]]

    residuals = np.array([_residual(line, values) for line in facts.lines])
    return [
        shape,
        worst_of("variables keep their bounds", beyond, RESIDUAL, variable),
        worst_of("whole numbers are whole", away, WHOLE, variable),
        worst_of("requirements hold", residuals, RESIDUAL, lambda at: facts.lines[at[0]].name),
    ]


def _residual(line: Line, values: Floats) -> float:
    total = math.fsum(coefficient * float(values[at]) for at, coefficient in line.terms.items())
    short = (line.lower - total) / max(1.0, abs(line.lower)) if math.isfinite(line.lower) else 0.0
    over = (total - line.upper) / max(1.0, abs(line.upper)) if math.isfinite(line.upper) else 0.0
    return max(short, over, 0.0) if math.isfinite(total) else math.inf


def _objective(facts: Facts, values: Floats, claimed: float | None) -> Check:
    worth = [coefficient * float(values[at]) for at, coefficient in facts.worth.items()]
    total = math.fsum([*worth, facts.offset]) if np.isfinite(worth).all() else math.nan
    differs = math.inf if claimed is None else abs(claimed - total) / max(1.0, abs(total))
    return check("objective", differs, COST, f"recomputed {total!r}")


def _claims(facts: Facts, outcome: ModelOutcome, asked: float) -> list[Check]:
    objective, bound = outcome.objective, outcome.bound
    beyond = 0.0
    if objective is not None and bound is not None:
        better = objective - bound if facts.maximise else bound - objective
        beyond = better / max(1.0, abs(objective))
    checks = [check("the bound is not beyond the objective", beyond, COST, f"bound {bound!r}")]
    if outcome.status is ResultStatus.OPTIMAL:
        open_still = math.inf if outcome.gap is None else outcome.gap - _close(asked)
        checks.append(check("optimal is proven", open_still, COST, f"gap {outcome.gap!r}, asked for {asked!r}"))
    return checks
