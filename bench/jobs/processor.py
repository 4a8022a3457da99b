"""How much processor time processes used, from /proc: on a shared machine it says more than the wall clock."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class _Table(NamedTuple):
    children: dict[int, list[int]]
    used: dict[int, float]  # seconds, with children that ended and were waited for

    def below(self, roots: tuple[int, ...]) -> list[int]:
        """These processes and all that descend from them."""
        found: list[int] = []
        left = list(roots)
        while left:
            process = left.pop()
            found.append(process)
            left += self.children.get(process, [])
        return found


def _read() -> _Table:
    table = _Table({}, {})
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # The name in parentheses may have spaces; what follows it has none.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        table.children.setdefault(int(fields[1]), []).append(int(folder.name))
        table.used[int(folder.name)] = sum(map(int, fields[11:15])) / _TICKS
    return table


def seconds(*roots: int) -> float:
    """The processor time of these processes and all that descend from them, those that have ended included."""
    table = _read()
    return sum(table.used.get(process, 0.0) for process in table.below(roots))


def busiest(root: int) -> int:
    """Which descendant of a process works most just now."""
    before = _read()
    time.sleep(0.3)
    after = _read()
    descendants = [process for process in after.below((root,)) if process != root]
    return max(descendants, key=lambda process: after.used.get(process, 0.0) - before.used.get(process, 0.0))
