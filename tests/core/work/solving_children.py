"""What solving children do in the tests: real plans, told in ways a healthy child never would."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from networx.models.transport import solve_transport
from networx.work import solve_child

Send = Callable[[dict[str, Any]], None]


def one_plan_and_on(request: dict[str, Any], send: Send) -> None:
    """Tell of the plan with only the first site open, and a bound of 450; then work until the parent ends it."""
    tables, parameters = solve_child.read_instance(Path(request["instance"]))
    outcome = solve_transport(tables, replace(parameters, max_facilities=1))
    assert outcome.plan is not None
    path = Path(request["plans"]) / "incumbent-1.npz"
    np.savez(path, **outcome.plan.arrays())
    send({"incumbent": {"plan": str(path), "objective": outcome.objective, "bound": 450.0}})
    time.sleep(60)


def a_unit_short(request: dict[str, Any], send: Send) -> None:
    """Solve as ever, and tell of the plan with one unit less on its first flow."""

    def tampered(message: dict[str, Any]) -> None:
        if "outcome" in message:
            with np.load(message["outcome"]["plan"]) as stored:
                arrays = dict(stored)
            arrays["flow_units"][0] -= 1
            np.savez(message["outcome"]["plan"], **arrays)
        send(message)

    solve_child.run(request, tampered)
