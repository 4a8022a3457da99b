"""The pool of connections to the record, with its own settings and the platform's server, in this process."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID, uuid4

from psycopg_pool import ConnectionPool

from networx.db import pool
from networx.db.pool import Connection, Role
from networx.errors import DatabaseBusy
from networx.readiness.check import Place, Unprotected
from networx.topology import TOPOLOGY

# The pool's own time-out is ten seconds; the check waits for the same refusal with less patience.
_IMPATIENT_SECONDS = 0.5
_DO = "networx/db/pool.py opens the pools: see docs/runbook/database-connections.md."


def connection_pool(_: Place) -> str:
    """Lend all, be refused one more, have all killed, and be lent again."""
    limits = TOPOLOGY.limits
    nobody = uuid4()
    own = pool.pool(Role.APP)
    if own.max_size > limits.web_connections:
        raise Unprotected(
            f"A pool may hold {own.max_size} connections, at most {limits.web_connections} are meant", _DO
        )
    if own.timeout > limits.connect_timeout.total_seconds():
        raise Unprotected(f"A full pool keeps its callers waiting for {own.timeout:g} s", _DO)
    _require_statement_timeout(nobody)
    with ExitStack() as lent:
        pids = [_process_of(lent, nobody) for _ in range(own.max_size)]
        _require_refusal(own, nobody)
    with pool.connect(Role.APP, autocommit=True) as killer:
        for pid in pids:
            killer.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with ExitStack() as lent:
        again = {_process_of(lent, nobody) for _ in range(own.max_size)}
    if again & set(pids):
        raise Unprotected("A connection that the server had ended was lent again", _DO)
    return f"{len(pids)} lent, the next refused, all killed and replaced"


def _process_of(lent: ExitStack, nobody: UUID) -> int:
    found = lent.enter_context(pool.tenant(nobody)).execute("SELECT pg_backend_pid()").fetchone()
    assert found is not None
    return int(found[0])


def _require_statement_timeout(nobody: UUID) -> None:
    with pool.tenant(nobody) as connection:
        found = connection.execute("SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'").fetchone()
    assert found is not None
    allowed, meant = timedelta(milliseconds=found[0]), TOPOLOGY.limits.statement_timeout
    if not timedelta(0) < allowed <= meant:
        said = "for ever" if not allowed else f"for {allowed.total_seconds():g} s"
        raise Unprotected(
            f"A statement of {Role.APP} may run {said}, {meant.total_seconds():g} s are meant",
            "networx/db/roles.sql sets it: start the platform again, or run the migration task.",
        )


def _require_refusal(own: ConnectionPool[Connection], nobody: UUID) -> None:
    patience = own.timeout
    own.timeout = _IMPATIENT_SECONDS
    try:
        with pool.tenant(nobody):
            raise Unprotected("A pool that had lent all it may hold lent one more", _DO)
    except DatabaseBusy:
        return
    finally:
        own.timeout = patience
