"""The one description of what runs: queues, workers, functions, schedules, buckets, limits, metrics and alarms.

Stacks, the local platform, settings and the tables in the docs all read it. It is frozen, and it refuses to be
imported when it contradicts itself, so that a wrong number fails here and not in production. What its words mean and
which rules they keep stands in `networx.blueprint`.
"""

from __future__ import annotations

from datetime import timedelta

from networx.blueprint import (
    MODELS,
    REFUSED,
    TEMPORARY,
    Alarm,
    Bucket,
    Circuit,
    Function,
    JobKind,
    Metric,
    Part,
    PartAlarm,
    Queue,
    Topology,
    Worker,
)

POSTGRES_MAJOR = 18
METRICS_NAMESPACE = "NetWORX/Production"
SERVICE = "networx"

_MINUTE = timedelta(minutes=1)
_MINUTES_5 = timedelta(minutes=5)
_TEMPORARY_FILES = {TEMPORARY: timedelta(days=1)}
_VISIBLE = "ApproximateNumberOfMessagesVisible"

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
    metrics=(
        Metric("OptimizationDuration", "Seconds", ("ScenarioType",)),
        Metric("JobQueueDepth", "Count", ("QueueName",)),
        Metric("BacklogPerTask", "Count", ("QueueName",)),
        Metric("QueueMessagesWaiting", "Count", ("QueueName",)),
        Metric("QueueMessagesDelayed", "Count", ("QueueName",)),
        Metric("QueueMessagesInFlight", "Count", ("QueueName",)),
        Metric("DeadLettersWaiting", "Count", ("QueueName",)),
        Metric("OldestJob", "Seconds", ("QueueName",)),
        Metric("StaleJobs", "Count", ("QueueName",)),
        Metric("StartDelay", "Seconds", ("QueueName",)),
        Metric("OutboxOldest", "Seconds"),
        Metric("DatabaseConnections", "Count"),
        Metric("DatabaseServerConnections", "Count"),
        Metric("PoolUse", "None", ("Pool",)),
        Metric("PoolWaits", "Count", ("Pool",)),
        Metric("PoolRefusals", "Count", ("Pool",)),
        Metric("DatabaseLatency", "Milliseconds"),
        Metric("DatabaseSessions", "Count", ("State",)),
        Metric("LongestTransaction", "Seconds"),
        Metric("SlowStatements", "Count"),
        Metric("ReplicationLag", "Seconds"),
        Metric("ReplicaReads", "Count", ("Outcome",)),
        Metric("BackupAge", "Seconds", ("Backup",)),
        Metric("MemoryUsage", "Megabytes"),
        Metric("ApiLatency", "Milliseconds", ("Endpoint",)),
        Metric("JobFailures", "Count", ("JobType", "ErrorCode")),
        Metric("StaleJobsRecovered", "Count"),
        Metric("JobsOfUnknownKind", "Count"),
        Metric("DeadLetters", "Count", ("QueueName", "Letter")),
        Metric("RowsIngested", "Count", ("Table",)),
        Metric("SolverGap", "None", ("ScenarioType",)),
        Metric("CertificateFailures", "Count"),
        Metric("UploadsRefused", "Count", ("Reason",)),
        Metric("UploadEventsLost", "Count"),
        Metric("JobsArchived", "Count"),
        Metric("LeftoversRemoved", "Count", ("Leftover",)),
        Metric("RateLimitRefusals", "Count", ("Endpoint",)),
        Metric("RateLimitsCountedAlone", "Count"),
        Metric("CacheHitRate", "None", ("Kind",)),
        Metric("BreakerTrips", "Count", ("Part",)),
        # 0 closed, 0.5 half-open, 1 open; of hosts outside by name.
        Metric("CircuitState", "None", ("Part",)),
        Metric("OutboundCalls", "Count", ("Host", "Outcome")),
        Metric("AssistantCalls", "Count", ("Purpose", "Outcome")),
        Metric("AssistantTokens", "Count", ("Model",)),
        # Dollars: of a call, and of the day and the month so far.
        Metric("AssistantCost", "None", ("Model",)),
        Metric("AssistantCostSoFar", "None", ("Period",)),
        Metric("AssistantBudgetUsed", "Percent", ("Period",)),
        Metric("AssistantBudgetWarnings", "Count", ("Period", "Level")),
        Metric("AssistantRefusals", "Count", ("Period",)),
    ),
    alarms=(
        Alarm("NetWORX-HighApiLatency", "ApiLatency", 30_000, "p95", _MINUTES_5, 2, "docs/runbook/high-api-latency.md"),
        Alarm(
            "NetWORX-HighQueueDepth", "JobQueueDepth", 20, "Maximum", _MINUTES_5, 2, "docs/runbook/high-queue-depth.md"
        ),
        Alarm(
            "NetWORX-DatabaseConnectionExhaustion",
            "DatabaseConnections",
            18,
            "Maximum",
            _MINUTES_5,
            2,
            "docs/runbook/database-connections.md",
        ),
        # At 15 of the 20 there is time to look, before requests wait.
        Alarm(
            "NetWORX-DatabaseConnectionsHigh",
            "DatabaseConnections",
            14,
            "Maximum",
            _MINUTES_5,
            1,
            "docs/runbook/database-connections-high.md",
        ),
        Alarm(
            "NetWORX-DatabaseSlow",
            "DatabaseLatency",
            1_000,
            "Average",
            _MINUTES_5,
            2,
            "docs/runbook/database-slow.md",
        ),
        Alarm(
            "NetWORX-ReplicaBehind",
            "ReplicationLag",
            timedelta(minutes=5).total_seconds(),
            "Minimum",
            _MINUTES_5,
            2,
            "docs/runbook/replica-behind.md",
        ),
        Alarm("NetWORX-MemoryExhaustion", "MemoryUsage", 3_584, "Maximum", _MINUTES_5, 2, "docs/runbook/memory.md"),
        Alarm("NetWORX-HighJobFailureRate", "JobFailures", 5, "Sum", _MINUTES_5, 2, "docs/runbook/job-failures.md"),
        Alarm(
            "NetWORX-StaleJobsRecovered",
            "StaleJobsRecovered",
            5,
            "Sum",
            timedelta(days=1),
            1,
            "docs/runbook/stale-jobs.md",
        ),
        Alarm(
            "NetWORX-CertificateFailures",
            "CertificateFailures",
            0,
            "Sum",
            _MINUTES_5,
            1,
            "docs/runbook/certificate-failures.md",
            pages=True,
        ),
        # Of jobs that are claimed late and of those that wait still; what has low priority may wait.
        Alarm(
            "NetWORX-StartDelay",
            "StartDelay",
            timedelta(minutes=5).total_seconds(),
            "Maximum",
            _MINUTES_5,
            1,
            "docs/runbook/start-delay.md",
            pages=True,
        ),
        Alarm(
            "NetWORX-OutboxStuck", "OutboxOldest", 60, "Maximum", _MINUTE, 2, "docs/runbook/outbox-stuck.md", pages=True
        ),
        Alarm(
            "NetWORX-BackupOld",
            "BackupAge",
            timedelta(hours=26).total_seconds(),
            "Maximum",
            _MINUTES_5,
            2,
            "docs/runbook/backup-old.md",
            pages=True,
        ),
        Alarm(
            "NetWORX-RateLimitRefusals",
            "RateLimitRefusals",
            100,
            "Sum",
            timedelta(hours=1),
            1,
            "docs/runbook/rate-limit-refusals.md",
        ),
        # Told after every call, and by cleanup every ten minutes: it stays up until the day or the month is over.
        Alarm(
            "NetWORX-AssistantBudget",
            "AssistantBudgetUsed",
            80,
            "Maximum",
            timedelta(minutes=30),
            1,
            "docs/runbook/assistant-budget.md",
        ),
    ),
    part_alarms=(
        PartAlarm("NetWORX-QueueBacklog", Part.QUEUE, _VISIBLE, None, "Maximum", 5, 2, "queue-backlog"),
        PartAlarm("NetWORX-DeadLetters", Part.DEAD_LETTERS, _VISIBLE, 0, "Maximum", 5, 1, "dead-letters"),
        PartAlarm("NetWORX-FunctionErrors", Part.FUNCTION, "Errors", 0, "Sum", 5, 2, "function-errors"),
        PartAlarm(
            "NetWORX-MonitorSilent",
            Part.SCHEDULE,
            "Invocations",
            1,
            "Sum",
            5,
            2,
            "monitor-silent",
            pages=True,
            below=True,
        ),
        PartAlarm(
            "NetWORX-UnhealthyHosts", Part.WEB_HOSTS, "UnHealthyHostCount", 0, "Maximum", 1, 5, "unhealthy-hosts"
        ),
        PartAlarm(
            "NetWORX-NoHealthyHost",
            Part.WEB_HOSTS,
            "HealthyHostCount",
            1,
            "Minimum",
            1,
            3,
            "no-healthy-host",
            pages=True,
            below=True,
        ),
        PartAlarm(
            "NetWORX-WebServerErrors", Part.WEB_HOSTS, "HTTPCode_Target_5XX_Count", 10, "Sum", 1, 3, "web-server-errors"
        ),
        PartAlarm(
            "NetWORX-LoadBalancerErrors", Part.WEB, "HTTPCode_ELB_5XX_Count", 10, "Sum", 5, 2, "load-balancer-errors"
        ),
        PartAlarm("NetWORX-DatabaseCpu", Part.DATABASE, "CPUUtilization", 80, "Average", 5, 3, "database-cpu"),
        PartAlarm(
            "NetWORX-DatabaseStorage",
            Part.DATABASE,
            "FreeStorageSpace",
            20 * 1024**3,
            "Minimum",
            5,
            2,
            "database-storage",
            pages=True,
            below=True,
        ),
    ),
)
