"""A record whose budget is whole: what other tests of this process spent is forgotten."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from local.postgres import Postgres
from networx.assistant.ledger import About
from networx.db import pool
from networx.db.bootstrap import DATABASE
from tests.conftest import Record


@pytest.fixture
def whole_budget(record: Record, postgres: Postgres) -> Record:
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("DELETE FROM networx.assistant_periods")
    return record


@pytest.fixture
def about(whole_budget: Record) -> About:
    return about_of(whole_budget.tenant_id)


def about_of(tenant_id: UUID) -> About:
    return About(tenant_id, "summary", uuid4(), "a test", "a-request")


def calls() -> list[dict[str, Any]]:
    """Every call of the record, the first first."""
    with pool.system() as connection, connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute("SELECT * FROM assistant_calls ORDER BY created_at, id").fetchall()
