"""How this process's pools are: told every five minutes, and at once when most connections of one are in use.

Of web and workers. A function holds one connection for one call: it has nothing to tell between two.
"""

from __future__ import annotations

import threading
from datetime import timedelta

from networx.db import pool
from networx.observability import metrics
from networx.observability.logs import Log

log = Log(__name__)

EVERY = timedelta(minutes=5)
# As often as DatabaseConnections is emitted.
LOOK = timedelta(seconds=30)


class PoolWatch:
    """A thread that looks at the pools until it is stopped.

    `warn_at` is the number of connections in use in one pool that is told at once; without it none is.
    """

    def __init__(self, *, warn_at: int | None = None, look: timedelta = LOOK, every: timedelta = EVERY) -> None:
        self._warn_at = warn_at
        self._look = look
        self._looks_between = max(round(every / look), 1)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pools", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End, and wait so long for what is under way."""
        self._stopped.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        looks = 0
        while not self._stopped.wait(self._look.total_seconds()):
            looks += 1
            try:
                warn_if_tight(self._warn_at)
                if looks % self._looks_between == 0:
                    tell()
            except Exception:
                log.exception("pools.not_told")  # the next look may be luckier


def warn_if_tight(warn_at: int | None) -> None:
    """Log when so many connections of one pool are in use."""
    in_use = pool.connections_in_use()
    if warn_at is not None and in_use >= warn_at:
        log.warning("pool.tight", inUse=in_use, warnAt=warn_at)


def tell() -> None:
    """Log each open pool, and emit what share of it is in use, who had to wait since the last time, and for whom none
    came in time."""
    for role, counted in pool.statistics().items():
        size, most = counted["pool_size"], counted["pool_max"]
        # Not what the library has less what is available: it counts those that are still being opened or given back.
        in_use = pool.lent(role)
        # The library leaves out what it has not counted.
        waited, refused = counted.get("requests_queued", 0), counted.get("requests_errors", 0)
        log.info(
            "pool.health",
            pool=role.value,
            size=size,
            most=most,
            inUse=in_use,
            waiting=counted.get("requests_waiting", 0),
            requests=counted.get("requests_num", 0),
            waited=waited,
            waitedMilliseconds=counted.get("requests_wait_ms", 0),
            refused=refused,
            connectionsMade=counted.get("connections_num", 0),
            connectionsLost=counted.get("connections_lost", 0),
            connectFailures=counted.get("connections_errors", 0),
        )
        metrics.emit("PoolUse", in_use / most, Pool=role.value)
        metrics.emit("PoolWaits", waited, Pool=role.value)
        metrics.emit("PoolRefusals", refused, Pool=role.value)
