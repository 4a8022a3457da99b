"""A backup put back: a home built beside the one that is asked for, compared with the backup, and moved into its place.

Nothing that stood there is changed or lost: it is moved aside whole, and its path is told.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local import aws, postgres
from local.backups import record, store
from local.backups.faults import BackupFailed
from local.backups.manifest import OBJECTS, RECORD, SECRETS, Manifest, TableSum, checked
from local.environment import inherited, physical_name
from local.home import Home, free_port, write_private
from local.record import role_passwords
from local.resources import emulator
from local.supervisor import Supervisor
from networx.errors import ConfigurationError
from networx.topology import TOPOLOGY

Say = Callable[[str], None]
_STOP_SECONDS = 20.0
# What a home holds that was used; folders that every home begins with do not count.
_DATA = ("secrets.json", "postgres", "postgres-place", "aws", "dev-api-key", "results")
_DIFFERENCES_NAMED = 10


@dataclass(frozen=True, slots=True)
class PutBack:
    """What a restore did. `aside` is where the home that stood there is now; None where there was none."""

    manifest: Manifest
    aside: Path | None


def holds_data(root: Path) -> bool:
    """Whether a folder is a home that was used."""
    return any((root / name).exists() or (root / name).is_symlink() for name in _DATA)


def put_back(folder: Path, root: Path, *, replace: bool = False, say: Say = lambda _: None) -> PutBack:
    """Make the home `root` from the backup in `folder`; no platform may run on it.

    Raises BackupRefused before anything is touched, ConfigurationError for a home that is held or, without `replace`,
    holds data, and BackupFailed when what was put back differs from the backup: `root` is then as it was.
    """
    root = root.resolve()
    manifest = checked(folder)
    say(f"The backup is whole: {manifest.rows:,} rows and {len(manifest.versions):,} versions of objects")
    if holds_data(root) and not replace:
        raise ConfigurationError(
            what=f"{root} holds data already. Give --yes to move it aside, or choose another home."
        )
    fresh = root.with_name(f"{root.name}.restoring")
    if fresh.exists():
        _discard(fresh)
    try:
        with Home(root).locked():
            _build(folder, manifest, Home(fresh), say)
            aside = _swap(root, fresh)
    except BaseException:
        _discard(fresh)
        raise
    return PutBack(manifest, aside)


def _build(folder: Path, manifest: Manifest, home: Home, say: Say) -> None:
    """Fill an empty home and compare it with the backup. Raises BackupFailed with what differs."""
    kept = json.loads((folder / SECRETS).read_text())
    home.adopt_secret("pepper", kept["pepper"])
    write_private(home.dev_key_file, kept["dev_key"])
    cluster = postgres.prepare(home, os.environ, free_port())
    port = free_port()
    supervisor = Supervisor(home.logs, announce=say)
    try:
        supervisor.start(cluster.program(inherited(os.environ)))
        differing = _different(manifest, record.bring_back(cluster, folder / RECORD, role_passwords(home)))
        say("The record is back")
        supervisor.start(aws.program(home, inherited(os.environ), port, keep_versions=True))
        client = emulator(port).s3
        for bucket in TOPOLOGY.buckets:
            client.create_bucket(Bucket=physical_name(bucket))
            client.put_bucket_versioning(Bucket=physical_name(bucket), VersioningConfiguration={"Status": "Enabled"})
        store.put_all(client, folder / OBJECTS, manifest.versions)
        differing += store.differences(client, manifest.versions)
        if differing:
            raise BackupFailed(what="what was put back differs: " + "; ".join(differing[:_DIFFERENCES_NAMED]))
        say("The store is back")
    finally:
        supervisor.stop(["postgres", "aws"], _STOP_SECONDS)
        supervisor.close()


def _different(manifest: Manifest, found: dict[str, TableSum]) -> list[str]:
    names = sorted({*manifest.tables, *found})
    return [
        f"table {name} is {found.get(name)} instead of {manifest.tables.get(name)}"
        for name in names
        if found.get(name) != manifest.tables.get(name)
    ]


def _swap(root: Path, fresh: Path) -> Path | None:
    """Move the new home into its place, and what stood there aside, if it was more than an empty home."""
    used = holds_data(root)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = root.with_name(f"{root.name}.before-{stamp}")
    root.rename(aside)
    fresh.rename(root)
    if used or _has_files(aside):
        return aside
    shutil.rmtree(aside)
    return None


def _has_files(root: Path) -> bool:
    return any(path.is_file() and path.name != "lock" for path in root.rglob("*"))


def _discard(home: Path) -> None:
    """Remove a home that never came to be, wherever its database stands."""
    place = home / "postgres-place"
    if place.is_symlink():
        shutil.rmtree(place.readlink(), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
