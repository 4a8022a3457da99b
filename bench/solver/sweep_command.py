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
from typing import Any, NamedTuple

from bench.solver.problem_workbook import write_workbook
from networx.solver.location.problem import LocationProblem

CHECKOUT = Path(__file__).resolve().parents[2]
SAME = 1e-9  # relative


class Commands(NamedTuple):
    """Processor seconds; `wrong` says what contradicts."""

    apart: float
    together: float
    wrong: list[str]


def compared(problem: LocationProblem, gap: float, counts: Sequence[int], say: Callable[[str], None]) -> Commands:
    """All numbers by one command, and each by its own."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "network.xlsx"
        write_workbook(file, problem, gap=gap)
        at_once, together = _run(file, counts[0], counts[-1])
        say(f"one command for all numbers: {together:.1f} s")
        alone = [_run(file, count, count) for count in counts]
    apart = sum(seconds for _, seconds in alone)
    say(f"a command for each: {apart:.1f} s ({apart / together:.1f} times as much)")
    rows = zip(at_once, (row for rows, _ in alone for row in rows), strict=True)
    wrong = [
        f"{one['nodes']} sites: the commands contradict one another" for one, other in rows if not _agree(one, other)
    ]
    return Commands(apart, together, wrong)


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
