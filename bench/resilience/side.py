"""One side of the comparison: a process that runs what it is told so many times, and says what that cost it.

Processor time is the process's own, of all its threads: what a server spends on the calls is the same for both sides.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping

Case = Callable[[], object]


def nothing() -> None:
    """What is guarded, where nothing is to be measured but the guard."""


def serve(cases: Mapping[str, Case]) -> None:
    """Answer lines of `CASE TIMES` on stdin with `{"cpu": ..., "wall": ...}` on the real stdout: seconds in all."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # metrics go there, as they go to the log of a process
    for line in sys.stdin:
        name, times = line.split()
        case = cases[name]
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(int(times)):
            case()
        told = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        print(json.dumps(told), file=answers, flush=True)
