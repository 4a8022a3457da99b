"""What the assistant leaves of a tenant, as rows."""

from __future__ import annotations

from uuid import UUID

from networx.assistant import consent, summary
from networx.db import pool
from networx.db.audit import Doer
from networx.db.pool import Role


def suggest_columns(tenant_id: UUID, upload_id: UUID) -> None:
    """An unknown column, and what the assistant suggested that it is."""
    with pool.tenant(tenant_id, Role.LOADER) as connection:
        connection.execute(
            "INSERT INTO upload_columns VALUES (%s, 0, %s, 'Facilities', 'Stadt', '{Aaaa}', '{city}')",
            (upload_id, tenant_id),
        )
    with pool.tenant(tenant_id) as connection:
        connection.execute(
            "INSERT INTO mapping_suggestions (upload_id, position, tenant_id, field, confidence, source, model) "
            "VALUES (%s, 0, %s, 'city', 0.8, 'assistant', 'a model')",
            (upload_id, tenant_id),
        )


def assist(tenant_id: UUID, job_id: UUID) -> None:
    """What the tenant lets it see, a call, and the summary that came of it."""
    with pool.tenant(tenant_id) as connection:
        consent.change(connection, Doer("a test"), tenant_id, mapping=True, summaries=True)
        summary.keep(connection, tenant_id, job_id, "It opens 1 facility.", [], "a model")
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO assistant_calls (tenant_id, purpose, subject_id, model, asked_by, day, reserved_tokens, "
            "reserved_dollars, overdue_at) VALUES (%s, 'summary', %s, 'a model', 'a test', current_date, 1, 0, now())",
            (tenant_id, job_id),
        )
