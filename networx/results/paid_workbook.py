"""The Excel workbook of what was paid: the answer first, then every table with all lanes, and the proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.results import wording
from networx.results.paid_tables import LANE, lane_table, paid_tables
from networx.results.paid_wording import paid_tiles
from networx.results.result_book import Column, ResultBook, SummaryLine, identity_lines

_WIDTHS = {"text": 26, "year": 10, "money": 18, "units": 14, "price": 14}
_LANES = "Paid by lane"
# Of the tiles: the name among the key figures, the label, and how a number is shown.
_FIGURES = (
    ("shipments", "Shipments", "units"),
    ("lanes", "Lanes", "units"),
    ("cost_per_shipment", "Per shipment", "price"),
    ("cost_per_unit", "Per unit", "price"),
    ("cost_per_cwt", "Per 100 lb", "price"),
    ("modelled_cost", "Modelled", "money"),
)


def write_paid_workbook(path: str | Path, result: Mapping[str, Any], lanes: Iterable[Mapping[str, Any]]) -> None:
    """Write the workbook; `lanes` are all of them as rows, the dearest first."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        writer = ResultBook(book)
        writer.summary(result["verdict"], wording.certificate_verdict(dict(result)), _summary(result))
        for table in paid_tables(result):
            if table.title == _LANES:
                writer.table(_LANES, [_column(heading, kind) for heading, kind, _ in LANE], lane_table(lanes))
            else:
                writer.table(table.title, [_column(heading, kind) for heading, kind in table.columns], table.rows)
        writer.proof(dict(result))


def _column(heading: str, kind: str) -> Column:
    return heading, kind, _WIDTHS[kind]


def _summary(result: Mapping[str, Any]) -> Iterator[SummaryLine]:
    kpis = result["kpis"]
    yield "Paid", kpis["paid_cost"], "money", "All charges, to the cent"
    below = {label: said for label, _, said in paid_tiles(result)}
    for name, label, kind in _FIGURES:
        if kpis[name] is not None:
            yield label, kpis[name], kind, below[label]
    yield "Calibration", wording.words(result["calibration"]), "text", ""
    for note in result["notes"]:
        yield "Note", "", "text", note
    yield from identity_lines(dict(result))
    if result["network"] is not None:
        yield "Network (SHA-256)", result["network"]["dataset_sha256"], "text", result["network"]["dataset_file"]
