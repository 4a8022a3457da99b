"""The buckets of a platform in a backup: every version of every object, each content kept once, under its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

from local.backups.manifest import StoredVersion
from local.emulator import BROUGHT_VERSION
from local.environment import physical_name
from networx.errors import NotFound
from networx.resilience import versions
from networx.resilience.versions import Content, Version
from networx.topology import TOPOLOGY

Kept = dict[Version, Content]
_THREADS = 4
_NAMES = {physical_name(bucket): bucket.name for bucket in TOPOLOGY.buckets}
_PHYSICAL = {name: physical for physical, name in _NAMES.items()}
_NOTHING = Content("")


def copy_all(client: Any, folder: Path, kept: Kept) -> frozenset[Version]:
    """Copy what `kept` does not have yet into `folder` and note it there; every version that is in the store now."""
    present = [version for bucket in _NAMES for version in versions.listed(client, bucket)]
    missing = [version for version in present if version not in kept]

    def copy(version: Version) -> Content | None:
        if version.marker:
            return _NOTHING
        try:
            return versions.copy_out(client, version, folder)
        except NotFound:
            # Removed between the listing and now: whether it is missed, the record says.
            return None

    with ThreadPoolExecutor(_THREADS) as threads:
        for version, content in zip(missing, threads.map(copy, missing), strict=True):
            if content is not None:
                kept[version] = content
    return frozenset(version for version in present if version in kept)


def described(kept: Mapping[Version, Content]) -> tuple[StoredVersion, ...]:
    """What a manifest says of these versions, in the order in which they must be put back."""
    return tuple(
        StoredVersion(
            _NAMES[version.bucket],
            version.key,
            version.version,
            version.bytes,
            content.sha256,
            version.marker,
            content.content_type,
            dict(content.metadata),
            dict(content.tags),
        )
        for version, content in kept.items()
    )


def put_all(client: Any, folder: Path, stored: Sequence[StoredVersion]) -> None:
    """Write every version into empty buckets, under the version that it had."""
    by_key = groupby(sorted(stored, key=_key), key=_key)
    with ThreadPoolExecutor(_THREADS) as threads:
        # The versions of one key one after another: the last one written is the newest. Sorting kept their order.
        for _ in threads.map(lambda some: _put(client, folder, some), [list(some) for _, some in by_key]):
            pass


def _key(one: StoredVersion) -> tuple[str, str]:
    return one.bucket, one.key


def _put(client: Any, folder: Path, stored: Iterable[StoredVersion]) -> None:
    for one in stored:
        metadata = {**one.metadata, BROUGHT_VERSION: one.version}
        content = Content(one.sha256, one.content_type, metadata, one.tags)
        versions.put_back(client, _version(one), content, folder)


def _version(one: StoredVersion) -> Version:
    return Version(_PHYSICAL[one.bucket], one.key, one.version, one.bytes, one.marker)


def differences(client: Any, stored: Sequence[StoredVersion]) -> list[str]:
    """Every version that the store lacks, has with another content, or has beyond those of the backup, by name."""

    def differs(one: StoredVersion) -> str | None:
        try:
            found = versions.sha256_of(client, _PHYSICAL[one.bucket], one.key, one.version)
        except NotFound:
            return f"{_name(one)} is missing"
        return None if found == one.sha256 else f"{_name(one)} has the SHA-256 {found}"

    expected = {_version(one) for one in stored if not one.marker}
    with ThreadPoolExecutor(_THREADS) as threads:
        wrong = [said for said in threads.map(differs, [one for one in stored if not one.marker]) if said is not None]
    present = {one for bucket in _NAMES for one in versions.listed(client, bucket) if not one.marker}
    return wrong + [f"{_NAMES[one.bucket]}/{one.key} (version {one.version}) is new" for one in present - expected]


def _name(one: StoredVersion) -> str:
    return f"{one.bucket}/{one.key} (version {one.version})"
