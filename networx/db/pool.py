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
from psycopg.errors import LockNotAvailable, QueryCanceled
from psycopg_pool import ConnectionPool

from networx import settings
from networx.db.journeys import Found, Message, Statement
from networx.errors import DatabaseBusy, DatabaseUnavailable
from networx.resilience import aws
from networx.resilience.breaker import Breaker
from networx.settings import Address
from networx.topology import TOPOLOGY

Connection = psycopg.Connection[Any]

_TIMEOUT_SECONDS = TOPOLOGY.limits.connect_timeout.total_seconds()
_WELL_FOR_SECONDS = 1.0
BEGIN_TRIES = 3
_BEGIN: Statement = ("BEGIN", {})
_COMMIT: Statement = ("COMMIT", {})
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
    if time.monotonic() - connection.used_at <= _WELL_FOR_SECONDS and not _has_news(connection):
        return
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.OperationalError:
        # What ended one has mostly ended all, and the library would find them one by one, waiting longer after each.
        if isinstance(connection._pool, ConnectionPool):
            connection._pool.drain()
        raise


def _has_news(connection: Connection) -> bool:
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    return bool(watch.poll(0))


class _InUse:
    """How many connections of each role are lent."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lent: Counter[Role] = Counter()

    def count(self, role: Role, more: int) -> None:
        with self._lock:
            self._lent[role] += more

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
    opened = _pools.get(role)
    if opened is not None:
        return opened
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
        with breaker().guarding(psycopg.OperationalError, unless=there):
            lender = pool(role)
            connection = lender.getconn()
            _in_use.count(role, 1)
            try:
                with connection:
                    yield connection
                    assert isinstance(connection, _Pooled)
                    connection.used_at = time.monotonic()
            finally:
                _in_use.count(role, -1)
                lender.putconn(connection)
    except psycopg.OperationalError as fault:
        if isinstance(fault, QueryCanceled | LockNotAvailable):
            raise
        raise (DatabaseBusy if there(fault) else DatabaseUnavailable) from fault


@contextmanager
def _transaction(role: Role, *beginning: Statement) -> Iterator[tuple[Connection, list[Found]]]:
    """A transaction. One that cannot even begin, since its connection was lost meanwhile, is begun on another."""
    for tries_left in reversed(range(BEGIN_TRIES)):
        with ExitStack() as held:
            connection = held.enter_context(_lent(role))
            try:
                found = Message(connection, beginning).answers()
            except psycopg.OperationalError:
                # Nothing but the beginning was sent, which alone comes to nothing. What comes later may have run, and
                # is never sent again here.
                if not tries_left or not connection.broken:
                    raise
                continue
            yield connection, found
            # Here, for the library leaves out the commit of a connection that was lost meanwhile, and says nothing.
            connection.commit()
            return


@contextmanager
def tenant(tenant_id: UUID, role: Role = Role.APP) -> Iterator[Connection]:
    """A transaction that sees one tenant's rows. Raises DatabaseUnavailable."""
    with _transaction(role, _BEGIN, _entering(tenant_id)) as (connection, _):
        yield connection


@contextmanager
def tenant_asking(tenant_id: UUID, *first: Statement) -> Iterator[tuple[Connection, list[Found]]]:
    """`tenant`, and what its first statements found, which go in the journey that it begins with.

    They may be carried out twice, for what they do is undone unless the transaction comes to its end.
    """
    with _transaction(Role.APP, _BEGIN, _entering(tenant_id), *first) as (connection, found):
        yield connection, found[2:]


def end(connection: Connection, *last: Statement) -> None:
    """Carry out the last statements of a transaction and commit it, in one journey."""
    Message(connection, (*last, _COMMIT)).answers()


def read(tenant_id: UUID, *statements: Statement) -> list[Found]:
    """What these find as the tenant, in one transaction and one journey. Raises DatabaseUnavailable."""
    with _lent(Role.APP) as connection:
        return Message(connection, (_entering(tenant_id), *statements)).answers()[1:]


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
    with _transaction(Role.SYSTEM, _BEGIN) as (connection, _):
        yield connection


def _entering(tenant_id: UUID) -> Statement:
    # As enter_tenant() does. A UUID's hex is 32 digits, whoever stated it.
    return f"SELECT enter_tenant('{tenant_id.hex}')", {}


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


def lent(role: Role) -> int:
    """How many connections of one pool of this process are in use now."""
    return _in_use.of(role)


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
