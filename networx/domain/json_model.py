"""A linear or mixed-integer model as its client states it: the JSON that javascript-lp-solver made common.

Read here from parsed JSON and checked for shape, word by word; what it means stands in docs/models/generic.md. Nothing
is guessed: a word that is not known, a number that is none and a name that stands for nothing are refused with their
place. What is only odd, and has a meaning, is said in `warnings`.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from networx.errors import Problem, RefusedInput

INVALID_MODEL = "INVALID_MODEL"
MOST_VARIABLES = 200_000
MOST_CONSTRAINTS = 200_000
MOST_COEFFICIENTS = 2_000_000
LONGEST_NAME = 255
LARGEST = 1e15  # beyond it the solver's arithmetic says nothing
PRIORITIES = {"required": 0, "strong": 1, "medium": 2, "weak": 3}

MAXIMISE = {"max": True, "min": False}
_MOST_PROBLEMS = 100
_MOST_WARNINGS = 100
_MOST_SHOWN = 500
_MISSPELT = 0.8  # how alike two words are, of 1
_NAMES_COMPARED = 1_000
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
_OF_CONSTRAINT = ("min", "max", "equal", "weight", "priority")
_OF_OPTIONS = ("tolerance", "timeout")
_MILLISECONDS = 1000.0


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


def read_json_model(stated: Any) -> JsonModel:
    """The model that `stated` (parsed JSON) says. Raises RefusedInput with every problem, by its place."""
    return _Reader().read(stated)


@dataclass(slots=True)
class _Reader:
    """One reading: collects problems, so that a client mends all of them at once."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def read(self, stated: Any) -> JsonModel:
        if not isinstance(stated, dict):
            self._wrong("model", "must be a JSON object with optimize, constraints and variables.", "type", stated)
            raise self._refused()
        self._passed_over(stated, _WORDS, "")
        if not isinstance(stated.get("name", ""), str) or not _written(stated.get("name", "")):
            self._wrong("name", "must be a text that UTF-8 can write.", "type")
        objectives, several = self._objectives(stated)
        requirements = self._requirements(stated.get("constraints", {}), objectives, several)
        variables = self._variables(stated.get("variables", {}))
        named = {word: self._names(stated, word, variables) for word in ("ints", "binaries", "unrestricted")}
        tolerance, timeout = self._options(stated)
        if self.problems:
            raise self._refused()
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
            warnings=tuple(self.warnings[:_MOST_WARNINGS]),
        )

    def _objectives(self, stated: Mapping[str, Any]) -> tuple[tuple[Objective, ...], bool]:
        optimize = stated.get("optimize")
        operation = stated.get("opType")
        if isinstance(optimize, dict):
            if not optimize:
                self._wrong("optimize", "names no attribute; name at least one, each with max or min.", "required")
            for attribute, direction in optimize.items():
                self._name(f"optimize.{attribute}", attribute)
                self._direction(f"optimize.{attribute}", direction)
            return tuple(Objective(name, MAXIMISE.get(_text(how), False)) for name, how in optimize.items()), True
        if optimize is not None and not isinstance(optimize, str):
            self._wrong(
                "optimize", "must be an attribute, or an object of attributes with max or min.", "type", optimize
            )
        if operation is not None:
            self._direction("opType", operation)
        attribute = optimize if isinstance(optimize, str) and optimize else None
        if attribute is not None:
            self._name("optimize", attribute)
        return (Objective(attribute, MAXIMISE.get(_text(operation), False)),), False

    def _direction(self, place: str, direction: Any) -> None:
        if _text(direction) not in MAXIMISE:
            self._wrong(place, 'must be "max" or "min".', "choice", direction)

    def _requirements(self, stated: Any, objectives: tuple[Objective, ...], several: bool) -> tuple[Requirement, ...]:
        if not self._object("constraints", stated, MOST_CONSTRAINTS):
            return ()
        found: list[Requirement] = []
        for name, body in stated.items():
            place = f"constraints.{name}"
            self._name(place, name)
            if not isinstance(body, dict):
                self._wrong(place, 'must be an object such as {"max": 300}.', "type", body)
                continue
            self._known(body, _OF_CONSTRAINT, place)
            read = self._requirement(place, name, body)
            if not several and name == objectives[0].attribute:
                self.warnings.append(f'"{name}" is the objective; its constraint limits nothing.')
            else:
                found.extend(read)
        return tuple(found)

    def _requirement(self, place: str, name: str, body: Mapping[str, Any]) -> tuple[Requirement, ...]:
        """One requirement, or two where its ends contradict each other: no answer can then meet both."""
        limits = {word: self._number(f"{place}.{word}", body[word]) for word in _OF_CONSTRAINT[:3] if word in body}
        if not limits:
            self.warnings.append(f'The constraint "{name}" has no min, max or equal; it limits nothing.')
            return ()
        weight = self._number(f"{place}.weight", body["weight"]) if "weight" in body else None
        if weight is not None and weight < 0:
            self._wrong(f"{place}.weight", "must be 0 or more.", "range", weight)
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
        self._wrong(
            place, f"must be a whole number from 0 to 999, or one of {', '.join(PRIORITIES)}.", "choice", stated
        )
        return 0

    def _variables(self, stated: Any) -> dict[str, dict[str, float]]:
        if not self._object("variables", stated, MOST_VARIABLES):
            return {}
        if not stated:
            self._wrong("variables", "names no variable; a model needs at least one.", "required")
        found: dict[str, dict[str, float]] = {}
        coefficients = 0
        for name, body in stated.items():
            place = f"variables.{name}"
            self._name(place, name)
            if not isinstance(body, dict):
                self._wrong(place, 'must be an object of coefficients such as {"wood": 30}.', "type", body)
                continue
            coefficients += len(body)
            if not all(map(_written, body)):
                self._wrong(place, "has an attribute that UTF-8 cannot write.", "name")
            numbers = {attribute: self._number(f"{place}.{attribute}", number) for attribute, number in body.items()}
            found[name] = {attribute: number for attribute, number in numbers.items() if number is not None}
        if coefficients > MOST_COEFFICIENTS:
            self._too_many("variables", coefficients, MOST_COEFFICIENTS, "coefficients")
        return found

    def _names(self, stated: Mapping[str, Any], word: str, variables: Mapping[str, Any]) -> frozenset[str]:
        named = stated.get(word)
        if named is None:
            return frozenset()
        if not isinstance(named, dict):
            self._wrong(word, 'must be an object of variables such as {"table": 1}.', "type", named)
            return frozenset()
        for name in named:
            if name not in variables:
                self._wrong(f"{word}.{name}", f"names no variable{_nearest(name, variables)}.", "unknown_variable")
            elif not isinstance(named[name], (int, float, type(None))):
                self._wrong(f"{word}.{name}", "must be 1 or true; 0 and false take it out.", "type", named[name])
        # 0, false and null take a variable out, as they do in the language the format comes from.
        return frozenset(name for name, flag in named.items() if flag)

    def _options(self, stated: Mapping[str, Any]) -> tuple[float | None, float | None]:
        options = stated.get("options")
        if options is None:
            options = {}
        if not isinstance(options, dict):
            self._wrong("options", 'must be an object such as {"timeout": 10000}.', "type", options)
            options = {}
        self._passed_over(options, _OF_OPTIONS, "options.")
        found: list[float | None] = []
        for word in _OF_OPTIONS:
            place, number = (f"options.{word}", options[word]) if word in options else (word, stated.get(word))
            read = None if number is None else self._number(place, number)
            if read is not None and (read < 0 or (read == 0 and word == "timeout")):
                self._wrong(
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
                nearest = _nearest(objective.attribute, used)
                self.warnings.append(f'No variable has "{objective.attribute}", which is to be optimised{nearest}.')
        unused = [requirement for requirement in requirements if requirement.name not in used]
        for requirement in unused[:_MOST_WARNINGS]:
            nearest = _nearest(requirement.name, used)
            self.warnings.append(f'No variable has "{requirement.name}", so that it is always 0{nearest}.')

    def _number(self, place: str, value: Any) -> float | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self._wrong(place, f"must be a number{_instead_of_number(value)}.", "number", value)
            return None
        number = float(value) if abs(value) <= LARGEST else math.nan
        if math.isnan(number):
            self._wrong(
                place, f"must be a finite number of at most {LARGEST:g}; leave out what does not limit.", "range", value
            )
            return None
        return number

    def _object(self, place: str, stated: Any, most: int) -> bool:
        if not isinstance(stated, dict):
            self._wrong(place, "must be a JSON object, by name.", "type", stated)
            return False
        if len(stated) > most:
            self._too_many(place, len(stated), most, place)
            return False
        return True

    def _too_many(self, place: str, count: int, most: int, what: str) -> None:
        cure = "leave out those that are 0, or solve the model in parts."
        self._wrong(place, f"has {count:,} {what}; {most:,} are the most: {cure}", "too_many")

    def _passed_over(self, stated: Mapping[str, Any], words: tuple[str, ...], place: str) -> None:
        """Clients keep notes beside the model: they are passed over, and said to be; a word misspelt is refused."""
        for word in stated:
            if word in words:
                continue
            if not word.startswith("_") and difflib.get_close_matches(word, words, 1, _MISSPELT):
                self._wrong(f"{place}{word}", f"is not known{_nearest(word, words)}.", "unknown_word")
            else:
                self.warnings.append(f'"{_shown(place + word)}" is not known, and was passed over.')

    def _known(self, stated: Mapping[str, Any], words: tuple[str, ...], place: str) -> None:
        for word in stated:
            if word not in words:
                known = f"is not known{_nearest(word, words)}; known are {', '.join(words)}."
                self._wrong(f"{place}.{word}", known, "unknown_word")

    def _name(self, place: str, name: str) -> None:
        if not name or len(name) > LONGEST_NAME or not _written(name):
            self._wrong(place, f"must have a name of 1 to {LONGEST_NAME} characters that UTF-8 can write.", "name")

    def _wrong(self, place: str, what: str, rule: str, value: Any = None) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            where = _shown(place)
            self.problems.append(
                Problem(f"{where} {_shown(what)}", rule, column=where, value=None if value is None else _shown(value))
            )

    def _refused(self) -> RefusedInput:
        return RefusedInput(self.problems, code=INVALID_MODEL)


def _instead_of_number(value: Any) -> str:
    """What to do about a value that is none."""
    if not isinstance(value, str):
        return ""
    try:
        float(value)
    except ValueError:
        return "; a name stands for no value here, so write the value itself"
    return "; send it without quotes"


def _shown(value: Any) -> str:
    """A stranger's value, short enough for a message and such that UTF-8 can write it."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return "a huge number"  # Python refuses to write integers of thousands of digits
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = str(value)
    return text[:_MOST_SHOWN].encode(errors="replace").decode()


def _written(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _nearest(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(islice(names, _NAMES_COMPARED)), 1)
    return f'; did you mean "{close[0]}"?' if close else ""
