"""What this web process has answered, by the hour: counted in memory, added to the record every half minute.

A process that is killed takes with it what it had counted since; one that cannot reach the record counts on.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Lock

from networx.db import hourly, pool
from networx.observability.logs import Log
from networx.topology import TOPOLOGY

log = Log(__name__)

_SLOW_MILLISECONDS = next(alarm.threshold for alarm in TOPOLOGY.alarms if alarm.metric == "ApiLatency")


class Tally:
    """Used by any number of threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: Counter[tuple[datetime, str]] = Counter()

    def count(self, status: int, milliseconds: float | None) -> None:
        """One answer; `milliseconds` is None where an answer lasts as long as its reader reads."""
        hour = hourly.hour_of(datetime.now(UTC))
        with self._lock:
            self._counted[hour, hourly.ANSWERED] += 1
            # What says that a part is away, or that there is too much to do, is a failure to whoever asked.
            self._counted[hour, hourly.FAILED] += status >= HTTPStatus.INTERNAL_SERVER_ERROR
            self._counted[hour, hourly.REFUSED] += status == HTTPStatus.TOO_MANY_REQUESTS
            self._counted[hour, hourly.SLOW] += milliseconds is not None and milliseconds > _SLOW_MILLISECONDS

    @property
    def empty(self) -> bool:
        """Whether nothing was counted since the last flush."""
        with self._lock:
            return not self._counted

    def flush(self) -> None:
        """Add what was counted to the record, and that this hour was counted at all. Never fails."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        present = {(hourly.hour_of(datetime.now(UTC)), name): 0 for name in hourly.REQUESTS}
        try:
            with pool.system() as connection:
                hourly.add(connection, {**present, **counted})
        except Exception as fault:  # whatever ails the record, the web goes on
            with self._lock:
                self._counted.update(counted)
            log.warning("tally.kept", fault=type(fault).__name__)
