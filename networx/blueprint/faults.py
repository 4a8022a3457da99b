"""The rules that a topology keeps: each looks for what contradicts itself, and says it in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from networx.blueprint.storage import MODELS, Bucket
from networx.blueprint.watch import Alarm, Metric, Part, PartAlarm
from networx.blueprint.work import (
    FARGATE_MEMORY_GIB,
    SQS_LONGEST_RETENTION,
    SQS_LONGEST_VISIBILITY,
    Function,
    JobKind,
    Queue,
    Worker,
)

if TYPE_CHECKING:
    from networx.blueprint.whole import Topology

MINIMUM_STOP_MARGIN = timedelta(seconds=10)


def faults_in(topology: Topology) -> list[str]:
    """Every rule that is broken, in words."""
    looks = (_in_names, _in_queues, _in_work, _in_clocks, _in_alarms, _in_storage)
    return [fault for look in looks for fault in look(topology)]


def _in_names(topology: Topology) -> Iterable[str]:
    named: dict[str, Sequence[Queue | JobKind | Worker | Function | Bucket | Metric | Alarm | PartAlarm]] = {
        "queue": topology.queues,
        "job kind": topology.kinds,
        "worker": topology.workers,
        "function": topology.functions,
        "bucket": topology.buckets,
        "metric": topology.metrics,
        "alarm": (*topology.alarms, *topology.part_alarms),
    }
    for what, members in named.items():
        names = [member.name for member in members]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{what} {name} is defined twice"


def _in_queues(topology: Topology) -> Iterable[str]:
    for queue in topology.queues:
        if queue.visibility_timeout > SQS_LONGEST_VISIBILITY:
            yield f"queue {queue.name} hides messages longer than SQS allows"
        if not queue.retention <= queue.dead_letter_retention <= SQS_LONGEST_RETENTION:
            yield f"queue {queue.name} must keep dead letters at least as long as messages, and 14 days at most"
        if queue.max_receive_count < 1:
            yield f"queue {queue.name} never delivers"


def _in_work(topology: Topology) -> Iterable[str]:
    queues = {queue.name: queue for queue in topology.queues}
    for kind in topology.kinds:
        if kind.queue not in queues or not queues[kind.queue].fifo:
            yield f"job kind {kind.name} names no FIFO queue"
        elif not any(worker.queue == kind.queue for worker in topology.workers):
            yield f"no worker serves job kind {kind.name}"
        if kind.max_attempts < 1:
            yield f"job kind {kind.name} is never attempted"
        if not timedelta(0) < kind.first_backoff <= kind.longest_backoff:
            yield f"job kind {kind.name} waits longer at first than at most, or not at all"
    for worker in topology.workers:
        if worker.queue not in queues:
            yield f"worker {worker.name} serves the unknown queue {worker.queue}"
        if worker.circuit is not None and worker.circuit not in {circuit.name for circuit in topology.circuits}:
            yield f"worker {worker.name} is guarded by the unknown circuit {worker.circuit}"
        if worker.memory_gib not in FARGATE_MEMORY_GIB.get(worker.vcpu, ()):
            yield f"worker {worker.name} has a size that Fargate does not sell"
        if not 0 <= worker.min_tasks <= worker.max_tasks:
            yield f"worker {worker.name} scales from {worker.min_tasks} to {worker.max_tasks}"
        for kind in topology.kinds_of(worker.queue):
            if kind.child_memory_mib * worker.slots > worker.memory_gib * 1024 * 0.9:
                yield f"worker {worker.name} has no memory for {worker.slots} children of {kind.name}"
    for function in topology.functions:
        if [function.queue, function.schedule, function.topic].count(None) != 2:
            yield f"function {function.name} needs a queue, a schedule or a topic, and only one of them"
        if function.topic is not None and function.topic not in topology.topics:
            yield f"function {function.name} is fed by the unknown topic {function.topic}"
        if function.queue is not None:
            if function.queue not in queues:
                yield f"function {function.name} is fed by the unknown queue {function.queue}"
            elif queues[function.queue].visibility_timeout < 6 * function.timeout:
                yield f"queue {function.queue} must hide messages for six times the timeout of {function.name}"


def _in_clocks(topology: Topology) -> Iterable[str]:
    leases = topology.leases
    order = [
        ("cancel_poll", leases.cancel_poll),
        ("heartbeat", leases.heartbeat),
        ("self_fence", leases.self_fence),
        ("lease", leases.lease),
        ("stale_after", leases.stale_after),
    ]
    for (shorter, first), (longer, second) in pairwise(order):
        if first >= second:
            yield f"{shorter} must be shorter than {longer}"
    if leases.lease < 3 * leases.heartbeat:
        yield "a lease must outlast three heartbeats"
    if leases.drain + MINIMUM_STOP_MARGIN > leases.stop_timeout:
        yield "a drain must end ten seconds before the stop timeout"
    if topology.web.keep_alive <= topology.web.load_balancer_idle:
        yield "the server's keep-alive must outlast the load balancer's idle timeout"
    for queue in topology.job_queues():
        if queue.visibility_timeout < leases.lease:
            yield f"queue {queue.name} must hide a message for at least a lease"


def _in_storage(topology: Topology) -> Iterable[str]:
    for bucket in topology.buckets:
        for prefix, kept_for in bucket.expiring.items():
            if not prefix.endswith("/") or prefix.startswith("/"):
                yield f"bucket {bucket.name} lets {prefix} expire, which is no folder"
            if prefix == MODELS and kept_for <= topology.limits.jobs_kept_for:
                yield f"bucket {bucket.name} lets models expire before cleanup may remove them"


def _in_alarms(topology: Topology) -> Iterable[str]:
    metrics = {metric.name for metric in topology.metrics}
    for alarm in topology.alarms:
        if alarm.metric not in metrics:
            yield f"alarm {alarm.name} watches {alarm.metric}, which nobody emits"
    for of_part in topology.part_alarms:
        if of_part.threshold is None and of_part.part is not Part.QUEUE:
            yield f"alarm {of_part.name} has no threshold, and its part has none of its own"
