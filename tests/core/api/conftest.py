"""Clients of the application: one that needs no server, and one with a key over a real record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from psycopg.types.json import Jsonb

from local.home import free_port
from networx import settings
from networx.api.app import create_app
from networx.db import pool
from networx.db.audit import Doer
from networx.db.pool import Role
from networx.identity import keys
from networx.resilience import cache
from networx.resilience.cache import cache_client
from tests.conftest import Machine
from tests.core.api.documented import require_documented

ADDRESS = "http://127.0.0.1:8080"


def client_of(**headers: str) -> TestClient:
    """A client that fails on every answer that the published document does not name."""
    made = TestClient(
        create_app(), base_url=ADDRESS, client=("127.0.0.1", 50000), headers=headers, follow_redirects=False
    )
    made.event_hooks = {"response": [require_documented]}
    return made


@pytest.fixture(autouse=True)
def _unlimited_so_far(
    request: pytest.FixtureRequest, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """No test is refused for what the tests before it asked; where no server runs, requests are counted alone."""
    if {"record", "tenants"} & set(request.fixturenames):
        yield  # the record empties the cache, and the keys of tenants are new
        return
    # A port where nothing listens, and no password to fetch first.
    for name, value in (machine.environment | {"REDIS_PORT": str(free_port())}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NETWORX_REDIS_SECRET", raising=False)
    _forget()
    yield
    _forget()


def _forget() -> None:
    cache.breaker().close()  # its probe ends
    for remembered in (settings.current, cache_client, cache.breaker):
        remembered.cache_clear()


@pytest.fixture
def stranger() -> TestClient:
    """A client without a key. Nothing it may reach needs a server."""
    return client_of()


def give_key(tenant_id: UUID, *scopes: str) -> str:
    """A key that reads and writes, and has these scopes besides."""
    return key_with(tenant_id, "read", "write", *scopes)


def key_with(tenant_id: UUID, *scopes: str, name: str = "a key") -> str:
    """A key of exactly these scopes."""
    with pool.system() as connection:
        _, key = keys.create(connection, Doer("a test"), tenant_id=tenant_id, name=name, scopes=scopes)
    return key.text


@pytest.fixture
def client(record) -> TestClient:
    """A client of the record's tenant."""
    return client_of(**{"X-API-Key": give_key(record.tenant_id)})


@pytest.fixture
def foreigner(record) -> TestClient:
    """A client of another tenant."""
    with pool.system() as connection:
        row = connection.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'Another') RETURNING id", (f"other-{uuid4().hex[:8]}",)
        ).fetchone()
    return client_of(**{"X-API-Key": give_key(row[0])})


@pytest.fixture
def operator(record) -> TestClient:
    """A client of the record's tenant whose key reaches beyond it."""
    return client_of(**{"X-API-Key": give_key(record.tenant_id, "operator")})


# What health says where nothing runs that it could ask.
HEALTHY = {"status": "healthy", "version": "0", "uptime_seconds": 1.0, "checks": {}, "circuits": {}}

MakeDataset = Callable[..., UUID]


@pytest.fixture
def make_dataset(record) -> MakeDataset:
    """Puts a loaded network into the record, as far as scenarios look at it: its parameters and its years."""

    def made(parameters: dict[str, str] | None = None, years: int = 1) -> UUID:
        dataset_id, upload_id, sha256 = uuid4(), uuid4(), 2 * uuid4().hex
        with pool.system() as connection:
            connection.execute(
                "INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, status, dataset_id) "
                "VALUES (%s, %s, 'b', %s, 'network.xlsx', 1, 'loaded', %s)",
                (upload_id, record.tenant_id, str(upload_id), dataset_id),
            )
        with pool.tenant(record.tenant_id, Role.LOADER) as connection:
            connection.execute(
                "INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256, counts) "
                "VALUES (%s, %s, 'network', %s, 'network.xlsx', %s, %s, %s)",
                (dataset_id, record.tenant_id, upload_id, sha256, sha256, Jsonb({"facilities": 2})),
            )
            for position, (name, value) in enumerate((parameters or {"single_sourcing": "no"}).items()):
                connection.execute(
                    "INSERT INTO network_parameters VALUES (%s, %s, %s, %s, %s)",
                    (dataset_id, position, record.tenant_id, name, value),
                )
            for year in range(years if years > 1 else 0):
                connection.execute(
                    "INSERT INTO network_forecast VALUES (%s, %s, %s, %s, 100)",
                    (dataset_id, year, record.tenant_id, 2026 + year),
                )
        return dataset_id

    return made


@pytest.fixture
def make_scenario(client, make_dataset) -> Callable[..., str]:
    """Creates a scenario through the API; its id."""

    def made(parameters: dict[str, object] | None = None, dataset: UUID | None = None, kind: str = "transport") -> str:
        project = client.post("/api/projects", json={"name": "A project"}).json()["data"]
        body = {
            "project_id": project["project_id"],
            "name": "A scenario",
            "type": kind,
            "datasets": {"network": str(dataset or make_dataset())},
            "parameters": parameters or {},
        }
        answer = client.post("/api/scenarios", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["scenario_id"]

    return made
