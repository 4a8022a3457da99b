"""What a tenant lets the assistant see: nothing, until an administrator of the tenant says so. Audited."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from networx.db import audit
from networx.db.audit import Doer
from networx.db.pool import Connection
from networx.errors import AssistantNotAllowed

MAPPING = "the headers and masked samples of files"
SUMMARIES = "the figures of results"


@dataclass(frozen=True, slots=True)
class Consent:
    """`mapping`: headers and patterns of cells may be sent. `summaries`: the figures of results, without names."""

    mapping: bool = False
    summaries: bool = False
    changed_at: datetime | None = None
    changed_by: str | None = None

    def require_mapping(self) -> None:
        if not self.mapping:
            raise AssistantNotAllowed(what=MAPPING)

    def require_summaries(self) -> None:
        if not self.summaries:
            raise AssistantNotAllowed(what=SUMMARIES)


def get(connection: Connection) -> Consent:
    """What the connection's tenant allows."""
    with connection.cursor(row_factory=class_row(Consent)) as cursor:
        found = cursor.execute("SELECT mapping, summaries, changed_at, changed_by FROM assistant_consents").fetchone()
    return found or Consent()


def change(connection: Connection, doer: Doer, tenant_id: UUID, *, mapping: bool, summaries: bool) -> Consent:
    """Allow this and no more, on a connection of the tenant."""
    before = get(connection)
    connection.execute(
        """INSERT INTO assistant_consents (tenant_id, mapping, summaries, changed_by) VALUES (%s, %s, %s, %s)
           ON CONFLICT (tenant_id) DO UPDATE SET mapping = excluded.mapping, summaries = excluded.summaries,
               changed_at = now(), changed_by = excluded.changed_by""",
        (tenant_id, mapping, summaries, doer.name),
    )
    after = get(connection)
    facts = {name: {"before": asdict(before)[name], "after": asdict(after)[name]} for name in ("mapping", "summaries")}
    audit.write(connection, doer, "assistant.consent_changed", "assistant", tenant_id=tenant_id, facts=facts)
    return after
