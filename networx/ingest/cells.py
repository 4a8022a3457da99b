"""What one cell means: a strict parser for each kind of column. Nothing is guessed and nothing is coerced in silence.

A parser takes a cell that is not empty and returns its value, or raises BadCell with what is wrong and the cure.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable

from networx.domain.phrases import listed
from networx.domain.schema import FIRST_YEAR, LAST_ORDINAL, LAST_YEAR, RULES, UNLIMITED, Column, Kind
from networx.ingest.reader import Cell

LONGEST_TEXT = 200
LARGEST_NUMBER = 1e15  # beyond it, dollars and units no longer count exactly
INFINITE = "inf"  # how unlimited capacity travels: JSON has no infinity, float("inf") reads it back

Parser = Callable[[Cell], "str | int | float"]

_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DRESSED_NUMBER = re.compile(r"[-+(]?\s*[$€£]?\s*[-+]?[0-9][0-9.,\s']*\s*[$€£%)]*")
_EXCEL_ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!"})
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")


class BadCell(Exception):
    """A cell that cannot be used. `rule` is a machine word, `message` says what is wrong and what to do."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message


class Unjudged(BadCell):
    """A cell that nobody can judge, for a fault elsewhere that is named there. Its row is bad, and it is no problem."""

    def __init__(self) -> None:
        super().__init__("unjudged", "cannot be judged before what it refers to can be read.")


def parser_for(column: Column) -> Parser:
    """The parser of a column's kind."""
    if column.kind is Kind.CHOICE:
        return _choice(column.choices)
    return _PARSERS[column.kind]


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text(cell: Cell) -> str:
    """Text, trimmed; a whole number counts as its digits, so that names may be numbers."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise BadCell("text", f"is {_what(cell)}; write it as text")
    if not isinstance(cell, str):
        return _digits(cell)
    _refuse_error(cell)
    trimmed = unicodedata.normalize("NFC", cell.strip())
    if len(trimmed) > LONGEST_TEXT:
        raise BadCell("text", f"is longer than {LONGEST_TEXT} characters; shorten it")
    if not trimmed.isprintable():
        raise BadCell("text", "holds a line break or another character that does not print; remove it")
    return trimmed


def mode(cell: Cell) -> str:
    """A word of the client's own in small letters, so that `LTL` and `ltl` are one."""
    return text(cell).lower()


def number(cell: Cell) -> float:
    """A finite number; text counts where it is a plain number, since exports often store numbers so."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise BadCell("number", f"is {_what(cell)}; write a number")
    if isinstance(cell, str):
        _refuse_error(cell)
        trimmed = cell.strip()
        if not _PLAIN_NUMBER.fullmatch(trimmed):
            if _DRESSED_NUMBER.fullmatch(trimmed):
                raise BadCell(
                    "number", "is not a plain number; write it without separators, currency or percent, such as 1234.5"
                )
            raise BadCell("number", "is not a number; write a number such as 1234.5")
        cell = float(trimmed)
    if not -LARGEST_NUMBER <= cell <= LARGEST_NUMBER:
        raise BadCell("number", "is not a finite number up to 1e15; correct it")
    return float(cell)


def amount(cell: Cell) -> float:
    """A number, 0 or more."""
    if type(cell) is float and 0 <= cell <= LARGEST_NUMBER:  # the way of nearly all cells
        return cell
    value = number(cell)
    if value < 0:
        raise BadCell("not_negative", "is negative; it must be 0 or more")
    return value


def share(cell: Cell) -> float:
    """A share; what looks like percent is named with the share that it means."""
    value = number(cell)
    if not 0 <= value <= 1:
        meant = f"; write {value / 100:g} for {value:g} %" if 0 <= value <= 100 else ""
        raise BadCell("share", f"must be {RULES[Kind.SHARE]}{meant}")
    return value


def capacity(cell: Cell) -> float | str:
    """An amount, or INFINITE for the word unlimited."""
    if isinstance(cell, str) and cell.strip().lower() == UNLIMITED:
        return INFINITE
    try:
        return amount(cell)
    except BadCell as bad:
        if bad.rule != "number":
            raise
        raise BadCell("capacity", f"{bad.message}, or the word {UNLIMITED}") from None


def year(cell: Cell) -> int:
    if isinstance(cell, dt.date | dt.datetime):
        raise BadCell("year", "is a date; write the year alone, such as 2026")
    value = number(cell)
    if value != int(value) or not FIRST_YEAR <= value <= LAST_YEAR:
        raise BadCell("year", f"must be {RULES[Kind.YEAR]}")
    return int(value)


def ordinal(cell: Cell) -> int:
    value = number(cell)
    if value != int(value) or not 1 <= value <= LAST_ORDINAL:
        raise BadCell("ordinal", f"must be {RULES[Kind.ORDINAL]}")
    return int(value)


def zip_code(cell: Cell) -> str:
    """A ZIP or ZIP+4 as text; a number gets back the zeros that Excel took from its front."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise BadCell("zip", f"is {_what(cell)}; write {RULES[Kind.ZIP]}")
    if isinstance(cell, str):
        _refuse_error(cell)
        written = cell.strip()
    else:
        written = f"{int(cell):05d}" if 0 < cell < 100_000 and cell == int(cell) else ""
    if not _ZIP.fullmatch(written):
        raise BadCell("zip", f"is not a ZIP code; write {RULES[Kind.ZIP]}, or leave it empty outside the United States")
    return written


def latitude(cell: Cell) -> float:
    return _within(number(cell), 90, "latitude")


def longitude(cell: Cell) -> float:
    return _within(number(cell), 180, "longitude")


def _within(value: float, limit: float, rule: str) -> float:
    if not -limit <= value <= limit:
        raise BadCell(rule, f"must be degrees from -{limit} to {limit}")
    return value


def _choice(choices: tuple[str, ...]) -> Parser:
    def parse(cell: Cell) -> str:
        word = text(cell).lower()
        if word not in choices:
            raise BadCell("choice", f"must be {listed(choices)}")
        return word

    return parse


def _parameter_value(cell: Cell) -> str:
    """A parameter's value as text, for the parameter's own rule to read."""
    if isinstance(cell, bool):
        raise BadCell("parameter", "is TRUE or FALSE; write yes or no")
    return text(cell)


def _digits(value: int | float) -> str:
    if not math.isfinite(value):
        raise BadCell("text", "is not a finite number; correct it")
    return str(int(value)) if value == int(value) and abs(value) < LARGEST_NUMBER else repr(value)


def _refuse_error(cell: str) -> None:
    if cell.startswith("#") and cell.strip() in _EXCEL_ERRORS:
        raise BadCell("error_cell", "is an error of a formula; correct the formula or write the value")


def _what(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "TRUE or FALSE"
    return "a date or time" if isinstance(cell, dt.date | dt.time | dt.timedelta) else "no text or number"


_PARSERS: dict[Kind, Parser] = {
    Kind.NAME: text,
    Kind.REFERENCE: text,
    Kind.TEXT: text,
    Kind.ZIP: zip_code,
    Kind.LATITUDE: latitude,
    Kind.LONGITUDE: longitude,
    Kind.AMOUNT: amount,
    Kind.SHARE: share,
    Kind.MONEY: number,
    Kind.CAPACITY: capacity,
    Kind.YEAR: year,
    Kind.MODE: mode,
    Kind.ORDINAL: ordinal,
    Kind.VALUE: _parameter_value,
}
