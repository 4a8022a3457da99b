"""What one more unit of capacity saves, and how far that holds; and what a tenth more saves, solved again.

The cost of a year (or its shortage) falls ever more slowly with the capacity of a facility, a lane or a supplier: it is
convex and piecewise linear. A dual at the capacity itself is the slope on some side of it; where several are optimal it
may be the left one, which says what a unit less costs. So the year is solved again with a tenth more: where the slope
at one end leads to the other, it is what one more unit saves, all the way between. Where neither does, the curve bends,
and the next try is where both lines meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from networx.domain.capacity import MORE, Bottleneck
from networx.domain.capacity_answer import Place, YearAnswer
from networx.models.capacity.problem import YearProblem
from networx.models.capacity.year import Clock, OutOfTime, least_short, solve_year
from networx.models.transport.instance import TransportInstance

SAME = 1e-9  # relative; two values of a year that differ by less are one
FREE = 1e-6  # of the mean price of a unit; a lower price is rounding
MOST_TRIES = 30


@dataclass(slots=True)
class Examined:
    """Bottlenecks with the answers that show them, and how many full places time did not suffice for."""

    bottlenecks: list[Bottleneck] = field(default_factory=list)
    resolved: list[YearAnswer] = field(default_factory=list)
    left_out: int = 0


def examine(
    instance: TransportInstance,
    base: Sequence[YearAnswer],
    clock: Clock,
    tell: Callable[[int, int], None] = lambda _, __: None,
) -> Examined:
    """Every place with a price on its capacity, the largest saving first. `tell` gets (done, of how many)."""
    found = Examined()
    candidates = _candidates(instance, base)
    for done, (answer, place) in enumerate(candidates):
        tell(done, len(candidates))
        try:
            _Slope(instance, answer, place, clock).into(found)
        except OutOfTime:
            found.left_out = len(candidates) - done
            break
    return found


def _candidates(instance: TransportInstance, base: Sequence[YearAnswer]) -> list[tuple[YearAnswer, Place]]:
    """(answer, place) where the answer's proof puts a price on the place's capacity; short years first."""
    ranked: list[tuple[bool, float, int, int, Place]] = []
    for at, answer in enumerate(base):
        proof = answer.least_cost if answer.least_short is None else answer.least_short
        assert proof is not None
        limit = FREE * _scale(instance, answer) if answer.least_short is None else FREE
        problem = YearProblem(instance, answer.year, answer.opened)
        for number, place in enumerate(proof.places(limit)):
            worth = proof.of(place) * problem.capacity_of(place)
            ranked.append((answer.least_short is None, worth, at, number, place))
    return [(base[at], place) for _, _, at, _, place in sorted(ranked, key=lambda one: one[:4])]


def _scale(instance: TransportInstance, answer: YearAnswer) -> float:
    """Dollars that a unit costs on average."""
    assert answer.cost is not None
    return answer.cost / max(float(instance.demand[answer.year].sum()), 1e-9)


class _Slope:
    """One place in one year, as a function of its capacity."""

    def __init__(self, instance: TransportInstance, answer: YearAnswer, place: Place, clock: Clock) -> None:
        self._problem = YearProblem(instance, answer.year, answer.opened)
        self._answer, self._place, self._clock = answer, place, clock
        self._capacity = self._problem.capacity_of(place)
        self._in_units = answer.least_short is not None
        self._value, self._left = self._read(answer)

    def into(self, found: Examined) -> None:
        """Add what was found, unless one more unit saves nothing. Raises OutOfTime."""
        more = self._capacity * (1 + MORE)
        tenth = self._with(more)
        at, answer = more, tenth
        for _ in range(MOST_TRIES):
            value, slope = self._read(answer)
            ahead = at - self._capacity
            if self._same(value, self._value + self._left * ahead):
                slope = self._left  # the slope at hand holds all the way
                break
            if self._same(self._value, value - slope * ahead):
                break
            # Neither line reaches the other's end: the curve bends where they meet, or between.
            at = self._capacity + (self._value - value + slope * ahead) / (slope - self._left)
            answer = self._with(at)
        else:
            return
        if -slope <= FREE * abs(self._left):
            return
        found.resolved.append(tenth)
        place = len(found.resolved) - 1
        if answer is not tenth:
            found.resolved.append(answer)
        found.bottlenecks.append(
            Bottleneck(self._answer.year, self._place, -slope, len(found.resolved) - 1, tenth=place)
        )

    def _with(self, units: float) -> YearAnswer:
        problem = self._problem.with_capacity(self._place, units)
        return least_short(problem, self._clock) if self._in_units else solve_year(problem, self._clock)

    def _same(self, one: float, other: float) -> bool:
        return abs(one - other) <= SAME * max(abs(self._value), abs(self._left) * self._capacity)

    def _read(self, answer: YearAnswer) -> tuple[float, float]:
        """Dollars, or units short, and how they move with the capacity."""
        proof = answer.least_short if self._in_units else answer.least_cost
        value = answer.short if self._in_units else answer.cost
        assert proof is not None
        assert value is not None
        return value, proof.of(self._place)
