"""The workbook of a file's bad rows, as its writer and its reader know it: sheets, columns, and whose rows they are.

Which file it is of stands in the name of a sheet: no spreadsheet program changes that when it saves, and the check of
an upload sees it without opening a sheet.
"""

from __future__ import annotations

from collections.abc import Iterable

ROWS, PROBLEMS, NOTES = "Bad rows", "Problems", "Notes"
SHEET, ROW, CURE = "sheet", "row", "what is wrong and what to do"
PLACE = (SHEET, ROW, CURE)
_CORRECTS = "Correction "
_DIGITS = 20  # a sheet's name has 31 characters; 80 bits tell the files of a tenant apart
_HEX = frozenset("0123456789abcdef")


def naming_sheet(sha256: str) -> str:
    """The name of the sheet that says of which file the rows are, by the SHA-256 of its content."""
    return _CORRECTS + sha256[:_DIGITS]


def named_file(sheets: Iterable[str]) -> str | None:
    """How the SHA-256 of the file begins that these sheets say they correct; None where they correct none."""
    for name in sheets:
        digits = name.strip().removeprefix(_CORRECTS)
        if len(digits) == _DIGITS and len(digits) < len(name.strip()) and _HEX.issuperset(digits):
            return digits
    return None
