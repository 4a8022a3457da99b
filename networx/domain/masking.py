"""What a cell looks like, without what it says: every letter and digit is replaced, the pattern between them stays.

`Reno, NV 89501` becomes `Aaaa, AA 99999`. Used twice on what goes outside: where a file is read, so that no value
leaves that process, and once more before a pattern is sent; masking a pattern again changes nothing.
"""

from __future__ import annotations

import datetime as dt

LONGEST_PATTERN = 40
LONGEST_HEADER = 60
# Kept as they are: what separates and marks numbers, dates, codes and amounts.
_KEPT = frozenset(" .,-/:$%#()'&+_@€£")

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None


def masked(cell: Cell) -> str:
    """The pattern of a cell; of an empty one the empty text."""
    return "" if cell is None else "".join(map(_masked_letter, str(cell)[:LONGEST_PATTERN]))


def masked_header(header: str) -> str:
    """A header with its words and without its digits: where a file has no headers, data stands in their place."""
    shown = "".join("9" if letter.isnumeric() else letter for letter in header[:LONGEST_HEADER] if letter.isprintable())
    return " ".join(shown.split())


def _masked_letter(letter: str) -> str:
    if letter.isnumeric():
        return "9"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return letter if letter in _KEPT else "?"
