"""Numbers as exact fractions: of the client as they were written, of a solver as what they were meant to be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

LARGEST_DENOMINATOR = 1_000_000


def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(repr(float(number)))


def simple(number: float) -> Fraction:
    """The simple fraction nearest to a number that a solver computed; 0 for what is no number."""
    return Fraction(float(number)).limit_denominator(LARGEST_DENOMINATOR) if math.isfinite(number) else Fraction(0)


def plain(number: float) -> Fraction:
    """A number that a solver computed, to its last bit; 0 for what is no number."""
    return Fraction(float(number)) if math.isfinite(number) else Fraction(0)


def solved(
    equations: Iterable[tuple[Mapping[int, Fraction], Fraction]],
    guess: Mapping[int, Fraction],
    each: Callable[[], None] = lambda: None,
) -> dict[int, Fraction]:
    """Values that meet each equation (terms, right-hand side) that does not contradict those before it.

    What the equations leave open is as in `guess`, which has every unknown. `each` is called before an equation.
    """
    steps: list[tuple[int, dict[int, Fraction], Fraction]] = []
    for terms, end in equations:
        each()
        rest, right = dict(terms), end
        for pivot, others, other_right in steps:
            factor = rest.pop(pivot, None)
            if factor:
                right -= factor * other_right
                for unknown, coefficient in others.items():
                    rest[unknown] = rest.get(unknown, Fraction(0)) - factor * coefficient
        rest = {unknown: coefficient for unknown, coefficient in rest.items() if coefficient}
        if rest:
            pivot = max(rest, key=lambda unknown: abs(rest[unknown]))
            by = rest.pop(pivot)
            steps.append((pivot, {unknown: coefficient / by for unknown, coefficient in rest.items()}, right / by))
            if len(steps) == len(guess):
                break
    values = dict(guess)
    for pivot, others, right in reversed(steps):
        values[pivot] = right - sum(coefficient * values[unknown] for unknown, coefficient in others.items())
    return values
