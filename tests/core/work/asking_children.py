"""What asking children do in the tests: real answers, told in ways a healthy child never would."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from networx.work import sensitivity_child

Send = Callable[[dict[str, Any]], None]


def two_answers_and_on(request: dict[str, Any], send: Send) -> None:
    """Answer two questions, then work until the parent ends it; where some are answered already, answer the rest."""
    with Path(request["question"]).open("rb") as file:
        known = pickle.load(file)[2]  # written by this child's own parent
    told = 0

    def some(message: dict[str, Any]) -> None:
        nonlocal told
        send(message)
        told += "answer" in message
        while told == 2 and not known:
            # The parent keeps what it heard a second after the last time; each word is a chance to.
            send({"progress": {"stage": "waiting", "percent": None, "incumbent": None, "bound": None, "gap": None}})
            time.sleep(0.1)

    sensitivity_child.run(request, some)


def one_too_cheap(request: dict[str, Any], send: Send) -> None:
    """Answer as ever, at a tenth of what it costs."""

    def cheaper(message: dict[str, Any]) -> None:
        if "answer" in message:
            message["answer"]["outcome"]["objective"] /= 10
        send(message)

    sensitivity_child.run(request, cheaper)
