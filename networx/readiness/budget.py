"""The assistant's budget, where this version has an assistant and this installation has switched it on."""

from __future__ import annotations

from importlib.util import find_spec

from networx.readiness.check import NotExercised, Place


def assistant_budget(_: Place) -> str:
    """Not a token beyond the day's limit or the month's."""
    if find_spec("networx.assistant") is None:
        raise NotExercised("assistant is off: this version has none")
    raise NotExercised("assistant is off")
