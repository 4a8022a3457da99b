"""The page of what runs, from the topology."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from docs.clocks import CLOCKS
from docs.markdown import span, table
from networx.blueprint import Leases, Limits
from networx.topology import METRICS_NAMESPACE, TOPOLOGY

_INTRODUCTION = """# What runs

Generated from `networx/topology.py`, which refuses to be imported when it contradicts itself; `make docs` writes this
page anew. What is for the cloud alone (tasks, vCPU, GiB, time-outs of functions, alarms) is what the stacks will read;
a laptop runs the rest."""
_KEPT_BY = {
    "replica": "the web; whole lists are read in the database meanwhile",
    "cache": "every process; after one failure whoever can do without does",
    "host": "every process that calls hosts outside, one for each host",
}


def render_topology() -> str:
    """The text of operations/topology.md."""
    sections = [
        _INTRODUCTION,
        table("Queues", ("queue", "dead letters", "hidden for", "deliveries", "depth to warn at", "kept"), _queues()),
        table("Job kinds", ("kind", "queue", "attempts", "first wait", "child's memory", "longest run"), _kinds()),
        table("Workers", ("worker", "queue", "vCPU", "GiB", "slots", "on a laptop", "tasks"), _workers()),
        _web(),
        table("Circuits", ("part", "opens after", "left alone for", "kept by"), _circuits()),
        "Why, and what is asked of a part that was left alone: [decision 16](../decisions/0016-breakers.md).",
        table("Functions", ("function", "fed by", "handler", "time-out", "MB"), _functions()),
        table("Buckets", ("bucket", "holds", "variable"), _buckets()),
        table(f"Metrics (`{METRICS_NAMESPACE}`)", ("metric", "unit", "dimensions", "alarm"), _metrics()),
        "Each is sent with its dimensions and once more without them: alarms watch the aggregate.",
        table("Alarms", ("alarm", "fires when", "goes to", "runbook"), _alarms()),
        table(
            "Alarms on AWS's own metrics", ("alarm", "one for each", "fires when", "goes to", "runbook"), _part_alarms()
        ),
        table("Clocks of a job", ("name", "length", "meaning"), _clocks()),
        table("Limits", ("name", "value"), ((f"`{spec.name}`", _limit(spec.name)) for spec in fields(Limits))),
    ]
    return "\n\n".join(sections) + "\n"


def _queues() -> Iterator[tuple[object, ...]]:
    for queue in TOPOLOGY.queues:
        kept = f"{span(queue.retention)}, dead letters {span(queue.dead_letter_retention)}"
        yield (
            f"`{queue.name}`",
            f"`{queue.dead_letter_name}`",
            span(queue.visibility_timeout),
            queue.max_receive_count,
            queue.depth_warning,
            kept,
        )


def _kinds() -> Iterator[tuple[object, ...]]:
    for kind in TOPOLOGY.kinds:
        memory = f"{kind.child_memory_mib:,} MiB"
        wait = f"{span(kind.first_backoff)}, doubling"
        yield f"`{kind.name}`", f"`{kind.queue}`", kind.max_attempts, wait, memory, span(kind.longest_run)


def _workers() -> Iterator[tuple[object, ...]]:
    for worker in TOPOLOGY.workers:
        idle = "" if TOPOLOGY.kinds_of(worker.queue) else "none: no kind uses its queue"
        slots = idle or worker.laptop_slots
        tasks = f"{worker.min_tasks} to {worker.max_tasks}"
        yield worker.name, f"`{worker.queue}`", worker.vcpu, worker.memory_gib, worker.slots, slots, tasks


def _circuits() -> Iterator[tuple[object, ...]]:
    for circuit in TOPOLOGY.circuits:
        guarded = [f"`{worker.name}`" for worker in TOPOLOGY.workers if worker.circuit == circuit.name]
        workers = f"each worker of {' and '.join(guarded)}, over distinct jobs"
        kept_by = workers if guarded else _KEPT_BY.get(circuit.name, "every process")
        yield circuit.name, f"{circuit.failures} failures in a row", span(circuit.pause), kept_by


def _web() -> str:
    web = TOPOLOGY.web
    return (
        f"## Web\n\n{web.min_tasks} to {web.max_tasks} tasks of {web.vcpu} vCPU and {web.memory_gib} GiB. Idle "
        f"connections are kept for {span(web.keep_alive)}, the load balancer's for {span(web.load_balancer_idle)}."
    )


def _functions() -> Iterator[tuple[object, ...]]:
    for function in TOPOLOGY.functions:
        if function.schedule is not None:
            fed = f"a schedule, every {span(function.schedule)}"
        elif function.topic is not None:
            fed = f"the topic `{function.topic}`"
        else:
            fed = f"`{function.queue}`, {function.batch_size} at a time"
        yield f"`{function.name}`", fed, f"`{function.handler}`", span(function.timeout), function.memory_mb


def _buckets() -> Iterator[tuple[object, ...]]:
    for bucket in TOPOLOGY.buckets:
        yield bucket.name, bucket.purpose, f"`{bucket.environment_name}`"


def _metrics() -> Iterator[tuple[object, ...]]:
    for metric in TOPOLOGY.metrics:
        watched = ", ".join(alarm.name for alarm in TOPOLOGY.alarms if alarm.metric == metric.name)
        yield f"`{metric.name}`", metric.unit, ", ".join(f"`{name}`" for name in metric.dimensions), watched


def _alarms() -> Iterator[tuple[object, ...]]:
    for alarm in TOPOLOGY.alarms:
        periods = span(alarm.period) if alarm.periods == 1 else f"{alarm.periods} x {span(alarm.period)}"
        condition = f"{alarm.statistic} of `{alarm.metric}` over {alarm.threshold:,g} for {periods}"
        place = "../" + alarm.runbook.removeprefix("docs/")
        goes_to = "on-call, at once" if alarm.pages else "a ticket"
        yield alarm.name, condition, goes_to, f"[{Path(alarm.runbook).stem}]({place})"


def _part_alarms() -> Iterator[tuple[object, ...]]:
    for alarm in TOPOLOGY.part_alarms:
        periods = span(alarm.period) if alarm.periods == 1 else f"{alarm.periods} x {span(alarm.period)}"
        limit = "its own warning" if alarm.threshold is None else f"{alarm.threshold:,g}"
        condition = f"{alarm.statistic} of `{alarm.metric}` {'under' if alarm.below else 'over'} {limit} for {periods}"
        place = "../" + alarm.runbook.removeprefix("docs/")
        goes_to = "on-call, at once" if alarm.pages else "a ticket"
        yield alarm.name, alarm.part.value, condition, goes_to, f"[{Path(alarm.runbook).stem}]({place})"


def _clocks() -> Iterator[tuple[object, ...]]:
    for spec in fields(Leases):
        yield f"`{spec.name}`", span(getattr(TOPOLOGY.leases, spec.name)), CLOCKS[spec.name]


def _limit(name: str) -> str:
    value = getattr(TOPOLOGY.limits, name)
    if isinstance(value, timedelta):
        return span(value)
    if name.endswith("_bytes"):
        return f"{value / 1024**2:,g} MiB"
    return f"{value:.0%}" if name.endswith("_share") else f"{value:,}"
