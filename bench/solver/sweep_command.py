"""A sweep as a client runs it: `networx solve FILE --nodes 1:20`, beside a command of its own for every number.

Processor seconds of the whole command: its process and the solving children, imports, reading the workbook, building,
searching, the certificates and printing. The answers are compared.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.solver.problem_workbook import write_workbook
from networx.solver.location.problem import LocationProblem

CHECKOUT = Path(__file__).resolve().parents[2]
SAME = 1e-9  # relative


def contradictions(
    problem: LocationProblem, gap: float, counts: Sequence[int], asked: Sequence[int], say: Callable[[str], None]
) -> list[str]:
    """All counts by one command, and each that is `asked` by its own: what they take, and where they contradict."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "network.xlsx"
        write_workbook(file, problem, gap=gap)
        rows, together = _run(file, counts[0], counts[-1])
        say(f"one command for {len(rows)} counts: {together:.2f} s")
        alone = {count: _run(file, count, count) for count in asked}
    each = sum(seconds for _, seconds in alone.values()) / len(alone)
    times = len(rows) * each / together
    say(f"a command for one: {each:.2f} s, the mean of {len(alone)}; for all {times:.1f} times as much")
    at_once = {row["nodes"]: row for row in rows}
    differ = [count for count, (own, _) in alone.items() if not _agree(at_once[count], own[0])]
    return [f"{count} sites: the commands contradict one another" for count in differ]


def _run(file: Path, first: int, last: int) -> tuple[list[dict[str, Any]], float]:
    """The frontier that the command prints, and the processor seconds it took with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "cli", "solve", str(file), "--nodes", f"{first}:{last}", "--json"]
    ran = subprocess.run(command, cwd=CHECKOUT, env=os.environ, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    frontier: list[dict[str, Any]] = json.loads(ran.stdout)["frontier"]
    return frontier, spent


def _agree(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether both are certified and neither proves that the other's plan cannot be."""
    if one["cost"] is None or other["cost"] is None:
        return bool(one["status"] == other["status"])
    room = SAME * max(abs(one["cost"]), abs(other["cost"]))
    certified = one["certified"] and other["certified"]
    return bool(certified and one["bound"] <= other["cost"] + room and other["bound"] <= one["cost"] + room)
