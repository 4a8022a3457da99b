"""How every benchmark prints what it found."""

from __future__ import annotations

from collections.abc import Sequence


def show(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    """A title and its rows, the first of them the headings; figures stand to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells), flush=True)
