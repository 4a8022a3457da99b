"""Versions of a scenario never change, and two changes at once do not overwrite each other."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from networx.db import pool
from networx.db.pool import Role
from networx.errors import Conflict, NotFound, RefusedInput
from networx.scenarios import store


@pytest.fixture
def scenario(record) -> store.Scenario:
    dataset_id, upload_id = uuid4(), uuid4()
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes) VALUES (%s, %s, 'b', 'k', 'n.xlsx', 1)",
            (upload_id, record.tenant_id),
        )
    with pool.tenant(record.tenant_id, Role.LOADER) as connection:
        connection.execute(
            "INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256, counts) "
            "VALUES (%s, %s, 'network', %s, 'n.xlsx', 'a', 'b', '{}')",
            (dataset_id, record.tenant_id, upload_id),
        )
    return create(record.tenant_id, dataset_id)


def create(tenant_id: UUID, dataset_id: UUID) -> store.Scenario:
    with pool.tenant(tenant_id) as connection:
        project = store.create_project(connection, tenant_id, " P ")
        assert store.get_project(connection, project.id) == project
        assert project.name == "P"
        return store.create_scenario(
            connection,
            tenant_id,
            project_id=project.id,
            name="S",
            type="transport",
            network_dataset_id=dataset_id,
            parameters={"max_facilities": 3},
        )


def test_a_revision_is_the_next_version_and_leaves_the_first(record, scenario):
    with pool.tenant(record.tenant_id) as connection:
        second = store.revise_scenario(connection, scenario.id, {"parameters": {}})
        assert (second.version, second.name, second.parameters) == (2, "S", {})
        assert store.get_scenario(connection, scenario.id, 1) == scenario
        assert store.get_scenario(connection, scenario.id) == second
        assert store.list_scenarios(connection, scenario.project_id) == [second]


def test_two_revisions_at_once_do_not_both_win(record, scenario, monkeypatch):
    with pool.tenant(record.tenant_id) as connection:
        store.revise_scenario(connection, scenario.id, {"name": "Quick"})
    # The slow one read version 1 and would write version 2 as well.
    monkeypatch.setattr(store, "get_scenario", lambda *_: scenario)
    with pool.tenant(record.tenant_id) as connection, pytest.raises(Conflict):
        store.revise_scenario(connection, scenario.id, {"name": "Slow"})


def test_what_is_not_there_is_named(record, scenario):
    with pool.tenant(record.tenant_id) as connection:
        with pytest.raises(NotFound, match="scenario"):
            store.get_scenario(connection, uuid4())
        with pytest.raises(NotFound, match="scenario"):
            store.get_scenario(connection, scenario.id, 7)
        with pytest.raises(NotFound, match="dataset"):
            store.revise_scenario(connection, scenario.id, {"network_dataset_id": uuid4()})
        with pytest.raises(RefusedInput, match="name"):
            store.create_project(connection, record.tenant_id, "  ")
