"""What can be found out of a stage in AWS with the caller's own identity, from outside its network.

It needs `cloudformation:DescribeStacks` and `ListStackResources` on the stage's stacks, `sqs:GetQueueAttributes`,
`events:DescribeRule` and `rds:DescribeDBInstances`. With a key of the stage health is asked, too. The database and
Valkey have no address outside: what is exercised there is for `networx doctor` on the laptop's platform, the same code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from networx.errors import ConfigurationError
from networx.readiness.catalogue import CHECKS
from networx.readiness.certificates import certificates
from networx.readiness.check import Check, NotExercised, Place, Unprotected
from networx.readiness.circuits import breakers
from networx.readiness.upkeep import MOST_APART, OLDEST_BACKUP_SECONDS, apart, hours, web_says
from networx.readiness.web import asked, browser, require_headers
from networx.topology import TOPOLOGY

STACKS = ("data", "queues", "compute")
_QUEUE, _RULE, _DATABASE = "AWS::SQS::Queue", "AWS::Events::Rule", "AWS::RDS::DBInstance"
_REFUSED = (301, 302, 303, 401)  # the balancer leads to the sign-in, or the web refuses
_INSIDE = "The database has no address outside the stage's network; the laptop's platform runs the same code."
REASONS = {
    "rate limits": "Your own address would be shut out for a minute; docs/operations/loadtest.md counts 429s apart.",
    "row level security": _INSIDE,
    "connection pool": _INSIDE,
    "graceful degradation": "It is shown by processes that join the platform; the laptop's runs the same code.",
    "stale-job recovery": _INSIDE,
    "fencing": _INSIDE,
    "assistant budget": _INSIDE,
    "migrations": f"{_INSIDE} The task of each deploy ends with 0 only when all are applied.",
    "compiled kernels": "Each worker's container compiles its own, or logs solve.without_kernels with the reason.",
    "disk space": "RDS grows by itself; the alarm NetWORX-DatabaseStorage watches what is left.",
}

Client = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as its stacks describe it: its address, and the physical ids of its resources by their type."""

    address: str
    key: str | None
    resources: dict[str, tuple[str, ...]]
    client: Client
    now: Callable[[], datetime]

    def place(self) -> Place:
        """The stage as a place whose web can be asked."""
        return Place(self.address, self.key or "", Path(), self.now)


def described(name: str, client: Client, *, key: str | None, now: Callable[[], datetime]) -> Stage:
    """Look the stage up. Raises ConfigurationError that says which right or stack is missing."""
    found: dict[str, list[str]] = {}
    try:
        formation = client("cloudformation")
        for stack in STACKS:
            for kind, physical in _resources_of(formation, f"networx-{name}-{stack}"):
                found.setdefault(kind, []).append(physical)
        outputs = formation.describe_stacks(StackName=f"networx-{name}-compute")["Stacks"][0].get("Outputs", [])
    except (BotoCoreError, ClientError) as fault:
        stacks = ", ".join(f"networx-{name}-{stack}" for stack in STACKS)
        raise ConfigurationError(
            what=f"The stage {name} cannot be looked up: {fault}. It takes cloudformation:DescribeStacks and "
            f"cloudformation:ListStackResources on {stacks}."
        ) from fault
    addresses = [output["OutputValue"] for output in outputs if output["OutputKey"] == "Address"]
    if not addresses:
        raise ConfigurationError(what=f"The stack networx-{name}-compute tells no Address.")
    return Stage(addresses[0], key, {kind: tuple(ids) for kind, ids in found.items()}, client, now)


def _resources_of(formation: Any, stack: str) -> Iterator[tuple[str, str]]:
    for page in formation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            yield resource["ResourceType"], resource.get("PhysicalResourceId", "")


def checks_of(stage: Stage) -> list[Check]:
    """The checks by the same names and in the same order; those that cannot be made from outside say why."""
    made: dict[str, Callable[[], str]] = {
        "gate": lambda: _gate(stage),
        "safe headers": lambda: _safe_headers(stage),
        "circuit breakers": lambda: _breakers(stage),
        "dead-letter queues": lambda: _dead_letter_queues(stage),
        "certificates": lambda: certificates(stage.place()),
        "schedules": lambda: _schedules(stage),
        "backups": lambda: _backups(stage),
        "clocks": lambda: _clocks(stage),
    }
    return [Check(check.name, check.exercises, _run(made.get(check.name), check.name), check.page) for check in CHECKS]


def _run(made: Callable[[], str] | None, name: str) -> Callable[[Place], str]:
    def run(_: Place) -> str:
        if made is None:
            raise NotExercised(REASONS[name])
        try:
            return made()
        except ClientError as fault:
            if "AccessDenied" not in fault.response["Error"]["Code"]:
                raise
            raise NotExercised(f"Your identity may not look: {fault}") from fault

    return run


def _gate(stage: Stage) -> str:
    paths = ("/api/jobs", "/api/uploads", "/api/tenants", "/openapi.json", "/")
    with browser(stage.address) as client:
        for path in paths:
            status = asked(client, path).status_code
            if status not in _REFUSED:
                raise Unprotected(f"GET {path} without a key was answered {status}", "docs/operations/deploy.md")
    return f"{len(paths)} addresses closed to strangers"


def _safe_headers(stage: Stage) -> str:
    # Whatever else a stranger asks for may be answered by the balancer.
    with browser(stage.address) as client:
        require_headers(asked(client, "/api/health/live"), "/api/health/live")
    return "all headers on the address that is open"


def _breakers(stage: Stage) -> str:
    if stage.key is None:
        raise NotExercised("Health is asked with a key of the stage: --key-file FILE")
    return breakers(stage.place())


def _dead_letter_queues(stage: Stage) -> str:
    sqs = stage.client("sqs")
    known: dict[str, dict[str, Any] | None] = {}
    for url in stage.resources.get(_QUEUE, ()):
        names = ["QueueArn", "RedrivePolicy"]
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        known[told["QueueArn"]] = orjson.loads(told["RedrivePolicy"]) if "RedrivePolicy" in told else None
    policies = [policy for policy in known.values() if policy]
    do = "Deploy the queues again: docs/runbook/dead-letters.md."
    counts = Counter(int(policy["maxReceiveCount"]) for policy in policies)
    meant = Counter(queue.max_receive_count for queue in TOPOLOGY.queues)
    if counts != meant:
        raise Unprotected(
            f"{len(policies)} queues give up what they delivered often enough, {meant.total()} should", do
        )
    lost = [policy["deadLetterTargetArn"] for policy in policies if policy["deadLetterTargetArn"] not in known]
    if lost:
        raise Unprotected(f"A queue gives up to {', '.join(lost)}, which is none of the stage's", do)
    return f"{len(policies)} policies as meant; no message was sent through, for it would ring the alarm"


def _schedules(stage: Stage) -> str:
    events = stage.client("events")
    clocks: list[str] = []
    off: list[str] = []
    for rule in stage.resources.get(_RULE, ()):
        told = events.describe_rule(Name=rule.rpartition("|")[2])
        if told.get("ScheduleExpression"):
            (clocks if told["State"] == "ENABLED" else off).append(told["Name"])
    meant = sum(function.schedule is not None for function in TOPOLOGY.functions)
    if off or len(clocks) < meant:
        said = f"switched off: {', '.join(off)}" if off else f"{len(clocks)} of {meant} are there"
        raise Unprotected(f"Clocks of functions: {said}", "docs/runbook/monitor-silent.md")
    return f"{len(clocks)} clocks are switched on"


def _backups(stage: Stage) -> str:
    rds = stage.client("rds")
    ages = []
    for name in stage.resources.get(_DATABASE, ()):
        (told,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        if "ReadReplicaSourceDBInstanceIdentifier" not in told:
            ages.append(stage.now() - (told.get("LatestRestorableTime") or told["InstanceCreateTime"]))
    if not ages:
        raise Unprotected("The stage has no database that could be restored", "docs/operations/backup.md")
    oldest = max(ages)
    if oldest.total_seconds() > OLDEST_BACKUP_SECONDS:
        raise Unprotected(f"It can be restored to {hours(oldest)} ago", "docs/runbook/backup-old.md")
    return f"it can be restored to {hours(oldest)} ago"


def _clocks(stage: Stage) -> str:
    off = apart(stage.now, lambda: web_says(stage.place()))
    if off > MOST_APART:
        raise Unprotected(f"The web's clock is {off.total_seconds():.1f} s apart from yours", "Set yours by NTP.")
    return f"the web's is at most {off.total_seconds():.1f} s apart from yours"
