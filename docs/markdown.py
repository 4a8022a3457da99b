"""What the generated pages are written with: tables, and lengths of time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta


def table(title: str, heads: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = [tuple(heads), tuple("---" for _ in heads), *rows]
    return f"## {title}\n\n" + "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def span(length: timedelta) -> str:
    """A length of time in its largest whole unit."""
    seconds = length.total_seconds()
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {name}"
    return f"{seconds * 1000:g} ms"
