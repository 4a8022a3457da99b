"""What works: queues with the jobs in them, the services and functions that take them, and what guards their parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

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
class Circuit:
    """After so many failures in a row a part is left alone for the pause; then one call tries it."""

    name: str
    failures: int = 5
    pause: timedelta = timedelta(seconds=60)
