"""`python -m bench.solver.sweep`: a sweep whose members teach one another, beside the same members from scratch.

One process, one after the other, in processor time. Each count of sites is solved twice by the same engine: once with
nothing, once with the lesson of the count before; costs are compared, and where they contradict, the run fails.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from bench.solver import drawn
from networx.solver.location.benders import engine as benders
from networx.solver.location.lagrangian import engine as lagrangian
from networx.solver.location.lesson import Lesson
from networx.solver.location.problem import LocationAnswer, LocationProblem, Watch
from networx.solver.outcome import Ending, Limits

SITES, CUSTOMERS, SEED = 100, 1000, 2
NEVER = 1e6  # seconds; the limit counts processor time
Solve = Callable[[LocationProblem, Limits, Watch, None, Lesson | None], LocationAnswer]


@dataclass(frozen=True, slots=True)
class Family:
    """A network of which every count of sites is asked."""

    name: str
    problem: LocationProblem
    solve: Solve


FAMILIES = {
    "p-median": lambda: Family("p-median", drawn.on_a_map(SITES, CUSTOMERS, seed=SEED, fixed=0.0), benders.solve),
    "facility-location": lambda: Family(
        "facility location", drawn.on_a_map(SITES, CUSTOMERS, seed=SEED, fixed=6.0 * CUSTOMERS), benders.solve
    ),
    "capacitated": lambda: Family(
        "capacitated, ratio 5", drawn.capacitated(SITES, CUSTOMERS, seed=SEED, ratio=5.0), lagrangian.solve
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.solver.sweep", description=__doc__)
    parser.add_argument("--families", nargs="+", default=[*FAMILIES], choices=[*FAMILIES])
    parser.add_argument("--gaps", nargs="+", type=float, default=[1e-6, 1e-3, 1e-2], help="relative, that end a member")
    parser.add_argument("--counts", type=int, nargs=2, default=(1, 20), help="of sites, the first and the last")
    parser.add_argument("--seconds", type=float, default=60.0, help="of processor time, for each member")
    given = parser.parse_args()
    wrong: list[str] = []
    for key in given.families:
        for gap in given.gaps:
            wrong += _compared(FAMILIES[key](), gap, range(given.counts[0], given.counts[1] + 1), given.seconds)
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def _compared(family: Family, gap: float, counts: range, seconds: float) -> list[str]:
    """Both ways through all counts, printed; what contradicts."""
    print(
        f"\n{family.name}, {SITES} x {CUSTOMERS}, gap {gap:g}\nsites  alone s  shared s  nodes alone  shared",
        flush=True,
    )
    wrong: list[str] = []
    lesson: Lesson | None = None
    alone_total = shared_total = 0.0
    members = 0
    for count in counts:
        problem = replace(family.problem, at_least=count, at_most=count)
        alone, alone_seconds = _timed(family, problem, gap, seconds, None)
        shared, shared_seconds = _timed(family, problem, gap, seconds, lesson)
        lesson = shared.lesson or lesson
        alone_total, shared_total = alone_total + alone_seconds, shared_total + shared_seconds
        if alone.ending is Ending.INFEASIBLE and shared.ending is Ending.INFEASIBLE:
            continue
        members += 1
        said = f"{_said(alone, alone_seconds)} {_said(shared, shared_seconds)}"
        print(f"{count:5} {said} {alone.nodes:12} {shared.nodes:7}", flush=True)
        if not _agree(alone, shared):
            wrong.append(f"{family.name}, {count} sites, gap {gap:g}: the two answers contradict one another")
    ratio = alone_total / max(shared_total, 1e-9)
    print(f"{members} members: alone {alone_total:.2f} s, shared {shared_total:.2f} s, ratio {ratio:.2f}", flush=True)
    return wrong


def _timed(
    family: Family, problem: LocationProblem, gap: float, seconds: float, lesson: Lesson | None
) -> tuple[LocationAnswer, float]:
    began = time.process_time()
    watch = Watch(lambda *_: None, lambda _: None, lambda: time.process_time() - began > seconds)
    answer = family.solve(problem, Limits(NEVER, gap), watch, None, lesson)
    return answer, time.process_time() - began


def _said(answer: LocationAnswer, seconds: float) -> str:
    return f"{seconds:8.2f}{' ' if answer.ending is Ending.OPTIMAL else '*'}"


def _agree(one: LocationAnswer, other: LocationAnswer) -> bool:
    """Whether neither proves that the other's plan cannot be."""
    if one.plan is None or other.plan is None or one.bound is None or other.bound is None:
        return one.ending is other.ending
    room = 1e-9 * max(abs(one.plan.cost), abs(other.plan.cost))
    return one.bound <= other.plan.cost + room and other.bound <= one.plan.cost + room


if __name__ == "__main__":
    sys.exit(main())
