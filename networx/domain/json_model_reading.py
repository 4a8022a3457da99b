"""Reads a model from parsed JSON and checks its shape, word by word.

Nothing is guessed: a word that is not known, a number that is none and a name that stands for nothing are refused with
their place. What is only odd, and has a meaning, is said in `warnings`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from networx.domain.json_model import JsonModel, Objective, Requirement
from networx.domain.json_model_faults import MOST_WARNINGS, ModelFaults, can_be_written, nearest

MOST_VARIABLES = 200_000
MOST_CONSTRAINTS = 200_000
MOST_COEFFICIENTS = 2_000_000
PRIORITIES = {"required": 0, "strong": 1, "medium": 2, "weak": 3}
MAXIMISE = {"max": True, "min": False}
_WORDS = (
    "optimize",
    "opType",
    "constraints",
    "variables",
    "ints",
    "binaries",
    "unrestricted",
    "tolerance",
    "timeout",
    "options",
    "name",
)
_LIMITS = ("min", "max", "equal")
_OF_CONSTRAINT = (*_LIMITS, "weight", "priority")
_OF_OPTIONS = ("tolerance", "timeout")
_MILLISECONDS = 1000.0


def read_json_model(stated: Any) -> JsonModel:
    """The model that `stated` (parsed JSON) says. Raises RefusedInput with every problem, by its place."""
    return _Reader().read(stated)


@dataclass(slots=True)
class _Reader:
    """One reading of one model."""

    faults: ModelFaults = field(default_factory=ModelFaults)

    def read(self, stated: Any) -> JsonModel:
        if not isinstance(stated, dict):
            self.faults.wrong(
                "model", "must be a JSON object with optimize, constraints and variables.", "type", stated
            )
            raise self.faults.refused()
        self.faults.pass_over(stated, _WORDS, "")
        if not isinstance(stated.get("name", ""), str) or not can_be_written(stated.get("name", "")):
            self.faults.wrong("name", "must be a text that UTF-8 can write.", "type")
        objectives, several = self._objectives(stated)
        requirements = self._requirements(stated.get("constraints", {}), objectives, several)
        variables = self._variables(stated.get("variables", {}))
        named = {word: self._names(stated, word, variables) for word in ("ints", "binaries", "unrestricted")}
        tolerance, timeout = self._options(stated)
        if self.faults.problems:
            raise self.faults.refused()
        self._unused(objectives, requirements, variables)
        return JsonModel(
            objectives=objectives,
            several=several,
            requirements=requirements,
            variables=variables,
            integers=named["ints"] | named["binaries"],
            binaries=named["binaries"],
            unrestricted=named["unrestricted"],
            tolerance=tolerance,
            timeout_seconds=None if timeout is None else timeout / _MILLISECONDS,
            warnings=tuple(self.faults.warnings[:MOST_WARNINGS]),
        )

    def _objectives(self, stated: Mapping[str, Any]) -> tuple[tuple[Objective, ...], bool]:
        optimize = stated.get("optimize")
        operation = stated.get("opType")
        if isinstance(optimize, dict):
            if not optimize:
                self.faults.wrong(
                    "optimize", "names no attribute; name at least one, each with max or min.", "required"
                )
            for attribute, direction in optimize.items():
                self.faults.name(f"optimize.{attribute}", attribute)
                self._direction(f"optimize.{attribute}", direction)
            return tuple(Objective(name, MAXIMISE.get(_text(how), False)) for name, how in optimize.items()), True
        if optimize is not None and not isinstance(optimize, str):
            self.faults.wrong(
                "optimize", "must be an attribute, or an object of attributes with max or min.", "type", optimize
            )
        if operation is not None:
            self._direction("opType", operation)
        attribute = optimize if isinstance(optimize, str) and optimize else None
        if attribute is not None:
            self.faults.name("optimize", attribute)
        return (Objective(attribute, MAXIMISE.get(_text(operation), False)),), False

    def _direction(self, place: str, direction: Any) -> None:
        if _text(direction) not in MAXIMISE:
            self.faults.wrong(place, 'must be "max" or "min".', "choice", direction)

    def _requirements(self, stated: Any, objectives: tuple[Objective, ...], several: bool) -> tuple[Requirement, ...]:
        if not self.faults.is_object("constraints", stated, MOST_CONSTRAINTS):
            return ()
        found: list[Requirement] = []
        for name, body in stated.items():
            place = f"constraints.{name}"
            self.faults.name(place, name)
            if not isinstance(body, dict):
                self.faults.wrong(place, 'must be an object such as {"max": 300}.', "type", body)
                continue
            self.faults.require_known(body, _OF_CONSTRAINT, place)
            read = self._requirement(place, name, body)
            if not several and name == objectives[0].attribute:
                self.faults.odd(f'"{name}" is the objective; its constraint limits nothing.')
            else:
                found.extend(read)
        return tuple(found)

    def _requirement(self, place: str, name: str, body: Mapping[str, Any]) -> tuple[Requirement, ...]:
        """One requirement, or two where its ends contradict each other: no answer can then meet both."""
        limits = {
            word: self.faults.number(f"{place}.{word}", body[word]) for word in _OF_CONSTRAINT[:3] if word in body
        }
        if not limits:
            self.faults.odd(f'The constraint "{name}" has no min, max or equal; it limits nothing.')
            return ()
        weight = self.faults.number(f"{place}.weight", body["weight"]) if "weight" in body else None
        if weight is not None and weight < 0:
            self.faults.wrong(f"{place}.weight", "must be 0 or more.", "range", weight)
        priority = self._priority(f"{place}.priority", body)
        if None in limits.values():
            return ()
        equal = limits.get("equal")
        lower = limits.get("min", -math.inf) if equal is None else equal
        upper = limits.get("max", math.inf) if equal is None else equal
        assert lower is not None
        assert upper is not None
        ends = [(lower, upper)] if lower <= upper else [(lower, math.inf), (-math.inf, upper)]
        return tuple(Requirement(name, low, high, priority, 1.0 if weight is None else weight) for low, high in ends)

    def _priority(self, place: str, body: Mapping[str, Any]) -> int:
        """A constraint with a weight or a priority may give way; with a weight alone it is the first to be met."""
        if "priority" not in body:
            return 1 if "weight" in body else 0
        stated = body["priority"]
        if isinstance(stated, str) and stated in PRIORITIES:
            return PRIORITIES[stated]
        if isinstance(stated, (int, float)) and not isinstance(stated, bool) and stated in range(1000):
            return int(stated)
        self.faults.wrong(
            place, f"must be a whole number from 0 to 999, or one of {', '.join(PRIORITIES)}.", "choice", stated
        )
        return 0

    def _variables(self, stated: Any) -> dict[str, dict[str, float]]:
        if not self.faults.is_object("variables", stated, MOST_VARIABLES):
            return {}
        if not stated:
            self.faults.wrong("variables", "names no variable; a model needs at least one.", "required")
        found: dict[str, dict[str, float]] = {}
        coefficients = 0
        for name, body in stated.items():
            place = f"variables.{name}"
            self.faults.name(place, name)
            if not isinstance(body, dict):
                self.faults.wrong(place, 'must be an object of coefficients such as {"wood": 30}.', "type", body)
                continue
            coefficients += len(body)
            if not all(map(can_be_written, body)):
                self.faults.wrong(place, "has an attribute that UTF-8 cannot write.", "name")
            numbers = {
                attribute: self.faults.number(f"{place}.{attribute}", number) for attribute, number in body.items()
            }
            found[name] = {attribute: number for attribute, number in numbers.items() if number is not None}
        if coefficients > MOST_COEFFICIENTS:
            self.faults.too_many("variables", coefficients, MOST_COEFFICIENTS, "coefficients")
        return found

    def _names(self, stated: Mapping[str, Any], word: str, variables: Mapping[str, Any]) -> frozenset[str]:
        named = stated.get(word)
        if named is None:
            return frozenset()
        if not isinstance(named, dict):
            self.faults.wrong(word, 'must be an object of variables such as {"table": 1}.', "type", named)
            return frozenset()
        for name in named:
            if name not in variables:
                self.faults.wrong(f"{word}.{name}", f"names no variable{nearest(name, variables)}.", "unknown_variable")
            elif not isinstance(named[name], (int, float, type(None))):
                self.faults.wrong(f"{word}.{name}", "must be 1 or true; 0 and false take it out.", "type", named[name])
        # 0, false and null take a variable out, as they do in the language the format comes from.
        return frozenset(name for name, flag in named.items() if flag)

    def _options(self, stated: Mapping[str, Any]) -> tuple[float | None, float | None]:
        options = stated.get("options")
        if options is None:
            options = {}
        if not isinstance(options, dict):
            self.faults.wrong("options", 'must be an object such as {"timeout": 10000}.', "type", options)
            options = {}
        self.faults.pass_over(options, _OF_OPTIONS, "options.")
        found: list[float | None] = []
        for word in _OF_OPTIONS:
            place, number = (f"options.{word}", options[word]) if word in options else (word, stated.get(word))
            read = None if number is None else self.faults.number(place, number)
            if read is not None and (read < 0 or (read == 0 and word == "timeout")):
                self.faults.wrong(
                    place,
                    f"must be {'above 0, in milliseconds' if word == 'timeout' else '0 or more'}.",
                    "range",
                    number,
                )
            found.append(read)
        return found[0], found[1]

    def _unused(
        self,
        objectives: Iterable[Objective],
        requirements: Iterable[Requirement],
        variables: Mapping[str, Mapping[str, float]],
    ) -> None:
        used = {attribute for coefficients in variables.values() for attribute in coefficients}
        for objective in objectives:
            if objective.attribute is not None and objective.attribute not in used:
                meant = nearest(objective.attribute, used)
                self.faults.odd(f'No variable has "{objective.attribute}", which is to be optimised{meant}.')
        unused = [requirement for requirement in requirements if requirement.name not in used]
        for requirement in unused[:MOST_WARNINGS]:
            meant = nearest(requirement.name, used)
            self.faults.odd(f'No variable has "{requirement.name}", so that it is always 0{meant}.')


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
