"""How the database is: how fast it answers, its sessions and slow statements, the replica's lag, its backups' age.

The server counts every client of every process; `DatabaseConnections`, which the processes emit of their own pools, is
another number.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.db import pool
from networx.errors import BackupsUnseen
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import aws
from networx.topology import TOPOLOGY
from networx.work.sampling import Reading

log = Log(__name__)

EVERY = timedelta(seconds=30)

# Clients alone: what the server does for itself holds no connection. A session's state is hidden from other roles,
# unless one may read all statistics.
_SERVER = """
SELECT (SELECT sum(numbackends) FROM pg_stat_database)::int,
    pg_has_role('pg_read_all_stats', 'USAGE'),
    coalesce((SELECT extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity
              WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()), 0)::float8
"""

# What a session may be in, by PostgreSQL's words; whatever else there is counts as `other`.
_STATES = ("active", "idle", "idle in transaction", "idle in transaction (aborted)")
_SESSIONS = """
SELECT state, count(*)::int FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY state
"""

# Of the roles whose statements are short: loads, migrations and reports last as long as they need.
_SHORT = [pool.Role.APP.value, pool.Role.SYSTEM.value]
_SLOW = """
SELECT usename, wait_event_type, extract(epoch FROM clock_timestamp() - query_start)::float8 AS seconds,
    left(regexp_replace(query, '\\s+', ' ', 'g'), 300)
FROM pg_stat_activity
WHERE state = 'active' AND usename = ANY(%s) AND pid <> pg_backend_pid() AND query_start < clock_timestamp() - %s
ORDER BY query_start
"""
_TOLD_OF = 5

# A replica that has replayed all it received is behind by nothing, however long nothing was written; one that receives
# nothing at all is as old as the last that it replayed, or, where that was nothing, at least as old as its start.
_REPLICA = """
SELECT pg_is_in_recovery(),
    CASE WHEN EXISTS (SELECT FROM pg_stat_wal_receiver) AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
         ELSE extract(epoch FROM
             clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())) END::float8
"""


def look_at_latency() -> None:
    """Emit how long the database took for a statement that asks nothing of it. Raises DatabaseUnavailable.

    On a connection that is there already: a function's first call makes one, and that is its own time.
    """
    with pool.at_once() as connection:
        began = time.perf_counter()
        connection.execute("SELECT 1")
        taken = time.perf_counter() - began
    metrics.emit("DatabaseLatency", taken * 1000)


def look_at_server() -> None:
    """Emit connections, what they do, the longest transaction and slow statements. Raises DatabaseUnavailable."""
    with pool.system() as connection:
        row = connection.execute(_SERVER).fetchone()
        states = dict(connection.execute(_SESSIONS).fetchall())
        slow = connection.execute(_SLOW, (_SHORT, TOPOLOGY.limits.slow_statement)).fetchall()
    assert row is not None
    connections, sees_all, longest_seconds = row
    metrics.emit("DatabaseServerConnections", connections)
    if sees_all:
        metrics.emit("LongestTransaction", longest_seconds)
        _tell_sessions(states)
        _tell_slow(slow)
    else:
        log.warning("database.transactions_unseen", reason="networx_system is no member of pg_monitor")


def _tell_sessions(states: Mapping[str | None, int]) -> None:
    told = {state: states.get(state, 0) for state in _STATES}
    told["other"] = sum(states.values()) - sum(told.values())
    for state, sessions in told.items():
        metrics.emit("DatabaseSessions", sessions, State=state)


def _tell_slow(slow: Sequence[tuple[str, str | None, float, str]]) -> None:
    metrics.emit("SlowStatements", len(slow))
    # Values travel apart from a statement's text, so that nothing of a client's is in it.
    for role, waits_for, seconds, statement in slow[:_TOLD_OF]:
        log.warning("statement.slow", role=role, waitsFor=waits_for, seconds=round(seconds, 1), statement=statement)


def look_at_replica() -> None:
    """Emit how far the replica is behind. Raises DatabaseUnavailable."""
    with pool.connect(pool.Role.REPORT, autocommit=True) as connection:
        row = connection.execute(_REPLICA).fetchone()
    assert row is not None
    replicates, lag_seconds = row
    if not replicates:
        log.error("replica.not_replicating", reason="what stands in the replica's place is a database of its own")
    else:
        metrics.emit("ReplicationLag", lag_seconds)


def look_at_backups() -> None:
    """Emit how old each of the two ways back is: the moment to restore to, and the newest copy in the vault.

    A database that was never backed up is as old as itself. Raises BackupsUnseen.
    """
    configured = settings.current()
    instance, vault = configured.database_instance, configured.backup_vault
    if instance is None or vault is None:
        return
    try:
        described = aws.client("rds").describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"][0]
        copied = _newest_copy(vault, described["DBInstanceArn"])
    except (BotoCoreError, ClientError) as fault:
        raise BackupsUnseen from fault
    # Until it has been made, an instance tells neither.
    made: datetime | None = described.get("InstanceCreateTime")
    for kind, newest in (("restorable", described.get("LatestRestorableTime")), ("copied", copied)):
        since = newest or made
        if since is not None:
            metrics.emit("BackupAge", (datetime.now(UTC) - since).total_seconds(), Backup=kind)


def _newest_copy(vault: str, database_arn: str) -> datetime | None:
    pages = aws.client("backup").get_paginator("list_recovery_points_by_backup_vault")
    points: Iterable[dict[str, Any]] = (
        point
        for page in pages.paginate(BackupVaultName=vault, ByResourceArn=database_arn)
        for point in page["RecoveryPoints"]
    )
    return max((point["CreationDate"] for point in points if point["Status"] == "COMPLETED"), default=None)


def readings() -> dict[str, Reading]:
    """Everything that is read at each look, by its name in the log; only what this stage has."""
    configured = settings.current()
    there: dict[str, Reading] = {"latency": look_at_latency, "server": look_at_server}
    if configured.replica is not None:
        there["replica"] = look_at_replica
    if configured.backup_vault is not None:
        there["backups"] = look_at_backups
    return there
