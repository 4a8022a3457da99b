"""How long a command waits for an uploaded file to be taken in, and what it says meanwhile.

The store tells the platform of a new object by an event; a queue and a function carry it on. Where one of them fails,
the upload stays `received` for good, and only the log of the AWS emulator says why.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.terminal import CommandFailed, say

SAID_AFTER_SECONDS = 30.0
GIVEN_UP_AFTER_SECONDS = 120.0


class Arrival:
    """Watches an upload that is polled: says once what is waited for, and gives up in the end."""

    def __init__(self, log: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._since: float | None = None
        self._said = False

    def seen(self, upload: dict[str, Any]) -> None:
        """The upload as the API shows it now. Raises CommandFailed once it has been `received` for too long."""
        if upload["status"] != "received":
            self._since = None
            return
        now = self._clock()
        self._since = now if self._since is None else self._since
        if now - self._since >= GIVEN_UP_AFTER_SECONDS:
            raise CommandFailed(
                f"The file is in the store, but for {GIVEN_UP_AFTER_SECONDS:.0f} seconds the event of its arrival has "
                f"not reached the check of uploads. Look for the reason at the end of {self._log}, stop the platform "
                "with `networx down`, and run this command again."
            )
        if now - self._since >= SAID_AFTER_SECONDS and not self._said:
            self._said = True
            say(
                "The file is in the store; still waiting for the event of its arrival to reach the check of uploads "
                f"(the log is {self._log})."
            )
