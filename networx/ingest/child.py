"""The side of the confined child: reads one file and tells what it finds in messages that are plain JSON.

    {"corrected": [[tab, row, cells], ...]}     the rows of a correction, before all else
    {"batch": table, "rows": [[...], ...]}      good rows, cells in the order of DIGEST_COLUMNS or SHIPMENT_COLUMNS
    {"progress": {"table": ..., "rows": ...}}   at most a few a second
    {"summary": {...}}                          the last message; the rows count only if its problem_count is 0

An empty cell is null and unlimited capacity the text "inf", since JSON has no infinity: `float` reads it back. A file
that is refused as a whole ends in a summary too, with the code of its refusal. The parent sets the limits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from networx.domain.shipment_columns import TABLE
from networx.errors import RefusedInput
from networx.ingest.batches import Batch, ReadingProgress
from networx.ingest.corrections import read_correction
from networx.ingest.mended import Mended, Place
from networx.ingest.network import Summary, parse_network
from networx.ingest.preflight import TRANSPORT
from networx.ingest.shipments import FreightSummary, parse_shipments

PROGRESS_EVERY_SECONDS = 0.25


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Read the file at request["path"] and send what it holds: shipments where request["domain"] is TRANSPORT, else a
    network. Raises nothing for what is wrong with the file."""
    told = 0.0

    def emit(batch: Batch) -> None:
        send({"batch": batch.table, "rows": batch.rows})

    def progress(reached: ReadingProgress) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= PROGRESS_EVERY_SECONDS:
            told = now
            send({"progress": {"table": reached.table, "rows": reached.rows}})

    path = Path(request["path"])
    try:
        if request.get("domain") == TRANSPORT:
            mended = {(tab, row): Mended(cells, by) for tab, row, cells, by in request.get("mended", ())}
            if "correction" in request:
                mended |= _corrected(request["correction"], send)
            without = request.get("without_bad_rows", False)
            freight = parse_shipments(path, emit, progress, without_bad_rows=without, mended=mended)
            send({"summary": _freight_message(freight)})
            return
        summary = parse_network(path, emit, progress, demand_alone=None)
    except RefusedInput as refused:
        summary = Summary({}, refused.problems, len(refused.problems), (), 0.0, {})
        send({"summary": _message(summary, refused.code)})
    else:
        send({"summary": _message(summary, RefusedInput.code if summary.problem_count else None)})


def _corrected(correction: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> dict[Place, Mended]:
    """The rows of a correction, which are told. Raises RefusedInput where anything is wrong with it."""
    found = read_correction(Path(correction["path"]), {(tab, row) for tab, row in correction["open"]})
    if found.log.count:
        raise RefusedInput(found.log.kept)
    send({"corrected": [[*place, cells] for place, cells in found.rows.items()]})
    return {place: Mended(cells, correction["by"]) for place, cells in found.rows.items()}


def _message(summary: Summary, code: str | None) -> dict[str, Any]:
    return {
        "code": code,
        "rows": summary.rows,
        "problems": [problem.as_dict() for problem in summary.problems],
        "problem_count": summary.problem_count,
        "warnings": list(summary.warnings),
        "totals": {"demand_units": summary.demand_units, "lanes": summary.rows.get("lanes", 0)},
        "located": summary.located,
        "unmatched": [asdict(column) for column in summary.unmatched],
    }


def _freight_message(summary: FreightSummary) -> dict[str, Any]:
    return {
        "code": RefusedInput.code if summary.problem_count else None,
        "rows": {TABLE: summary.shipments},
        "problems": [problem.as_dict() for problem in summary.problems],
        "problem_count": summary.problem_count,
        "warnings": list(summary.warnings),
        "account": [tab.as_dict() for tab in summary.account],
        "unmatched": [],
        "bad_rows": summary.bad_rows.as_dict(),
        "waits": summary.waits,
        "bad_cells": [[*where, cells] for where, cells in summary.bad_cells.items()],
        "still_bad": sorted(summary.still_bad),
    }
