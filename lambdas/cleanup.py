"""The functions that tidy up: every ten minutes what would pile up, once a day what takes long to find."""

from __future__ import annotations

from typing import Any

from lambdas import runtime
from networx.work import clean_up


def handler(event: dict[str, Any], context: Any) -> None:
    """The frequent chores. A chore that fails hinders no other, and the function fails when all were tried."""
    runtime.prepare("cleanup")
    clean_up.often()


def daily_handler(event: dict[str, Any], context: Any) -> None:
    """The daily chores, in the same way."""
    runtime.prepare("daily-cleanup")
    clean_up.daily()
