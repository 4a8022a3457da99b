"""What a source is to the orchestrator: something with a name that is asked for subjects of one kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from json import JSONDecodeError, loads
from typing import Any, Protocol

from networx.errors import OutboundRefused, OutboundUnavailable
from networx.market.values import Observation, Standing, Unusable
from networx.resilience.exchange import Answer, Call
from networx.resilience.http import Terms

Caller = Callable[[Call, Terms], Answer]


@dataclass(frozen=True, slots=True)
class Told:
    """What one question brought: observations and, of the other subjects, why not; both by subject."""

    observations: Mapping[str, Observation] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """A place that tells figures. Raises nothing: whatever goes wrong is told as the reason of each subject."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def subjects(self) -> Sequence[str]: ...

    @property
    def standing(self) -> Standing: ...

    @property
    def licence(self) -> str: ...

    @property
    def address(self) -> str: ...

    def observe(self, subjects: Sequence[str], now: datetime) -> Told:
        """Ask for these subjects, all of which are among `subjects`."""
        ...


def ask(caller: Caller, call: Call, terms: Terms) -> Any:
    """The JSON of an answer, its fractions as Decimal. Raises Unusable with the reason."""
    try:
        answer = caller(call, terms)
    except (OutboundUnavailable, OutboundRefused) as fault:
        raise Unusable(str(fault.facts["reason"])) from fault
    try:
        said = loads(answer.body, parse_float=Decimal, parse_constant=_no_number)
    except (JSONDecodeError, UnicodeDecodeError, RecursionError, ValueError):
        if answer.status >= 400:
            raise Unusable(f"it answered HTTP {answer.status}") from None
        raise Unusable("its answer is no JSON") from None
    if answer.status >= 400:
        raise Unusable(f"it answered HTTP {answer.status}{_word(said)}")
    return said


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _word(said: Any) -> str:
    """The code of an error as the public interfaces write it, if there is a short one."""
    error = said.get("error", said) if isinstance(said, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return f" ({code})" if isinstance(code, str) and code.replace("_", "").isalnum() and len(code) <= 40 else ""


def member(said: Any, *path: str | int) -> Any:
    """What stands at a path of names and positions. Raises Unusable, naming the first that is not there."""
    for step in path:
        found = isinstance(said, dict) and isinstance(step, str) and step in said
        counted = isinstance(said, list) and isinstance(step, int) and 0 <= step < len(said)
        if not (found or counted):
            raise Unusable(f"its answer has no {step}")
        said = said[step]
    return said


def failed(subjects: Sequence[str], reason: str) -> Told:
    """All of these failed for one reason."""
    return Told(failures=dict.fromkeys(subjects, reason))
