"""The servers of a benchmark: PostgreSQL as durable as on the platform, Valkey and the AWS emulator."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from local import aws as emulators
from local import postgres as clusters
from local import valkey as caches
from local.environment import Ports, inherited, settings_of
from local.home import Home, free_port
from local.record import key_pepper, prepare_record, role_passwords
from local.resources import Emulator, emulator, make_resources
from local.supervisor import Supervisor


@dataclass(frozen=True)
class Servers:
    """What runs. `environment` is what a process of NetWORX is told, `postgres` a conninfo of the cluster's master."""

    home: Home
    ports: Ports
    supervisor: Supervisor
    environment: dict[str, str]
    postgres: str
    valkey: str
    aws: Emulator

    def pids(self) -> dict[str, int]:
        return {name: self.supervisor.process(name).pid for name in ("postgres", "valkey", "aws")}

    def master(self, database: str = "networx") -> psycopg.Connection[Any]:
        return psycopg.connect(self.postgres, dbname=database, autocommit=True)


@contextmanager
def running() -> Iterator[Servers]:
    """Servers in a folder of their own, gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="networx-bench-"))
    home = Home(folder)
    ports = Ports(web=free_port(), postgres=free_port(), valkey=free_port(), aws=free_port())
    supervisor = Supervisor(home.logs, announce=print)
    environment = {**inherited(os.environ), **settings_of(home, ports), "LOG_LEVEL": "INFO"}
    try:
        cluster = clusters.prepare(home, os.environ, ports.postgres, durable=True)
        supervisor.start(cluster.program(inherited(os.environ)))
        prepare_record(cluster, role_passwords(home))
        password = home.secret("valkey")
        supervisor.start(caches.program(home, inherited(os.environ), ports.valkey, password))
        supervisor.start(emulators.program(home, inherited(os.environ), ports.aws))
        clients = emulator(ports.aws)
        make_resources(
            clients,
            ports,
            environment,
            role_passwords(home),
            redis_password=password,
            pepper=key_pepper(home),
            functions=(),
        )
        url = f"redis://:{password}@127.0.0.1:{ports.valkey}/0"
        yield Servers(home, ports, supervisor, environment, cluster.master_conninfo, url, clients)
    finally:
        supervisor.stop(["postgres", "valkey", "aws"], seconds=5)
        supervisor.close()
        shutil.rmtree(folder, ignore_errors=True)
