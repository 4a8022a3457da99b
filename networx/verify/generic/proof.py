"""The certificates of models without an optimum: multipliers that contradict themselves, and rays without end.

Both are checked in exact fractions of the numbers as the client wrote them, without any tolerance: what passes is a
proof. Multipliers and rays come as floating-point numbers and are read as the simple fractions nearest to them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from networx.domain.arrays import Floats
from networx.domain.model_answer import FARKAS, RAY, SOLVER_WORD
from networx.domain.plan import Certificate, Check
from networx.verify.generic.answer import solution_checks
from networx.verify.generic.exact import exact, simple
from networx.verify.generic.facts import Facts
from networx.verify.measure import counted


def certify_infeasible(facts: Facts, multipliers: Floats) -> Certificate:
    """Whether the hard requirements, each times its multiplier and summed, ask for more than the bounds allow.

    A positive multiplier takes a requirement's lower end, a negative one its upper end. Whole numbers play no part:
    what no numbers can meet, no whole ones can.
    """
    contradicts = len(multipliers) == len(facts.lines) and _contradicts(facts, [simple(one) for one in multipliers])
    return _certificate(
        facts, [counted("multipliers contradict", int(not contradicts), "the sum allows an answer")], FARKAS
    )


def certify_unbounded(facts: Facts, point: Floats, ray: Floats) -> Certificate:
    """Whether `point` is allowed, and from any allowed point `ray` leads on for ever, the objective getting better."""
    checks = solution_checks(facts, point)
    along = [simple(one) for one in ray]
    endless = len(ray) == len(facts.names) and _endless(facts, along)
    checks.append(counted("the ray has no end", int(not endless), "a requirement or a bound ends it"))
    gain = _along(facts.worth, along) if endless else Fraction(0)
    better = gain > 0 if facts.maximise else gain < 0
    checks.append(counted("the objective gets better along it", int(not better), "it does not"))
    return _certificate(facts, checks, RAY)


def _contradicts(facts: Facts, multipliers: list[Fraction]) -> bool:
    least = Fraction(0)
    combined: dict[int, Fraction] = {}
    for line, multiplier in zip(facts.lines, multipliers, strict=True):
        if multiplier == 0:
            continue
        end = line.lower if multiplier > 0 else line.upper
        if not math.isfinite(end):
            return False
        least += multiplier * exact(end)
        for at, coefficient in line.terms.items():
            combined[at] = combined.get(at, Fraction(0)) + multiplier * exact(coefficient)
    most = Fraction(0)
    for at, total in combined.items():
        if total == 0:
            continue
        end = facts.upper[at] if total > 0 else facts.lower[at]
        if not math.isfinite(end):
            return False
        most += total * exact(end)
    return least > most


def _endless(facts: Facts, ray: list[Fraction]) -> bool:
    for step, lower, upper in zip(ray, facts.lower, facts.upper, strict=True):
        if (step < 0 and math.isfinite(lower)) or (step > 0 and math.isfinite(upper)):
            return False
    for line in facts.lines:
        change = _along(line.terms, ray)
        if (change < 0 and math.isfinite(line.lower)) or (change > 0 and math.isfinite(line.upper)):
            return False
    return True


def _along(terms: Mapping[int, float], ray: list[Fraction]) -> Fraction:
    return sum((exact(coefficient) * ray[at] for at, coefficient in terms.items() if ray[at]), Fraction(0))


def _certificate(facts: Facts, checks: list[Check], source: str) -> Certificate:
    valid = all(line.passed for line in checks)
    return Certificate(
        dataset_sha256=facts.sha256,
        valid=valid,
        checks=tuple(checks),
        objective=None,
        bound=None,
        gap=None,
        bound_source=source if valid else SOLVER_WORD,
    )
