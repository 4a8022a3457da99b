"""The deploy's own function: runs the migrations task and lets the deploy go on only when it ended well.

CloudFormation calls it as a custom resource, before any service of the new version starts. It must answer in every
case: a deploy that hears nothing waits for an hour.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3

MARGIN_MILLISECONDS = 30_000
POLL_SECONDS = 5


class MigrationsFailed(Exception):
    """The task did not end well. The message is what the deploy shows."""


def handler(event: dict[str, Any], context: Any) -> None:
    """Migrate on create and update; a delete leaves the record as it is."""
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer["PhysicalResourceId"] = event.get("PhysicalResourceId", "migrations")
    try:
        if event["RequestType"] != "Delete":
            migrate(boto3.client("ecs"), lambda: int(context.get_remaining_time_in_millis()))
        answer["Status"] = "SUCCESS"
    except Exception as fault:  # whatever it was, the deploy must hear of it
        answer |= {"Status": "FAILED", "Reason": str(fault) or type(fault).__name__}
    request = urllib.request.Request(  # noqa: S310  # CloudFormation's own address
        event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        return


def migrate(ecs: Any, left_milliseconds: Callable[[], int]) -> None:
    """Run the task once and wait for its end. Raises MigrationsFailed."""
    cluster = os.environ["NETWORX_MIGRATIONS_CLUSTER"]
    started = ecs.run_task(
        cluster=cluster,
        taskDefinition=os.environ["NETWORX_MIGRATIONS_TASK"],
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": os.environ["NETWORX_MIGRATIONS_SUBNETS"].split(","),
                "securityGroups": [os.environ["NETWORX_MIGRATIONS_SECURITY_GROUP"]],
                "assignPublicIp": "DISABLED",
            }
        },
    )
    if not started["tasks"]:
        raise MigrationsFailed(f"The migrations task could not start: {started['failures']}")
    task = started["tasks"][0]["taskArn"]
    while left_milliseconds() > MARGIN_MILLISECONDS:
        found = ecs.describe_tasks(cluster=cluster, tasks=[task])["tasks"][0]
        if found["lastStatus"] == "STOPPED":
            return _judge(found)
        time.sleep(POLL_SECONDS)
    raise MigrationsFailed(f"{task} still runs. Let it end, then deploy again: migrations that are done are skipped.")


def _judge(task: dict[str, Any]) -> None:
    codes = [container.get("exitCode") for container in task["containers"]]
    if codes != [0]:
        raise MigrationsFailed(
            f"{task['taskArn']} ended with {codes} ({task.get('stoppedReason', 'no reason given')}). "
            "Its log says why; nothing was changed by a migration that failed, and the old version still serves."
        )
