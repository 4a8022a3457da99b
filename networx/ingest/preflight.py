"""The check of an upload before it is taken in: by ranges only, whatever the file's size.

Says what the file really is, which sheets it has and what they are about, or refuses it with the cure. Imports no
reader and no numpy, so that a small function can run it. Rows are for `networx.ingest.network` and
`networx.ingest.shipments`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from networx.domain.bad_rows_book import named_file
from networx.domain.schema import (
    DEMAND,
    DESTINATIONS,
    FORECAST,
    PARAMETERS,
    SUPPORTED_SHEETS,
    Sheet,
    sheet_named,
)
from networx.errors import Problem, RefusedInput
from networx.ingest.archive import open_archive, part_start, refuse_doctype
from networx.ingest.dated_headings import OF_SHIPMENTS, listed_columns
from networx.ingest.filekind import require_archive, text_start
from networx.ingest.header_look import workbook_has_months_across, workbook_has_shipments
from networx.ingest.parts import SheetEntry, require_workbook, sheets_of
from networx.ingest.ranges import RangeFile, RangeReader
from networx.ingest.recognise import text_has_months_across, text_has_shipments
from networx.ingest.refusals import Refusal, refuse

DEMAND_SHEETS = (DESTINATIONS, DEMAND, FORECAST, PARAMETERS)
NETWORK, TRANSPORT, CORRECTION = "network", "transport", "correction"
_AS_DOWNLOADED = "Correct the rows in the workbook of bad rows as it was downloaded, save it as .xlsx and upload that."
REQUIRED_SHEETS = tuple(sheet for sheet in SUPPORTED_SHEETS if sheet.required)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What is known of an accepted file: its size, its tabs and its date epoch.

    `domain` is NETWORK, or TRANSPORT for shipments: a workbook of them, or a CSV file, which has no tabs; or
    CORRECTION for a workbook of bad rows, and `corrects` how the SHA-256 of their file begins, where it says so.
    """

    filename: str
    size_bytes: int
    sheets: tuple[SheetEntry, ...]
    date1904: bool
    domain: str = NETWORK
    corrects: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def of_demand_alone(sheets: Sequence[SheetEntry]) -> bool:
    """Whether a workbook has destinations and their demand and no sheet of anything else that is read."""
    known = {sheet for entry in sheets if entry.holds_cells and (sheet := sheet_named(entry.name)) is not None}
    return DESTINATIONS in known and known <= set(DEMAND_SHEETS)


def preflight(
    ranges: RangeReader,
    size: int,
    filename: str,
    required: Sequence[Sheet] | None = REQUIRED_SHEETS,
    *,
    correction: bool = False,
) -> Preflight:
    """Check a file of `size` bytes through its ranges. Raises RefusedInput with the code words of `Refusal`.

    Where `required` is None the file says by its sheets whether it is a network or demand alone. With `correction` it
    was announced as the correction of another, whatever its sheets say.
    """
    file = RangeFile(ranges, size)
    start = text_start(file)
    if correction and start:
        raise refuse(Refusal.NOT_A_WORKBOOK, f"The file is text, and a correction is a workbook. {_AS_DOWNLOADED}")
    if text_has_shipments(start):
        return Preflight(filename, size, (), False, TRANSPORT)
    if across := text_has_months_across(start):
        raise _months_across(None, across)
    require_archive(file, filename)
    archive = open_archive(file)
    require_workbook(archive)
    sheets, date1904 = sheets_of(archive)
    read_later = [name for name in archive.namelist() if name.lower().endswith(("sharedstrings.xml", "styles.xml"))]
    for part in (*(sheet.part for sheet in sheets), *read_later):
        refuse_doctype(part, part_start(archive, part))
    corrects = named_file(sheet.name for sheet in sheets)
    if correction or corrects is not None:
        return Preflight(filename, size, sheets, date1904, CORRECTION, corrects)
    if required is None:
        required = (DESTINATIONS,) if of_demand_alone(sheets) else REQUIRED_SHEETS
    domain = NETWORK
    if any(sheet_named(entry.name) in required for entry in sheets):
        require_sheets(sheets, required)
    elif workbook_has_shipments(archive, sheets):
        domain = TRANSPORT
    elif (freight := workbook_has_months_across(archive, sheets)) is not None:
        raise _months_across(*freight)
    else:
        require_sheets(sheets, required)
    return Preflight(filename, size, sheets, date1904, domain)


def _months_across(tab: str | None, headings: Sequence[str]) -> RefusedInput:
    """Freight summed up by month: what it would be read as, and what to send."""
    whose = "the file" if tab is None else tab
    message = f"The columns {listed_columns(headings)} of {whose} are months or years of freight; {OF_SHIPMENTS}."
    return refuse(Refusal.NOT_SUPPORTED_YET, message, sheet=tab)


def require_sheets(sheets: Sequence[SheetEntry], sheets_required: Sequence[Sheet] = REQUIRED_SHEETS) -> None:
    """Raise RefusedInput naming each required sheet that is absent or only there hidden."""
    problems: list[Problem] = []
    for required in sheets_required:
        found = [entry for entry in sheets if entry.holds_cells and sheet_named(entry.name) is required]
        if any(entry.state == "visible" for entry in found):
            continue
        if found:
            message = (
                f"The sheet {required.name} is hidden. Unhide it, so that what is read can be seen, and upload again."
            )
        else:
            names = ", ".join(entry.name for entry in sheets) or "none"
            message = (
                f"The sheet {required.name} is missing (the sheets found: {names[:300]}). Add it as the template shows."
            )
        problems.append(Problem(message, Refusal.MISSING_SHEET.lower(), sheet=required.name))
    if problems:
        raise RefusedInput(problems, code=Refusal.MISSING_SHEET.value)
