"""A stage from nothing to gone, by the real command line: bootstrap, deploy, an upload, an update, destroy.

The functions speak to a PostgreSQL on this machine in place of the database that is only named; its passwords are those
that the deployed secrets were made with. The tests of this file run in its order: the last one destroys.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from ministack.services.cloudformation import provisioners

from local import aws
from local import postgres as clusters
from local.environment import inherited
from local.home import CHECKOUT, LOOPBACK, Home, free_port
from local.record import prepare_record
from local.supervisor import Supervisor
from networx.db.bootstrap import DATABASE
from networx.db.pool import Role
from networx.settings import LAPTOP
from tests.stacks.deploying import CDK, CUT, REFUSED, UNKNOWN, CommandLine, can_be_made, cut_for_emulator, rewrite
from tests.stacks.synthesis import Assembly

pytestmark = [
    pytest.mark.skipif(not CDK.exists(), reason="needs `bin/node-tools`, which `make test` runs"),
    pytest.mark.timeout(300),
]

TENANT = "acme"
WORKBOOK = CHECKOUT / "examples" / "us_network.xlsx"
ARRIVES_WITHIN_SECONDS = 30.0


@dataclass(frozen=True)
class Cloud:
    """A deployed stage: its templates as they were cut, and clients that speak to it."""

    folder: Path
    command: CommandLine
    port: int

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]  # the name is the caller's
            endpoint_url=aws.endpoint(self.port),
            region_name=aws.REGION,
            aws_access_key_id=aws.CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=aws.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def template(self, stack: str) -> dict[str, Any]:
        template: dict[str, Any] = json.loads((self.folder / f"{stack}.template.json").read_text())
        return template

    def made(self, stack: str) -> dict[str, str]:
        """Logical id -> physical id of what a stack consists of."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return {
            found["LogicalResourceId"]: found["PhysicalResourceId"]
            for page in pages.paginate(StackName=f"networx-dev-{stack.lower()}")
            for found in page["StackResourceSummaries"]
        }

    def named(self, stack: str, beginning: str, kind: str) -> str:
        """The physical id of the one resource of a type whose logical id begins so."""
        (logical,) = (
            name
            for name, resource in self.template(stack)["Resources"].items()
            if resource["Type"] == kind and name.startswith(beginning)
        )
        return self.made(stack)[logical]

    def password(self, role: Role) -> str:
        """What the deployed secret of a database role was made with."""
        secret = self.client("secretsmanager").get_secret_value(SecretId=f"networx/dev/database/{role.value}")
        return str(json.loads(secret["SecretString"])["password"])


@pytest.fixture(scope="module")
def cloud(dev: Assembly) -> Iterator[Cloud]:
    """The stage dev, deployed."""
    # Not pytest's own folder: as root it is closed to the user the database runs as.
    folder = Path(tempfile.mkdtemp(prefix="networx deploy "))
    home = Home(folder / "home")
    supervisor = Supervisor(home.logs, announce=print)
    try:
        yield _deployed(dev, folder, home, supervisor)
    finally:
        supervisor.stop(["aws", "postgres"], seconds=3)
        supervisor.close()
        shutil.rmtree(folder)


def _deployed(dev: Assembly, folder: Path, home: Home, supervisor: Supervisor) -> Cloud:
    port, database_port = free_port(), free_port()
    emulator = aws.program(home, inherited(os.environ), port)
    supervisor.start(replace(emulator, environment={**emulator.environment, "MINISTACK_ACCOUNT_ID": dev.account}))
    told = {
        "NETWORX_STAGE": LAPTOP,
        "DATABASE_URL": f"postgresql://{LOOPBACK}:{database_port}/{DATABASE}",
        "AWS_REGION": aws.REGION,
        "AWS_ENDPOINT_URL": aws.endpoint(port),
        **aws.CREDENTIALS,
    }
    untold = frozenset({"RDS_PROXY_ENDPOINT", "NETWORX_DATABASE_REPLICA"})
    command = CommandLine(cut_for_emulator(dev, folder / "assembly", told, untold), folder, port)
    command.bootstrap(dev.account)
    command.deploy()
    cloud = Cloud(command.folder, command, port)
    cluster = clusters.prepare(home, os.environ, database_port, durable=False)
    supervisor.start(cluster.program(inherited(os.environ)))
    prepare_record(cluster, {role.value: cloud.password(role) for role in Role})
    with psycopg.connect(cluster.master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("INSERT INTO networx.tenants (slug, name) VALUES (%s, 'A tenant')", (TENANT,))
    return cloud


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + ARRIVES_WITHIN_SECONDS
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing came within {ARRIVES_WITHIN_SECONDS:.0f} s")


def test_only_what_the_emulator_lacks_is_cut(deployed: Assembly) -> None:
    assert {kind for kind in UNKNOWN if kind in provisioners._RESOURCE_HANDLERS} == set()
    used = {resource["Type"] for template in deployed.templates.values() for resource in template.resources.values()}
    assert deployed.stage != "prod" or used >= CUT


def test_only_what_the_emulator_refuses_is_cut(deployed: Assembly) -> None:
    for kind, name in REFUSED.items():
        with pytest.raises(ValueError, match=f"{kind} Properties.{name} .* is not supported"):
            provisioners._RESOURCE_HANDLERS[kind]["create"]("planted", {name: [{"Id": "one"}]}, "a-stack")
        assert any(
            name in properties for template in deployed.templates.values() for properties in template.properties(kind)
        )


def test_everything_else_of_every_stack_is_made(cloud: Cloud, dev: Assembly) -> None:
    for stack, template in dev.templates.items():
        wanted = {name for name, resource in template.resources.items() if can_be_made(resource)}
        assert set(cloud.made(stack)) == wanted, stack


def test_an_upload_travels_to_the_queue_of_the_workers(cloud: Cloud) -> None:
    bucket = cloud.named("Storage", "Input", "AWS::S3::Bucket")
    cloud.client("s3").put_object(Bucket=bucket, Key=f"uploads/{TENANT}/us.xlsx", Body=WORKBOOK.read_bytes())
    queues = cloud.client("sqs")
    address = cloud.named("Queues", "FileProcessingQueue", "AWS::SQS::Queue")
    (message,) = eventually(
        lambda: queues.receive_message(QueueUrl=address, AttributeNames=["All"], WaitTimeSeconds=1).get("Messages")
    )
    assert message["Attributes"]["MessageGroupId"]
    assert json.loads(message["Body"])["job_id"]


def test_an_update_changes_what_changed_and_replaces_nothing(cloud: Cloud, dev: Assembly) -> None:
    before = {stack: cloud.made(stack) for stack in dev.templates}
    template = cloud.template("Queues")
    (changed,) = (
        name for name in template["Resources"] if name.startswith("OptimizationQueue") and "Policy" not in name
    )
    template["Resources"][changed]["Properties"]["VisibilityTimeout"] = 777
    rewrite(cloud.folder, "Queues", template)
    said = cloud.command.deploy()
    attributes = cloud.client("sqs").get_queue_attributes(
        QueueUrl=before["Queues"][changed], AttributeNames=["VisibilityTimeout"]
    )["Attributes"]
    assert attributes == {"VisibilityTimeout": "777"}
    assert {stack: cloud.made(stack) for stack in dev.templates} == before
    assert said.count("(no changes)") == len(dev.templates) - 1


def test_destroy_leaves_no_stack_of_the_stage(cloud: Cloud) -> None:
    _empty(cloud)
    cloud.command.destroy()
    left = cloud.client("cloudformation").describe_stacks()["Stacks"]
    assert {stack["StackName"] for stack in left} == {"CDKToolkit"}
    assert [
        found["Name"] for found in cloud.client("s3").list_buckets()["Buckets"] if "cdk-" not in found["Name"]
    ] == []


def _empty(cloud: Cloud) -> None:
    """Every version of every object, as the runbook has it: CloudFormation deletes empty buckets alone."""
    store = cloud.client("s3")
    for bucket in store.list_buckets()["Buckets"]:
        if not bucket["Name"].startswith("cdk-"):
            found = store.list_object_versions(Bucket=bucket["Name"])
            for version in (*found.get("Versions", []), *found.get("DeleteMarkers", [])):
                store.delete_object(Bucket=bucket["Name"], Key=version["Key"], VersionId=version["VersionId"])
