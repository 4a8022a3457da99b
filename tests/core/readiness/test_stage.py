"""A stage in AWS as far as it is seen from outside: its stacks in the emulator, its web in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoRegionError

from local import aws as emulators
from networx.api.app import create_app
from networx.errors import ConfigurationError
from networx.readiness.catalogue import CHECKS
from networx.readiness.check import Finding, run_all
from networx.readiness.stage import Stage, checks_of, described
from networx.topology import TOPOLOGY
from tests.core.api.conftest import key_with
from tests.core.api.served import served

SEEN = {"gate", "safe headers", "dead-letter queues", "certificates", "schedules", "backups", "clocks"}


def queues() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for number, queue in enumerate(TOPOLOGY.queues):
        dead, name = f"Dead{number}", f"Queue{number}"
        made[dead] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"stage-dead-{number}"}}
        policy = {"deadLetterTargetArn": {"Fn::GetAtt": [dead, "Arn"]}, "maxReceiveCount": queue.max_receive_count}
        properties = {"QueueName": f"stage-{number}", "RedrivePolicy": policy}
        made[name] = {"Type": "AWS::SQS::Queue", "Properties": properties}
    return made


def clocks() -> dict[str, Any]:
    scheduled = [function.name for function in TOPOLOGY.functions if function.schedule is not None]
    return {
        f"Clock{number}": {
            "Type": "AWS::Events::Rule",
            "Properties": {"Name": f"stage-{name}", "ScheduleExpression": "rate(1 minute)", "State": "ENABLED"},
        }
        for number, name in enumerate(scheduled)
    }


class Databases:
    """RDS, for a primary and its replica."""

    restorable = timedelta(minutes=5)

    def describe_db_instances(self, DBInstanceIdentifier: str) -> dict[str, Any]:  # noqa: N803  # as AWS names it
        told: dict[str, Any] = {"LatestRestorableTime": datetime.now(UTC) - self.restorable}
        if DBInstanceIdentifier == "replica":
            told = {"ReadReplicaSourceDBInstanceIdentifier": "primary"}
        return {"DBInstances": [told]}


class Aws:
    """The emulator's clients, and a database that it has not."""

    def __init__(self, port: int) -> None:
        self.databases = Databases()
        self._port = port

    def __call__(self, service: str) -> Any:
        if service == "rds":
            return self.databases
        return boto3.client(
            service,
            endpoint_url=emulators.endpoint(self._port),
            region_name=emulators.REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture
def cloud(record, machine) -> Aws:
    return Aws(machine.ports.aws)


@pytest.fixture
def stage(record, cloud) -> Iterator[Stage]:
    formation = cloud("cloudformation")
    with served(create_app()) as running:
        templates = {
            # Databases are not made here: `Databases` stands for them.
            "data": {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}},
            "queues": {"Resources": queues()},
            "compute": {"Resources": clocks(), "Outputs": {"Address": {"Value": running.url}}},
        }
        for name, template in templates.items():
            formation.create_stack(StackName=f"networx-trial-{name}", TemplateBody=json.dumps(template))
        for name in templates:
            formation.get_waiter("stack_create_complete").wait(
                StackName=f"networx-trial-{name}", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
            )
        found = described("trial", cloud, key=None, now=lambda: datetime.now(UTC))
        yield replace(found, resources={**found.resources, "AWS::RDS::DBInstance": ("primary", "replica")})
    for name in templates:
        formation.delete_stack(StackName=f"networx-trial-{name}")


def findings(stage: Stage) -> dict[str, Finding]:
    return {finding.check: finding for finding in run_all(checks_of(stage), stage.place())}


def test_what_is_seen_from_outside_passes_and_the_rest_says_why_not(stage):
    found = findings(stage)
    assert list(found) == [check.name for check in CHECKS]
    assert {name: finding.seen for name, finding in found.items() if finding.outcome == "fail"} == {}
    assert {name for name, finding in found.items() if finding.outcome == "pass"} == SEEN
    assert all(len(finding.seen) > 20 for finding in found.values())
    assert "--key-file" in found["circuit breakers"].seen


def test_with_a_key_of_the_stage_health_is_asked_too(record, stage):
    key = key_with(record.tenant_id, "read")
    assert findings(replace(stage, key=key))["circuit breakers"].outcome == "pass"


def test_what_is_missing_is_named(stage, cloud):
    cloud.databases.restorable = timedelta(hours=30)
    clock = stage.resources["AWS::Events::Rule"][0].rpartition("|")[2]
    cloud("events").disable_rule(Name=clock)
    queue = stage.resources["AWS::SQS::Queue"][-1]
    cloud("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": ""})
    found = findings(stage)
    failed = {name: finding.seen for name, finding in found.items() if finding.outcome == "fail"}
    assert set(failed) == {"schedules", "backups", "dead-letter queues"}, failed
    assert clock in failed["schedules"]
    assert "30.0 h" in failed["backups"]


def test_a_right_that_is_missing_skips_its_check_alone(stage, monkeypatch):
    def denied(*_: Any, **__: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeDBInstances")

    monkeypatch.setattr(Databases, "describe_db_instances", denied)
    found = findings(stage)
    assert found["backups"].outcome == "skipped"
    assert "may not look" in found["backups"].seen
    assert found["schedules"].outcome == "pass"


def test_a_stage_that_is_not_there_says_which_rights_and_stacks_it_takes(cloud):
    with pytest.raises(ConfigurationError, match="networx-nowhere-compute"):
        described("nowhere", cloud, key=None, now=lambda: datetime.now(UTC))


def test_an_identity_without_a_region_is_told_so():
    def no_region(_: str) -> Any:
        raise NoRegionError

    with pytest.raises(ConfigurationError, match="You must specify a region"):
        described("trial", no_region, key=None, now=lambda: datetime.now(UTC))
