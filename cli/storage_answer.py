"""A plan of warehouse space, of stock, or of a network with both, in a terminal: verdict, tables and proof."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from cli.answer import print_clashes, print_proof
from cli.terminal import out, plain_table, print_figures
from networx.results.storage_tables import storage_tables

_MOST_ROWS = 30


def print_storage(result: dict[str, Any]) -> None:
    """The whole result object (the one in result.json), for a person."""
    out.print()
    out.print(f"[bold]{escape(result['verdict'])}[/bold]")
    for note in result["notes"]:
        out.print(escape(note))
    if result["infeasibility"] is not None:
        print_clashes(result["infeasibility"])
    for table in storage_tables(result):
        headings, rows = table.narrow()
        shown = plain_table(*headings, title=escape(table.title), numbers=True)
        for row in rows[:_MOST_ROWS]:
            shown.add_row(*map(escape, row))
        print_figures(shown)
        if len(rows) > _MOST_ROWS:
            out.print(f"  and {len(rows) - _MOST_ROWS} more; --json prints them all")
    print_proof(result)
