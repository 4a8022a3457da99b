"""What a stage may not be: each rule says what is wrong and what to do. It leaves building to the stacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from networx.blueprint import FARGATE_MEMORY_GIB
from networx.topology import TOPOLOGY
from stacks.assistant import faults_in_assistant
from stacks.market import faults_in_market
from stacks.sizes import WebSize, WorkerSize

if TYPE_CHECKING:
    from stacks.stages import Stage

_CLOUDWATCH_KEEPS_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 3653)
_RDS_KEEPS_BACKUPS_DAYS = range(1, 36)
_SHARE_LEFT_TO_OPERATORS = 0.2
_WEB_VERSIONS_AT_ONCE = 2  # for as long as a deploy of the web bakes


def faults_in(stage: Stage) -> Iterator[str]:
    """One sentence for each fault, with its cure."""
    return chain(
        _in_account(stage),
        _in_names(stage),
        _in_alerts(stage),
        _in_sizes(stage),
        _in_connections(stage),
        _in_times(stage),
        faults_in_market(stage.market, stage.region),
        faults_in_assistant(stage.assistant, stage.market, stage.region) if stage.assistant else (),
    )


def _in_account(stage: Stage) -> Iterator[str]:
    if not re.fullmatch(r"\d{12}", stage.account):
        yield f'account "{stage.account}" is not an account number: twelve digits'
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", stage.region):
        yield f'region "{stage.region}" is not a region: write it like us-east-1'
    if len(set(stage.zones)) < 2:
        yield "one availability zone is not enough for a load balancer and a database: give two or more in zones"
    for zone in stage.zones:
        if not zone.startswith(stage.region):
            yield f"zone {zone} is not in {stage.region}: give zones of the stage's region"
    if not 1 <= stage.nat_gateways <= len(stage.zones):
        yield f"{stage.nat_gateways} NAT gateways do not fit {len(stage.zones)} zones: at most one a zone, at least one"


def _in_names(stage: Stage) -> Iterator[str]:
    if not re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", stage.domain):
        yield f'domain "{stage.domain}" is not a host name: write it like networx.example.com'
    if not re.fullmatch(r"Z[A-Z0-9]+", stage.hosted_zone_id):
        yield f'hosted_zone_id "{stage.hosted_zone_id}" is not one: Route 53 shows it, beginning with Z'
    if stage.certificate_arn and f":acm:{stage.region}:" not in stage.certificate_arn:
        yield f"the certificate must be an ACM certificate in {stage.region}, where the load balancer is"
    if stage.architecture not in ("x86_64", "arm64"):
        yield f'architecture "{stage.architecture}" is neither x86_64 nor arm64'
    for which, image in (("image_web", stage.image_web), ("image_worker", stage.image_worker)):
        if image and not re.search(r"@sha256:[0-9a-f]{64}$", image):
            yield f"{which} names no digest: write repository@sha256:..., so that what was tested is what runs"
    if stage.oidc:
        for name in ("issuer", "authorization_endpoint", "token_endpoint", "user_info_endpoint"):
            if not getattr(stage.oidc, name).startswith("https://"):
                yield f"oidc {name} must begin with https://"


def _in_alerts(stage: Stage) -> Iterator[str]:
    if not stage.alerts.targets:
        yield "nobody would hear an alarm: give alerts a pagerduty_url, a slack_secret_arn or an email"
    if stage.alerts.pagerduty_url and not stage.alerts.pagerduty_url.startswith("https://"):
        yield "pagerduty_url must begin with https://"
    if stage.alerts.email and "@" not in stage.alerts.email:
        yield f'alert email "{stage.alerts.email}" is not an address'


def _in_sizes(stage: Stage) -> Iterator[str]:
    tasks: dict[str, WebSize | WorkerSize] = {"web": stage.web, **stage.workers}
    for name, task in tasks.items():
        sold = FARGATE_MEMORY_GIB.get(task.vcpu, range(0))
        if task.memory_gib not in sold:
            yield (
                f"{name}: Fargate sells no task of {task.vcpu} vCPU with {task.memory_gib} GiB; "
                + (
                    f"it takes {sold.start} to {sold[-1]} GiB"
                    if sold
                    else f"vCPU is one of {_list(FARGATE_MEMORY_GIB)}"
                )
            )
        if not 0 <= task.min <= task.max or task.max < 1:
            yield f"{name} cannot scale from {task.min} to {task.max} tasks"
    if stage.web.min < 1:
        yield "web needs one task at least: nobody would answer"
    if set(stage.workers) != {worker.name for worker in TOPOLOGY.workers}:
        yield f"workers are {_list(stage.workers)}, but the topology has {_list(w.name for w in TOPOLOGY.workers)}"
        return
    for worker in TOPOLOGY.workers:
        memory_mib = stage.workers[worker.name].memory_gib * 1024 * 0.9
        for kind in TOPOLOGY.kinds_of(worker.queue):
            if kind.child_memory_mib * worker.slots > memory_mib:
                yield f"{worker.name}: {worker.slots} children of {kind.name} do not fit; give it more memory_gib"


def _in_connections(stage: Stage) -> Iterator[str]:
    limits = TOPOLOGY.limits
    opened = (
        stage.web.max * _WEB_VERSIONS_AT_ONCE * limits.web_connections
        + sum(worker.max for worker in stage.workers.values()) * limits.worker_connections
        + len(TOPOLOGY.functions) * limits.function_connections
    )
    allowed = int(stage.database.max_connections * (1 - _SHARE_LEFT_TO_OPERATORS))
    if opened > allowed:
        yield (
            f"all tasks together may open {opened} database connections, and {allowed} of "
            f"{stage.database.max_connections} are theirs: raise max_connections or lower the largest numbers of tasks"
        )


def _in_times(stage: Stage) -> Iterator[str]:
    if stage.log_days not in _CLOUDWATCH_KEEPS_DAYS:
        yield f"CloudWatch cannot keep logs for {stage.log_days} days: it keeps {_list(_CLOUDWATCH_KEEPS_DAYS)}"
    if stage.database.backup_days not in _RDS_KEEPS_BACKUPS_DAYS:
        yield f"RDS cannot keep backups for {stage.database.backup_days} days: it keeps 1 to 35"
    if stage.retain and not stage.database.deletion_protection:
        yield "a stage that keeps its data protects its database from deletion: set deletion_protection"


def _list(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)
