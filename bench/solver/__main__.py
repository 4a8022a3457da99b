"""`python -m bench.solver`: NetWORX's engines beside other solvers, in one run on one processor of this machine.

Every solver works in a process of its own, in one thread, with a cap on its memory; the limit and the figures are in
processor time, since other work on the machine slows everybody's clock and nobody's processor. Costs are compared with
the published optimum and with one another; where proofs contradict, the run says so and fails.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from bench.solver import tables
from bench.solver.cases import Case, chosen
from bench.solver.run import Outcome, run
from bench.solver.solvers import SOLVERS, Solver


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.solver", description=__doc__)
    parser.add_argument("--cases", nargs="+", default=["*"], help="names or families, * and ? allowed")
    parser.add_argument("--solvers", nargs="+", default=[solver.key for solver in SOLVERS], help="by their keys")
    parser.add_argument("--seconds", type=float, default=60.0, help="of processor time, for each solver and case")
    parser.add_argument("--gap", type=float, default=1e-6, help="relative, at which a proof is enough")
    parser.add_argument("--memory", type=int, default=4096, help="MiB of a solver's process")
    parser.add_argument("--record", type=Path, help="a file that gets one line of JSON an outcome")
    parser.add_argument("--list", action="store_true", help="name the cases and solvers, and stop")
    given = parser.parse_args()
    cases, solvers = chosen(given.cases), [solver for solver in SOLVERS if solver.key in given.solvers]
    if given.list:
        _list(cases)
        return 0
    outcomes: list[Outcome] = []
    for case in cases:
        if case.absent is not None:
            print(f"{case.name}: skipped, {case.absent}", flush=True)
            continue
        for outcome in _solved(case, solvers, given):
            print(tables.line(outcome), flush=True)
            outcomes.append(outcome)
            if given.record:
                with given.record.open("a") as file:
                    file.write(json.dumps(asdict(outcome)) + "\n")
    tables.show_all(cases, solvers, outcomes)
    wrong = tables.contradictions(outcomes)
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def _solved(case: Case, solvers: list[Solver], given: argparse.Namespace) -> Iterator[Outcome]:
    problem = case.build()
    core = max(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="networx-bench-solver-") as place:
        folder = Path(place)
        for solver in solvers:
            if (
                solver.whole != case.whole
                or not solver.takes(problem)
                or not (solver.ours or case.for_everybody(problem))
            ):
                continue
            solver.prepare(problem, folder)
            yield run(solver, case, folder, seconds=given.seconds, gap=given.gap, memory_mib=given.memory, core=core)


def _list(cases: list[Case]) -> None:
    for case in cases:
        print(f"{case.name:28} {case.family:28} {case.absent or ''}")
    print("solvers:", *(solver.key for solver in SOLVERS))


if __name__ == "__main__":
    sys.exit(main())
