"""The record at one instant: dumped and summed under the same snapshot, brought back into an empty cluster.

All of it as the cluster's master, whom row level security hides nothing from.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import IsolationLevel, sql

from local.backups.faults import BackupFailed
from local.backups.manifest import TableSum
from local.home import LOOPBACK
from local.postgres import MASTER, Postgres
from networx.db.bootstrap import DATABASE, make_roles

_LONGEST_SECONDS = 3600
# How values are written must not depend on who asks.
_AS_TEXT = ("timezone = 'UTC'", "datestyle = 'ISO'", "intervalstyle = 'postgres'", "extra_float_digits = 1")

# What must be in the store for the record to be whole: files that were or will be loaded, those of results, and models
# that are still to be solved.
_NAMED: LiteralString = """
SELECT bucket, key, version_id FROM networx.uploads
WHERE version_id IS NOT NULL AND status IN ('validating', 'needs_mapping', 'needs_decision', 'loading', 'loaded')
UNION
SELECT %(results)s, key #>> '{}', NULL FROM networx.results,
    jsonb_path_query(result, '$.** ? (@.type() == "string" && @ starts with "results/")') AS key
UNION
SELECT %(results)s, key, NULL FROM networx.archived_jobs
UNION
SELECT %(input)s, params #>> '{model,key}', params #>> '{model,version}' FROM networx.jobs
WHERE params #>> '{model,key}' IS NOT NULL AND status IN ('queued', 'running')
"""


@dataclass(frozen=True, slots=True)
class Named:
    """An object that the record names; without a version any one of the key will do."""

    bucket: str
    key: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The record as of `instant`."""

    instant: datetime
    postgres_major: int
    migrations: dict[str, str]
    tables: dict[str, TableSum]
    named: frozenset[Named]


def dump(cluster: Postgres, target: Path, *, input_bucket: str, results_bucket: str) -> Snapshot:
    """Write the record to `target`, and say what stood in it at that instant. Raises BackupFailed."""
    buckets = {"input": input_bucket, "results": results_bucket}
    with psycopg.connect(cluster.master_conninfo, dbname=DATABASE) as master:
        master.isolation_level = IsolationLevel.REPEATABLE_READ
        master.read_only = True
        row = master.execute("SELECT pg_export_snapshot(), clock_timestamp()").fetchone()
        assert row is not None
        snapshot, instant = row
        target.unlink(missing_ok=True)
        target.touch(mode=0o600)
        _run(cluster, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}", DATABASE)
        return Snapshot(
            instant.astimezone(UTC),
            master.info.server_version // 10_000,
            dict(master.execute("SELECT name, sha256 FROM networx.schema_migrations ORDER BY name").fetchall()),
            sums(master),
            frozenset(Named(*row) for row in master.execute(_NAMED, buckets)),
        )


def sums(master: psycopg.Connection[Any]) -> dict[str, TableSum]:
    """Every table of the record, summed by rows and content within this transaction."""
    for setting in _AS_TEXT:
        master.execute(sql.SQL("SET LOCAL ") + sql.SQL(setting))
    names = master.execute(
        """SELECT relname FROM pg_class WHERE relnamespace = 'networx'::regnamespace AND relkind = 'r'
           ORDER BY relname"""
    ).fetchall()
    found: dict[str, TableSum] = {}
    for (name,) in names:
        row = master.execute(
            sql.SQL(
                """SELECT count(*), coalesce(sum(hashtextextended(line::text, 0)::numeric), 0),
                          coalesce(sum(hashtextextended(line::text, 1)::numeric), 0) FROM networx.{} AS line"""
            ).format(sql.Identifier(name))
        ).fetchone()
        assert row is not None
        found[name] = TableSum(row[0], f"{row[1]}/{row[2]}")
    return found


def sums_of(cluster: Postgres) -> dict[str, TableSum]:
    """Every table of the record of a cluster that runs, as it is now."""
    with psycopg.connect(cluster.master_conninfo, dbname=DATABASE) as master:
        return sums(master)


def bring_back(cluster: Postgres, source: Path, passwords: Mapping[str, str]) -> dict[str, TableSum]:
    """Make the record of a cluster that has none from a dump; its tables' sums. Raises BackupFailed."""
    with psycopg.connect(cluster.master_conninfo, autocommit=True) as master:
        make_roles(master, passwords)
    # With the database itself, whose own grants are part of it.
    _run(cluster, "pg_restore", "--create", "--exit-on-error", "--dbname=postgres", str(source))
    with psycopg.connect(cluster.master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("ANALYZE")
    return sums_of(cluster)


def _run(cluster: Postgres, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own clients as the master; the password goes by the environment."""
    path = cluster.binaries / program
    if not path.exists():
        raise BackupFailed(what=f"{path} is missing: point PG_BIN to a PostgreSQL with its client programs")
    environment = {"PGHOST": LOOPBACK, "PGPORT": str(cluster.port), "PGUSER": MASTER, "PGPASSWORD": cluster.password}
    ran = subprocess.run(
        [path, "--no-password", *arguments],
        env={**_bare_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_SECONDS,
    )
    if ran.returncode != 0:
        raise BackupFailed(what=f"{program} ended with code {ran.returncode}: {ran.stderr.strip()}")


def _bare_environment() -> dict[str, str]:
    # PGOPTIONS, PGSERVICE and their like of the caller have no part in it.
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
