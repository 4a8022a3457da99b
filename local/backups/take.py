"""A backup of a platform that runs and goes on running.

First the store is copied, then the record is dumped at one instant, then what came into the store meanwhile. Versions
of objects never change and a file is stored before the record names it, so that the backup holds every object that the
record names at its instant; what it names and the backup lacks was removed in between, and is looked for again under a
later instant. What the store alone knows (an upload whose event nobody has heard yet) is in the backup too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local import postgres
from local.backups import record, store
from local.backups.faults import BackupFailed
from local.backups.manifest import FORMAT, OBJECTS, RECORD, SECRETS, Manifest, part_of, write
from local.backups.record import Named, Snapshot
from local.environment import physical_name
from local.home import Home, write_private
from local.record import key_pepper
from local.resources import emulator
from networx import __version__
from networx.errors import ConfigurationError
from networx.resilience.versions import Version
from networx.topology import TOPOLOGY

# An object that is removed between the copy and the dump costs another round; nobody removes for ever.
_ROUNDS = 5


def take(
    home: Home, ports: Mapping[str, int], folder: Path, *, say: Callable[[str], None] = lambda _: None
) -> Manifest:
    """Write a backup of the platform that runs on `home` into an empty or new `folder`.

    `ports` are the platform's (postgres, aws). Raises ConfigurationError for a folder that is in use, BackupFailed.
    """
    _make_folder(folder)
    objects = folder / OBJECTS
    objects.mkdir(mode=0o700)
    cluster = postgres.prepare(home, os.environ, ports["postgres"])
    client = emulator(ports["aws"]).s3
    _write_secrets(home, folder / SECRETS)

    kept: store.Kept = {}
    store.copy_all(client, objects, kept)
    say(f"The store is copied: {len(kept):,} versions of objects")
    missed: frozenset[Named] = frozenset()
    for _ in range(_ROUNDS):
        snapshot = record.dump(cluster, folder / RECORD, **_buckets())
        present = store.copy_all(client, objects, kept)
        lacking = _lacking(snapshot, kept)
        # What was lacking at an earlier instant already was gone before this one: nothing can bring it back.
        if lacking <= missed:
            break
        missed |= lacking
    else:
        raise BackupFailed(what=f"files that the record names were removed while it was taken, {_ROUNDS} times over")
    say(f"The record is dumped as of {snapshot.instant.isoformat(timespec='milliseconds')}")
    return _seal(
        folder, snapshot, {one: kept[one] for one in kept if one in present or _is_named(one, snapshot)}, lacking
    )


def _seal(folder: Path, snapshot: Snapshot, kept: store.Kept, lacking: frozenset[Named]) -> Manifest:
    """Drop what was copied and is not needed, bring everything to the disk, and write the manifest."""
    needed = {content.sha256 for content in kept.values()}
    for path in (folder / OBJECTS).iterdir():
        if path.name not in needed:
            path.unlink()
    manifest = Manifest(
        format=FORMAT,
        product=__version__,
        instant=snapshot.instant.isoformat(),
        postgres_major=snapshot.postgres_major,
        migrations=snapshot.migrations,
        tables=snapshot.tables,
        versions=store.described(kept),
        parts={name: part_of(folder / name) for name in (RECORD, SECRETS)},
        dangling=tuple(sorted(f"{named.bucket}/{named.key}" for named in lacking)),
    )
    os.sync()
    write(manifest, folder)
    os.sync()
    return manifest


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as fault:
        raise ConfigurationError(what=f"The folder {folder} cannot be used ({fault.strerror}).") from fault
    if taken:
        raise ConfigurationError(what=f"The folder {folder} is not empty: every backup has one of its own.")
    folder.chmod(0o700)


def _write_secrets(home: Home, path: Path) -> None:
    # Without the pepper no API key of the record would open anything. Passwords are made anew by a restore.
    write_private(path, json.dumps({"pepper": key_pepper(home), "dev_key": home.dev_key()}))


def _buckets() -> dict[str, str]:
    physical = {bucket.name: physical_name(bucket) for bucket in TOPOLOGY.buckets}
    return {"input_bucket": physical["input"], "results_bucket": physical["results"]}


def _lacking(snapshot: Snapshot, kept: Mapping[Version, Any]) -> frozenset[Named]:
    versions = {(one.bucket, one.key, one.version) for one in kept if not one.marker}
    keys = {(bucket, key) for bucket, key, _ in versions}
    return frozenset(
        named
        for named in snapshot.named
        if (
            (named.bucket, named.key) not in keys
            if named.version is None
            else (named.bucket, named.key, named.version) not in versions
        )
    )


def _is_named(one: Version, snapshot: Snapshot) -> bool:
    return (
        Named(one.bucket, one.key, one.version) in snapshot.named or Named(one.bucket, one.key, None) in snapshot.named
    )
