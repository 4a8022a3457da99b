"""The Excel workbook of a sweep: which number is best and why, then every number with its costs and its facilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.domain.sweep import Sweep
from networx.results import wording
from networx.results.result_book import ResultBook, SummaryLine, identity_lines, summary_line
from networx.results.sweep_runs import Run
from networx.results.sweep_told import cost_table, facility_table, frontier_table, standing, told, unanswered_table

_WIDTHS = {"text": 30, "units": 16, "money": 20, "price": 14, "share": 14, "gap": 14, "miles": 14}
_TOLD_ELSEWHERE = frozenset({"best_scenario_nodes", "best_scenario_cost", "cost_range"})
_COUNTED = {"scenarios_run": "Numbers asked", "running_scenarios": "Runs not ended"}


def write_sweep_workbook(
    path: str | Path, result: Mapping[str, Any], sweep: Sweep, runs: Sequence[Run], identity: Mapping[str, Any]
) -> None:
    """Write it from the sweep's result and its runs, one a row of the frontier; `identity` is of the sweep itself."""
    whole = told(result, sweep, runs, identity)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as opened:
        book = ResultBook(opened)
        book.summary(whole["headline"], f"{whole['note']} {wording.certificate_verdict(whole)}", _summary(whole, runs))
        tables = (frontier_table(result, runs), unanswered_table(result, runs), facility_table(runs), cost_table(runs))
        for table in (table for table in tables if table.rows):
            columns = [(heading, kind, _WIDTHS[kind]) for heading, kind in table.columns]
            book.table(table.title, columns, table.rows)
        book.proof(whole)


def _summary(whole: Mapping[str, Any], runs: Sequence[Run]) -> Iterator[SummaryLine]:
    verdict = wording.STATUS_TERMS.get(whole["status"])
    if verdict is not None:
        yield "Verdict on the whole", verdict.label, "text", verdict.technical
    if whole["best"] is not None:
        yield "Best number of facilities", whole["best"]["nodes"], "units", whole["notes"][0]
        for name, kind in {"objective": "money", "bound": "money", "gap": "gap"}.items():
            yield summary_line(name, whole[name], kind)
    else:
        yield "Best number of facilities", "none", "text", whole["notes"][0]
    for name, number in whole["batch_summary"].items():
        if name not in _TOLD_ELSEWHERE:
            yield _COUNTED.get(name) or wording.words(name).replace("scenarios", "runs"), number, "units", ""
    for row, run in zip(whole["frontier"], runs, strict=True):
        if run.why is not None:
            yield f"{run.nodes} open", standing(row), "text", run.why
    for note in whole["notes"][1:]:
        yield "Note", "", "text", note
    yield from identity_lines(dict(whole))
