"""Sensitivity: what a network would cost if one thing were otherwise, each answer a solved problem of its own.

Models ask and answer, `results` tells it. A delta is the best cost of the changed problem less that of the base plan's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from networx.domain.phrases import listed, sayable
from networx.domain.plan import Certificate, Outcome, ResultStatus
from networx.errors import Problem, RefusedInput

NAMES_SHOWN = 10


class Kind(StrEnum):
    """What is otherwise."""

    ONE_MORE = "one_more_site"
    ONE_FEWER = "one_fewer_site"
    DEMAND = "demand"
    SERVICE = "service_level"
    OPENED = "site_opened"
    CLOSED = "site_closed"


class Direction(StrEnum):
    """What is known of a delta before anything is solved."""

    NOT_BELOW_0 = "not_below_0"  # every plan of the changed problem is one of the base problem and costs no less
    NOT_ABOVE_0 = "not_above_0"  # the other way round
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Question:
    """One changed problem. `change` is a share of demand, a number of points or of sites; `site` indexes Facilities."""

    kind: Kind
    label: str
    change: float | None = None
    site: int | None = None


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A question that was not asked, or had no answer when the time was up, and why."""

    kind: Kind
    label: str
    why: str
    site: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions somebody wants answered: of which kinds, and of which facilities by name.

    None asks all kinds, and of the facilities that are most likely to matter.
    """

    kinds: tuple[Kind, ...] | None = None
    names: tuple[str, ...] | None = None

    def as_dict(self) -> dict[str, Any]:
        """As a client states it."""
        return {
            "questions": None if self.kinds is None else [kind.value for kind in self.kinds],
            "sites": None if self.names is None else list(self.names),
        }

    @classmethod
    def from_dict(cls, stated: Mapping[str, Any]) -> Wanted:
        """What `as_dict` gave."""
        kinds, names = stated["questions"], stated["sites"]
        return cls(
            None if kinds is None else tuple(Kind(kind) for kind in kinds), None if names is None else tuple(names)
        )


OF_SITES = (Kind.OPENED, Kind.CLOSED)


def parse_wanted(questions: Sequence[str] | None, sites: Sequence[str] | None) -> Wanted:
    """What a client asks for. Raises RefusedInput naming each word that is no kind of question."""
    known = [kind.value for kind in Kind]
    problems = [
        Problem(
            sayable(f"{word} is no question; ask {listed(known)}."), "choice", column="questions", value=sayable(word)
        )
        for word in questions or ()
        if word not in known
    ]
    if questions is not None and not questions:
        problems.append(
            Problem(f"questions names none; ask {listed(known)}, or leave it out.", "required", column="questions")
        )
    if sites is not None and not sites:
        problems.append(Problem("sites names no facility; name some, or leave it out.", "required", column="sites"))
    if sites and questions is not None and not problems and not {kind.value for kind in OF_SITES} & set(questions):
        words = listed([kind.value for kind in OF_SITES])
        problems.append(
            Problem(f"sites are for the questions {words}; ask one of them too.", "exclusive", column="sites")
        )
    if problems:
        raise RefusedInput(problems)
    return Wanted(
        None if questions is None else tuple(kind for kind in Kind if kind.value in questions),
        None if sites is None else tuple(dict.fromkeys(sites)),
    )


def require_known(known: Sequence[str], names: Sequence[str]) -> None:
    """Raises RefusedInput for names that are none of the `known` facilities'."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        shown = known[:NAMES_SHOWN]
        rest = f" and {len(known) - len(shown):,} more" if len(known) > len(shown) else ""
        message = (
            f"{listed(unknown, 'and')} {'is no facility' if len(unknown) == 1 else 'are no facilities'} of this "
            f"workbook; write names as the sheet Facilities does ({'; '.join(shown)}{rest})."
        )
        raise RefusedInput(
            [Problem(sayable(message), "unknown_name", "sites", None, "sites", sayable("; ".join(unknown)))]
        )


@dataclass(frozen=True, slots=True)
class Delta:
    """Dollars over all years. `value` is None unless both problems are proven; the ends are None where not known."""

    value: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question: an outcome with its certificate, or `why` there is none.

    The outcome is None where the change contradicts the data, or where the answer failed (`failed`): such an answer is
    never shown.
    """

    question: Question
    outcome: Outcome | None
    certificate: Certificate | None
    delta: Delta
    direction: Direction = Direction.EITHER
    why: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """All answers, in the order they were asked. The limit is on all of them together, the base plan's solve apart."""

    answers: tuple[Answer, ...]
    not_asked: tuple[NotAsked, ...]
    time_limit_seconds: float
    seconds: float


NO_DELTA = Delta(None, None, None)


def delta_of(base: Outcome, changed: Outcome, direction: Direction) -> Delta:
    """The change of the best cost: a figure where both are proven within their gaps, and what it lies between.

    The lowest is the changed bound less the base cost, the highest the changed cost less the base bound; what the
    direction excludes is cut off. Where no plan exists there is none.
    """
    if changed.status is ResultStatus.INFEASIBLE or base.objective is None:
        return NO_DELTA
    lowest = None if changed.bound is None else changed.bound - base.objective
    highest = None if changed.objective is None or base.bound is None else changed.objective - base.bound
    if direction is Direction.NOT_BELOW_0:
        lowest = 0.0 if lowest is None else max(lowest, 0.0)
        highest = None if highest is None else max(highest, 0.0)
    if direction is Direction.NOT_ABOVE_0:
        lowest = None if lowest is None else min(lowest, 0.0)
        highest = 0.0 if highest is None else min(highest, 0.0)
    if changed.objective is None or not base.status is changed.status is ResultStatus.OPTIMAL:
        return Delta(None, lowest, highest)
    assert lowest is not None
    assert highest is not None
    return Delta(min(max(changed.objective - base.objective, lowest), highest), lowest, highest)
