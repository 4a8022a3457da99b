"""What tests share: real servers, started only when a test asks for them and shared by all tests of a process.

Every process of pytest-xdist has servers, ports and folders of its own. The cluster is not durable, and starts in
about a second.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from local import aws as emulators
from local import postgres as clusters
from local import valkey as caches
from local.environment import Ports, inherited, settings_of
from local.home import Home, free_port
from local.postgres import Postgres
from local.record import key_pepper, prepare_record, role_passwords
from local.resources import Emulator, emulator, make_resources
from local.supervisor import Supervisor
from networx import settings
from networx.db import pool
from networx.db.bootstrap import DATABASE
from networx.identity.pepper import pepper
from networx.jobs import sqs
from networx.resilience import aws as aws_clients
from networx.resilience import cache, objects
from networx.resilience.cache import cache_client
from networx.topology import TOPOLOGY


@dataclass(frozen=True)
class Machine:
    """Where this process's servers live. `environment` is what networx.settings reads."""

    home: Home
    ports: Ports
    supervisor: Supervisor
    environment: dict[str, str]


@dataclass(frozen=True)
class Record:
    """An empty, migrated record with one tenant in it."""

    tenant_id: UUID
    slug: str
    environment: dict[str, str]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Logs that a test configures end with it: the stderr to which they go is the test's own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """A home and a supervisor without any server yet."""
    # Not pytest's own folder: as root it is closed to the user the database runs as.
    folder = Path(tempfile.mkdtemp(prefix="networx tests "))
    home = Home(folder)
    ports = Ports(web=free_port(), postgres=free_port(), valkey=free_port(), aws=free_port())
    supervisor = Supervisor(home.logs, announce=print)
    try:
        yield Machine(home, ports, supervisor, settings_of(home, ports))
    finally:
        supervisor.stop(["postgres", "valkey", "aws"], seconds=3)
        supervisor.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres(machine: Machine) -> Postgres:
    """PostgreSQL with the roles and every migration."""
    cluster = clusters.prepare(machine.home, os.environ, machine.ports.postgres, durable=False)
    machine.supervisor.start(cluster.program(inherited(os.environ)))
    prepare_record(cluster, role_passwords(machine.home))
    return cluster


@pytest.fixture(scope="session")
def valkey(machine: Machine) -> int:
    """Valkey; its port. The password is the one in the emulator's secret."""
    password = machine.home.secret("valkey")
    machine.supervisor.start(caches.program(machine.home, inherited(os.environ), machine.ports.valkey, password))
    return machine.ports.valkey


@pytest.fixture(scope="session")
def aws(machine: Machine) -> Emulator:
    """The AWS emulator with buckets, queues, secrets and the rule for uploads; no functions: tests are the readers."""
    machine.supervisor.start(emulators.program(machine.home, inherited(os.environ), machine.ports.aws))
    clients = emulator(machine.ports.aws)
    passwords = role_passwords(machine.home)
    make_resources(
        clients,
        machine.ports,
        machine.environment,
        passwords,
        redis_password=machine.home.secret("valkey"),
        pepper=key_pepper(machine.home),
        functions=(),
    )
    return clients


@pytest.fixture(scope="session")
def configured(machine: Machine, postgres: Postgres, valkey: int, aws: Emulator) -> Iterator[Machine]:
    """This process told where its servers are, the way a deployed one is: by its environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in machine.environment.items():
            patch.setenv(name, value)
        _forget()
        yield machine
        pool.close_pools()
    _forget()


@pytest.fixture
def record(configured: Machine, postgres: Postgres, aws: Emulator) -> Record:
    """An empty record (and empty queues and cache) with a tenant; networx.db.pool works."""
    for queue in TOPOLOGY.queues:
        for name in (queue.name, queue.dead_letter_name):
            aws.sqs.purge_queue(QueueUrl=aws.sqs.get_queue_url(QueueName=name)["QueueUrl"])
    cache_client().flushdb()
    for breaker in (pool.breaker(), sqs.breaker(), objects.breaker(), cache.breaker()):
        breaker.close()  # an outage of the test before is over
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("TRUNCATE networx.tenants CASCADE")
    slug = f"tenant-{uuid4().hex[:12]}"
    with pool.system() as connection:
        row = connection.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'A tenant') RETURNING id", (slug,)
        ).fetchone()
    assert row is not None
    return Record(row[0], slug, configured.environment)


def _forget() -> None:
    cache.breaker().close()  # its probe ends
    aws_known = (aws_clients.client, aws_clients.secret_during, pepper)
    for remembered in (settings.current, *aws_known, cache_client, cache.breaker):
        remembered.cache_clear()
