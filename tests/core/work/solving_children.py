"""What solving children do in the tests: real plans, told in ways a healthy child never would."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from networx.domain.json_model import Objective
from networx.domain.model_answer import ModelOutcome, Question
from networx.domain.plan import Progress, ResultStatus
from networx.models.transport import solve_transport
from networx.work import analyse_capacity_child, solve_child, sweep_child

Send = Callable[[dict[str, Any]], None]


def one_plan_and_on(request: dict[str, Any], send: Send) -> None:
    """Tell of the plan with only the first site open, and a bound of 450; then work until the parent ends it."""
    told = _write(request, 1, max_facilities=1)
    send({"incumbent": {**told, "bound": 450.0}})
    time.sleep(60)


def two_plans_and_on(request: dict[str, Any], send: Send) -> None:
    """The same, with the best plan of all in the folder and not told; from a start, wait as well."""
    if request["start"] is None:
        told = _write(request, 1, max_facilities=1)
        _write(request, 2)
        send({"progress": Progress("solving", bound=450.0).as_dict()})
        send({"incumbent": {**told, "bound": 450.0}})
    time.sleep(60)


def two_plans_and_again(request: dict[str, Any], send: Send) -> None:
    """The same without a start; from a start, solve as ever."""
    if request["start"] is None:
        two_plans_and_on(request, send)
    solve_child.run(request, send)


def one_plan_and_the_answer(request: dict[str, Any], send: Send) -> None:
    """Tell of the plan with only the first site open, then solve as ever."""
    send({"incumbent": {**_write(request, 1, max_facilities=1), "bound": 450.0}})
    solve_child.run(request, send)


def a_plan_too_cheap_and_the_answer(request: dict[str, Any], send: Send) -> None:
    """Tell of a plan at a tenth of its cost, then solve as ever."""
    told = _write(request, 1, max_facilities=1)
    send({"incumbent": {**told, "objective": told["objective"] / 10, "bound": None}})
    solve_child.run(request, send)


def one_plan_and_too_much(request: dict[str, Any], send: Send) -> None:
    """Tell of the plan with only the first site open, then use up all memory."""
    send({"incumbent": {**_write(request, 1, max_facilities=1), "bound": 450.0}})
    raise MemoryError


def too_much(request: dict[str, Any], send: Send) -> None:
    """Use up all memory before the first plan."""
    raise MemoryError


def one_number_and_on(request: dict[str, Any], send: Send) -> None:
    """Answer the first number; leave the best plan of the second untold, say of a bound of 450, and work on."""
    first, second, *_ = request["numbers"]
    sweep_child.run({**request, "numbers": [first]}, send)
    folder = sweep_child.plans_of(Path(request["plans"]), second)
    folder.mkdir()
    send({"member": second})
    _write({**request, "plans": str(folder)}, 1, min_facilities=second)
    send({"progress": Progress("solving", bound=450.0).as_dict()})
    time.sleep(60)


def _write(request: dict[str, Any], number: int, **changes: Any) -> dict[str, Any]:
    """Solve with these parameters changed and leave the plan in the folder; what is told of it."""
    tables, parameters = solve_child.read_instance(Path(request["instance"]))
    outcome = solve_transport(tables, replace(parameters, **changes))
    assert outcome.plan is not None
    assert outcome.objective is not None
    path = Path(request["plans"]) / f"incumbent-{number}.npz"
    solve_child.write_plan(path, outcome.plan, outcome.objective)
    return {"plan": str(path), "objective": outcome.objective}


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


def lies_about_a_model(_request: dict[str, Any], send: Send) -> None:
    """A solution of the workshop's model that needs more wood than there is."""
    outcome = ModelOutcome(
        ResultStatus.OPTIMAL, "none", 0.0, objective=24_000.0, bound=24_000.0, values=np.array([4.0, 12.0])
    )
    question = Question(Objective("profit", maximise=True))
    send({"answer": {"question": question.as_dict(), "outcome": outcome.as_dict()}})


def a_dollar_less(request: dict[str, Any], send: Send) -> None:
    """Analyse as ever, and tell of the first year at a dollar less than it costs."""

    def tampered(message: dict[str, Any]) -> None:
        if "outcome" in message:
            path = Path(message["outcome"])
            outcome = orjson.loads(path.read_bytes())
            outcome["base"][0]["cost"] -= 1
            path.write_bytes(orjson.dumps(outcome))
            send(message)

    analyse_capacity_child.run(request, tampered)


def no_end_of_relief(request: dict[str, Any], send: Send) -> None:
    """Tell what is known before the relief, then work until the parent ends it."""

    def without_the_end(message: dict[str, Any]) -> None:
        if "outcome" not in message:
            send(message)

    analyse_capacity_child.run(request, without_the_end)
    time.sleep(60)
