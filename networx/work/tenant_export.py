"""Everything there is of one tenant, in a folder: for the client who asks for it, or before it is erased.

Rows are as of one instant, a file of JSON lines for each table; objects follow, every version, each content named by
its SHA-256. A file is stored before a row names it and never changes, so that what the rows name is there. The manifest
is written last.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import orjson
from psycopg import sql

from networx.db import audit, pool
from networx.db.audit import Doer
from networx.db.pool import Connection
from networx.errors import ConfigurationError, NotFound
from networx.identity.tenants import Tenant
from networx.identity.tenants import get as get_tenant
from networx.resilience import aws, versions
from networx.work import tenant_data

MANIFEST = "manifest.json"
# What keys are checked with is no data of the client's, and is nobody's to hand out.
_WITHHELD = ("secret_hmac",)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds; `manifest` is the SHA-256 of its manifest."""

    tenant: str
    rows: dict[str, int]
    objects: int
    object_bytes: int
    manifest: str


def export(slug: str, folder: Path, doer: Doer) -> Exported:
    """Write a tenant's rows and objects into a new or empty folder. Audited.

    Raises NotFound, ConfigurationError for a folder that is in use, DatabaseUnavailable, ObjectStoreUnavailable.
    """
    with pool.system() as connection:
        tenant = get_tenant(connection, slug)
    _make_folder(folder)
    with tenant_data.entered(tenant.id, read_only=True) as owner:
        row = owner.execute("SELECT now()").fetchone()
        assert row is not None
        tables = {table.name: _write_table(owner, table.name, folder) for table in tenant_data.tables(owner)}
    stored = _copy_objects(tenant, folder / "objects")
    said = {
        "tenant": {"id": str(tenant.id), "slug": tenant.slug, "name": tenant.name},
        "instant": row[0].astimezone(UTC).isoformat(),
        "tables": tables,
        "objects": stored,
    }
    content = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    fresh = folder / f".{MANIFEST}"
    _write(fresh, content)
    fresh.replace(folder / MANIFEST)
    done = Exported(
        tenant.slug,
        {name: table["rows"] for name, table in tables.items()},
        len(stored),
        sum(one["bytes"] for one in stored),
        hashlib.sha256(content).hexdigest(),
    )
    with pool.system() as connection:
        audit.write(connection, doer, "tenant.exported", slug, tenant_id=tenant.id, facts=asdict(done))
    return done


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigurationError(what=f"The folder {folder} is not empty: every export has one of its own.")
        folder.chmod(0o700)
        for name in ("rows", "objects"):
            (folder / name).mkdir(mode=0o700)
    except OSError as fault:
        raise ConfigurationError(what=f"The folder {folder} cannot be used ({fault.strerror}).") from fault


def _write_table(owner: Connection, name: str, folder: Path) -> dict[str, Any]:
    """One table as JSON lines, in constant memory."""
    path = folder / "rows" / f"{name}.jsonl"
    digest = hashlib.sha256()
    rows = 0
    with _open(path) as file, owner.cursor(name="export") as cursor:
        withheld = list(_WITHHELD)
        cursor.execute(
            # A table may have a column of any name: an alias of the same would stand for that.
            sql.SQL("SELECT (to_jsonb(whole_row) - %s::text[])::text FROM {} AS whole_row").format(
                sql.Identifier(name)
            ),
            (withheld,),
        )
        for (line,) in cursor:
            content = f"{line}\n".encode()
            digest.update(content)
            file.write(content)
            rows += 1
    return {"rows": rows, "file": f"rows/{name}.jsonl", "sha256": digest.hexdigest()}


def _copy_objects(tenant: Tenant, folder: Path) -> list[dict[str, Any]]:
    stored = []
    client = aws.client("s3")
    for version in tenant_data.stored_objects(tenant):
        if version.marker:
            continue
        try:
            content = versions.copy_out(client, version, folder)
        except NotFound:
            # Removed since it was listed, by whoever may.
            continue
        stored.append(
            {
                **asdict(version),
                "content_type": content.content_type,
                "sha256": content.sha256,
                "file": f"objects/{content.sha256}",
            }
        )
    return stored


def _open(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(path: Path, content: bytes) -> None:
    with _open(path) as file:
        file.write(content)
