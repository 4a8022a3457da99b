"""What is wrong with a model stated as JSON, and what is odd in it: each fault with its place and its cure."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from networx.domain.json_model import INVALID_MODEL
from networx.errors import Problem, RefusedInput

LONGEST_NAME = 255
LARGEST = 1e15  # beyond it the solver's arithmetic says nothing
MOST_WARNINGS = 100
_MOST_PROBLEMS = 100
_MOST_SHOWN = 500
_MISSPELT = 0.8  # how alike two words are, of 1
_NAMES_COMPARED = 1_000


@dataclass(slots=True)
class ModelFaults:
    """The problems and warnings of one reading, collected so that a client mends all of them at once."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def wrong(self, place: str, what: str, rule: str, value: Any = None) -> None:
        """Name a fault at its place."""
        if len(self.problems) < _MOST_PROBLEMS:
            where = shown(place)
            self.problems.append(
                Problem(f"{where} {shown(what)}", rule, column=where, value=None if value is None else shown(value))
            )

    def odd(self, said: str) -> None:
        """Warn of what has a meaning, and perhaps not the one that was meant."""
        self.warnings.append(said)

    def number(self, place: str, value: Any) -> float | None:
        """A number that the solver can work with; None, named as a fault, where it is none."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.wrong(place, f"must be a number{_instead_of_number(value)}.", "number", value)
            return None
        number = float(value) if abs(value) <= LARGEST else math.nan
        if math.isnan(number):
            self.wrong(
                place, f"must be a finite number of at most {LARGEST:g}; leave out what does not limit.", "range", value
            )
            return None
        return number

    def is_object(self, place: str, stated: Any, most: int) -> bool:
        """Whether an object of at most so many members stands there; what else stands there is named as a fault."""
        if not isinstance(stated, dict):
            self.wrong(place, "must be a JSON object, by name.", "type", stated)
            return False
        if len(stated) > most:
            self.too_many(place, len(stated), most, place)
            return False
        return True

    def name(self, place: str, name: str) -> None:
        """Name it as a fault where a name is empty, too long or cannot be written."""
        if not name or len(name) > LONGEST_NAME or not can_be_written(name):
            self.wrong(place, f"must have a name of 1 to {LONGEST_NAME} characters that UTF-8 can write.", "name")

    def too_many(self, place: str, count: int, most: int, what: str) -> None:
        """Name as a fault what the model has too many of."""
        cure = "leave out those that are 0, or solve the model in parts."
        self.wrong(place, f"has {count:,} {what}; {most:,} are the most: {cure}", "too_many")

    def pass_over(self, stated: Mapping[str, Any], words: tuple[str, ...], place: str) -> None:
        """Clients keep notes beside the model: they are passed over, and said to be; a word misspelt is refused."""
        for word in stated:
            if word in words:
                continue
            if not word.startswith("_") and difflib.get_close_matches(word, words, 1, _MISSPELT):
                self.wrong(f"{place}{word}", f"is not known{nearest(word, words)}.", "unknown_word")
            else:
                self.odd(f'"{shown(place + word)}" is not known, and was passed over.')

    def require_known(self, stated: Mapping[str, Any], words: tuple[str, ...], place: str) -> None:
        """Name every word that is not among those that may stand there."""
        for word in stated:
            if word not in words:
                known = f"is not known{nearest(word, words)}; known are {', '.join(words)}."
                self.wrong(f"{place}.{word}", known, "unknown_word")

    def refused(self) -> RefusedInput:
        """The refusal of all that was found."""
        return RefusedInput(self.problems, code=INVALID_MODEL)


def nearest(name: str, names: Iterable[str]) -> str:
    """What was probably meant, as the end of a sentence; empty where nothing is alike."""
    close = difflib.get_close_matches(name, list(islice(names, _NAMES_COMPARED)), 1)
    return f'; did you mean "{close[0]}"?' if close else ""


def can_be_written(name: str) -> bool:
    """Whether UTF-8 can write it: JSON may hold halves of characters."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(value: Any) -> str:
    """A stranger's value, short enough for a message and such that UTF-8 can write it."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return "a huge number"  # Python refuses to write integers of thousands of digits
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = str(value)
    return text[:_MOST_SHOWN].encode(errors="replace").decode()


def _instead_of_number(value: Any) -> str:
    """What to do about a value that is none."""
    if not isinstance(value, str):
        return ""
    try:
        float(value)
    except ValueError:
        return "; a name stands for no value here, so write the value itself"
    return "; send it without quotes"
