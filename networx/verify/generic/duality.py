"""A bound on the objective from dual values, in exact fractions: by weak duality any of them give one that holds.

Nothing is believed of the dual values. Each requirement, times its value, is summed; what that leaves of the objective
is worth at least what the variables' bounds allow. A variable without the bound that is needed gets the one that a
single requirement implies. So rounding in the dual values costs a little of the bound, and never its truth. Where it
would cost all of it, the values are mended: where they leave almost nothing of a variable, they are solved for what
leaves nothing at all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from networx.domain.arrays import Floats
from networx.verify.generic.exact import exact, plain, simple, solved
from networx.verify.generic.facts import Facts, Line

# Of coefficients, and of seconds: beyond either, the bound stays the solver's word.
MOST_COEFFICIENTS = 200_000
MOST_SECONDS = 10.0
MOST_MENDED = 80  # dual values; solving for them grows with their cube, and so do the fractions
_ALMOST_NOTHING = 1e-7


class _TooLong(Exception):
    """The clock ran out."""


def recomputed_bound(facts: Facts, duals: Floats, seconds: float = MOST_SECONDS) -> float | None:
    """The best bound that the dual values prove (one a line, of the minimisation), or None where they prove none.

    Rounded so that it stays a bound. None as well for a model that is too large for exact fractions.
    """
    if len(duals) != len(facts.lines):
        return None
    try:
        sums = _Sums(facts, time.monotonic() + seconds)
        found = [bound for read in (simple, plain) if (bound := sums.bound([read(dual) for dual in duals])) is not None]
        if not found:
            mended = sums.bound(sums.mended([plain(dual) for dual in duals]))
            found = [] if mended is None else [mended]
    except _TooLong:
        return None
    return _rounded(max(found), up=facts.maximise) if found else None


def _rounded(bound: Fraction, *, up: bool) -> float | None:
    stated = -bound if up else bound
    try:
        number = float(stated)
    except OverflowError:
        return None
    if up and Fraction(number) < stated:
        return math.nextafter(number, math.inf)
    if not up and Fraction(number) > stated:
        return math.nextafter(number, -math.inf)
    return number


@dataclass(slots=True)
class _Sums:
    """One model, read once: everything in fractions, as a minimisation."""

    facts: Facts
    deadline: float
    _lines: list[tuple[Line, dict[int, Fraction]]] = field(default_factory=list)
    _of_column: dict[int, list[int]] = field(default_factory=dict)
    _activities: dict[int, _Activity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        coefficients = 0
        for at, line in enumerate(self.facts.lines):
            coefficients += len(line.terms)
            if coefficients > MOST_COEFFICIENTS:
                raise _TooLong
            self._look_at_the_clock()
            self._lines.append((line, {column: exact(value) for column, value in line.terms.items() if value}))
            for column in self._lines[-1][1]:
                self._of_column.setdefault(column, []).append(at)

    def bound(self, duals: Sequence[Fraction]) -> Fraction | None:
        """What these dual values prove, or None."""
        total, left = self._summed(duals)
        for column, rest in left.items():
            if rest == 0:
                continue
            self._look_at_the_clock()
            at_least = self._lowest(column) if rest > 0 else self._highest(column)
            if at_least is None:
                return None
            total += rest * at_least
        return total

    def mended(self, duals: Sequence[Fraction]) -> list[Fraction]:
        """The dual values, as near as they are to some that leave exactly nothing where they leave almost nothing."""
        used = {at: dual for at, dual in enumerate(duals) if abs(dual) > _ALMOST_NOTHING}
        if len(used) > MOST_MENDED:
            return list(duals)
        sign = -1 if self.facts.maximise else 1
        _, left = self._summed([used.get(at, Fraction(0)) for at in range(len(duals))])
        equations = (
            (
                {at: self._lines[at][1][column] for at in self._of_column.get(column, ()) if at in used},
                sign * exact(self.facts.worth.get(column, 0.0)),
            )
            for column, rest in left.items()
            if abs(rest) <= _ALMOST_NOTHING * max(1.0, abs(self.facts.worth.get(column, 0.0)))
        )
        values = solved(equations, used, self._look_at_the_clock)
        return [values.get(at, Fraction(0)) for at in range(len(duals))]

    def _summed(self, duals: Sequence[Fraction]) -> tuple[Fraction, dict[int, Fraction]]:
        """What the requirements are worth at these values, and what they leave of each variable's cost."""
        sign = -1 if self.facts.maximise else 1
        total = sign * exact(self.facts.offset)
        left = {column: sign * exact(worth) for column, worth in self.facts.worth.items()}
        for (line, terms), dual in zip(self._lines, duals, strict=True):
            end = line.lower if dual > 0 else line.upper
            if dual == 0 or not math.isfinite(end):
                continue
            self._look_at_the_clock()
            total += dual * exact(end)
            for column, coefficient in terms.items():
                left[column] = left.get(column, Fraction(0)) - dual * coefficient
        return total, left

    def _lowest(self, column: int) -> Fraction | None:
        lower = self.facts.lower[column]
        if math.isfinite(lower):
            return exact(lower)
        return max((end for end in self._implied(column, above=False) if end is not None), default=None)

    def _highest(self, column: int) -> Fraction | None:
        upper = self.facts.upper[column]
        if math.isfinite(upper):
            return exact(upper)
        return min((end for end in self._implied(column, above=True) if end is not None), default=None)

    def _implied(self, column: int, *, above: bool) -> list[Fraction | None]:
        return [self._activity(at).implied(column, self.facts, above=above) for at in self._of_column.get(column, ())]

    def _activity(self, at: int) -> _Activity:
        if at not in self._activities:
            self._look_at_the_clock()
            line, terms = self._lines[at]
            self._activities[at] = _Activity.of(line, terms, self.facts)
        return self._activities[at]

    def _look_at_the_clock(self) -> None:
        if time.monotonic() > self.deadline:
            raise _TooLong


@dataclass(frozen=True, slots=True)
class _Activity:
    """The least and the most that a line's sum can be by its variables' bounds: finite parts, and how many are not."""

    line: Line
    terms: dict[int, Fraction]
    least: Fraction
    endless_below: int
    most: Fraction
    endless_above: int

    @classmethod
    def of(cls, line: Line, terms: dict[int, Fraction], facts: Facts) -> _Activity:
        least, most = Fraction(0), Fraction(0)
        below = above = 0
        for column, coefficient in terms.items():
            low, high = _ends(coefficient, facts.lower[column], facts.upper[column])
            least, below = (least, below + 1) if low is None else (least + low, below)
            most, above = (most, above + 1) if high is None else (most + high, above)
        return cls(line, terms, least, below, most, above)

    def implied(self, column: int, facts: Facts, *, above: bool) -> Fraction | None:
        """The end of the column's range that this line and the bounds of the others imply."""
        coefficient = self.terms[column]
        low, high = _ends(coefficient, facts.lower[column], facts.upper[column])
        if (coefficient > 0) == above:
            # coefficient x column <= upper end - the least of the others
            limit, others, endless = self.line.upper, self.least - (low or 0), self.endless_below - (low is None)
        else:
            limit, others, endless = self.line.lower, self.most - (high or 0), self.endless_above - (high is None)
        if endless or not math.isfinite(limit):
            return None
        return (exact(limit) - others) / coefficient


def _ends(coefficient: Fraction, lower: float, upper: float) -> tuple[Fraction | None, Fraction | None]:
    """The least and the most that coefficient x variable can be; None for endless."""
    ends = [coefficient * exact(end) if math.isfinite(end) else None for end in (lower, upper)]
    return (ends[0], ends[1]) if coefficient > 0 else (ends[1], ends[0])
