"""What states a model: JSON, or the text of an MPS or LP file.

MPS text is looked over before a reader gets it: readers take a word for a zero and go on without saying so.

LP text has a grammar that its reader keeps to. Every line of an MPS file that would be read as something else than it
says is refused with its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from networx.domain.json_model import INVALID_MODEL, read_json_model
from networx.errors import Problem, RefusedInput

FORMATS = ("mps", "lp")
_MOST_PROBLEMS = 100
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
_INFINITE = re.compile(r"[+-]?(inf|infinity)", re.IGNORECASE)
_ROW_TYPES = frozenset("NLGE")
_WITH_VALUE = frozenset({"LO", "UP", "FX", "LI", "UI"})
_WITHOUT_VALUE = frozenset({"FR", "MI", "PL", "BV"})
_SECTIONS = ("NAME", "OBJSENSE", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "ENDATA")


def statement_of(stated: Any) -> tuple[str, bytes]:
    """What a request states as its model, as (format, content): `{"mps": text}`, `{"lp": text}`, else the JSON itself.

    Raises RefusedInput for what is no model.
    """
    for kind in FORMATS:
        if isinstance(stated, dict) and list(stated) == [kind]:
            text = stated[kind]
            if not isinstance(text, str):
                raise _refused(f"model.{kind} must be the text of the file.", kind)
            try:
                content = text.encode()
            except UnicodeEncodeError:
                raise _refused(f"model.{kind} has characters that UTF-8 cannot write.", kind) from None
            check_model_text(text, kind)
            return kind, content
    read_json_model(stated)
    try:
        content = json.dumps(stated, allow_nan=False, ensure_ascii=False).encode()
        orjson.loads(content)
    except ValueError:
        # In a note beside the model; what the model says was read.
        raise _refused("The model holds a text or a number that JSON in UTF-8 cannot write.", "json") from None
    return "json", content


def _refused(message: str, kind: str) -> RefusedInput:
    return RefusedInput([Problem(message, "text", column=f"model.{kind}")], code=INVALID_MODEL)


def check_model_text(text: str, kind: str) -> None:
    """Raises RefusedInput for a text that is no model of its format, as far as it can be told without reading it."""
    if not text.strip():
        raise RefusedInput([Problem("The model file is empty.", "empty")], code=INVALID_MODEL)
    if "\x00" in text:
        raise RefusedInput([Problem("The model file is no text: it holds zero bytes.", "text")], code=INVALID_MODEL)
    if kind == "mps":
        problems = list(_Mps().problems(text))[:_MOST_PROBLEMS]
        if problems:
            raise RefusedInput(problems, code=INVALID_MODEL)


@dataclass(slots=True)
class _Mps:
    """The names that an MPS file has defined so far."""

    rows: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    section: str = ""
    seen: list[str] = field(default_factory=list)

    def problems(self, text: str) -> Iterator[Problem]:
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if not words or line.startswith(("*", "$")):
                continue
            if self.section == "ENDATA":
                break
            wrong = (
                self._section(words)
                if not line[0].isspace() and words[0].upper() in _known(line)
                else self._line(words)
            )
            if wrong:
                yield Problem(f"Line {number}: {wrong}.", "model_file", row=number, value=line.strip()[:100])
        for needed in ("ROWS", "COLUMNS", "ENDATA"):
            if needed not in self.seen:
                yield Problem(f"The file has no section {needed}; it is cut off or no MPS file.", "model_file")

    def _section(self, words: list[str]) -> str | None:
        self.section = words[0].upper()
        self.seen.append(self.section)
        if self.section not in _SECTIONS:
            return f"the section {self.section} is not known; known are {', '.join(_SECTIONS)}"
        return None

    def _line(self, words: list[str]) -> str | None:
        match self.section:
            case "ROWS":
                return self._row(words)
            case "COLUMNS":
                return self._column(words)
            case "RHS" | "RANGES":
                return self._pairs(words[1:] if len(words) % 2 else words)
            case "BOUNDS":
                return self._bound(words)
            case "OBJSENSE":
                return None if words[0].upper() in {"MAX", "MIN", "MAXIMIZE", "MINIMIZE"} else "the sense is MAX or MIN"
            case _:
                return "this stands before any section; an MPS file begins with NAME or ROWS"

    def _row(self, words: list[str]) -> str | None:
        if len(words) != 2 or words[0].upper() not in _ROW_TYPES:
            return "a row is one of N, L, G, E and a name without blanks"
        if words[1] in self.rows:
            return f"the row {words[1]} is there twice"
        self.rows.add(words[1])
        return None

    def _column(self, words: list[str]) -> str | None:
        if len(words) == 3 and words[1].strip("'") == "MARKER":
            known = words[2].strip("'") in {"INTORG", "INTEND"}
            return None if known else "a marker is INTORG or INTEND"
        self.columns.add(words[0])
        return self._pairs(words[1:])

    def _pairs(self, words: list[str]) -> str | None:
        if len(words) not in {2, 4}:
            return "here stand one or two rows, each with its number, and names have no blanks"
        for row, value in zip(words[::2], words[1::2], strict=True):
            if row not in self.rows:
                return f"there is no row {row}"
            if not _NUMBER.fullmatch(value):
                return f"{value} is not a number"
        return None

    def _bound(self, words: list[str]) -> str | None:
        kind, rest = words[0].upper(), words[1:]
        if kind not in _WITH_VALUE | _WITHOUT_VALUE:
            return f"the bound {words[0]} is not known; known are {', '.join(sorted(_WITH_VALUE | _WITHOUT_VALUE))}"
        if kind in _WITH_VALUE:
            if not rest or not (_NUMBER.fullmatch(rest[-1]) or _INFINITE.fullmatch(rest[-1])):
                return "this bound needs a number"
            rest = rest[:-1]
        elif len(rest) > 1 and rest[-1] not in self.columns:
            rest = rest[:-1]  # a number that means nothing here
        if not rest or rest[-1] not in self.columns:
            return f"there is no column {rest[-1] if rest else ''}".rstrip()
        return None


def _known(line: str) -> frozenset[str]:
    # At the start of a line stands a section; free format lets data stand there too, but for words in capitals alone.
    word = line.split(maxsplit=1)[0]
    return frozenset({word.upper()}) if word.upper() in _SECTIONS or word.isupper() else frozenset()
