"""What a check is, what it finds, and how all of them are run side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from networx.errors import NetworxError
from networx.observability.logs import Log

log = Log(__name__)


# A few, so that the platform goes on serving meanwhile.
_AT_ONCE = 4


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "pass"
    FAILED = "fail"
    SKIPPED = "skipped"


class Unprotected(Exception):
    """A protection that does not hold: what was seen, and what to do about it."""

    def __init__(self, seen: str, do: str) -> None:
        super().__init__(seen)
        self.seen = seen
        self.do = do


class NotExercised(Exception):
    """A protection that cannot be exercised here: why not."""


@dataclass(frozen=True, slots=True)
class Place:
    """The platform that is looked at. The process has joined it: `networx.settings` reads its environment.

    `key` is an API key of it, `home` the folder that holds its data, `now` this machine's clock, `backed_up` the
    instant of the newest backup that is known and still there.
    """

    url: str
    key: str
    home: Path
    now: Callable[[], datetime]
    backed_up: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One protection. `exercises` says how it is put to the test; `page` is where to read on, from the checkout."""

    name: str
    exercises: str
    run: Callable[[Place], str]
    page: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `do` is empty where nothing is to be done."""

    check: str
    outcome: Outcome
    seen: str
    do: str
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_all(checks: Sequence[Check], place: Place) -> list[Finding]:
    """Run the checks side by side; their findings in the given order. A check that breaks down has failed."""
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="check") as threads:
        return list(threads.map(lambda check: find(check, place), checks))


def find(check: Check, place: Place) -> Finding:
    """Run one check. Never raises."""
    began = time.monotonic()
    outcome, seen, do = _outcome_of(check, place)
    return Finding(check.name, outcome, seen, do, round(time.monotonic() - began, 2))


def _outcome_of(check: Check, place: Place) -> tuple[Outcome, str, str]:
    try:
        return Outcome.PASSED, check.run(place), ""
    except Unprotected as missed:
        return Outcome.FAILED, missed.seen, missed.do
    except NotExercised as reason:
        return Outcome.SKIPPED, str(reason), ""
    except NetworxError as fault:
        return Outcome.FAILED, str(fault), f"Mend what is away, then run it again; see {check.page}."
    except Exception as fault:
        log.exception("check.broke_down", check=check.name)
        return Outcome.FAILED, f"The check broke down: {type(fault).__name__}: {fault}", f"See {check.page}."
