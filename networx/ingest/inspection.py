"""One pass over every part of the archive before a reader sees it, in bounded memory.

Verifies what the upload check had to believe: each part inflates to exactly the bytes its directory declares and its
checksum holds, so that a file that breaks off halfway is refused before a row of it is read. On the way it finds
formulas whose result was never saved, which every reader would take for empty cells, and cells no sheet can hold.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from networx.ingest.archive import ARCHIVE_ERRORS
from networx.ingest.refusals import Refusal, damaged, refuse

CHUNK_BYTES = 1024 * 1024
OVERLAP_BYTES = 64 * 1024  # longer than any formula
FORMULAS_KEPT = 100
# Columns end at XFD; a reader that believes in more asks for gigabytes and dies.
_FOUR_LETTERS = re.compile(rb"r=[\"'][A-Za-z]{4}")
_BEYOND_THE_LAST_COLUMN = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br=[\"'][A-Za-z]{4}")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_FORMULA_WITHOUT_VALUE = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*'
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def inspect(path: Path, sheet_parts: Iterable[str]) -> dict[str, list[str]]:
    """Inflate and verify every part. Returns, for each sheet part that has any, cells with a formula and no result.

    At most FORMULAS_KEPT cells a part are named. Raises RefusedInput where a part is not what its directory says.
    """
    looked_into = set(sheet_parts)
    found: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                cells = _inflate(archive, member, look=member.filename in looked_into)
                if cells:
                    found[member.filename] = cells
    except ARCHIVE_ERRORS as error:
        raise damaged("its parts do not agree with its directory", error) from error
    return found


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, look: bool) -> list[str]:
    cells: dict[str, None] = {}
    size, tail = 0, b""
    with archive.open(member) as part:
        while chunk := part.read(CHUNK_BYTES):
            size += len(chunk)
            if look:
                window = tail + chunk
                if _FOUR_LETTERS.search(window) and _BEYOND_THE_LAST_COLUMN.search(window):
                    raise refuse(Refusal.SUSPICIOUS_ARCHIVE, "A cell stands beyond column XFD, where every sheet ends.")
                if len(cells) < FORMULAS_KEPT and _FORMULA.search(window):
                    cells.update((cell.decode(), None) for cell in _FORMULA_WITHOUT_VALUE.findall(window))
                tail = window[-OVERLAP_BYTES:]
    if size != member.file_size:
        raise zipfile.BadZipFile(f"{member.filename} holds {size:,} bytes and declares {member.file_size:,}")
    return list(cells)[:FORMULAS_KEPT]
