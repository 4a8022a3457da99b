"""Formulas whose result was never saved: every reader would take their cells for empty, so each is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from networx.ingest.preflight import Preflight
from networx.ingest.problems import ProblemLog


def report_formulas(
    accepted: Preflight, formulas: Mapping[str, list[str]], read: Collection[str], log: ProblemLog
) -> None:
    """Name those of the tabs that are read; `formulas` are cells by sheet part, as `inspect` finds them."""
    for entry in accepted.sheets:
        for cell in formulas.get(entry.part, []) if entry.name in read else []:
            message = (
                f"Cell {cell} holds a formula whose result was never saved; open the workbook in Excel, save it "
                "and upload it again, or write the value."
            )
            letters, digits = cell.rstrip("0123456789"), cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            log.add(message, "formula_without_value", sheet=entry.name, row=int(digits), column=letters)
