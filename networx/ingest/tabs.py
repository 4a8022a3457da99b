"""Which tab of a workbook is which sheet, and which are left out or refused: hidden, notes, unknown."""

from __future__ import annotations

from networx.domain.schema import (
    SUPPORTED_SHEETS,
    continuation_number,
    is_documentation,
    sheet_named,
)
from networx.ingest.names import nearest
from networx.ingest.problems import ProblemLog
from networx.ingest.reader import WorkbookReader
from networx.ingest.tables import has_rows


def tabs_of(reader: WorkbookReader, log: ProblemLog, warnings: list[str]) -> dict[str, list[str]]:
    """The tabs to read, by table, continuations in their order. Problems and warnings name all others."""
    tabs: dict[str, list[str]] = {sheet.table: [] for sheet in SUPPORTED_SHEETS}
    for tab, shows in reader.sheets():
        sheet = sheet_named(tab)
        if not shows:
            warnings.append(f"The sheet {tab} is hidden and was not read.")
        elif sheet is None and is_documentation(tab):
            warnings.append(f"The sheet {tab} is documentation and was not read.")
        elif sheet is None:
            if has_rows(reader, tab, beneath_header=False):
                log.add(_unknown(tab), "unknown_sheet", sheet=tab)
        else:
            _claim(tabs[sheet.table], tab, sheet.continues, log)
    for names in tabs.values():
        names.sort(key=continuation_number)
    return tabs


def _claim(claimed: list[str], tab: str, continues: bool, log: ProblemLog) -> None:
    for other in claimed:
        if not continues or continuation_number(other) == continuation_number(tab):
            log.add(f"The sheets {other} and {tab} have the same meaning; keep one.", "duplicate_sheet", sheet=tab)
            return
    claimed.append(tab)


def _unknown(tab: str) -> str:
    likely = nearest(tab, [sheet.name for sheet in SUPPORTED_SHEETS])
    cure = f"did you mean {likely}?" if likely else "rename it to Notes if it is for readers only, or remove it."
    return f"The sheet {tab} is not known; {cure}"
