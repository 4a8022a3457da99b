"""`python -m bench.solver.ours ENGINE FOLDER SECONDS GAP`: one of NetWORX's engines, or HiGHS as NetWORX calls it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from bench.solver import problem_file
from bench.solver.answer import Answer
from bench.solver.models import linear
from networx.solver import highs
from networx.solver.location.benders import engine as benders
from networx.solver.location.lagrangian import engine as lagrangian
from networx.solver.location.problem import LocationAnswer, LocationProblem, Watch
from networx.solver.location.single import engine as single
from networx.solver.outcome import Limits

NEVER = 1e6  # seconds; the limit counts processor time, which `stop` looks at


def main(name: str, folder: str, seconds: str, gap: str) -> None:
    problem = problem_file.read(Path(folder))
    started = time.process_time()
    end = started + float(seconds)
    ENGINES[name](problem, Limits(NEVER, float(gap)), lambda: time.process_time() > end, started).tell()


Engine = Callable[[LocationProblem, Limits, Callable[[], bool], float], Answer]


def _location(
    solve: Callable[[LocationProblem, Limits, Watch], LocationAnswer],
    problem: LocationProblem,
    limits: Limits,
    stop: Callable[[], bool],
    started: float,
) -> Answer:
    answer = solve(problem, limits, Watch(lambda *_: None, lambda _: None, stop))
    cost = None if answer.plan is None else answer.plan.cost
    return Answer(answer.ending.value, cost, answer.bound, time.process_time() - started, answer.nodes)


def _highs(
    problem: LocationProblem,
    limits: Limits,
    stop: Callable[[], bool],
    started: float,
    strong: bool,
    whole: bool = False,
) -> Answer:
    model = linear(problem, strong=strong)
    if whole:
        model = replace(model, integer=np.ones_like(model.integer))
    solution = highs.solve(model, limits, stop=stop)
    cpu = time.process_time() - started
    return Answer(solution.ending.value, solution.objective, solution.bound, cpu, solution.nodes)


ENGINES: dict[str, Engine] = {
    "benders": partial(_location, benders.solve),
    "lagrangian": partial(_location, lagrangian.solve),
    "highs-strong": lambda *asked: _highs(*asked, strong=True),
    "single-source": partial(_location, single.solve),
    "highs-whole": lambda *asked: _highs(*asked, strong=True, whole=True),
    "highs-weak": lambda *asked: _highs(*asked, strong=False),
}

if __name__ == "__main__":
    main(*sys.argv[1:])
