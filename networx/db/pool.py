"""Connections to the record: one pool per process and role, and the two ways into a transaction.

Each role has its way there: short transactions through the proxy, loads and migrations straight to the instance,
reports to the replica.

`tenant()` enters a tenant, so that row level security shows its rows alone; `system()` is for what crosses tenants
(relay, claims, monitors). Passwords come from Secrets Manager, time-outs stand on the roles.
"""

from __future__ import annotations

import select
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from enum import StrEnum
from functools import cache
from threading import Lock
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import QueryCanceled
from psycopg_pool import ConnectionPool

from networx import settings
from networx.errors import DatabaseBusy, DatabaseUnavailable
from networx.resilience import aws
from networx.resilience.breaker import Breaker
from networx.settings import Address
from networx.topology import TOPOLOGY

Connection = psycopg.Connection[Any]

_TIMEOUT_SECONDS = TOPOLOGY.limits.connect_timeout.total_seconds()
_WELL_FOR_SECONDS = 1.0
BEGIN_TRIES = 3
_maximum = TOPOLOGY.limits.worker_connections


class Role(StrEnum):
    """The database roles; what each may do stands in db/roles.sql and the migrations."""

    OWNER = "networx_owner"
    APP = "networx_app"
    LOADER = "networx_loader"
    SYSTEM = "networx_system"
    REPORT = "networx_report"


def limit_connections(maximum: int) -> None:
    """Set how many connections each pool of this process may hold. Call before the first pool is opened."""
    global _maximum
    _maximum = maximum


def _address(role: Role) -> Address:
    configured = settings.current()
    match role:
        case Role.APP | Role.SYSTEM:
            return configured.proxy or configured.database
        case Role.REPORT:
            return configured.replica or configured.database
        case Role.OWNER | Role.LOADER:
            return configured.database


def arguments(address: Address) -> dict[str, Any]:
    """What every connection to a server of ours is opened with, whoever logs in. TLS is verified off the laptop."""
    authorities = settings.current().authorities
    tls = {"sslmode": "disable"} if authorities is None else {"sslmode": "verify-full", "sslrootcert": str(authorities)}
    return {
        "host": address.host,
        "port": address.port,
        "connect_timeout": int(_TIMEOUT_SECONDS),
        "application_name": "networx",
        # A host that vanished answers nothing, not even with a refusal: without these a query waits for a quarter of
        # an hour. Seconds, and milliseconds for the last.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        # Prepared statements pin a session of the proxy.
        "prepare_threshold": None,
        **tls,
    }


def _arguments_of(role: Role) -> dict[str, Any]:
    configured = settings.current()
    return {
        **arguments(_address(role)),
        "dbname": configured.database_name,
        "user": role.value,
        "password": aws.secret(configured.database_secret_prefix + role.value)["password"],
    }


def connect(role: Role, *, autocommit: bool = False) -> Connection:
    """One connection of its own, outside any pool. Raises DatabaseUnavailable."""
    try:
        return psycopg.connect(autocommit=autocommit, **_arguments_of(role))
    except psycopg.OperationalError as fault:
        raise DatabaseUnavailable from fault


class _Pooled(psycopg.Connection[Any]):
    """A connection that knows when it last did its work."""

    used_at = float("-inf")


def _check(connection: Connection) -> None:
    # One that was well a moment ago, and to which the server has sent nothing since, is lent without a question: a
    # server that ends a connection says so.
    assert isinstance(connection, _Pooled)
    if time.monotonic() - connection.used_at > _WELL_FOR_SECONDS or _has_news(connection):
        ConnectionPool.check_connection(connection)


def _has_news(connection: Connection) -> bool:
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    return bool(watch.poll(0))


class _InUse:
    """How many connections of each role are lent."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lent: Counter[Role] = Counter()

    @contextmanager
    def counted(self, role: Role) -> Iterator[None]:
        with self._lock:
            self._lent[role] += 1
        try:
            yield
        finally:
            with self._lock:
                self._lent[role] -= 1

    def of(self, role: Role) -> int:
        with self._lock:
            return self._lent[role]

    def most(self) -> int:
        with self._lock:
            return max(self._lent.values(), default=0)


_in_use = _InUse()


@cache
def breaker() -> Breaker:
    """This process's breaker for the database. A process that was refused asks each second whether it is back."""

    def probe() -> None:
        with closing(connect(Role.SYSTEM)) as connection:
            connection.execute("SELECT 1")

    return Breaker(TOPOLOGY.circuit("database"), DatabaseUnavailable, probe=probe)


_pools: dict[Role, ConnectionPool[Connection]] = {}
_opening = Lock()


def pool(role: Role) -> ConnectionPool[Connection]:
    """This process's pool for a role, opened when first used."""
    with _opening:
        if role not in _pools:
            _pools[role] = ConnectionPool(
                # Asked for each connection: a rotated password is in use before this process ends. Transactions are
                # begun here, in one journey with what they begin with.
                kwargs=lambda: {**_arguments_of(role), "autocommit": True},
                min_size=1,
                max_size=_maximum,
                timeout=_TIMEOUT_SECONDS,
                max_idle=60,
                reconnect_timeout=_TIMEOUT_SECONDS,
                connection_class=_Pooled,
                # No `reset`: the library would hand each connection to a thread of its own for it.
                check=_check,
                name=role.value,
                open=True,
            )
        return _pools[role]


@contextmanager
def at_once() -> Iterator[Connection]:
    """A connection of networx_system on which every statement is a transaction of its own: one journey instead of
    three. Raises DatabaseUnavailable."""
    with _lent(Role.SYSTEM) as connection:
        yield connection


@contextmanager
def _lent(role: Role) -> Iterator[Connection]:
    """A connection of the role's pool. Raises DatabaseBusy when all are in use, and DatabaseUnavailable."""
    connection: Connection | None = None

    def there(_: Exception) -> bool:
        # A pool whose every connection is lent says nothing about the server; nor does a deadlock or a statement that
        # was cancelled: only a connection that broke does.
        return _in_use.of(role) >= _maximum if connection is None else not connection.broken

    try:
        with (
            breaker().guarding(psycopg.OperationalError, unless=there),
            pool(role).connection() as connection,
            _in_use.counted(role),
        ):
            yield connection
            assert isinstance(connection, _Pooled)
            connection.used_at = time.monotonic()
    except psycopg.OperationalError as fault:
        if isinstance(fault, QueryCanceled):
            raise
        raise (DatabaseBusy if there(fault) else DatabaseUnavailable) from fault


@contextmanager
def _transaction(role: Role, beginning: str = "BEGIN") -> Iterator[Connection]:
    """A transaction. One that cannot even begin, since its connection was lost meanwhile, is begun on another."""
    for tries_left in reversed(range(BEGIN_TRIES)):
        with ExitStack() as held:
            connection = held.enter_context(_lent(role))
            try:
                connection.execute(beginning)
            except psycopg.OperationalError:
                # Nothing but the beginning was sent. What comes later may have run, and is never sent again here.
                if not tries_left:
                    raise
                continue
            yield connection
            # Here, for the library leaves out the commit of a connection that was lost meanwhile, and says nothing.
            connection.commit()
            return


@contextmanager
def tenant(tenant_id: UUID, role: Role = Role.APP) -> Iterator[Connection]:
    """A transaction that sees one tenant's rows. Raises DatabaseUnavailable."""
    # The same as enter_tenant(), in the journey of BEGIN. A UUID's hex is 32 digits, whoever stated it.
    with _transaction(role, f"BEGIN; SELECT enter_tenant('{tenant_id.hex}')") as connection:
        yield connection


@contextmanager
def apart(tenant_id: UUID, role: Role) -> Iterator[Connection]:
    """As `tenant`, on a connection of its own, for what is long or large. Raises DatabaseUnavailable.

    Where that connection broke during the COMMIT, nobody knows yet whether it counts.
    """
    with connect(role) as connection:
        try:
            enter_tenant(connection, tenant_id)
            yield connection
            # Here, for the library leaves out the commit of a connection that was lost meanwhile, and says nothing.
            connection.commit()
        except psycopg.OperationalError as fault:
            if connection.broken:
                raise DatabaseUnavailable from fault
            raise


@contextmanager
def system() -> Iterator[Connection]:
    """A transaction of networx_system, for what crosses tenants. Raises DatabaseUnavailable."""
    with _transaction(Role.SYSTEM) as connection:
        yield connection


def enter_tenant(connection: Connection, tenant_id: UUID) -> None:
    """Show this transaction the rows of one tenant; the setting ends with the transaction."""
    connection.execute("SELECT enter_tenant(%s)", (tenant_id,))


def now(connection: Connection) -> datetime:
    """The instant at which the connection's transaction began, by the record's clock."""
    row = connection.execute("SELECT now()").fetchone()
    assert row is not None
    instant: datetime = row[0]
    return instant


def connections_in_use() -> int:
    """The most connections in use in any one pool of this process; each may hold as many as its limit."""
    return _in_use.most()


def statistics() -> dict[Role, dict[str, int]]:
    """What each open pool of this process holds, and what it counted since this was last asked, in the library's words
    (`pool_size`, `pool_available`, `requests_waiting`, `requests_queued`, `requests_wait_ms`, ...)."""
    with _opening:
        return {role: opened.pop_stats() for role, opened in _pools.items()}


def close_pools() -> None:
    """Close every pool of this process, and forget what was known of the server."""
    breaker.cache_clear()
    with _opening:
        while _pools:
            _pools.popitem()[1].close()
