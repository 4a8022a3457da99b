"""The words with which a whole file is turned away, and how a refusal is made: what is wrong and what to do.

Cells that are wrong one by one are no refusals of the file's form; they are collected in `networx.ingest.problems`.
"""

from __future__ import annotations

from enum import StrEnum

from networx.errors import Problem, RefusedInput
from networx.observability.logs import Log

log = Log(__name__)


class Refusal(StrEnum):
    """Why a file as a whole cannot be read; the API answers with these words."""

    EMPTY_FILE = "EMPTY_FILE"  # no bytes
    NOT_A_WORKBOOK = "NOT_A_WORKBOOK"  # something else: a PDF, a web page, an archive of other things
    NOT_SUPPORTED_YET = "NOT_SUPPORTED_YET"  # a table, in a format that is not read yet
    ENCRYPTED = "ENCRYPTED"  # needs a password
    MACROS = "MACROS"  # carries programs
    SUSPICIOUS_ARCHIVE = "SUSPICIOUS_ARCHIVE"  # built as no spreadsheet program builds it
    DAMAGED_FILE = "DAMAGED_FILE"  # cut off, or its content does not agree with its directory
    FILE_TOO_LARGE = "FILE_TOO_LARGE"  # honest, and beyond what one workbook may hold
    NOT_A_NETWORK = "NOT_A_NETWORK"  # shipments, where a network is asked for
    NOT_SHIPMENTS = "NOT_SHIPMENTS"  # a network, where shipments are asked for
    MISSING_SHEET = "MISSING_SHEET"  # a required sheet is absent or hidden
    NOTHING_TO_CORRECT = "NOTHING_TO_CORRECT"  # a correction of a file that is not here, or waits no more
    OTHER_FILE = "OTHER_FILE"  # a correction of another file than the one that it was sent for


def refuse(code: Refusal, message: str, sheet: str | None = None) -> RefusedInput:
    """The error to raise: `message` says what is wrong and what to do."""
    return RefusedInput([Problem(message, code.lower(), sheet=sheet)], code=code.value)


def damaged(where: str | None = None, fault: Exception | None = None) -> RefusedInput:
    """The refusal of a file that cannot be read to its end: `where` for the client, a library's `fault` for the log."""
    log.info("file.damaged", where=where, fault=None if fault is None else repr(fault))
    return refuse(
        Refusal.DAMAGED_FILE,
        f"The file is damaged or was cut off on its way{f' ({where})' if where else ''}. Open it in Excel, save it as "
        ".xlsx and upload it again.",
    )
