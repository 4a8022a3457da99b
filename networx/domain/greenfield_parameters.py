"""What a greenfield study is asked: how many places, among which candidates, and what it shares with transport."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from networx.domain.greenfield import CandidateRule
from networx.domain.parameter_rules import fail, only, required, whole
from networx.domain.parameter_rules import parameter as _parameter
from networx.domain.parameters import (
    DEFAULT_GAP,
    DEFAULT_TIME_LIMIT_SECONDS,
    OVERRIDES,
    SHEET,
    parse_parameter,
)
from networx.domain.phrases import counted, listed
from networx.errors import Problem, RefusedInput

MOST_NUMBERS = 100


def _places(text: str) -> int:
    number = whole(text)
    return number if number >= 1 else int(fail("must be 1 or more"))


def _candidates(text: str) -> CandidateRule:
    return CandidateRule(only(*CandidateRule)(text))


@dataclass(frozen=True, slots=True)
class GreenfieldParameters:
    """Every number of places from `min_sites` to `max_sites`. What is None was not stated, and nothing is assumed."""

    min_sites: int = required(_places, "The fewest places asked for.", "places")
    max_sites: int = required(_places, "The most places asked for; each number between is asked too.", "places")
    candidates: CandidateRule = _parameter(  # noqa: RUF009  # it makes a field
        _candidates, "Which ZIP centroids may be chosen.", "", CandidateRule.BOTH
    )
    circuity: float | None = None
    cost_per_unit_mile: float | None = None
    time_limit_seconds: float = DEFAULT_TIME_LIMIT_SECONDS
    gap: float = DEFAULT_GAP

    @property
    def counts(self) -> range:
        """The numbers of places."""
        return range(self.min_sites, self.max_sites + 1)


OWN = ("min_sites", "max_sites", "candidates")
# What the sheet Parameters may say of it; the rest of that sheet is for other types, and is named as not read.
READ = tuple(spec.name for spec in fields(GreenfieldParameters) if spec.name not in OWN)


def greenfield_parameters(sheet: Mapping[str, str], overrides: Mapping[str, Any]) -> GreenfieldParameters:
    """Those that it reads of the dataset's sheet, with the scenario's over them.

    Raises RefusedInput naming all that is wrong, missing, or means nothing to it.
    """
    stated: dict[str, tuple[str, str]] = {name: (text, SHEET) for name, text in sheet.items() if name in READ}
    problems = []
    for name, value in overrides.items():
        if value is None:
            stated.pop(name, None)
        elif name not in OWN + READ:
            message = f"{name} means nothing to a greenfield study; it reads {listed(OWN + READ, 'and')}."
            problems.append(Problem(message, "parameter", OVERRIDES, None, name))
        else:
            stated[name] = (str(value), OVERRIDES)
    parsed: dict[str, Any] = {}
    rules = {spec.name: spec.metadata["parse"] for spec in fields(GreenfieldParameters) if spec.name in OWN}
    for name, (text, place) in stated.items():
        try:
            parsed[name] = rules[name](text.strip()) if name in OWN else parse_parameter(name, text)
        except ValueError as error:
            problems.append(Problem(f"{name} {error}.", "parameter", place, None, name, text))
    named = {problem.column for problem in problems}
    for name in ("min_sites", "max_sites"):
        if name not in parsed and name not in named:
            message = f"{name} is missing: say from how many places to how many."
            problems.append(Problem(message, "required", OVERRIDES, None, name))
    if not problems:
        problems = _range(parsed["min_sites"], parsed["max_sites"])
    if problems:
        raise RefusedInput(problems)
    return GreenfieldParameters(**parsed)


def _range(least: int, most: int) -> list[Problem]:
    if most < least:
        return [Problem(f"max_sites {most} is below min_sites {least}.", "range", OVERRIDES, None, "max_sites")]
    numbers = most - least + 1
    if numbers > MOST_NUMBERS:
        message = f"From {least} to {most} are {counted(numbers, 'number')} of places; a study may have {MOST_NUMBERS}."
        return [Problem(message, "too_many", OVERRIDES, None, "max_sites")]
    return []
