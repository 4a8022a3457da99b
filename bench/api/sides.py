"""The two web processes that are compared, over the same PostgreSQL: the platform's own, and the bare peer's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from bench.jobs import servers
from bench.jobs.servers import Servers
from local.environment import inherited
from local.home import CHECKOUT, free_port
from local.processes import Program
from local.record import key_pepper
from local.services import all_services, program_of
from networx.identity.api_key import make_key, stored
from networx.jobs.store import submit

# A copy of the record as it is before the first request: the relay of our process must not carry the peer's jobs.
PEERS_RECORD = "bare"
# A key is good for 10,000 requests an hour; the measurement asks more, in the name of several.
KEYS = 64


@dataclass(frozen=True)
class Side:
    """One web process; `keys` are sent in turns, and the peer knows of none."""

    name: str
    port: int
    pid: int
    keys: tuple[str, ...]
    scenario_id: UUID
    job_id: UUID

    def headers(self, number: int) -> dict[str, str]:
        """What request `number` says of who asks: a key, and the address that a load balancer would have appended."""
        if not self.keys:
            return {}
        return {
            "X-API-Key": self.keys[number % len(self.keys)],
            "X-Forwarded-For": f"10.0.{number // 250 % 250}.{number % 250}",
        }


@dataclass(frozen=True)
class Sides:
    """Both, and the servers below them."""

    ours: Side
    bare: Side
    servers: Servers


@dataclass(frozen=True)
class _Seed:
    tenant_id: UUID
    scenario_id: UUID
    job_id: UUID
    keys: tuple[str, ...]


@contextmanager
def running() -> Iterator[Sides]:
    """Both processes up, and all of it gone after the block."""
    with servers.running() as below:
        with below.master() as master:
            seed = _seed(master, key_pepper(below.home).encode())
        with below.master("postgres") as master:
            master.execute(f"CREATE DATABASE {PEERS_RECORD} TEMPLATE networx")
        web = next(service for service in all_services() if service.serves_web)
        bare = _bare(below, seed)
        try:
            environment = {**below.environment, "NETWORX_TRUSTED_PROXIES": "1"}
            below.supervisor.start(program_of(web, environment, below.ports))
            below.supervisor.start(bare)
            yield Sides(
                _side("NetWORX", below, web.name, below.ports.web, seed, seed.keys),
                _side("bare FastAPI", below, bare.name, int(bare.arguments[3]), seed, ()),
                below,
            )
        finally:
            below.supervisor.stop([bare.name, web.name], seconds=8)


def _side(name: str, below: Servers, process: str, port: int, seed: _Seed, keys: tuple[str, ...]) -> Side:
    return Side(name, port, below.supervisor.process(process).pid, keys, seed.scenario_id, seed.job_id)


def _bare(below: Servers, seed: _Seed) -> Program:
    port = free_port()
    conninfo = f"{below.postgres} dbname={PEERS_RECORD}".replace("dbname=postgres ", "")
    return Program(
        name="bare",
        arguments=(sys.executable, "-m", "bench.api.bare", str(port), conninfo, str(seed.tenant_id)),
        environment={**inherited(os.environ), "PYTHONUNBUFFERED": "1"},
        folder=CHECKOUT,
        ready=lambda _pid: _answers(port),
    )


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/api/health/live", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _seed(master: psycopg.Connection[tuple[object, ...]], pepper: bytes) -> _Seed:
    """A tenant with keys, a scenario that may be run, and a page of jobs."""
    tenant_id, dataset_id, upload_id, project_id, scenario_id = (uuid4() for _ in range(5))
    master.execute("SET search_path = networx")
    master.execute("INSERT INTO tenants (id, slug, name) VALUES (%s, 'bench', 'Bench')", (tenant_id,))
    keys = [make_key() for _ in range(KEYS)]
    for key in keys:
        master.execute(
            "INSERT INTO api_keys (id, tenant_id, name, secret_hmac, scopes, created_by) "
            "VALUES (%s, %s, 'bench', %s, %s, 'bench')",
            (key.id, tenant_id, stored(key.digest, pepper), ["read", "write"]),
        )
    with master.transaction():
        master.execute(
            "INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, status, dataset_id) "
            "VALUES (%s, %s, 'b', %s, 'network.xlsx', 1, 'loaded', %s)",
            (upload_id, tenant_id, str(upload_id), dataset_id),
        )
        master.execute(
            "INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256, counts) "
            "VALUES (%s, %s, 'network', %s, 'network.xlsx', %s, %s, %s)",
            (dataset_id, tenant_id, upload_id, upload_id.hex, upload_id.hex, Jsonb({"facilities": 2})),
        )
        master.execute(
            "INSERT INTO network_parameters VALUES (%s, 0, %s, 'single_sourcing', 'no')", (dataset_id, tenant_id)
        )
        master.execute("INSERT INTO projects (id, tenant_id, name) VALUES (%s, %s, 'Bench')", (project_id, tenant_id))
        master.execute(
            "INSERT INTO scenarios (id, version, tenant_id, project_id, name, type, network_dataset_id, parameters) "
            "VALUES (%s, 1, %s, %s, 'Bench', 'transport', %s, '{}')",
            (scenario_id, tenant_id, project_id, dataset_id),
        )
        jobs = [
            submit(
                master,
                tenant_id=tenant_id,
                kind="transport",
                params={},
                scenario_id=scenario_id,
                scenario_version=1,
            )
            for _ in range(50)
        ]
    return _Seed(tenant_id, scenario_id, jobs[0].id, tuple(key.text for key in keys))
