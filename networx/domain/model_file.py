"""What states a model: JSON, or the text of an MPS or LP file.

MPS text is looked over before a reader gets it: readers take a word for a zero and go on without saying so.

LP text has a grammar that its reader keeps to. Every line of an MPS file that would be read as something else than it
says is refused with its number. Files are looked over line by line, however large they are.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from networx.domain.json_model import INVALID_MODEL
from networx.domain.json_model_reading import read_json_model
from networx.domain.json_text import parsed_json
from networx.domain.phrases import listed
from networx.errors import Problem, RefusedInput

FORMATS = ("mps", "lp")
_JSON = "json"
# Of a model in a file. Beyond, the solver and the check of its answer need more memory than a worker has.
MOST_COLUMNS = 1_000_000
MOST_ROWS = 1_000_000
MOST_COEFFICIENTS = 5_000_000
_MOST_PROBLEMS = 100
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
_INFINITE = re.compile(r"[+-]?(inf|infinity)", re.IGNORECASE)
_ROW_TYPES = frozenset("NLGE")
_WITH_VALUE = frozenset({"LO", "UP", "FX", "LI", "UI"})
_WITHOUT_VALUE = frozenset({"FR", "MI", "PL", "BV"})
_SECTIONS = ("NAME", "OBJSENSE", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "ENDATA")


def statement_of(stated: Any) -> tuple[str, bytes]:
    """What a request states as its model, as (format, content): `{"mps": text}`, `{"lp": text}`, `{"json": text}`, else
    the JSON itself.

    Raises RefusedInput for what is no model; of a text each fault is told by its line and column in it.
    """
    for kind in (*FORMATS, _JSON):
        if isinstance(stated, dict) and list(stated) == [kind]:
            text = stated[kind]
            if not isinstance(text, str):
                raise _refused(f"model.{kind} must be the text of the file.", kind)
            try:
                content = text.encode()
            except UnicodeEncodeError:
                raise _refused(f"model.{kind} has characters that UTF-8 cannot write.", kind) from None
            if kind == _JSON:
                stated = parsed_json(content)
                _require_alone(stated)
                break
            check_model_text(text, kind)
            return kind, content
    read_json_model(stated)
    try:
        content = json.dumps(stated, allow_nan=False, ensure_ascii=False).encode()
        orjson.loads(content)
    except ValueError:
        # In a note beside the model; what the model says was read.
        raise _refused("The model holds a text or a number that JSON in UTF-8 cannot write.", "json") from None
    return _JSON, content


def _require_alone(stated: Any) -> None:
    """Refuse a whole request that was pasted for the model in it, by what it is."""
    if isinstance(stated, dict) and "model" in stated and "variables" not in stated:
        raise _refused("This is a whole request: leave only what stands in its model.", _JSON)


def _refused(message: str, kind: str) -> RefusedInput:
    return RefusedInput([Problem(message, "text", column=f"model.{kind}")], code=INVALID_MODEL)


def check_model_text(text: str, kind: str) -> None:
    """Raises RefusedInput for a text that is no model of its format, as far as it can be told without reading it."""
    check_model_lines(io.StringIO(text, newline="\n"), kind)


def check_model_lines(lines: Iterable[str], kind: str) -> None:
    """The same of a text that comes line by line, in memory that grows with its names and not with its length."""
    found: list[Problem] = []
    checked = _written(lines)
    if kind == "mps":
        mps = MpsLines()
        for problem in mps.problems(checked):
            found.append(problem)
            if len(found) == _MOST_PROBLEMS:
                break
        else:
            found += mps.missing()
    else:
        for _ in checked:
            continue
    if found:
        raise RefusedInput(found[:_MOST_PROBLEMS], code=INVALID_MODEL)


def check_size(*, rows: int = 0, columns: int = 0, coefficients: int = 0) -> None:
    """Raises RefusedInput for a model from a file that is larger than can be solved here.

    A reader that stops at a limit has not counted to the end: what is told is the limit.
    """
    sizes = (
        ("rows", rows, MOST_ROWS),
        ("columns", columns, MOST_COLUMNS),
        ("coefficients", coefficients, MOST_COEFFICIENTS),
    )
    beyond = [f"more than {most:,} {what}" for what, count, most in sizes if count > most]
    if beyond:
        told = f"The model has {listed(beyond, 'and')}, the most there may be."
        message = f"{told} Solve it in parts, or leave out what is 0."
        raise RefusedInput([Problem(message, "too_many")], code=INVALID_MODEL)


def _written(lines: Iterable[str]) -> Iterator[str]:
    """The lines as they come. Raises RefusedInput at a zero byte, and at the end of a text that says nothing."""
    empty = True
    for line in lines:
        if "\x00" in line:
            raise RefusedInput([Problem("The model file is no text: it holds zero bytes.", "text")], code=INVALID_MODEL)
        empty = empty and not line.strip()
        yield line
    if empty:
        raise RefusedInput([Problem("The model file is empty.", "empty")], code=INVALID_MODEL)


@dataclass(slots=True)
class MpsLines:
    """An MPS file as far as it was looked over: its names, its sections, and its size.

    `constraints` are the rows but for objectives, `coefficients` those of objectives too.
    """

    rows: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    constraints: int = 0
    coefficients: int = 0
    section: str = ""
    _column_name: str = ""
    _rows_of_column: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)

    def problems(self, lines: Iterable[str]) -> Iterator[Problem]:
        """What is wrong, by its line, in as many lines as there are. Raises RefusedInput where they are too many."""
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words or line.startswith(("*", "$")):
                continue
            if self.section == "ENDATA":
                # What follows is no part of the model, but still has to be text.
                continue
            wrong = (
                self._section(words)
                if not line[0].isspace() and words[0].upper() in _known(line)
                else self._line(words)
            )
            if wrong:
                yield Problem(f"Line {number}: {wrong}.", "model_file", row=number, value=line.strip()[:100])

    def missing(self) -> list[Problem]:
        """What a whole file would have and this one has not."""
        return [
            Problem(f"The file has no section {needed}; it is cut off or no MPS file.", "model_file")
            for needed in ("ROWS", "COLUMNS", "ENDATA")
            if needed not in self.seen
        ]

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
        self.constraints += words[0].upper() != "N"
        if self.constraints > MOST_ROWS:
            check_size(rows=self.constraints)
        return None

    def _column(self, words: list[str]) -> str | None:
        if len(words) == 3 and words[1].strip("'") == "MARKER":
            known = words[2].strip("'") in {"INTORG", "INTEND"}
            return None if known else "a marker is INTORG or INTEND"
        self.columns.add(words[0])
        self.coefficients += len(words) // 2
        # Each column may have one in the objective besides.
        if self.coefficients - len(self.columns) > MOST_COEFFICIENTS or len(self.columns) > MOST_COLUMNS:
            check_size(columns=len(self.columns), coefficients=self.coefficients - len(self.columns))
        if words[0] != self._column_name:
            self._column_name = words[0]
            self._rows_of_column.clear()
        wrong = self._pairs(words[1:])
        for row in words[1::2]:
            # Readers take the first of two and say nothing.
            if wrong is None and row in self._rows_of_column:
                wrong = f"the column {words[0]} has two numbers in the row {row}"
            self._rows_of_column.add(row)
        return wrong

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
