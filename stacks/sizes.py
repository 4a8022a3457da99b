"""How large each stage is: frozen data, the same for every account. What an account says stands in its context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from networx.topology import TOPOLOGY

Architecture = Literal["x86_64", "arm64"]


@dataclass(frozen=True, slots=True)
class Database:
    """PostgreSQL. `max_connections` holds for the primary and the replica alike: a standby may not have fewer."""

    instance: str
    replica_instance: str | None
    multi_az: bool
    backup_days: int
    max_connections: int
    deletion_protection: bool


@dataclass(frozen=True, slots=True)
class Cache:
    """Valkey: one primary and `replicas` that can take its place."""

    node: str
    replicas: int


@dataclass(frozen=True, slots=True)
class WebSize:
    """One web task, and how many there are."""

    vcpu: int
    memory_gib: int
    min: int
    max: int


@dataclass(frozen=True, slots=True)
class WorkerSize:
    """One worker task, how many there are, and whether interruptible capacity may carry them."""

    min: int
    max: int
    vcpu: int
    memory_gib: int
    spot: bool = False


@dataclass(frozen=True, slots=True)
class Sizes:
    """Everything about a stage that is not its account's. `retain` keeps the data of a stack that goes."""

    nat_gateways: int
    database: Database
    cache: Cache
    web: WebSize
    workers: Mapping[str, WorkerSize]
    retain: bool
    log_days: int
    architecture: Architecture = "x86_64"


def _workers(**sizes: WorkerSize) -> Mapping[str, WorkerSize]:
    return MappingProxyType(sizes)


_TO_SPECIFICATION = _workers(
    **{
        worker.name: WorkerSize(worker.min_tasks, worker.max_tasks, worker.vcpu, worker.memory_gib)
        for worker in TOPOLOGY.workers
    }
)

SIZES: Mapping[str, Sizes] = MappingProxyType(
    {
        "dev": Sizes(
            nat_gateways=1,
            database=Database(
                "db.t4g.medium",
                replica_instance=None,
                multi_az=False,
                backup_days=7,
                max_connections=200,
                deletion_protection=False,
            ),
            cache=Cache("cache.t4g.micro", replicas=0),
            web=WebSize(vcpu=1, memory_gib=2, min=1, max=2),
            workers=_workers(
                optimization=WorkerSize(0, 2, vcpu=2, memory_gib=16, spot=True),
                file=WorkerSize(0, 2, vcpu=1, memory_gib=2, spot=True),
                capacity=WorkerSize(0, 2, vcpu=1, memory_gib=8, spot=True),
            ),
            retain=False,
            log_days=14,
        ),
        "staging": Sizes(
            nat_gateways=1,
            database=Database(
                "db.r6g.large",
                replica_instance="db.r6g.large",
                multi_az=True,
                backup_days=14,
                max_connections=500,
                deletion_protection=True,
            ),
            cache=Cache("cache.t4g.small", replicas=1),
            web=WebSize(vcpu=2, memory_gib=4, min=2, max=4),
            workers=_workers(
                optimization=WorkerSize(0, 4, vcpu=8, memory_gib=16),
                file=WorkerSize(0, 4, vcpu=4, memory_gib=8),
                capacity=WorkerSize(0, 4, vcpu=4, memory_gib=8),
            ),
            retain=True,
            log_days=30,
        ),
        "prod": Sizes(
            nat_gateways=2,
            database=Database(
                "db.r6g.xlarge",
                replica_instance="db.r6g.large",
                multi_az=True,
                backup_days=30,
                max_connections=1000,
                deletion_protection=True,
            ),
            cache=Cache("cache.r7g.large", replicas=2),
            web=WebSize(
                TOPOLOGY.web.vcpu, TOPOLOGY.web.memory_gib, min=TOPOLOGY.web.min_tasks, max=TOPOLOGY.web.max_tasks
            ),
            workers=_TO_SPECIFICATION,
            retain=True,
            log_days=90,
        ),
    }
)
