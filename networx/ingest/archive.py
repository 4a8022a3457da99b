"""The zip archive around a workbook: its directory, checked before anything is inflated.

What no spreadsheet program writes is refused: names twice, absolute or climbing names, parts that overlap, parts that
would grow beyond reason. The declared sizes are believed here and verified in `networx.ingest.inspection`.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO, cast

from networx.ingest.ranges import RangeFile
from networx.ingest.refusals import Refusal, damaged, refuse

MAX_RATIO = 80  # honest workbooks reach about 14 : 1, bombs 1000 : 1
MAX_DECLARED_BYTES = 8 * 1024**3
MAX_TEXTS_BYTES = 200 * 1024**2  # the shared strings are the one part that readers hold in memory
MAX_SMALL_PART_BYTES = 4 * 1024**2
MAX_MEMBERS = 2_000
RATIO_COUNTS_FROM_BYTES = 1024**2

# What the standard library raises over an archive that contradicts itself.
ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    OSError,
    RuntimeError,
    ValueError,
)


def open_archive(file: RangeFile) -> zipfile.ZipFile:
    """Read the directory and check it. Raises RefusedInput: damaged, encrypted, macros, suspicious or too large."""
    try:
        archive = zipfile.ZipFile(cast(IO[bytes], file))
    except ARCHIVE_ERRORS as error:
        raise damaged("its directory cannot be read", error) from error
    members = archive.infolist()
    _check_names(members)
    _check_sizes(members)
    return archive


def small_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """One XML part that must be small, inflated. Raises RefusedInput if it is absent, too large or has a DOCTYPE."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise damaged(f"its part {name} is missing") from None
    if info.file_size > MAX_SMALL_PART_BYTES:
        raise _suspicious(f"its part {name} would be {info.file_size:,} bytes")
    content = _read(archive, name, MAX_SMALL_PART_BYTES)
    refuse_doctype(name, content)
    return content


def refuse_doctype(name: str, start: bytes) -> None:
    """Raise RefusedInput where an XML part declares a document type or hides it in another encoding."""
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start or b"\0" in start:
        raise _suspicious(f"its part {name} declares a document type or is not in UTF-8")


def part_start(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first few kilobytes of a part, inflated."""
    return _read(archive, name, 4096)


def _read(archive: zipfile.ZipFile, name: str, length: int) -> bytes:
    try:
        with archive.open(name) as part:
            return part.read(length)
    except ARCHIVE_ERRORS as error:
        raise damaged(f"its part {name} cannot be read", error) from error


def _check_names(members: Sequence[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise _suspicious(f"it has {len(members):,} parts")
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename
        if name.casefold() in seen:
            raise _suspicious(f"its part {member.filename} is there twice")
        if name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/") or ":" in name:
            raise _suspicious(f"its part {member.filename} would be written outside the archive")
        seen.add(name.casefold())
        if member.flag_bits & 1:
            raise refuse(Refusal.ENCRYPTED, "The archive is protected by a password. Save the workbook without one.")
        lowered = name.lower()
        if lowered.endswith("vbaproject.bin") or lowered.startswith("xl/macrosheets/"):
            raise refuse(
                Refusal.MACROS, "The workbook carries macros, which are never run here. Save it as .xlsx without them."
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _suspicious(f"its part {name} is compressed in a way that workbooks are not")


def _check_sizes(members: Sequence[zipfile.ZipInfo]) -> None:
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise _suspicious(f"its part {member.filename} overlaps another")
        end = member.header_offset + member.compress_size
        if member.compress_size > member.file_size * 1.01 + 1024:
            raise _suspicious(f"its part {member.filename} declares fewer bytes than it takes up")
        if member.file_size > max(RATIO_COUNTS_FROM_BYTES, MAX_RATIO * member.compress_size):
            raise _suspicious(
                f"its part {member.filename} would grow {member.file_size // max(member.compress_size, 1):,} fold"
            )
        if member.filename.lower().endswith("sharedstrings.xml") and member.file_size > MAX_TEXTS_BYTES:
            raise refuse(
                Refusal.FILE_TOO_LARGE,
                f"The workbook holds {member.file_size / 1024**2:,.0f} MB of distinct texts; at most "
                f"{MAX_TEXTS_BYTES // 1024**2} MB can be read. Remove columns that are not needed, or split it.",
            )
    declared = sum(member.file_size for member in members)
    if declared > MAX_DECLARED_BYTES:
        raise refuse(
            Refusal.FILE_TOO_LARGE,
            f"The workbook holds {declared / 1024**3:,.1f} GB; at most {MAX_DECLARED_BYTES // 1024**3} GB can be read.",
        )


def _suspicious(what: str) -> Exception:
    return refuse(
        Refusal.SUSPICIOUS_ARCHIVE,
        f"The file is not built as a spreadsheet program builds it: {what}. Open it in Excel, save it as .xlsx and "
        "upload it again.",
    )
