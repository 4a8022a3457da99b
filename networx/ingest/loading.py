"""Rows into the record: binary COPY into staging tables, published as one dataset in one transaction.

COPY cannot write to a table with row level security, and must not: the staging tables are temporary, and the step
from there into the dataset's tables is the one that the policies check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from networx.db.pool import Connection
from networx.domain.network_digest import DIGEST_COLUMNS, NetworkDigest
from networx.domain.shipment_columns import TRANSPORT_COLUMNS
from networx.domain.shipment_record import ShipmentDigest

# How a digest column is stored; `i` are positions and years, which fit int4, `d` days, `c` cents.
_SQL_TYPE = {"f": "float8", "i": "int4", "s": "text", "d": "int4", "c": "int8"}


class Digest(Protocol):
    """A running name of a dataset's content."""

    def update_rows(self, table: str, rows: Sequence[Sequence[Any]]) -> None: ...

    def hexdigest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Domain:
    """What a dataset is about: the columns of its tables, and how its content is named."""

    name: str
    columns: Mapping[str, Sequence[tuple[str, str]]]
    digest: Callable[[], Digest]

    def table_name(self, table: str) -> str:
        """The table of the record that holds one of the dataset's."""
        return f"{self.name}_{table}"


NETWORK = Domain("network", DIGEST_COLUMNS, NetworkDigest)
TRANSPORT = Domain("transport", TRANSPORT_COLUMNS, ShipmentDigest)
DOMAINS = {domain.name: domain for domain in (NETWORK, TRANSPORT)}


def table_name(table: str) -> str:
    """The dataset table that holds a table of the network."""
    return NETWORK.table_name(table)


def _staging(table: str) -> str:
    return f"staging_{table}"


class DatasetLoad:
    """One dataset on its way in. Lives inside the caller's transaction; nothing is seen before that commits.

    Batches of one table must come together: each table has one COPY, opened by its first batch.
    """

    def __init__(self, connection: Connection, domain: Domain = NETWORK) -> None:
        self._connection = connection
        self._domain = domain
        self._digest = domain.digest()
        self._rows = dict.fromkeys(domain.columns, 0)
        self._open: tuple[str, psycopg.Copy, ExitStack] | None = None
        for table, columns in domain.columns.items():
            listed = ", ".join(f"{name} {_SQL_TYPE[kind]}" for name, kind in columns)
            connection.execute(f"CREATE TEMPORARY TABLE {_staging(table)} (position int4, {listed}) ON COMMIT DROP")

    @property
    def counts(self) -> dict[str, int]:
        """Rows so far, by table."""
        return dict(self._rows)

    def write(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows in sheet order, cells in the order of the domain's columns; `"inf"` is an unlimited number."""
        copy = self._copy(table)
        kinds = [kind for _, kind in self._domain.columns[table]]
        ready = [
            tuple(
                None if cell is None else float(cell) if kind == "f" else cell
                for kind, cell in zip(kinds, row, strict=True)
            )
            for row in rows
        ]
        position = self._rows[table]
        for offset, row in enumerate(ready):
            copy.write_row((position + offset, *row))
        self._rows[table] += len(ready)
        self._digest.update_rows(table, ready)

    def _copy(self, table: str) -> psycopg.Copy:
        if self._open is not None and self._open[0] == table:
            return self._open[1]
        self._close()
        if self._rows[table]:
            raise ValueError(f"the batches of {table} do not come together")
        stack = ExitStack()
        cursor = stack.enter_context(self._connection.cursor())
        copy = stack.enter_context(cursor.copy(f"COPY {_staging(table)} FROM STDIN (FORMAT BINARY)"))
        copy.set_types(["int4", *(_SQL_TYPE[kind] for _, kind in self._domain.columns[table])])
        self._open = (table, copy, stack)
        return copy

    def _close(self) -> None:
        if self._open is not None:
            self._open[2].close()
            self._open = None

    def publish(
        self,
        *,
        dataset_id: UUID,
        tenant_id: UUID,
        upload_id: UUID,
        filename: str,
        source_sha256: str,
        mapping_version: int,
        warnings: Sequence[str],
        account: Sequence[Mapping[str, Any]] | None = None,
        correction_sha256: str = "",
    ) -> str:
        """Make the dataset of what was written; its content's SHA-256. Seen by others when the transaction commits.

        `account` is what became of the rows and cents of a freight file, tab by tab; `correction_sha256` is of its rows
        that were corrected.
        """
        self._close()
        sha256 = self._digest.hexdigest()
        self._connection.execute(
            """INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256,
                                     mapping_version, counts, warnings, account, correction_sha256)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                dataset_id,
                tenant_id,
                self._domain.name,
                upload_id,
                filename,
                source_sha256,
                sha256,
                mapping_version,
                Jsonb(self.counts),
                Jsonb(list(warnings)),
                None if account is None else Jsonb(list(account)),
                correction_sha256,
            ),
        )
        for table, columns in self._domain.columns.items():
            names = ", ".join(name for name, _ in columns)
            self._connection.execute(
                f"""INSERT INTO {self._domain.table_name(table)} (dataset_id, tenant_id, position, {names})
                    SELECT %s, %s, position, {names} FROM {_staging(table)}""",
                (dataset_id, tenant_id),
            )
        return sha256

    def abandon(self) -> None:
        """End an open COPY after a fault, so that the transaction can be rolled back."""
        if self._open is not None:
            _, copy, _ = self._open
            self._open = None
            copy.__exit__(RuntimeError, RuntimeError("the load was abandoned"), None)


def new_dataset_id(connection: Connection) -> UUID:
    """The id of a dataset that is to be made."""
    found = connection.execute("SELECT uuidv7()").fetchone()
    assert found is not None
    made: UUID = found[0]
    return made


def known_dataset(
    connection: Connection,
    *,
    source_sha256: str,
    mapping_version: int,
    domain: Domain = NETWORK,
    correction_sha256: str | None = None,
) -> tuple[UUID, Mapping[str, int], Sequence[str]] | None:
    """The tenant's dataset of the same file, loaded before with the same mapping: id, counts, warnings.

    `correction_sha256` names the rows of it that were corrected, empty for none; where it is None the dataset is meant
    that was decided about last.
    """
    found = connection.execute(
        """SELECT id, counts, warnings FROM datasets
           WHERE source_sha256 = %s AND domain = %s AND mapping_version = %s
             AND correction_sha256 = coalesce(%s, correction_sha256)
           ORDER BY created_at DESC LIMIT 1""",
        (source_sha256, domain.name, mapping_version, correction_sha256),
    ).fetchone()
    return None if found is None else (found[0], found[1], found[2])
