"""Forward-only migrations: plain SQL files, numbered, each run once in its own transaction by networx_owner."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import psycopg

from networx.errors import ConfigurationError

MIGRATIONS = Path(__file__).with_name("migrations")
_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
# Two deploys at once: the second waits here and finds nothing left to do.
_LOCK = 7_266_001


def migrations(folder: Path = MIGRATIONS) -> list[Path]:
    """The migration files in order. Raises ConfigurationError for a bad name or a gap in the numbers."""
    files = sorted(path for path in folder.iterdir() if path.suffix == ".sql")
    for expected, path in enumerate(files, start=1):
        match = _NAME.match(path.name)
        if match is None or int(match[1]) != expected:
            raise ConfigurationError(what=f"Migration {path.name} is not number {expected:04d}")
    return files


def migrate(owner: psycopg.Connection[Any], folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing; the names of the files applied. `owner` is an autocommit connection of networx_owner.

    Raises ConfigurationError when a file that was applied has changed since.
    """
    applied: list[str] = []
    # The role gives up on a lock after seconds, so that no migration blocks the record; here it has to wait.
    owner.execute("SET lock_timeout = 0")
    owner.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    owner.execute("RESET lock_timeout")
    try:
        owner.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations "
            "(name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        known = dict(owner.execute("SELECT name, sha256 FROM schema_migrations").fetchall())
        for path in migrations(folder):
            statements = path.read_bytes()
            digest = hashlib.sha256(statements).hexdigest()
            if path.name in known:
                if known[path.name] != digest:
                    raise ConfigurationError(what=f"Migration {path.name} has changed since it was applied")
                continue
            with owner.transaction():
                owner.execute(statements)
                owner.execute("INSERT INTO schema_migrations (name, sha256) VALUES (%s, %s)", (path.name, digest))
            applied.append(path.name)
    finally:
        owner.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
    return applied
