"""Where a case plays: an empty record, processes of the product that can be killed, a witness, the judgement."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import orjson

from local.home import CHECKOUT
from local.processes import ProcessGroup, Program, tail
from networx.db import pool
from networx.errors import DatabaseUnavailable
from networx.jobs import relay, store
from networx.jobs.job import Job, JobStatus
from networx.jobs.sqs import SqsQueue
from networx.resilience.cache import cache_client
from networx.topology import TOPOLOGY
from tests.chaos.invariants import violations
from tests.chaos.servers import Servers
from tests.chaos.witness import Witness
from tests.chaos.worker import READY

Found = TypeVar("Found")

QUEUE = "optimization.fifo"
WITHIN_SECONDS = 30.0
_LOOK_SECONDS = 0.03
_LOGS_SHOWN = 6
_NOT_ENDED = """
SELECT id::text, kind, status, attempt, fence, worker, run_at::text, dispatched_at::text, heartbeat_at::text,
    clock_timestamp()::text FROM jobs WHERE finished_at IS NULL LIMIT 5"""
ENDED = tuple(status for status in JobStatus if status.terminal)


class Violation(AssertionError):
    """Something that must hold did not, or did not come about in time."""


class Worker:
    """One process of the product: a worker, a relay or a monitor."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    def ready(self) -> bool:
        """Whether it has come so far that it hears SIGTERM."""
        return READY.encode() in self.log.read_bytes()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """SIGSTOP, and wait until the process does stand still."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def term(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ended(self, within: float = WITHIN_SECONDS) -> int:
        """Its exit code (below 0: the signal that ended it), once it has ended."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise Violation(f"{self.name} did not end within {within:g} s\n{tail(self.log)}") from None


class Stage:
    """One case. What `submit` answered and what handlers did is in `witness`; `judge` says what does not hold."""

    def __init__(self, servers: Servers, seed: int, folder: Path, planted: str | None = None) -> None:
        self.servers = servers
        self.random = random.Random(seed)
        self.planted = planted
        self.patience = WITHIN_SECONDS
        self.gates = folder / "gates"
        self.gates.mkdir()
        self.witness = Witness(folder / "witness")
        self.tenants = [self._tenant(f"tenant-{number}") for number in range(3)]
        self._logs = folder
        self._group = ProcessGroup()
        self._group_id = 0
        self.workers: list[Worker] = []
        self._numbers = count(1)
        self._counted = {name: Counter(state["counted"]) for name, state in servers.queues.state().items()}

    def _tenant(self, slug: str) -> UUID:
        with pool.system() as connection:
            row = connection.execute(
                "INSERT INTO tenants (slug, name) VALUES (%s, 'A tenant') RETURNING id", (slug,)
            ).fetchone()
        assert row is not None
        made: UUID = row[0]
        return made

    # --- what clients do ---

    def submit(
        self, *steps: Sequence[Any], first: Sequence[Sequence[Any]] | None = None, sends: bool = True, **options: Any
    ) -> UUID:
        """Submit one job of these steps and have its hint sent; the witness knows it once it is accepted."""
        params: dict[str, Any] = {"steps": steps, **options.pop("params", {})}
        if first is not None:
            params["first"] = first
        arguments: dict[str, Any] = {"tenant_id": self.tenants[0], "kind": "transport", **options}
        with pool.tenant(arguments["tenant_id"]) as connection:
            job = store.submit(connection, params=params, **arguments)
        self.witness.saw("accepted", job.id, job.fence, "")
        if sends:
            relay.send_soon()
        return job.id

    def cancel(self, job_id: UUID) -> Job:
        with pool.system() as connection:
            return store.cancel(connection, job_id, "a person")

    # --- processes ---

    def worker(self, *switches: str, role: str = "serve", **environment: str) -> Worker:
        """Start a process of tests.chaos.worker with these switches; the planted bug of this stage is in it."""
        name = f"{role}-{next(self._numbers)}"
        planted = ("--planted", self.planted) if self.planted else ()
        given = ("--name", name, "--witness", str(self.witness.path), "--gates", str(self.gates), *planted, *switches)
        program = Program(
            name=name,
            arguments=(sys.executable, "-m", "tests.chaos.worker", role, *given),
            environment=self.servers.environment | environment,
            folder=CHECKOUT,
            ready=lambda _pid: True,
        )
        # To a file, never to a pipe of this process: a child that writes must not wait for it.
        log = self._logs / f"{name}.log"
        worker = Worker(name, self._group.spawn(program, log), log)
        self._group_id = self._group_id or os.getpgid(worker.process.pid)
        self.workers.append(worker)
        return worker

    def started(self, worker: Worker) -> Worker:
        """Wait until a worker serves its queue."""
        self.until(lambda: b"worker.started" in worker.log.read_bytes(), f"{worker.name} serves")
        return worker

    def open_gate(self, job_id: UUID, fence: int | None = None) -> None:
        """Let the attempts of a job that wait at their gate go on; with a fence, that one alone."""
        (self.gates / (str(job_id) if fence is None else f"{job_id}.{fence}")).touch()

    # --- looking ---

    def until(self, holds: Callable[[], Found | None], what: str, within: float | None = None) -> Found:
        """Wait until something holds, and give what it found. An absent database is waited for, too."""
        within = within or self.patience
        deadline = time.monotonic() + within
        while True:
            try:
                found = holds()
            except DatabaseUnavailable:
                found = None
            if found:
                return found
            if time.monotonic() > deadline:
                raise Violation(f"not within {within:g} s: {what}\n{self.logs()}")
            time.sleep(_LOOK_SECONDS)

    def job(self, job_id: UUID) -> Job:
        with pool.system() as connection:
            return store.get_job(connection, job_id)

    def now(self) -> datetime:
        """The database's clock."""
        with pool.system() as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        instant: datetime = row[0]
        return instant

    def story(self, job_id: UUID) -> list[str]:
        with pool.system() as connection:
            return [event["event"] for event in store.events(connection, job_id)]

    def result(self, job_id: UUID) -> dict[str, Any] | None:
        with pool.system() as connection:
            return store.get_result(connection, job_id)

    def awaited(self, job_id: UUID, *statuses: JobStatus, within: float | None = None) -> Job:
        """The job, once it has one of these states."""

        def there() -> Job | None:
            job = self.job(job_id)
            return job if job.status in statuses else None

        return self.until(there, f"job {job_id} is {' or '.join(statuses)}", within)

    def succeeded(self, *job_ids: UUID, within: float | None = None) -> None:
        """Wait until all of these jobs have ended, and see that each succeeded."""
        for job_id in job_ids:
            job = self.awaited(job_id, *ENDED, within=within)
            self.expect(job.status is JobStatus.SUCCEEDED, f"job {job_id} is {job.status}: {self.story(job_id)}")

    def saw(self, what: str, job_id: UUID, times: int = 1, within: float | None = None) -> None:
        """Wait until the witness saw this of a job so many times."""
        self.until(lambda: len(self.witness.lines(what, job_id)) >= times, f"{what} {times} times: {job_id}", within)

    def statuses(self) -> Counter[str]:
        with pool.system() as connection:
            found = connection.execute("SELECT status, count(*) FROM jobs_seen GROUP BY status").fetchall()
        return Counter(dict(found))

    def depth(self, queue: str = QUEUE) -> dict[str, int]:
        """How many messages of a queue are `visible`, `in_flight` and `late`."""
        depth: dict[str, int] = self.servers.queues.state()[queue]["depth"]
        return depth

    def counted(self, queue: str = QUEUE) -> Counter[str]:
        """What a queue met since the case began: polls (`asked`), `sent`, `received`, `deleted`, each fault."""
        return Counter(self.servers.queues.state()[queue]["counted"]) - self._counted[queue]

    def queue_empties(self, queue: str = QUEUE, within: float | None = None) -> None:
        """Wait until a queue holds no message, hidden ones included."""
        self.until(lambda: not any(self.depth(queue).values()), f"{queue} has no message", within)

    def buried(self, queue: str = QUEUE) -> set[UUID]:
        """The jobs whose messages stand in the dead-letter queue. They are taken off it."""
        dead = SqsQueue(queue, dead_letters=True)
        found: set[UUID] = set()
        while messages := dead.receive(10, TOPOLOGY.leases.cancel_poll):
            for message in messages:
                found.add(UUID(orjson.loads(message.body)["job_id"]))
                dead.delete(message)
        return found

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise Violation(f"{otherwise}\n{self.logs()}")

    def logs(self) -> str:
        """What has not ended, and the end of the youngest processes' logs, for a person to read."""
        logs = [f"{worker.name}:\n{tail(worker.log)}" for worker in self.workers[-_LOGS_SHOWN:]]
        return "\n".join([self._left(), *logs])

    def _left(self) -> str:
        """The first jobs that have not ended, what waits to be sent, and the queue."""
        try:
            with pool.system() as connection:
                jobs = connection.execute(_NOT_ENDED).fetchall()
                unsent = connection.execute("SELECT topic, job_id, fence, not_before FROM outbox LIMIT 5").fetchall()
        except DatabaseUnavailable:
            return "the database is away"
        return "\n".join(
            ["not ended:", *map(str, jobs), "unsent:", *map(str, unsent), f"queue: {self.depth()}, {self.counted()}"]
        )

    # --- the end ---

    def judge(self, within: float | None = None) -> None:
        """Wait until everything has ended and was sent, end every process, and raise what does not hold."""
        left = "SELECT (SELECT count(*) FROM jobs_seen WHERE status IN ('queued', 'running')), count(*) FROM outbox"

        def settled() -> bool:
            with pool.system() as connection:
                return connection.execute(left).fetchone() == (0, 0)

        late: list[str] = []
        try:
            self.until(settled, "every job has ended, and nothing is left to be sent", within)
        except Violation as violation:
            late = [str(violation)]
        self.end()
        found = violations(self.servers.postgres.master_conninfo, self.witness.lines())
        if late or found:
            raise Violation("\n".join([*found, *late]))

    def end(self) -> None:
        """Have every process drain, and see that it ends in time and leaves no child behind."""
        running = [worker for worker in self.workers if worker.process.poll() is None]
        for worker in running:
            worker.thaw()
            self.until(
                lambda worker=worker: worker.ready() or worker.process.poll() is not None, f"{worker.name} is up"
            )
            worker.term()
        for worker in running:
            code = worker.ended()
            self.expect(code == 0, f"{worker.name} ended with {code}")
        self.until(lambda: not self.left_behind(), "no process is left")

    def left_behind(self) -> list[int]:
        """Processes that the workers started and that outlived them."""
        return [pid for pid in _members(self._group_id) if pid != self._group_id]

    def close(self) -> None:
        self._group.close()


def _members(group: int) -> Iterable[int]:
    """The living processes of a process group."""
    for pid, state, of in _processes():
        if int(of) == group and not state.startswith("Z"):
            yield int(pid)


def _processes() -> Iterable[tuple[str, str, str]]:
    """Pid, state and process group of every process of this machine."""
    if not Path("/proc/self/stat").exists():
        asked = subprocess.run(["/bin/ps", "-A", "-o", "pid=,stat=,pgid="], capture_output=True, text=True, check=True)
        for line in asked.stdout.splitlines():
            pid, state, group = line.split()
            yield pid, state, group
        return
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            # The program's name, in brackets, may hold anything.
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            yield stat.parent.name, state, group


def clean(servers: Servers) -> None:
    """An empty record, empty queues without faults, an empty cache, and no scratch of workers that were killed."""
    servers.mend()
    for left in servers.home.scratch.iterdir():
        shutil.rmtree(left)
    servers.queues.faults()
    servers.queues.purge()
    cache_client().flushdb()
    with pool.connect(pool.Role.OWNER, autocommit=True) as owner:
        owner.execute("SET lock_timeout = '10s'")
        owner.execute("TRUNCATE tenants CASCADE")


def seed_from(environment: dict[str, str] | os._Environ[str]) -> int:
    """The seed that CHAOS_SEED names, or a new one."""
    return int(environment.get("CHAOS_SEED") or time.time_ns() % 1_000_000_007)
