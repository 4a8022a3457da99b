"""The five dashboards, as code: performance, resources, jobs, data and cost. Their names are what a person types."""

from __future__ import annotations

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from networx.topology import METRICS_NAMESPACE, TOPOLOGY
from stacks.compute import ComputeStack
from stacks.data import DataStack
from stacks.queues import QueuesStack
from stacks.stages import Stage

_MINUTE = cdk.Duration.minutes(1)
_HALF, _THIRD = 12, 8


class Dashboards(Construct):
    """One dashboard a question: is it quick, is there enough, do jobs get done, is the data well, what does it cost."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        compute: ComputeStack,
        data: DataStack,
        queues: QueuesStack,
    ) -> None:
        super().__init__(scope, id)
        self._region = stage.region
        self._dashboard("Performance", _performance(compute))
        self._dashboard("Resources", _resources(compute))
        self._dashboard("Jobs", _jobs(queues))
        self._dashboard("Data", _data(data))
        self._dashboard("Cost", _cost(compute))

    def _dashboard(self, name: str, graphs: Iterable[cloudwatch.IWidget]) -> None:
        cloudwatch.Dashboard(
            self,
            name,
            dashboard_name=f"NetWORX-{name}",
            default_interval=cdk.Duration.hours(6),
            widgets=[list(graphs)],
        )


def _ours(name: str, statistic: str) -> cloudwatch.Metric:
    """The aggregate of a metric of the topology."""
    assert any(metric.name == name for metric in TOPOLOGY.metrics), name
    return cloudwatch.Metric(
        namespace=METRICS_NAMESPACE, metric_name=name, statistic=statistic, period=_MINUTE, label=f"{name} {statistic}"
    )


def _ours_by(name: str, statistic: str) -> cloudwatch.MathExpression:
    """The metric split by its dimensions, whatever values there are."""
    metric = next(metric for metric in TOPOLOGY.metrics if metric.name == name)
    schema = ",".join([METRICS_NAMESPACE, *metric.dimensions])
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{{{schema}}} MetricName=\"{name}\"', '{statistic}', 60)",
        label="",
        period=_MINUTE,
        using_metrics={},
    )


def _graph(title: str, *metrics: cloudwatch.IMetric, width: int = _HALF) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=width, height=6)


def _performance(compute: ComputeStack) -> list[cloudwatch.IWidget]:
    balancer, door = compute.load_balancer.metrics, compute.front_door
    return [
        _graph("API latency (ms)", _ours("ApiLatency", "p50"), _ours("ApiLatency", "p95"), _ours("ApiLatency", "p99")),
        _graph("API latency by endpoint (p95, ms)", _ours_by("ApiLatency", "p95")),
        _graph("Requests a minute", balancer.request_count(period=_MINUTE)),
        _graph(
            "Errors a minute",
            door.metric("HTTPCode_Target_5XX_Count", statistic="Sum", period=_MINUTE, label="5xx of the web"),
            door.metric("HTTPCode_Target_4XX_Count", statistic="Sum", period=_MINUTE, label="4xx of the web"),
            balancer.custom("HTTPCode_ELB_5XX_Count", statistic="Sum", period=_MINUTE, label="5xx of the balancer"),
        ),
        _graph("Refused for too many requests", _ours_by("RateLimitRefusals", "Sum")),
        _graph("Requests counted without Valkey", _ours("RateLimitsCountedAlone", "Sum")),
        _graph("Reads answered from the cache (share, by kind)", _ours_by("CacheHitRate", "Average")),
        _graph("Breakers that opened (by part)", _ours_by("BreakerTrips", "Sum")),
        _graph("Circuits (0 closed, 0.5 half-open, 1 open; by part)", _ours_by("CircuitState", "Maximum")),
        _graph("Calls to hosts outside (by host and outcome)", _ours_by("OutboundCalls", "Sum")),
        _graph("Optimisation time (s)", _ours("OptimizationDuration", "p50"), _ours("OptimizationDuration", "p95")),
        _graph("Gap left", _ours("SolverGap", "Average"), _ours("SolverGap", "Maximum")),
    ]


def _resources(compute: ComputeStack) -> list[cloudwatch.IWidget]:
    services = {"web": compute.web_service, **compute.worker_services}
    door = compute.front_door
    return [
        _graph("CPU (%)", *(s.metric_cpu_utilization(period=_MINUTE, label=name) for name, s in services.items())),
        _graph(
            "Memory (%)", *(s.metric_memory_utilization(period=_MINUTE, label=name) for name, s in services.items())
        ),
        _graph("Web process: memory (MB)", _ours("MemoryUsage", "Maximum")),
        _graph("Web process: database connections", _ours("DatabaseConnections", "Maximum")),
        _graph("Pools: share in use (by role)", _ours_by("PoolUse", "Maximum")),
        _graph("Pools: who waited, and whom none came for", _ours("PoolWaits", "Sum"), _ours("PoolRefusals", "Sum")),
        _graph(
            "Web tasks",
            door.metric("HealthyHostCount", statistic="Minimum", period=_MINUTE, label="healthy"),
            door.metric("UnHealthyHostCount", statistic="Maximum", period=_MINUTE, label="unhealthy"),
        ),
        _graph(
            "Functions: errors",
            *(f.metric_errors(period=_MINUTE, label=name) for name, f in compute.functions.items()),
        ),
    ]


def _jobs(queues: QueuesStack) -> list[cloudwatch.IWidget]:
    waiting = [
        queue.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum", label=name)
        for name, queue in queues.queues.items()
    ]
    running = [
        queue.metric_approximate_number_of_messages_not_visible(period=_MINUTE, statistic="Maximum", label=name)
        for name, queue in queues.queues.items()
    ]
    ages = [
        queue.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum", label=name)
        for name, queue in queues.queues.items()
    ]
    dead = [
        queue.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum", label=name)
        for name, queue in queues.dead_letters.items()
    ]
    return [
        _graph("Jobs due, by the record", _ours_by("JobQueueDepth", "Maximum")),
        _graph("Jobs a task has, by the record", _ours_by("BacklogPerTask", "Maximum")),
        _graph("From due to started (s)", _ours_by("StartDelay", "Maximum")),
        _graph("Oldest message not sent yet (s)", _ours("OutboxOldest", "Maximum")),
        _graph("Messages waiting, looked at every 15 s", _ours_by("QueueMessagesWaiting", "Maximum")),
        _graph("Messages in work, looked at every 15 s", _ours_by("QueueMessagesInFlight", "Maximum")),
        _graph("Messages that come later, looked at every 15 s", _ours_by("QueueMessagesDelayed", "Maximum")),
        _graph("Dead letters, looked at every 15 s", _ours_by("DeadLettersWaiting", "Maximum")),
        _graph("Oldest job that is due (s)", _ours_by("OldestJob", "Maximum")),
        _graph("Oldest message (s)", *ages),
        _graph("Jobs without a heartbeat for ten minutes", _ours_by("StaleJobs", "Maximum")),
        _graph("Messages waiting", *waiting),
        _graph("Messages in work", *running),
        _graph("Dead letters", *dead),
        _graph("Dead letters by what they are", _ours_by("DeadLetters", "Maximum")),
        _graph("Failures by kind and code", _ours_by("JobFailures", "Sum")),
        _graph(
            "Recovered, of unknown kinds, and certificates refused",
            _ours("StaleJobsRecovered", "Sum"),
            _ours("JobsOfUnknownKind", "Maximum"),
            _ours("CertificateFailures", "Sum"),
        ),
    ]


def _data(data: DataStack) -> list[cloudwatch.IWidget]:
    database = data.database
    graphs: list[cloudwatch.IWidget] = [
        _graph("Rows loaded by table", _ours_by("RowsIngested", "Sum")),
        _graph("Uploads refused by reason", _ours_by("UploadsRefused", "Sum")),
        _graph("Uploads whose event was lost", _ours("UploadEventsLost", "Sum")),
        _graph("Leftovers removed", _ours_by("LeftoversRemoved", "Sum")),
        _graph("Jobs archived", _ours("JobsArchived", "Sum")),
        _graph("Database: CPU (%)", database.metric_cpu_utilization(period=_MINUTE)),
        _graph(
            "Database: connections",
            database.metric_database_connections(period=_MINUTE),
            _ours("DatabaseServerConnections", "Maximum"),
        ),
        _graph("Database: longest transaction (s)", _ours("LongestTransaction", "Maximum")),
        _graph("Database: sessions by state", _ours_by("DatabaseSessions", "Maximum")),
        _graph(
            "Database: time to answer (ms)", _ours("DatabaseLatency", "Average"), _ours("DatabaseLatency", "Maximum")
        ),
        _graph("Database: statements that last over 5 s", _ours("SlowStatements", "Maximum")),
        _graph("Database: age of backups (s)", _ours_by("BackupAge", "Maximum")),
        _graph("Database: free storage (bytes)", database.metric_free_storage_space(period=_MINUTE)),
        _graph("Database: free memory (bytes)", database.metric_freeable_memory(period=_MINUTE)),
    ]
    if data.replica is not None:
        graphs.append(
            _graph(
                "Replica: lag (s)",
                data.replica.metric("ReplicaLag", statistic="Maximum", period=_MINUTE),
                _ours("ReplicationLag", "Maximum"),
            )
        )
        graphs.append(_graph("Reads for the replica, by who answered", _ours_by("ReplicaReads", "Sum")))
    return graphs


def _cost(compute: ComputeStack) -> list[cloudwatch.IWidget]:
    services = {"web": compute.web_service, **compute.worker_services}
    tasks = [
        cloudwatch.Metric(
            namespace="ECS/ContainerInsights",
            metric_name="RunningTaskCount",
            dimensions_map={"ClusterName": compute.cluster.cluster_name, "ServiceName": service.service_name},
            statistic="Average",
            period=cdk.Duration.hours(1),
            label=name,
        )
        for name, service in services.items()
    ]
    billed = cloudwatch.Metric(
        namespace="AWS/Billing",
        metric_name="EstimatedCharges",
        dimensions_map={"Currency": "USD"},
        statistic="Maximum",
        period=cdk.Duration.hours(6),
        region="us-east-1",
        label="this month so far, USD",
    )
    return [
        _graph("The bill (where the account sends billing alerts)", billed),
        _graph("Tasks paid for, by the hour", *tasks),
        _graph(
            "Functions: calls an hour",
            *(f.metric_invocations(period=cdk.Duration.hours(1), label=n) for n, f in compute.functions.items()),
        ),
        _graph(
            "Balancer: bytes an hour",
            compute.load_balancer.metrics.processed_bytes(period=cdk.Duration.hours(1)),
        ),
        _graph("Assistant: dollars of the day and of the month so far", _ours_by("AssistantCostSoFar", "Maximum")),
        _graph("Assistant: share of the budget that is spent (%)", _ours_by("AssistantBudgetUsed", "Maximum")),
        _graph("Assistant: dollars by model", _ours_by("AssistantCost", "Sum")),
        _graph("Assistant: tokens by model", _ours_by("AssistantTokens", "Sum")),
        _graph("Assistant: calls by purpose and outcome", _ours_by("AssistantCalls", "Sum")),
        _graph(
            "Assistant: warnings and refusals for the budget",
            _ours_by("AssistantBudgetWarnings", "Sum"),
            _ours_by("AssistantRefusals", "Sum"),
        ),
    ]
