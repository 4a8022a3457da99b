"""The one description of what runs: queues, workers, functions, schedules, buckets and limits.

Stacks, the local platform, settings and the tables in the docs all read it. It is frozen, and it refuses to be
imported when it contradicts itself, so that a wrong number fails here and not in production. Its metrics and alarms
stand in `networx.watched`; what its words mean and which rules they keep, in `networx.blueprint`.
"""

from __future__ import annotations

from datetime import timedelta

from networx.blueprint import (
    MODELS,
    REFUSED,
    TEMPORARY,
    Bucket,
    Circuit,
    Function,
    JobKind,
    Queue,
    Topology,
    Worker,
)
from networx.watched import ALARMS, METRICS, PART_ALARMS

POSTGRES_MAJOR = 18
METRICS_NAMESPACE = "NetWORX/Production"
SERVICE = "networx"

_MINUTE = timedelta(minutes=1)
_MINUTES_5 = timedelta(minutes=5)
_TEMPORARY_FILES = {TEMPORARY: timedelta(days=1)}

TOPOLOGY = Topology(
    queues=(
        Queue("optimization.fifo", timedelta(minutes=2), max_receive_count=5, depth_warning=10),
        Queue("file-processing.fifo", timedelta(minutes=2), max_receive_count=5, depth_warning=20),
        Queue("capacity.fifo", timedelta(minutes=2), max_receive_count=5, depth_warning=20),
        # Uploads wait here while the database is away: many short deliveries over days before one is given up.
        Queue("upload-events", timedelta(minutes=3), max_receive_count=1000, depth_warning=20),
    ),
    kinds=(
        JobKind("transport", "optimization.fifo", child_memory_mib=3_500, longest_run=timedelta(hours=6)),
        JobKind("model", "optimization.fifo", child_memory_mib=3_500, longest_run=timedelta(hours=6)),
        JobKind("capacity", "capacity.fifo", child_memory_mib=2_400, longest_run=timedelta(hours=6)),
        JobKind("warehouse", "optimization.fifo", child_memory_mib=1_500, longest_run=timedelta(minutes=30)),
        JobKind("inventory", "capacity.fifo", child_memory_mib=1_500, longest_run=timedelta(minutes=30)),
        JobKind("baseline", "capacity.fifo", child_memory_mib=2_400, longest_run=timedelta(minutes=30)),
        JobKind("rates", "capacity.fifo", child_memory_mib=2_400, longest_run=timedelta(minutes=30)),
        JobKind("integrated", "optimization.fifo", child_memory_mib=3_500, longest_run=timedelta(hours=6)),
        JobKind("greenfield", "optimization.fifo", child_memory_mib=3_500, longest_run=timedelta(hours=6)),
        JobKind("sensitivity", "optimization.fifo", child_memory_mib=3_500, longest_run=timedelta(hours=6)),
        JobKind("file-load", "file-processing.fifo", child_memory_mib=512, longest_run=timedelta(minutes=30)),
    ),
    workers=(
        Worker("optimization", "optimization.fifo", vcpu=8, memory_gib=16, slots=4, laptop_slots=2, circuit="solver"),
        Worker("file", "file-processing.fifo", vcpu=4, memory_gib=8, slots=3, laptop_slots=2),
        Worker("capacity", "capacity.fifo", vcpu=4, memory_gib=8, slots=3, laptop_slots=1, circuit="solver"),
    ),
    functions=(
        Function(
            "upload-validator",
            "lambdas.upload_validator.handler",
            timeout=timedelta(seconds=30),
            memory_mb=512,
            queue="upload-events",
            reserved=10,
        ),
        Function(
            "stale-job-monitor",
            "lambdas.stale_job_monitor.handler",
            timeout=timedelta(seconds=60),
            memory_mb=256,
            schedule=timedelta(minutes=2),
        ),
        Function(
            "dead-letter-consumer",
            "lambdas.dead_letter_consumer.handler",
            # Over within the half minute for which a dead-letter queue hides what was received.
            timeout=timedelta(seconds=25),
            memory_mb=256,
            schedule=timedelta(minutes=2),
            chore=True,
        ),
        # Each looks several times within its minute; its last look must end before the next tick.
        Function("queue-monitor", "lambdas.queue_monitor.handler", timeout=_MINUTE, memory_mb=256, schedule=_MINUTE),
        Function(
            "database-monitor", "lambdas.database_monitor.handler", timeout=_MINUTE, memory_mb=256, schedule=_MINUTE
        ),
        Function(
            "cleanup",
            "lambdas.cleanup.handler",
            timeout=_MINUTES_5,
            memory_mb=256,
            schedule=timedelta(minutes=10),
            chore=True,
        ),
        Function(
            "daily-cleanup",
            "lambdas.cleanup.daily_handler",
            timeout=timedelta(minutes=15),
            memory_mb=256,
            schedule=timedelta(days=1),
            chore=True,
        ),
        Function(
            "slack-notifier",
            "lambdas.slack_notifier.handler",
            timeout=timedelta(seconds=30),
            memory_mb=256,
            topic="notice",
        ),
    ),
    # Alerts: `critical` calls on-call at once, `notice` is read in working hours.
    topics=("critical", "notice"),
    circuits=(
        Circuit("database", failures=3, pause=timedelta(seconds=30)),
        # Whoever reads there reads in the database itself while it is away.
        Circuit("replica", failures=3, pause=timedelta(seconds=30)),
        Circuit("cache"),
        Circuit("queue"),
        Circuit("storage"),
        Circuit("solver", failures=2),
        # One breaker for each host that is called outside.
        Circuit("host"),
    ),
    buckets=(
        Bucket(
            "input",
            "what clients upload, under uploads/<tenant>/, and models from requests, under models/<tenant>/",
            # They go when their jobs are archived; half a year is for those that no job ever named.
            {**_TEMPORARY_FILES, MODELS: timedelta(days=180)},
        ),
        Bucket("processed", "what was loaded", _TEMPORARY_FILES),
        Bucket(
            "results",
            "what was solved: results, workbooks, reports, assignments; under archive/<tenant>/ old jobs, under "
            "refused/<tenant>/ what reproduces an answer that failed its check",
            # Longer than a fault takes to be found and mended.
            {**_TEMPORARY_FILES, REFUSED: timedelta(days=90)},
        ),
        Bucket("quarantine", "what was refused", _TEMPORARY_FILES),
    ),
    metrics=METRICS,
    alarms=ALARMS,
    part_alarms=PART_ALARMS,
)
