"""Lets a worker go when another version is to run in its place, so that no long job holds a deploy up.

A task that works protects itself (networx.jobs.protection), and a deploy waits for it. So each task compares, once a
minute, the version it runs with the one its service is to run. When they differ, and the other one has run for two
looks in a row, the worker drains: its jobs are handed back without a spent attempt, its protection ends. Before that it
stays, for a version that cannot start takes nobody's place. A version that is rolled back hands over the same way.

In the cloud only: where no container service tells a task about itself, nothing happens. A fault is logged and passed
over, for a worker that does not know about a deploy only makes it wait.
"""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from networx import settings
from networx.observability.logs import Log
from networx.resilience import aws

log = Log(__name__)

LOOK_EVERY = timedelta(minutes=1)
ANSWER_WITHIN = timedelta(seconds=5)
LOOKS_IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where this task runs: its cluster and service, and its version as the name of a task definition."""

    cluster: str
    service: str
    version: str


def watch(finished: threading.Event, drain: Callable[[], None]) -> None:
    """Call `drain` once another version has taken this task's place; return then, or when `finished`."""
    about_us = settings.current().task_metadata
    if about_us is None:
        return
    place: Place | None = None
    seen = 0
    while not finished.wait(LOOK_EVERY.total_seconds()):
        try:
            place = place or _place(about_us)
            successor = _successor(place)
        except Exception as fault:
            # Whatever it is, the worker works on.
            log.warning("rollout.not_seen", reason=f"{type(fault).__name__}: {fault}")
            continue
        seen = seen + 1 if successor is not None else 0
        if seen == LOOKS_IN_A_ROW:
            log.info("rollout.handing_over", version=place.version, successor=successor)
            drain()
            return


def _place(about_us: str) -> Place:
    """What the container service says of this task."""
    with urllib.request.urlopen(f"{about_us}/task", timeout=ANSWER_WITHIN.total_seconds()) as answer:  # noqa: S310  # the container service names its own endpoint
        said: dict[str, Any] = orjson.loads(answer.read())
    # On Fargate the endpoint leaves out the service.
    cluster, ourselves = said["Cluster"], said["TaskARN"]
    (task,) = aws.client("ecs").describe_tasks(cluster=cluster, tasks=[ourselves])["tasks"]
    return Place(cluster, task["group"].removeprefix("service:"), task["taskDefinitionArn"])


def _successor(place: Place) -> str | None:
    """The version that runs in place of ours; None while ours is the one to run, or no task of another has started."""
    answer = aws.client("ecs").describe_services(cluster=place.cluster, services=[place.service])
    (primary,) = (
        found for service in answer["services"] for found in service["deployments"] if found["status"] == "PRIMARY"
    )
    version: str = primary["taskDefinition"]
    return version if version != place.version and primary["runningCount"] > 0 else None
