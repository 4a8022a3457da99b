"""The words a topology is written in, and the rules it must keep: building one that contradicts itself is refused.

Frozen data only. What really runs is said in `networx.topology`, in these words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise

from networx.errors import ConfigurationError

# Folders of buckets: what clients upload; what is worked with for a day; models and networks from requests; jobs that
# left the record.
UPLOADS, TEMPORARY, MODELS, INLINE, ARCHIVE = "uploads/", "tmp/", "models/", "inline/", "archive/"
REFUSED = "refused/"
MINIMUM_STOP_MARGIN = timedelta(seconds=10)
SQS_LONGEST_VISIBILITY = timedelta(hours=12)
SQS_LONGEST_RETENTION = timedelta(days=14)
FARGATE_MEMORY_GIB = {1: range(2, 9), 2: range(4, 17), 4: range(8, 31), 8: range(16, 61, 4)}  # vCPU -> GiB sold


@dataclass(frozen=True, slots=True)
class Queue:
    """One SQS queue and its dead-letter queue. `depth_warning` is the backlog at which on-call hears of it."""

    name: str
    visibility_timeout: timedelta
    max_receive_count: int
    depth_warning: int
    retention: timedelta = timedelta(days=4)
    dead_letter_retention: timedelta = SQS_LONGEST_RETENTION

    @property
    def fifo(self) -> bool:
        return self.name.endswith(".fifo")

    @property
    def dead_letter_name(self) -> str:
        base = self.name.removesuffix(".fifo")
        return f"{base}-dlq.fifo" if self.fifo else f"{base}-dlq"

    @property
    def environment_name(self) -> str:
        """The variable that carries this queue's URL."""
        return "SQS_QUEUE_URL_" + self.name.removesuffix(".fifo").replace("-", "_").upper()

    @property
    def dead_letter_environment_name(self) -> str:
        """The variable that carries the URL of its dead-letter queue."""
        return self.environment_name + "_DLQ"


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job: its queue, its retries and what its child process may use."""

    name: str
    queue: str
    child_memory_mib: int
    longest_run: timedelta
    max_attempts: int = 2
    first_backoff: timedelta = timedelta(seconds=1)
    longest_backoff: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Worker:
    """A service of identical tasks that take jobs from one queue, `slots` at a time.

    `circuit` guards the processes in which its jobs are done.
    """

    name: str
    queue: str
    vcpu: int
    memory_gib: int
    slots: int
    laptop_slots: int
    circuit: str | None = None
    min_tasks: int = 1
    max_tasks: int = 20


@dataclass(frozen=True, slots=True)
class Web:
    """The web service. `memory_alarm_mb` is what MemoryUsage is watched at."""

    vcpu: int = 2
    memory_gib: int = 4
    min_tasks: int = 2
    max_tasks: int = 10
    keep_alive: timedelta = timedelta(seconds=75)
    load_balancer_idle: timedelta = timedelta(seconds=60)
    graceful_shutdown: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function, fed by a queue, a schedule or an alert topic. `reserved` bounds how many run at once.

    The silence of a `chore` is a ticket: nobody misses it within the hour.
    """

    name: str
    handler: str
    timeout: timedelta
    memory_mb: int
    queue: str | None = None
    schedule: timedelta | None = None
    topic: str | None = None
    batch_size: int = 1
    reserved: int | None = None
    chore: bool = False


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket. `environment_name` carries its physical name.

    `expiring` says by prefix how long storage itself keeps what lies there, counted from its making.
    """

    name: str
    purpose: str
    expiring: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def environment_name(self) -> str:
        return f"NETWORX_{self.name.upper()}_BUCKET"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name, its CloudWatch unit, and its dimensions besides the aggregate without any."""

    name: str
    unit: str
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm on a metric's aggregate. `pages` calls on-call at once; otherwise it is a ticket."""

    name: str
    metric: str
    threshold: float
    statistic: str
    period: timedelta
    periods: int
    runbook: str
    pages: bool = False


class Part(StrEnum):
    """The kinds of parts that AWS itself measures."""

    QUEUE = "queue"
    DEAD_LETTERS = "dead-letter queue"
    FUNCTION = "function"
    SCHEDULE = "scheduled function"
    WEB = "load balancer"
    WEB_HOSTS = "web tasks behind the load balancer"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class PartAlarm:
    """An alarm on a metric of AWS's own, one for each part of its kind; several are told apart by the part's name.

    A `threshold` of None is the part's own (a queue's `depth_warning`). `below` fires under the threshold, and then
    silence fires too: what should be there and says nothing is not well.
    """

    name: str
    part: Part
    metric: str
    threshold: float | None
    statistic: str
    minutes: int
    periods: int
    page: str
    pages: bool = False
    below: bool = False

    @property
    def period(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def runbook(self) -> str:
        return f"docs/runbook/{self.page}.md"


@dataclass(frozen=True, slots=True)
class Leases:
    """The clocks of a running job, from the shortest to the longest."""

    cancel_poll: timedelta = timedelta(milliseconds=500)
    progress: timedelta = timedelta(seconds=1)
    # Short enough that a drain finds every poll back: a message given to an abandoned poll would stay hidden.
    receive_wait: timedelta = timedelta(seconds=5)
    record_progress: timedelta = timedelta(seconds=5)
    heartbeat: timedelta = timedelta(seconds=15)
    self_fence: timedelta = timedelta(seconds=75)
    lease: timedelta = timedelta(seconds=90)
    stale_after: timedelta = timedelta(minutes=10)
    lost_hint_after: timedelta = timedelta(minutes=5)
    drain: timedelta = timedelta(seconds=110)
    stop_timeout: timedelta = timedelta(seconds=120)

    @property
    def past_the_lease(self) -> timedelta:
        """How long a running job's message stays hidden: were it back before, it would be spent on a leased job."""
        return self.lease + self.heartbeat


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much. Bytes, rows and connections."""

    api_upload_bytes: int = 100 * 1024**2
    s3_upload_bytes: int = 5 * 1024**3
    upload_part_bytes: int = 16 * 1024**2
    # Of a model's MPS or LP file, packed and unpacked.
    model_upload_bytes: int = 500 * 1024**2
    # A job stays in the record this long after its end, and with it a model that came in its request's body; then it is
    # archived.
    jobs_kept_for: timedelta = timedelta(days=90)
    # A model that was uploaded is removed when it is that old and no job of the record has run it.
    unused_models_kept_for: timedelta = timedelta(days=180)
    presigned_for: timedelta = timedelta(hours=1)
    body_bytes: int = 8 * 1024**2
    batch_members: int = 100
    inline_lanes: int = 100_000
    web_connections: int = 20
    web_connections_warning: int = 15
    worker_connections: int = 4
    function_connections: int = 1
    replica_connections: int = 4
    connect_timeout: timedelta = timedelta(seconds=10)
    statement_timeout: timedelta = timedelta(seconds=30)
    slow_statement: timedelta = timedelta(seconds=5)
    database_degraded: timedelta = timedelta(milliseconds=1000)
    cache_degraded: timedelta = timedelta(milliseconds=500)
    queued_jobs_degraded: int = 50
    memory_degraded_share: float = 0.75
    memory_unhealthy_share: float = 0.90
    problems_kept: int = 10_000
    hot_copy_for: timedelta = timedelta(hours=24)
    running_per_tenant: int = 8


@dataclass(frozen=True, slots=True)
class Circuit:
    """After so many failures in a row a part is left alone for the pause; then one call tries it."""

    name: str
    failures: int = 5
    pause: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything that runs. Building one that contradicts itself raises ConfigurationError with every fault."""

    queues: tuple[Queue, ...]
    kinds: tuple[JobKind, ...]
    workers: tuple[Worker, ...]
    functions: tuple[Function, ...]
    buckets: tuple[Bucket, ...]
    metrics: tuple[Metric, ...]
    alarms: tuple[Alarm, ...]
    part_alarms: tuple[PartAlarm, ...] = ()
    topics: tuple[str, ...] = ()
    web: Web = field(default_factory=Web)
    leases: Leases = field(default_factory=Leases)
    limits: Limits = field(default_factory=Limits)
    circuits: tuple[Circuit, ...] = ()

    def __post_init__(self) -> None:
        faults = [*_faults_in_names(self), *_faults_in_queues(self), *_faults_in_work(self), *_faults_in_clocks(self)]
        faults += [*_faults_in_alarms(self), *_faults_in_storage(self)]
        if faults:
            raise ConfigurationError(what="The topology contradicts itself: " + "; ".join(faults))

    def queue(self, name: str) -> Queue:
        return next(queue for queue in self.queues if queue.name == name)

    def kind(self, name: str) -> JobKind:
        return next(kind for kind in self.kinds if kind.name == name)

    def worker(self, name: str) -> Worker:
        return next(worker for worker in self.workers if worker.name == name)

    def circuit(self, name: str) -> Circuit:
        return next(circuit for circuit in self.circuits if circuit.name == name)

    def circuit_of(self, worker: Worker) -> Circuit | None:
        return None if worker.circuit is None else self.circuit(worker.circuit)

    def alarms_of(self, part: Part) -> tuple[PartAlarm, ...]:
        return tuple(alarm for alarm in self.part_alarms if alarm.part is part)

    def kinds_of(self, queue: str) -> tuple[JobKind, ...]:
        return tuple(kind for kind in self.kinds if kind.queue == queue)

    def job_queues(self) -> tuple[Queue, ...]:
        """The queues that carry jobs, as opposed to events."""
        return tuple(queue for queue in self.queues if queue.fifo)


def _faults_in_names(topology: Topology) -> Iterable[str]:
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


def _faults_in_queues(topology: Topology) -> Iterable[str]:
    for queue in topology.queues:
        if queue.visibility_timeout > SQS_LONGEST_VISIBILITY:
            yield f"queue {queue.name} hides messages longer than SQS allows"
        if not queue.retention <= queue.dead_letter_retention <= SQS_LONGEST_RETENTION:
            yield f"queue {queue.name} must keep dead letters at least as long as messages, and 14 days at most"
        if queue.max_receive_count < 1:
            yield f"queue {queue.name} never delivers"


def _faults_in_work(topology: Topology) -> Iterable[str]:
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


def _faults_in_clocks(topology: Topology) -> Iterable[str]:
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


def _faults_in_storage(topology: Topology) -> Iterable[str]:
    for bucket in topology.buckets:
        for prefix, kept_for in bucket.expiring.items():
            if not prefix.endswith("/") or prefix.startswith("/"):
                yield f"bucket {bucket.name} lets {prefix} expire, which is no folder"
            if prefix == MODELS and kept_for <= topology.limits.jobs_kept_for:
                yield f"bucket {bucket.name} lets models expire before cleanup may remove them"


def _faults_in_alarms(topology: Topology) -> Iterable[str]:
    metrics = {metric.name for metric in topology.metrics}
    for alarm in topology.alarms:
        if alarm.metric not in metrics:
            yield f"alarm {alarm.name} watches {alarm.metric}, which nobody emits"
    for of_part in topology.part_alarms:
        if of_part.threshold is None and of_part.part is not Part.QUEUE:
            yield f"alarm {of_part.name} has no threshold, and its part has none of its own"
