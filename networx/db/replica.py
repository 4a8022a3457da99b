"""Long reads on the replica, none of them older than the database itself was when it was asked.

Whole lists and reports would hold the database's connections and its processor. Each asks the database for the place
up to which it has written, and goes to the replica when that has shown as much: so a client finds there whatever it has
just written. A replica that is away, or does not catch up within a moment, is left alone for a while, and the database
answers as ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TypeVar
from uuid import UUID

import psycopg
from psycopg.errors import SerializationFailure
from psycopg_pool import ConnectionPool

from networx import settings
from networx.db import pool
from networx.db.pool import Connection, Role
from networx.errors import DatabaseUnavailable
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import aws
from networx.resilience.breaker import Breaker
from networx.settings import Address
from networx.topology import TOPOLOGY

log = Log(__name__)

Read = TypeVar("Read")

# A replica is behind by milliseconds; one that is further behind is not waited for, and not asked again for a while.
PATIENCE_SECONDS = 0.5
LEFT_ALONE_SECONDS = 5.0
_LOOK_SECONDS = 0.02
# Of a connection: the database itself is there, so that nobody waits long for the other one.
_LEND_SECONDS = 2.0


class _Behind(Exception):
    """The replica has not shown yet what the database has written."""


def read(tenant_id: UUID, work: Callable[[Connection], Read]) -> Read:
    """What `work` reads as the tenant. It may be called twice, the second time on the database itself.

    Raises DatabaseUnavailable, and whatever the work does.
    """
    configured = settings.current()
    if configured.replica is None:
        # On a laptop in the same role, so that what it may not do is noticed there; on a stage through the proxy.
        with pool.tenant(tenant_id, Role.REPORT if configured.laptop else Role.APP) as connection:
            return work(connection)
    found = _tried(configured.replica, tenant_id, work)
    if found is not None:
        return found[0]
    with pool.tenant(tenant_id) as connection:
        return work(connection)


def _tried(address: Address, tenant_id: UUID, work: Callable[[Connection], Read]) -> tuple[Read] | None:
    """What was read on the replica, or None where it cannot answer now."""
    if _patience.ended():
        metrics.emit("ReplicaReads", 1, Outcome="left alone")
        return None
    with pool.at_once() as database:
        # All that was committed stands before it, also what is not on the disk yet.
        row = database.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None
    try:
        with _lent(address) as connection:
            _await(connection, row[0])
            # A UUID's hex is 32 digits, whoever stated it.
            connection.execute(f"BEGIN READ ONLY; SELECT enter_tenant('{tenant_id.hex}')")
            found = work(connection)
            connection.commit()
    except _Behind:
        _patience.end()
        log.warning("replica.behind", patience_seconds=PATIENCE_SECONDS)
        outcome = "behind"
    except SerializationFailure:
        # What was read was removed from the replica meanwhile, as it was from the database: read it there.
        outcome = "conflict"
    except DatabaseUnavailable as fault:
        log.warning("replica.away", fault=type(fault).__name__, code=fault.code)
        outcome = "away"
    else:
        metrics.emit("ReplicaReads", 1, Outcome="replica")
        return (found,)
    metrics.emit("ReplicaReads", 1, Outcome=outcome)
    return None


def _await(connection: Connection, written: str) -> None:
    """Wait until the replica shows what was written up to there. Raises _Behind."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        row = connection.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", (written,)).fetchone()
        assert row is not None
        # None: it is no replica, and shows nothing of this database at all.
        if row[0]:
            return
        if row[0] is None or time.monotonic() >= deadline:
            raise _Behind
        time.sleep(_LOOK_SECONDS)


@contextmanager
def _lent(address: Address) -> Iterator[Connection]:
    """A connection to the replica. Raises DatabaseUnavailable when there is none, or it broke."""
    connection: Connection | None = None

    def there(_: Exception) -> bool:
        return connection is not None and not connection.broken

    try:
        with (
            breaker().guarding(psycopg.OperationalError, unless=there),
            _pool(address).connection() as connection,
        ):
            yield connection
    except psycopg.OperationalError as fault:
        if there(fault):
            raise
        raise DatabaseUnavailable from fault


@cache
def breaker() -> Breaker:
    """This process's breaker for the replica: the database's own says nothing about it."""

    def probe() -> None:
        pool.connect(Role.REPORT).close()

    return Breaker(TOPOLOGY.circuit("replica"), DatabaseUnavailable, probe=probe)


@cache
def _pool(address: Address) -> ConnectionPool[Connection]:
    configured = settings.current()

    def arguments() -> dict[str, object]:
        # Asked for each connection: a rotated password is in use before this process ends.
        password = aws.secret(configured.database_secret_prefix + Role.REPORT.value)["password"]
        named = {"dbname": configured.database_name, "user": Role.REPORT.value, "password": password}
        return {**pool.arguments(address), **named, "autocommit": True}

    return ConnectionPool(
        kwargs=arguments,
        min_size=0,
        max_size=TOPOLOGY.limits.replica_connections,
        timeout=_LEND_SECONDS,
        max_idle=60,
        reconnect_timeout=_LEND_SECONDS,
        check=ConnectionPool.check_connection,
        name="replica",
        open=True,
    )


class _Patience:
    """Until when a replica that was behind is left alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = float("-inf")

    def ended(self) -> bool:
        with self._lock:
            return time.monotonic() < self._until

    def end(self) -> None:
        with self._lock:
            self._until = time.monotonic() + LEFT_ALONE_SECONDS

    def begin_anew(self) -> None:
        with self._lock:
            self._until = float("-inf")


_patience = _Patience()


def close() -> None:
    """Close the connections to the replica, and forget what was known of it."""
    configured = settings.current().replica
    if configured is not None and _pool.cache_info().currsize:
        _pool(configured).close()
    _pool.cache_clear()
    breaker.cache_clear()
    _patience.begin_anew()
