"""Solving children that say which phase of an engine they are in: `{"phase": name}` as each begins."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import highspy

from networx.solver import highs
from networx.solver.location.benders import engine as benders
from networx.solver.location.lagrangian import engine as lagrangian
from networx.work import solve_child, solve_model_child

Send = Callable[[dict[str, Any]], None]

PRESOLVE, ROOT, TREE = "presolve", "root", "tree"
# What HiGHS writes as it begins them; the heading of its table comes before the root's linear program.
_WRITTEN = {"Presolving model": PRESOLVE, "Solving MIP model with": ROOT, "Solving LP": ROOT}


def scenario(request: dict[str, Any], send: Send) -> None:
    """`solve_child.run`, saying so."""
    _saying(send)
    solve_child.run(request, send)


def model(request: dict[str, Any], send: Send) -> None:
    """`solve_model_child.run`, saying so."""
    _saying(send)
    solve_model_child.run(request, send)


def _saying(send: Send) -> None:
    said: set[str] = set()

    def say(phase: str) -> None:
        if phase not in said:
            said.add(phase)
            send({"phase": phase})

    _say_before(lagrangian, "ascend", ROOT, say)
    _say_before(lagrangian.Tree, "search", TREE, say)
    _say_before(benders, "climbed", PRESOLVE, say)
    _say_before(benders, "tighten", ROOT, say)
    _say_before(benders.Tree, "grow", TREE, say)
    real = highs.load

    def loaded(*arguments: Any) -> highspy.Highs:
        solver = real(*arguments)
        solver.cbLogging.subscribe(lambda event: _read(event.message, say))
        solver.cbMipInterrupt.subscribe(lambda event: say(TREE) if event.data_out.mip_node_count > 1 else None)
        return solver

    highs.load = loaded


def _read(message: str, say: Callable[[str], None]) -> None:
    for words, phase in _WRITTEN.items():
        if message.lstrip().startswith(words):
            say(phase)


def _say_before(owner: Any, name: str, phase: str, say: Callable[[str], None]) -> None:
    real = getattr(owner, name)

    @wraps(real)
    def saying(*arguments: Any, **named: Any) -> Any:
        say(phase)
        return real(*arguments, **named)

    setattr(owner, name, saying)
