"""A linear or mixed-integer model as its client states it: the JSON that javascript-lp-solver made common.

What each word means stands in docs/models/generic.md; `networx.domain.json_model_reading` reads and checks the JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

INVALID_MODEL = "INVALID_MODEL"


@dataclass(frozen=True, slots=True)
class Objective:
    """An attribute to be made as large or as small as it gets. Without an attribute any feasible answer will do."""

    attribute: str | None
    maximise: bool


@dataclass(frozen=True, slots=True)
class Requirement:
    """`lower <= sum of the attribute over all variables <= upper`; infinite where it does not limit.

    `priority` 0 must hold; others may give way, each unit beyond at `weight`, lower numbers first.
    """

    name: str
    lower: float
    upper: float
    priority: int = 0
    weight: float = 1.0

    @property
    def soft(self) -> bool:
        return self.priority > 0


@dataclass(frozen=True, slots=True)
class JsonModel:
    """A whole model. `variables` maps each variable to its coefficients by attribute; it is 0 or more unless named
    in `unrestricted`. `integers` contain the binaries, which are at most 1 as well."""

    objectives: tuple[Objective, ...]
    several: bool
    requirements: tuple[Requirement, ...]
    variables: Mapping[str, Mapping[str, float]]
    integers: frozenset[str]
    binaries: frozenset[str]
    unrestricted: frozenset[str]
    tolerance: float | None = None
    timeout_seconds: float | None = None
    warnings: tuple[str, ...] = ()
