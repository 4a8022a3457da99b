"""What a file really is, by its first bytes: names and declared types are never believed.

Only a zip archive goes on to be looked into; everything else is refused here, each with its cure.
"""

from __future__ import annotations

import codecs
import struct
from pathlib import PurePath

from networx.errors import RefusedInput
from networx.ingest.ranges import RangeFile
from networx.ingest.refusals import Refusal, refuse

HEAD_BYTES = 4096
TEXT_BYTES = 64 * 1024
_ZIP, _OLE2 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER = {
    b"%PDF": "a PDF document",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"PK\x05\x06": "an empty archive",
}
_MARKUP = {b"<!doctype html": "a web page", b"<html": "a web page", b"<?xml": "an XML document"}
_TEXT_ENDINGS = {".csv", ".tsv", ".txt"}


def require_archive(file: RangeFile, filename: str) -> None:
    """Return if the file is a zip archive; raise RefusedInput saying what it is instead."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise refuse(Refusal.EMPTY_FILE, "The file is empty (0 bytes). Check the export or copy and upload it again.")
    if head.startswith(_ZIP):
        return
    if head.startswith(_OLE2):
        raise _old_or_encrypted(file, head)
    for magic, what in _OTHER.items():
        if head.startswith(magic):
            raise _not_a_workbook(what)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for magic, what in _MARKUP.items():
        if start.startswith(magic):
            raise _not_a_workbook(what)
    if _is_text(head) and (PurePath(filename).suffix.lower() in _TEXT_ENDINGS or _has_delimiters(head)):
        raise refuse(
            Refusal.NOT_SUPPORTED_YET,
            "The file is text (CSV), which is not read yet for a network. Put the tables into one workbook, a sheet "
            "each, and save it as .xlsx. Shipments may come as CSV: their header needs order_id, ship_date, mode and a "
            "charge such as net_charge.",
        )
    raise _not_a_workbook("no file of a kind known here")


def text_start(file: RangeFile) -> str:
    """The start of a text file, as far as its header can be told by it; empty where the file is no text."""
    file.seek(0)
    head = file.read(TEXT_BYTES)
    if head.startswith((_ZIP, _OLE2)) or not _is_text(head):
        return ""
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return head.decode("utf-16" if wide else "utf-8-sig", "replace")


def _not_a_workbook(what: str) -> RefusedInput:
    return refuse(
        Refusal.NOT_A_WORKBOOK,
        f"The file is {what}, not an Excel workbook. Save the workbook as .xlsx and upload that.",
    )


def _old_or_encrypted(file: RangeFile, head: bytes) -> RefusedInput:
    """OLE2 holds a workbook under a password, or an old .xls: its directory says which."""
    (sector_shift,) = struct.unpack_from("<H", head.ljust(64, b"\0"), 30)
    (directory_sector,) = struct.unpack_from("<I", head.ljust(64, b"\0"), 48)
    if sector_shift in (9, 12):
        file.seek((directory_sector + 1) << sector_shift)
        directory = file.read(HEAD_BYTES)
        if "EncryptedPackage".encode("utf-16-le") in directory:
            return refuse(
                Refusal.ENCRYPTED,
                "The workbook is protected by a password. Remove it (File, Info, Protect Workbook, Encrypt with "
                "Password), save it as .xlsx and upload it again.",
            )
        if any(name.encode("utf-16-le") in directory for name in ("Workbook", "Book")):
            return refuse(
                Refusal.NOT_SUPPORTED_YET,
                "The file is an old Excel workbook (.xls), which is not read yet. Save it as .xlsx and upload that.",
            )
    return _not_a_workbook("an old Office document")


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in head)


def _has_delimiters(head: bytes) -> bool:
    plain = head.replace(b"\0", b"")
    return b"\n" in plain and any(delimiter in plain.split(b"\n", 1)[0] for delimiter in (b",", b";", b"\t", b"|"))
