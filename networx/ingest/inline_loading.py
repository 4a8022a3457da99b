"""A network that came in a request becomes a dataset of the tenant's, as a loaded file does, once for the same body.

It is small enough for plain statements of the web's own role, under the policies that every row is checked by. Works
in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.domain.network_digest import DIGEST_COLUMNS, NetworkDigest
from networx.ingest.inline import InlineNetwork
from networx.ingest.loading import known_dataset, table_name

DOMAIN = "network"
MAPPING_VERSION = 1
_ARRAY = {"f": "float8[]", "i": "int4[]", "s": "text[]"}


def alone(connection: Connection, tenant_id: UUID) -> None:
    """Wait until no other request of the tenant is taking in a network, and keep others waiting till the commit."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"inline:{tenant_id}",))


def dataset_of(connection: Connection, network: InlineNetwork) -> UUID | None:
    """The tenant's dataset of the same body, if there is one."""
    known = known_dataset(connection, source_sha256=network.sha256, mapping_version=MAPPING_VERSION)
    return None if known is None else known[0]


def publish_inline(connection: Connection, tenant_id: UUID, network: InlineNetwork, stored: Mapping[str, str]) -> UUID:
    """Record what came, where its JSON is `stored` (bucket, key, version), and the dataset made of it; its id."""
    rows = {table: [_row(table, row) for row in network.rows.get(table, ())] for table in DIGEST_COLUMNS}
    counts = {table: len(found) for table, found in rows.items()}
    warnings = [f"{field['field']} was not used: {field['why']}." for field in network.ignored]
    shared = {
        "tenant_id": tenant_id,
        "filename": f"run-batch-{network.sha256[:12]}.json",
        "sha256": network.sha256,
        "counts": Jsonb(counts),
        "warnings": Jsonb(warnings),
    }
    made = connection.execute("SELECT uuidv7()").fetchone()
    assert made is not None
    dataset_id: UUID = made[0]
    upload = connection.execute(
        """INSERT INTO uploads (tenant_id, bucket, key, version_id, filename, bytes, status, sha256, counts, warnings,
                                dataset_id)
           VALUES (%(tenant_id)s, %(bucket)s, %(key)s, %(version)s, %(filename)s, %(bytes)s, 'loaded', %(sha256)s,
                   %(counts)s, %(warnings)s, %(dataset_id)s) RETURNING id""",
        {**shared, **stored, "bytes": len(network.content), "dataset_id": dataset_id},
    ).fetchone()
    assert upload is not None
    connection.execute(
        """INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256, mapping_version,
                                 counts, warnings)
           VALUES (%(id)s, %(tenant_id)s, %(domain)s, %(upload_id)s, %(filename)s, %(sha256)s, %(content_sha256)s,
                   %(mapping_version)s, %(counts)s, %(warnings)s)""",
        {
            **shared,
            "id": dataset_id,
            "domain": DOMAIN,
            "upload_id": upload[0],
            "content_sha256": _content_sha256(rows),
            "mapping_version": MAPPING_VERSION,
        },
    )
    for table, found in rows.items():
        if found:
            _insert(connection, table, dataset_id, tenant_id, found)
    return dataset_id


def _row(table: str, row: Sequence[Any]) -> tuple[Any, ...]:
    kinds = [kind for _, kind in DIGEST_COLUMNS[table]]
    return tuple(
        float(cell) if kind == "f" and cell is not None else cell for kind, cell in zip(kinds, row, strict=True)
    )


def _content_sha256(rows: Mapping[str, Sequence[Sequence[Any]]]) -> str:
    digest = NetworkDigest()
    for table, found in rows.items():
        digest.update_rows(table, found)
    return digest.hexdigest()


def _insert(
    connection: Connection, table: str, dataset_id: UUID, tenant_id: UUID, rows: Sequence[Sequence[Any]]
) -> None:
    columns = DIGEST_COLUMNS[table]
    names = ", ".join(name for name, _ in columns)
    arrays = ", ".join(f"%s::{_ARRAY[kind]}" for _, kind in columns)
    connection.execute(
        f"""INSERT INTO {table_name(table)} (dataset_id, tenant_id, position, {names})
            SELECT %s, %s, position - 1, {names}
            FROM unnest({arrays}) WITH ORDINALITY AS row ({names}, position)""",
        (dataset_id, tenant_id, *(list(column) for column in zip(*rows, strict=True))),
    )
