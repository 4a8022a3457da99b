"""`python -m bench.solver.sweep`: a sweep whose members teach one another, beside the same members from scratch.

One process, one after the other, in processor time. Each count of sites is solved by the same engine with nothing, with
the lesson of the count before and, where there are no capacities, in one search of all counts together; costs are
compared, and where they contradict, the run fails. With `--commands` the whole command is timed, too
(`bench.solver.sweep_command`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bench.solver import drawn
from bench.solver.sweep_command import contradictions
from networx.solver.location.benders import engine as benders
from networx.solver.location.benders.sweep import Sweep
from networx.solver.location.lagrangian import engine as lagrangian
from networx.solver.location.lesson import Lesson
from networx.solver.location.problem import LocationAnswer, LocationProblem, Watch
from networx.solver.outcome import Ending, Limits

SITES, CUSTOMERS, SEED = 100, 1000, 2
NEVER = 1e6  # seconds; the limit counts processor time
Solve = Callable[..., LocationAnswer]


@dataclass(frozen=True, slots=True)
class Family:
    """A network of which every count of sites is asked."""

    name: str
    problem: LocationProblem
    solve: Solve

    @property
    def together(self) -> bool:
        """Whether its counts can be searched together."""
        return self.solve is benders.solve

    def of_many(self, counts: range) -> dict[str, int]:
        """How the engine is told that it will be asked all counts, where it asks."""
        return {} if self.together else {"problems": len(counts)}


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
    asked = "beside the whole command one for each of these counts is timed, or for all of them"
    parser.add_argument("--commands", nargs="*", type=int, metavar="COUNT", help=asked)
    given = parser.parse_args()
    wrong: list[str] = []
    for key in given.families:
        for gap in given.gaps:
            family, counts = FAMILIES[key](), range(given.counts[0], given.counts[1] + 1)
            wrong += _compared(family, gap, counts, given.seconds)
            if given.commands is not None:
                say = partial(print, flush=True)
                wrong += contradictions(family.problem, gap, counts, given.commands or counts, say)
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def _compared(family: Family, gap: float, counts: range, seconds: float) -> list[str]:
    """All ways through all counts, printed; what contradicts."""
    print(f"\n{family.name}, {SITES} x {CUSTOMERS}, gap {gap:g}")
    print("sites  seconds and nodes: alone, shared" + (", together" if family.together else ""), flush=True)
    wrong: list[str] = []
    lesson: Lesson | None = None
    sweep = Sweep(replace(family.problem, at_least=counts[0], at_most=counts[-1])) if family.together else None
    totals = [0.0] * (3 if family.together else 2)
    members = 0
    for count in counts:
        problem = replace(family.problem, at_least=count, at_most=count)
        ways: list[Callable[[Watch], LocationAnswer]] = [
            partial(family.solve, problem, Limits(NEVER, gap), start=None, lesson=None),
            partial(family.solve, problem, Limits(NEVER, gap), start=None, lesson=lesson, **family.of_many(counts)),
        ]
        if sweep is not None:
            ways.append(partial(sweep.solve, count, Limits(NEVER, gap)))
        answers = [_timed(way, seconds) for way in ways]
        totals = [total + spent for total, (_, spent) in zip(totals, answers, strict=True)]
        alone = answers[0][0]
        lesson = answers[1][0].lesson or lesson
        if all(answer.ending is Ending.INFEASIBLE for answer, _ in answers):
            continue
        members += 1
        print(f"{count:5} {'  '.join(_said(answer, spent) for answer, spent in answers)}", flush=True)
        if not all(_agree(alone, answer) for answer, _ in answers[1:]):
            wrong.append(f"{family.name}, {count} sites, gap {gap:g}: the answers contradict one another")
    said = [f"{total:.2f} s ({totals[0] / max(total, 1e-9):.2f} times less)" for total in totals[1:]]
    print(f"{members} members: alone {totals[0]:.2f} s, shared {', together '.join(said)}", flush=True)
    return wrong


def _timed(solve: Callable[[Watch], LocationAnswer], seconds: float) -> tuple[LocationAnswer, float]:
    began = time.process_time()
    answer = solve(Watch(lambda *_: None, lambda _: None, lambda: time.process_time() - began > seconds))
    return answer, time.process_time() - began


def _said(answer: LocationAnswer, seconds: float) -> str:
    return f"{seconds:8.2f}{' ' if answer.ending is Ending.OPTIMAL else '*'} {answer.nodes:6}"


def _agree(one: LocationAnswer, other: LocationAnswer) -> bool:
    """Whether neither proves that the other's plan cannot be."""
    if one.plan is None or other.plan is None or one.bound is None or other.bound is None:
        return one.ending is other.ending
    room = 1e-9 * max(abs(one.plan.cost), abs(other.plan.cost))
    return one.bound <= other.plan.cost + room and other.bound <= one.plan.cost + room


if __name__ == "__main__":
    sys.exit(main())
