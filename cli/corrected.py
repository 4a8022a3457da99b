"""The bad rows of a file of shipments as workbooks correct them, in the terminal: read as the platform would."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from networx.errors import RefusedInput
from networx.ingest.corrections import read_correction
from networx.ingest.mended import Mended, Place
from networx.ingest.preflight import preflight
from networx.ingest.ranges import FileRanges
from networx.ingest.refusals import Refusal, refuse
from networx.ingest.shipments import parse_shipments

Corrected = Annotated[
    list[Path] | None,
    typer.Option(
        "--corrected",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Of shipments: their workbook of bad rows, corrected, whose rows stand for the file's. May be repeated.",
    ),
]


def corrected_rows(file: Path, workbooks: Sequence[Path]) -> dict[Place, Mended]:
    """The rows as they stand corrected after each workbook in turn. Raises RefusedInput."""
    sha256 = sha256_of(file) if workbooks else ""
    mended: dict[Place, Mended] = {}
    for workbook in workbooks:
        summary = parse_shipments(file, lambda _batch: None, lambda _reached: None, mended=mended)
        if not summary.waits:
            raise refuse(
                Refusal.NOTHING_TO_CORRECT,
                f"{file.name} has no rows that wait to be corrected; leave {workbook.name} out.",
            )
        ranges = FileRanges(workbook)
        named = preflight(ranges, ranges.size, workbook.name, correction=True).corrects
        if named is not None and not sha256.startswith(named):
            raise refuse(Refusal.OTHER_FILE, f"{workbook.name} holds the bad rows of another file than {file.name}.")
        open_rows = {(str(one.sheet), one.row) for one in summary.problems if one.row is not None}
        found = read_correction(workbook, open_rows | mended.keys())
        if found.log.count:
            raise RefusedInput(found.log.kept)
        mended |= {place: Mended(cells, workbook.name) for place, cells in found.rows.items()}
    return mended


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's content."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
