"""The topology refuses to contradict itself; the real one does not, and what it names is there."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from pathlib import Path

import pytest

from networx.blueprint import Alarm, Bucket, Function, JobKind, Leases, Metric, Queue, Topology, Web, Worker
from networx.errors import ConfigurationError
from networx.topology import TOPOLOGY

ROOT = Path(__file__).resolve().parents[2]
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))

Change = Callable[[Topology], Topology]


def queue(**changes: object) -> Change:
    """The first queue changed."""
    return lambda real: replace(real, queues=(replace(real.queues[0], **changes), *real.queues[1:]))


def kind(**changes: object) -> Change:
    return lambda real: replace(real, kinds=(replace(real.kinds[0], **changes), *real.kinds[1:]))


def worker(**changes: object) -> Change:
    return lambda real: replace(real, workers=(replace(real.workers[0], **changes), *real.workers[1:]))


def function(**changes: object) -> Change:
    return lambda real: replace(real, functions=(replace(real.functions[0], **changes), *real.functions[1:]))


def leases(**changes: timedelta) -> Change:
    return lambda real: replace(real, leases=replace(real.leases, **changes))


def web(**changes: timedelta) -> Change:
    return lambda real: replace(real, web=replace(real.web, **changes))


def alarm(**changes: object) -> Change:
    return lambda real: replace(real, alarms=(replace(real.alarms[0], **changes), *real.alarms[1:]))


def bucket(**expiring: timedelta) -> Change:
    """The first bucket letting these folders expire."""
    first = {name.replace("_", "/"): kept_for for name, kept_for in expiring.items()}
    return lambda real: replace(real, buckets=(replace(real.buckets[0], expiring=first), *real.buckets[1:]))


def twice(table: str) -> Change:
    return lambda real: replace(real, **{table: (*getattr(real, table), getattr(real, table)[0])})


CASES: list[tuple[str, Change, str]] = [
    ("a queue twice", twice("queues"), "queue optimization.fifo is defined twice"),
    ("a kind twice", twice("kinds"), "job kind transport is defined twice"),
    ("a worker twice", twice("workers"), "worker optimization is defined twice"),
    ("a function twice", twice("functions"), "function upload-validator is defined twice"),
    ("a bucket twice", twice("buckets"), "bucket input is defined twice"),
    ("a metric twice", twice("metrics"), "metric OptimizationDuration is defined twice"),
    ("an alarm twice", twice("alarms"), "alarm NetWORX-HighApiLatency is defined twice"),
    ("hidden too long", queue(visibility_timeout=12 * HOUR + SECOND), "hides messages longer than SQS allows"),
    ("dead letters kept shorter", queue(dead_letter_retention=3 * DAY), "must keep dead letters at least as long"),
    ("dead letters kept too long", queue(dead_letter_retention=15 * DAY), "and 14 days at most"),
    ("never delivered", queue(max_receive_count=0), "queue optimization.fifo never delivers"),
    ("a kind of no queue", kind(queue="nowhere.fifo"), "job kind transport names no FIFO queue"),
    ("a kind of an event queue", kind(queue="upload-events"), "job kind transport names no FIFO queue"),
    (
        "a kind nobody serves",
        lambda real: replace(real, workers=real.workers[1:]),
        "no worker serves job kind transport",
    ),
    (
        "a kind that waits too long",
        kind(first_backoff=timedelta(hours=1)),
        "job kind transport waits longer at first than at most, or not at all",
    ),
    ("a kind never attempted", kind(max_attempts=0), "job kind transport is never attempted"),
    ("a worker of no queue", worker(queue="nowhere.fifo"), "worker optimization serves the unknown queue nowhere.fifo"),
    ("a size not sold", worker(memory_gib=17), "worker optimization has a size that Fargate does not sell"),
    ("a cpu not sold", worker(vcpu=3), "worker optimization has a size that Fargate does not sell"),
    ("fewer at most than at least", worker(min_tasks=9, max_tasks=8), "scales from 9 to 8"),
    ("fewer than none", worker(min_tasks=-1), "scales from -1 to 20"),
    ("no memory for the children", kind(child_memory_mib=4_000), "has no memory for 4 children of transport"),
    ("fed by nothing", function(queue=None), "needs a queue, a schedule or a topic, and only one of them"),
    ("fed by both", function(schedule=MINUTE), "needs a queue, a schedule or a topic, and only one of them"),
    ("fed by an unknown queue", function(queue="nowhere"), "is fed by the unknown queue nowhere"),
    ("a function slower than its queue", function(timeout=31 * SECOND), "must hide messages for six times the timeout"),
    ("a poll slower than the beat", leases(cancel_poll=15 * SECOND), "cancel_poll must be shorter than heartbeat"),
    ("a beat slower than the fence", leases(self_fence=15 * SECOND), "heartbeat must be shorter than self_fence"),
    ("a fence after the lease", leases(self_fence=90 * SECOND), "self_fence must be shorter than lease"),
    ("a lease after the monitor", leases(stale_after=90 * SECOND), "lease must be shorter than stale_after"),
    ("a lease of two beats", leases(heartbeat=31 * SECOND), "a lease must outlast three heartbeats"),
    ("a drain that is cut off", leases(drain=111 * SECOND), "a drain must end ten seconds before the stop timeout"),
    ("a server that hangs up first", web(keep_alive=MINUTE), "keep-alive must outlast the load balancer's idle"),
    (
        "a message back before its lease",
        queue(visibility_timeout=89 * SECOND),
        "queue optimization.fifo must hide a message for at least a lease",
    ),
    ("a folder that is none", bucket(tmp=DAY), "bucket input lets tmp expire, which is no folder"),
    ("models gone too soon", bucket(models_=90 * DAY), "lets models expire before cleanup may remove them"),
    ("an alarm on nothing", alarm(metric="Silence"), "alarm NetWORX-HighApiLatency watches Silence"),
]


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_topology_that_contradicts_itself_is_refused(change: Change, said: str):
    with pytest.raises(ConfigurationError) as refused:
        change(TOPOLOGY)
    assert said in str(refused.value)


def test_every_contradiction_is_named_at_once():
    with pytest.raises(ConfigurationError) as refused:
        replace(twice_broken(), web=Web(keep_alive=SECOND))
    said = str(refused.value)
    assert "lease must outlast three heartbeats" in said
    assert "keep-alive must outlast" in said


def twice_broken() -> Topology:
    """The real one, its clocks put wrong behind its back."""
    broken = replace(TOPOLOGY)
    object.__setattr__(broken, "leases", Leases(heartbeat=40 * SECOND))
    return broken


def test_the_real_topology_is_consistent():
    assert replace(TOPOLOGY) == TOPOLOGY


@pytest.mark.parametrize("entry", [TOPOLOGY, TOPOLOGY.queues[0], TOPOLOGY.leases, TOPOLOGY.limits])
def test_nothing_in_it_can_be_changed(entry: object):
    field = next(iter(entry.__dataclass_fields__))  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        setattr(entry, field, None)


def test_queues_have_dead_letter_queues_of_their_own_kind():
    for one in TOPOLOGY.queues:
        assert one.dead_letter_name.endswith(".fifo") == one.fifo
        assert "-dlq" in one.dead_letter_name
    names = [one.dead_letter_name for one in TOPOLOGY.queues] + [one.name for one in TOPOLOGY.queues]
    assert len(set(names)) == 2 * len(TOPOLOGY.queues)


def test_the_names_of_variables_do_not_collide():
    names = [one.environment_name for one in (*TOPOLOGY.queues, *TOPOLOGY.buckets)]
    assert len(set(names)) == len(names)
    assert Queue("file-processing.fifo", MINUTE, 1, 1).environment_name == "SQS_QUEUE_URL_FILE_PROCESSING"
    assert Bucket("results", "").environment_name == "NETWORX_RESULTS_BUCKET"


def test_look_ups_find_by_name():
    assert isinstance(TOPOLOGY.kind("transport"), JobKind)
    assert isinstance(TOPOLOGY.worker("file"), Worker)
    assert TOPOLOGY.queue("upload-events").fifo is False
    assert [one.name for one in TOPOLOGY.kinds_of("file-processing.fifo")] == ["file-load"]
    assert {one.name for one in TOPOLOGY.job_queues()} == {one.name for one in TOPOLOGY.queues if one.fifo}


@pytest.mark.parametrize("function", TOPOLOGY.functions, ids=lambda one: one.name)
def test_every_function_has_a_handler(function: Function):
    module, _, name = function.handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("alarm", TOPOLOGY.alarms, ids=lambda one: one.name)
def test_every_alarm_has_a_runbook(alarm: Alarm):
    page = ROOT / alarm.runbook
    assert page.exists(), f"{alarm.name} sends on-call to {alarm.runbook}, which is not there"
    assert alarm.name in page.read_text()


def test_every_metric_is_named_once_and_its_dimensions_too():
    for metric in TOPOLOGY.metrics:
        assert isinstance(metric, Metric)
        assert len(set(metric.dimensions)) == len(metric.dimensions)
