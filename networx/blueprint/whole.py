"""All that runs, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field

from networx.blueprint.bounds import Leases, Limits
from networx.blueprint.faults import faults_in
from networx.blueprint.storage import Bucket
from networx.blueprint.watch import Alarm, Metric, PartAlarm
from networx.blueprint.work import Circuit, Function, JobKind, Queue, Web, Worker
from networx.errors import ConfigurationError


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
        faults = faults_in(self)
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

    def kinds_of(self, queue: str) -> tuple[JobKind, ...]:
        return tuple(kind for kind in self.kinds if kind.queue == queue)

    def job_queues(self) -> tuple[Queue, ...]:
        """The queues that carry jobs, as opposed to events."""
        return tuple(queue for queue in self.queues if queue.fifo)
