"""What the cells of a freight export mean: dates, dollars, quantities and ZIP codes as exports write them.

As strict as the cells of a network, with more ways to write the same: a thousands comma, a dollar sign and brackets
around a credit are read, since the amounts are in US dollars and there is nothing else that they can mean.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from networx.domain.phrases import listed
from networx.domain.schema import FIRST_YEAR, LAST_YEAR, RULES, Column, Kind
from networx.domain.sheets.shipments import MODE_WORDS
from networx.ingest.cells import BadCell, Parser, amount, number, parser_for, text, zip_code
from networx.ingest.reader import Cell

LARGEST_CHARGE = 1e9  # dollars a row; the cents of ten million such rows still add up in 64 bits
FREIGHT_KINDS = frozenset({Kind.DATE, Kind.DOLLARS, Kind.QUANTITY, Kind.ZIP_OF_EXPORT})
_EPOCH = dt.date(1970, 1, 1).toordinal()
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ][0-9:.]+Z?)?")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_US = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:.]+(?: ?[AaPp][Mm])?)?")
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]*)?|-?\.[0-9]+")
_GROUPED = re.compile(r"(\()?(-)?\$?(-)?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(\.[0-9]*)?(\))?(-)?")
_NEARLY_WHOLE = 1e-6  # of a cent: as near as a float comes to an amount in cents


class FreightParsers:
    """A parser a column of shipments. `zeros_put_back` and `finer_than_a_cent` count what was done in passing."""

    def __init__(self) -> None:
        self.zeros_put_back = 0
        self.finer_than_a_cent = 0

    def of(self, column: Column) -> Parser:
        """The parser of a column."""
        own: dict[Kind, Callable[[Cell], Any]] = {
            Kind.DATE: day,
            Kind.DOLLARS: self._cents,
            Kind.QUANTITY: quantity,
            Kind.ZIP_OF_EXPORT: self._zip,
        }
        if column.name == "mode":
            return _mode(column)
        return own.get(column.kind) or parser_for(column)

    def _cents(self, cell: Cell) -> int:
        cents, finer = whole_cents(cell)
        self.finer_than_a_cent += finer
        return cents

    def _zip(self, cell: Cell) -> str:
        if isinstance(cell, str):
            written = cell.strip()
            if written.isascii() and written.isdigit():
                if len(written) == 9:
                    return f"{written[:5]}-{written[5:]}"
                if len(written) in (3, 4):  # a CSV that a spreadsheet has saved
                    self.zeros_put_back += 1
                    return written.zfill(5)
            return zip_code(written)
        read = zip_code(cell)
        self.zeros_put_back += isinstance(cell, int | float) and cell < 10_000
        return read


def day(cell: Cell) -> int:
    """A date as days since 1970-01-01."""
    if isinstance(cell, dt.datetime | dt.date):
        return _within(cell.year, cell.month, cell.day)
    if isinstance(cell, str):
        written = cell.strip()
        if found := _ISO.fullmatch(written) or _DIGITS.fullmatch(written):
            year, month, date = found.groups()
            return _within(int(year), int(month), int(date))
        if found := _US.fullmatch(written):
            month, date, year = found.groups()
            return _within(int(year), int(month), int(date))
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and cell == int(cell):
        if found := _DIGITS.fullmatch(str(int(cell))):
            year, month, date = found.groups()
            return _within(int(year), int(month), int(date))
        raise BadCell("date", "is a number; format the column as a date, or write 2026-01-31")
    raise BadCell("date", f"is not a date; write {RULES[Kind.DATE]}")


def _within(year: int, month: int, date: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadCell("date", f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    try:
        return dt.date(year, month, date).toordinal() - _EPOCH
    except ValueError:
        raise BadCell("date", "is no day of the calendar; the month comes first in 1/31/2026") from None


def whole_cents(cell: Cell) -> tuple[int, bool]:
    """Dollars as whole cents, half a cent away from zero, and whether they were finer than a cent."""
    value = number(_undressed(cell))
    if not -LARGEST_CHARGE <= value <= LARGEST_CHARGE:
        raise BadCell("dollars", f"is beyond {LARGEST_CHARGE:,.0f} dollars; correct it")
    cents = value * 100
    whole = round(cents)
    if abs(cents - whole) <= max(_NEARLY_WHOLE, 4e-16 * abs(cents)):
        return whole, False
    exact = Decimal(repr(value)) * 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)), True


def quantity(cell: Cell) -> float:
    """A number, 0 or more."""
    return amount(_undressed(cell)) if isinstance(cell, str) else amount(cell)


def _undressed(cell: Cell) -> Cell:
    """A number in the text of an export without its dollar sign, commas and brackets; else the cell as it is."""
    if not isinstance(cell, str):
        return cell
    written = cell.strip()
    if _PLAIN.fullmatch(written):
        return written
    found = _GROUPED.fullmatch(written.replace(" ", ""))
    if found is None:
        return written
    opened, before, after, digits, fraction, closed, behind = found.groups()
    signs = [sign for sign in (opened, before, after, behind) if sign]
    if bool(opened) != bool(closed) or len(signs) > 1 or not (digits or (fraction or ".") != "."):
        return written
    return f"{'-' if signs else ''}{(digits or '0').replace(',', '')}{fraction or ''}"


def _mode(column: Column) -> Parser:
    def parse(cell: Cell) -> str:
        word = text(cell).lower()
        word = MODE_WORDS.get(word, word)
        if word not in column.choices:
            raise BadCell("choice", f"must be {listed(column.choices)}")
        return word

    return parse
