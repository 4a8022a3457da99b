"""What a backup says of itself. Written last and at once: a folder without a manifest is no backup.

Layout of a backup: `manifest.json`, `record.dump`, `secrets.json`, and `objects/` with a file for each content, named
by its SHA-256. The manifest carries a digest of itself and of everything beside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from local.backups.faults import BackupRefused
from local.home import write_private
from networx.db.migrate import migrations
from networx.topology import POSTGRES_MAJOR

FORMAT = 1
MANIFEST, RECORD, SECRETS, OBJECTS = "manifest.json", "record.dump", "secrets.json", "objects"
_CHUNK_BYTES = 1024 * 1024
_FAULTS_NAMED = 10


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableSum:
    """A table as it was: the number of its rows and a sum over their content, whatever their order."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of an object; `bucket` is the topology's name. A marker has no content, and its SHA-256 is empty."""

    bucket: str
    key: str
    version: str
    bytes: int
    sha256: str
    marker: bool
    content_type: str
    metadata: dict[str, str]
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole backup. `instant` is what the record is as of, in ISO 8601 and UTC.

    `dangling` are objects that the record named at that instant and that the store had lost before it.
    """

    format: int
    product: str
    instant: str
    postgres_major: int
    migrations: dict[str, str]
    tables: dict[str, TableSum]
    versions: tuple[StoredVersion, ...]
    parts: dict[str, Part]
    dangling: tuple[str, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    @property
    def object_bytes(self) -> int:
        return sum(version.bytes for version in self.versions)


def part_of(path: Path) -> Part:
    """A file's size and SHA-256, in constant memory."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return Part(size, digest.hexdigest())


def write(manifest: Manifest, folder: Path) -> None:
    """Seal a backup: from now on it is one."""
    said = asdict(manifest)
    write_private(folder / MANIFEST, orjson.dumps({"sha256": _digest(said), "manifest": said}).decode())


def checked(folder: Path) -> Manifest:
    """The manifest of a whole and unchanged backup that this version can put back. Raises BackupRefused by name."""
    manifest = read(folder)
    faults = _faults_of_version(manifest) or _faults_of_files(manifest, folder)
    if faults:
        more = f", and {len(faults) - _FAULTS_NAMED} more" if len(faults) > _FAULTS_NAMED else ""
        raise BackupRefused(what=folder, how="; ".join(faults[:_FAULTS_NAMED]) + more)
    return manifest


def read(folder: Path) -> Manifest:
    """What a backup says of itself, without a look at its files. Raises BackupRefused."""
    try:
        sealed = orjson.loads((folder / MANIFEST).read_bytes())
        said = sealed["manifest"]
    except FileNotFoundError as fault:
        raise BackupRefused(what=folder, how=f"it has no {MANIFEST}, and was never finished") from fault
    except (orjson.JSONDecodeError, LookupError, TypeError) as fault:
        raise BackupRefused(what=folder, how=f"its {MANIFEST} cannot be read") from fault
    if sealed.get("sha256") != _digest(said):
        raise BackupRefused(what=folder, how=f"its {MANIFEST} was changed after it was written")
    if said["format"] != FORMAT:
        raise BackupRefused(what=folder, how=f"it has the format {said['format']}; this version knows {FORMAT}")
    return Manifest(
        **{
            **said,
            "tables": {name: TableSum(**table) for name, table in said["tables"].items()},
            "versions": tuple(StoredVersion(**version) for version in said["versions"]),
            "parts": {name: Part(**part) for name, part in said["parts"].items()},
            "dangling": tuple(said["dangling"]),
        }
    )


def _digest(said: Any) -> str:
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _faults_of_version(manifest: Manifest) -> list[str]:
    known = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in migrations()}
    faults = [
        f"its record has the migration {name}, which this version "
        + ("does not know" if name not in known else "knows with another content")
        for name, digest in manifest.migrations.items()
        if known.get(name) != digest
    ]
    if manifest.postgres_major > POSTGRES_MAJOR:
        faults.append(f"its record is of PostgreSQL {manifest.postgres_major}, this version runs {POSTGRES_MAJOR}")
    return faults


def _faults_of_files(manifest: Manifest, folder: Path) -> list[str]:
    contents = {
        f"{OBJECTS}/{version.sha256}": Part(version.bytes, version.sha256)
        for version in manifest.versions
        if not version.marker
    }
    faults = []
    for name, part in {**manifest.parts, **contents}.items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif path.stat().st_size != part.bytes:
            faults.append(f"{name} has {path.stat().st_size:,} bytes instead of {part.bytes:,}")
        elif part_of(path) != part:
            faults.append(f"{name} was changed: its SHA-256 is another")
    return faults
