"""What a fit of rates to shipments is asked: where weight bands begin, how few shipments are too few, and circuity.

None of it is business data but circuity, which only a network or the scenario states.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

from networx.domain.parameter_rules import at_least_one, fail, parameter, whole
from networx.domain.parameters import OVERRIDES, SHEET
from networx.domain.phrases import listed
from networx.errors import Problem, RefusedInput

FEWEST = 30  # shipments; below it a fit of three figures says little of the next shipment
LEAST_FEWEST = 4  # one more than there are figures
BREAKS = (0.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0)  # pounds, as tariffs break them


def read_breaks(text: str) -> tuple[float, ...]:
    """Weights such as `0,500,1000`, each above the one before. Raises ValueError."""
    try:
        breaks = tuple(float(part) for part in text.split(","))
    except ValueError:
        breaks = ()
    if not breaks or breaks[0] < 0 or any(not low < high < math.inf for low, high in pairwise((*breaks, 1e308))):
        fail("must be weights in pounds, each above the one before, such as 0,500,1000")
    return breaks


def written_breaks(breaks: tuple[float, ...]) -> str:
    """The other way round, to the last digit."""
    return ",".join(repr(pounds).removesuffix(".0") for pounds in breaks)


def _fewest(text: str) -> int:
    count = whole(text)
    return count if count >= LEAST_FEWEST else int(fail(f"must be {LEAST_FEWEST} or more"))


@dataclass(frozen=True, slots=True)
class RateParameters:
    """How a fit is made. Without `circuity` only shipments that state their miles are fitted to."""

    weight_breaks: tuple[float, ...] = parameter(  # it makes a field
        read_breaks, "Where weight bands begin; the last is open.", "lb", BREAKS
    )
    fewest_shipments: int = parameter(_fewest, "A band of fewer shipments is not fitted.", "shipments", FEWEST)
    circuity: float | None = parameter(
        at_least_one, "Great-circle miles x this are the miles of shipments that state none.", "factor"
    )


def rate_parameters(sheet: Mapping[str, str], overrides: Mapping[str, Any]) -> RateParameters:
    """What the scenario states; circuity of the network's `sheet` where the scenario does not say it.

    Raises RefusedInput naming all that is wrong or means nothing to it.
    """
    rules = {spec.name: spec.metadata["parse"] for spec in fields(RateParameters)}
    stated = {name: (text, SHEET) for name, text in sheet.items() if name == "circuity"}
    problems: list[Problem] = []
    for name, value in overrides.items():
        if value is None:
            stated.pop(name, None)
        elif name not in rules:
            message = f"{name} means nothing to a fit of rates; it reads {listed(tuple(rules), 'and')}."
            problems.append(Problem(message, "parameter", OVERRIDES, None, name))
        else:
            stated[name] = (str(value), OVERRIDES)
    parsed: dict[str, Any] = {}
    for name, (text, place) in stated.items():
        try:
            parsed[name] = rules[name](text.strip())
        except ValueError as error:
            problems.append(Problem(f"{name} {error}.", "parameter", place, None, name, text))
    if problems:
        raise RefusedInput(problems)
    return RateParameters(**parsed)
