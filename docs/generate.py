"""Writes the pages of this folder that are made from the code: `python -m docs.generate`, or `make docs`.

A test holds the written pages to what is rendered here, so that none can drift from the code.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docs.degradation_page import render_degradation
from docs.environment_page import render_environment
from docs.topology_page import render_topology
from networx.ingest.shipments_page import render_shipments_page
from networx.ingest.workbook_page import render_workbook_page
from networx.results.schema import schema_bytes

DOCS = Path(__file__).resolve().parent


def pages() -> dict[Path, Callable[[], str]]:
    """Every generated page and what renders it."""
    return {
        DOCS / "workbook.md": render_workbook_page,
        DOCS / "shipments.md": render_shipments_page,
        DOCS / "result.schema.json": lambda: schema_bytes().decode(),
        DOCS / "operations" / "topology.md": render_topology,
        DOCS / "operations" / "environment.md": render_environment,
        DOCS / "operations" / "degradation.md": render_degradation,
    }


if __name__ == "__main__":
    for page, render in pages().items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(render())
