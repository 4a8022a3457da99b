"""What is measured, and what alarms watch: metrics of our own, and alarms on them and on those of AWS."""

from __future__ import annotations

from datetime import timedelta

from networx.blueprint import Alarm, Metric, Part, PartAlarm

_MINUTE = timedelta(minutes=1)
_MINUTES_5 = timedelta(minutes=5)
_VISIBLE = "ApproximateNumberOfMessagesVisible"

METRICS = (
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
)

ALARMS = (
    Alarm("NetWORX-HighApiLatency", "ApiLatency", 30_000, "p95", _MINUTES_5, 2, "high-api-latency"),
    Alarm("NetWORX-HighQueueDepth", "JobQueueDepth", 20, "Maximum", _MINUTES_5, 2, "high-queue-depth"),
    Alarm(
        "NetWORX-DatabaseConnectionExhaustion",
        "DatabaseConnections",
        18,
        "Maximum",
        _MINUTES_5,
        2,
        "database-connections",
    ),
    # At 15 of the 20 there is time to look, before requests wait.
    Alarm(
        "NetWORX-DatabaseConnectionsHigh",
        "DatabaseConnections",
        14,
        "Maximum",
        _MINUTES_5,
        1,
        "database-connections-high",
    ),
    Alarm("NetWORX-DatabaseSlow", "DatabaseLatency", 1_000, "Average", _MINUTES_5, 2, "database-slow"),
    Alarm(
        "NetWORX-ReplicaBehind",
        "ReplicationLag",
        timedelta(minutes=5).total_seconds(),
        "Minimum",
        _MINUTES_5,
        2,
        "replica-behind",
    ),
    Alarm("NetWORX-MemoryExhaustion", "MemoryUsage", 3_584, "Maximum", _MINUTES_5, 2, "memory"),
    Alarm("NetWORX-HighJobFailureRate", "JobFailures", 5, "Sum", _MINUTES_5, 2, "job-failures"),
    Alarm("NetWORX-StaleJobsRecovered", "StaleJobsRecovered", 5, "Sum", timedelta(days=1), 1, "stale-jobs"),
    Alarm(
        "NetWORX-CertificateFailures",
        "CertificateFailures",
        0,
        "Sum",
        _MINUTES_5,
        1,
        "certificate-failures",
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
        "start-delay",
        pages=True,
    ),
    Alarm("NetWORX-OutboxStuck", "OutboxOldest", 60, "Maximum", _MINUTE, 2, "outbox-stuck", pages=True),
    Alarm(
        "NetWORX-BackupOld",
        "BackupAge",
        timedelta(hours=26).total_seconds(),
        "Maximum",
        _MINUTES_5,
        2,
        "backup-old",
        pages=True,
    ),
    Alarm("NetWORX-RateLimitRefusals", "RateLimitRefusals", 100, "Sum", timedelta(hours=1), 1, "rate-limit-refusals"),
    # Told after every call, and by cleanup every ten minutes: it stays up until the day or the month is over.
    Alarm(
        "NetWORX-AssistantBudget", "AssistantBudgetUsed", 80, "Maximum", timedelta(minutes=30), 1, "assistant-budget"
    ),
)

PART_ALARMS = (
    PartAlarm("NetWORX-QueueBacklog", Part.QUEUE, _VISIBLE, None, "Maximum", 5, 2, "queue-backlog"),
    PartAlarm("NetWORX-DeadLetters", Part.DEAD_LETTERS, _VISIBLE, 0, "Maximum", 5, 1, "dead-letters"),
    PartAlarm("NetWORX-FunctionErrors", Part.FUNCTION, "Errors", 0, "Sum", 5, 2, "function-errors"),
    PartAlarm(
        "NetWORX-MonitorSilent", Part.SCHEDULE, "Invocations", 1, "Sum", 5, 2, "monitor-silent", pages=True, below=True
    ),
    PartAlarm("NetWORX-UnhealthyHosts", Part.WEB_HOSTS, "UnHealthyHostCount", 0, "Maximum", 1, 5, "unhealthy-hosts"),
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
)
