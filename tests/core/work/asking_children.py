"""What asking children do in the tests: real answers, told in ways a healthy child never would."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from networx.work import greenfield_child, sensitivity_child
from networx.work.solve_child import PRICING_TODAY

Send = Callable[[dict[str, Any]], None]


def two_answers_and_on(request: dict[str, Any], send: Send) -> None:
    """Answer two questions, then work until the parent ends it; where some are answered already, answer the rest."""
    with Path(request["question"]).open("rb") as file:
        known = pickle.load(file)[2]  # written by this child's own parent
    _told_until(None if known else 2, "answer", sensitivity_child.run, request, send)


def one_too_cheap(request: dict[str, Any], send: Send) -> None:
    """Answer as ever, at a tenth of what it costs."""

    def cheaper(message: dict[str, Any]) -> None:
        if "answer" in message:
            message["answer"]["outcome"]["objective"] /= 10
        send(message)

    sensitivity_child.run(request, cheaper)


def pricing_for_ever(_: dict[str, Any], send: Send) -> None:
    """Say what it is at, and nothing more until the parent ends it."""
    send({"progress": {"stage": PRICING_TODAY, "percent": None, "incumbent": None, "bound": None, "gap": None}})
    while True:
        time.sleep(0.05)


def two_numbers_and_on(request: dict[str, Any], send: Send) -> None:
    """Find two numbers of places, then work until the parent ends it; where some are found already, find the rest."""
    with Path(request["question"]).open("rb") as file:
        first = pickle.load(file)[2]  # written by this child's own parent
    _told_until(2 if first == 1 else None, "places", greenfield_child.run, request, send)


def nearer_than_they_are(request: dict[str, Any], send: Send) -> None:
    """Find the places as ever, at a tenth of the miles."""

    def nearer(message: dict[str, Any]) -> None:
        if "places" in message:
            message["places"]["unit_miles"] /= 10
        send(message)

    greenfield_child.run(request, nearer)


def _told_until(
    most: int | None, word: str, run: Callable[[dict[str, Any], Send], None], request: dict[str, Any], send: Send
) -> None:
    """Tell so many answers, then work on until the parent ends it."""
    told = 0

    def some(message: dict[str, Any]) -> None:
        nonlocal told
        send(message)
        told += word in message
        while told == most:
            # The parent keeps what it heard a second after the last time; each word is a chance to.
            send({"progress": {"stage": "waiting", "percent": None, "incumbent": None, "bound": None, "gap": None}})
            time.sleep(0.1)

    run(request, some)
