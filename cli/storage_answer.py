"""A plan of warehouse space, of stock, or of a network with both, in a terminal: verdict, tables and proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.markup import escape

from cli.answer import print_clashes, print_proof
from cli.terminal import out, plain_table, print_figures
from networx.results.paid_tables import paid_tables
from networx.results.storage_tables import Table, storage_tables
from networx.results.wording import TERMS, certificate_verdict

_MOST_ROWS = 30


def print_storage(result: dict[str, Any]) -> None:
    """The whole result object (the one in result.json), for a person."""
    print_tables(result, storage_tables(result))
    print_proof(result)


def print_tables(result: dict[str, Any], tables: Iterable[Table], *, short: bool = True) -> None:
    """The same with these tables, dollars in them to three figures if `short`, and without its proof."""
    out.print()
    out.print(f"[bold]{escape(result['verdict'])}[/bold]")
    for note in result["notes"]:
        out.print(escape(note))
    if result["infeasibility"] is not None:
        print_clashes(result["infeasibility"])
    for table in tables:
        headings, rows = table.narrow(short=short)
        shown = plain_table(*headings, title=escape(table.title), numbers=True)
        for row in rows[:_MOST_ROWS]:
            shown.add_row(*map(escape, row))
        print_figures(shown)
        if len(rows) > _MOST_ROWS:
            out.print(f"  and {len(rows) - _MOST_ROWS} more; --json prints them all")


def print_paid(result: dict[str, Any]) -> None:
    """What was paid: sums that a person adds up again, without a bound; their proof is the check."""
    print_tables(result, paid_tables(result), short=False)
    out.print(certificate_verdict(result), soft_wrap=True)
    out.print(f"{TERMS['dataset_sha256'].label}  {result['certificate']['dataset_sha256']}", soft_wrap=True)
