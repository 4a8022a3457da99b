"""What there is of one tenant: its rows in every table, its objects in every bucket, what the cache holds of it.

The tables are read from the catalogue, so that none that is added later can be forgotten. Rows are read and removed by
networx_owner, who after `entered` sees this tenant's rows alone: row level security, and no condition of ours, keeps
every other tenant's out of reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from uuid import UUID

from psycopg import IsolationLevel, sql

from networx.db import pool
from networx.db.pool import Connection, Role, enter_tenant
from networx.errors import ConfigurationError
from networx.identity.tenants import Tenant
from networx.resilience import aws, objects, versions
from networx.resilience.cache import valkey
from networx.resilience.versions import Version
from networx.topology import TOPOLOGY

# Whose rows they are stands in this column; a tenant's own row is named by its id.
_OWNER_COLUMN, _TENANTS = "tenant_id", "tenants"
_POLICY = "of_the_owner"
_SESSIONS = "networx:sessions:"
_KEYS_AT_ONCE = 500
# Only ever added to, by everybody: who did what outlives what it was done to, and the erasure itself stands there.
KEPT_TABLES = frozenset({"audit"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows of tenants, and the column that says whose."""

    name: str
    column: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of a tenant: rows by table, versions of objects by bucket, keys of the cache."""

    rows: dict[str, int]
    objects: dict[str, int]
    cached: int

    @property
    def nothing(self) -> bool:
        """Whether nothing is left but what is kept on purpose."""
        rows = sum(number for table, number in self.rows.items() if table not in KEPT_TABLES)
        return rows + sum(self.objects.values()) + self.cached == 0


def tables(connection: Connection) -> list[Table]:
    """Every table with rows of tenants, such that what refers to others comes before them."""
    found = connection.execute(
        """SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND NOT attisdropped
           WHERE relnamespace = 'networx'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
             AND (attname = %s OR (relname = %s AND attname = 'id'))""",
        (_OWNER_COLUMN, _TENANTS),
    ).fetchall()
    columns = dict(found)
    references = connection.execute(
        """SELECT source.relname, target.relname FROM pg_constraint
           JOIN pg_class AS source ON source.oid = conrelid JOIN pg_class AS target ON target.oid = confrelid
           WHERE contype = 'f' AND conrelid <> confrelid AND source.relnamespace = 'networx'::regnamespace"""
    ).fetchall()
    # A sorter gives first what others wait for: here a table waits for those that refer to it.
    sorter = TopologicalSorter({name: {s for s, target in references if target == name} for name in columns})
    return [Table(name, columns[name]) for name in sorter.static_order() if name in columns]


@contextmanager
def entered(tenant_id: UUID, *, read_only: bool = False) -> Iterator[Connection]:
    """One transaction of networx_owner that sees this tenant's rows, in every table, and no other's.

    With `read_only` all of it as of one instant. Raises DatabaseUnavailable.
    """
    with pool.connect(Role.OWNER, autocommit=True) as owner:
        _let_the_owner_see(owner)
        owner.isolation_level = IsolationLevel.REPEATABLE_READ if read_only else None
        owner.read_only = read_only
        with owner.transaction():
            enter_tenant(owner, tenant_id)
            yield owner


def _let_the_owner_see(owner: Connection) -> None:
    """Give every table the policy by which its owner sees the rows of the tenant that it entered."""
    for table in tables(owner):
        there = owner.execute(
            """SELECT relforcerowsecurity, EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = %s)
               FROM pg_class WHERE relnamespace = 'networx'::regnamespace AND relname = %s""",
            (_POLICY, table.name),
        ).fetchone()
        assert there is not None
        forced, seen = there
        if not forced:
            # Without it the owner would see everybody's rows, and remove them.
            raise ConfigurationError(what=f"The table {table.name} does not force row level security")
        if not seen:
            owner.execute(
                sql.SQL(
                    "CREATE POLICY {policy} ON {table} TO networx_owner USING ({column} = (SELECT current_tenant())) "
                    "WITH CHECK ({column} = (SELECT current_tenant()))"
                ).format(
                    policy=sql.Identifier(_POLICY),
                    table=sql.Identifier(table.name),
                    column=sql.Identifier(table.column),
                )
            )


def count(tenant: Tenant) -> Counts:
    """How much there is of a tenant now; of one that was erased as well, by what it was."""
    with entered(tenant.id, read_only=True) as owner:
        rows = {}
        for table in tables(owner):
            row = owner.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table.name))).fetchone()
            assert row is not None
            rows[table.name] = int(row[0])
        names = names_in_the_cache(owner, tenant)
    stored = {bucket.name: len(list(stored_objects(tenant, (bucket.name,)))) for bucket in TOPOLOGY.buckets}
    return Counts(dict(sorted(rows.items())), stored, len(cached_keys(names)))


def names_in_the_cache(owner: Connection, tenant: Tenant) -> frozenset[str]:
    """The ids under which Valkey holds something of the tenant that was entered: its own, of its jobs and people."""
    found = owner.execute("SELECT id::text FROM jobs UNION ALL SELECT id::text FROM users")
    return frozenset({str(tenant.id), *(row[0] for row in found)})


def stored_objects(tenant: Tenant, buckets: Sequence[str] | None = None) -> Iterator[Version]:
    """Every version and every deletion marker of the tenant's objects. Raises ObjectStoreUnavailable.

    All keys of a bucket are looked at: the tenant's are those below `uploads/<slug>/`, and those with its id as a
    folder, whatever stands before it.
    """
    client = aws.client("s3")
    for name in buckets or [bucket.name for bucket in TOPOLOGY.buckets]:
        for version in versions.listed(client, objects.bucket(name), every_marker=True):
            if _is_of(tenant, version.key):
                yield version


def abort_uploads_in_parts(tenant: Tenant) -> int:
    """Throw away what was begun in parts and never completed; how many uploads."""
    client = aws.client("s3")
    return sum(
        versions.abort_parts(client, objects.bucket(bucket.name), f"uploads/{tenant.slug}/")
        for bucket in TOPOLOGY.buckets
    )


def _is_of(tenant: Tenant, key: str) -> bool:
    return key.startswith(f"uploads/{tenant.slug}/") or str(tenant.id) in key.split("/")[:-1]


def cached_keys(names: frozenset[str]) -> list[str]:
    """The keys of Valkey that hold something under one of these names. Raises CacheUnavailable."""
    with valkey() as client:
        keys = [str(key) for key in client.scan_iter("networx:*", count=_KEYS_AT_ONCE)]
        # A session's key names nobody; whom it stands for is its value.
        sessions = [key for key in keys if key.startswith(_SESSIONS)]
        stands_for = {key: str(client.get(key)) for key in sessions}
    return [
        key
        for key in keys
        if names.intersection(key.split(":")) or any(name in stands_for.get(key, "") for name in names)
    ]


def forget_cached(keys: Sequence[str]) -> int:
    """Delete these keys of Valkey; how many there were. Raises CacheUnavailable."""
    with valkey() as client:
        return sum(int(client.delete(key)) for key in keys)
