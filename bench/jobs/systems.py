"""The systems that are compared, each started, filled and stopped in the same way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis

from bench.jobs.servers import Servers

CHECKOUT = Path(__file__).parents[2]
TENANTS = 4
PEERS_DATABASE = "peers"

_FILL = """
WITH new AS (
    INSERT INTO networx.jobs (tenant_id, kind, queue, params, priority, max_attempts, correlation_id, fence)
    SELECT tenants.id, 'transport', 'optimization.fifo', jsonb_build_object('number', number), 1, 2, uuidv7(), 1
    FROM generate_series(0, %(count)s - 1) AS number
    JOIN (SELECT id, row_number() OVER () - 1 AS place FROM networx.tenants) AS tenants
      ON tenants.place = number %% (SELECT count(*) FROM networx.tenants)
    RETURNING id, tenant_id, queue, fence
), told AS (
    INSERT INTO networx.job_events (tenant_id, job_id, event, actor, to_status, fence, attempt)
    SELECT tenant_id, id, 'submitted', 'bench', 'queued', fence, 0 FROM new
)
INSERT INTO networx.outbox (tenant_id, topic, queue, job_id, fence)
SELECT tenant_id, 'job.ready', queue, id, fence FROM new
"""


@dataclass
class Run:
    """One system with its witness files."""

    servers: Servers
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="networx-bench-run-")))

    @property
    def sent(self) -> Path:
        return self.folder / "sent"

    @property
    def started(self) -> Path:
        return self.folder / "started"

    @property
    def ended(self) -> Path:
        return self.folder / "ended"

    def environment(self) -> dict[str, str]:
        return {
            **self.servers.environment,
            "BENCH_SENT": str(self.sent),
            "BENCH_STARTED": str(self.started),
            "BENCH_ENDED": str(self.ended),
            "BENCH_POSTGRES": f"{self.servers.postgres} dbname={PEERS_DATABASE}".replace("dbname=postgres ", ""),
            "BENCH_VALKEY": self.servers.valkey,
            "PYTHONPATH": str(CHECKOUT),
        }

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process with a log file, ended by SIGTERM and, after a while, SIGKILL."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=CHECKOUT, env=self.environment(), stdout=log, stderr=log)
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def said(self) -> str:
        """The end of what its processes wrote."""
        return (self.folder / "log").read_text(errors="replace")[-1500:]

    def call(self, *command: str) -> None:
        subprocess.run(command, cwd=CHECKOUT, env=self.environment(), check=True, stdout=subprocess.DEVNULL)


@dataclass(frozen=True)
class System(ABC):
    """How one system is called in the table, and run: None for what it cannot be asked."""

    name: str
    width: int

    @abstractmethod
    def prepare(self, run: Run) -> None:
        """Empty queues and an empty record."""

    @abstractmethod
    def fill(self, run: Run, jobs: int) -> None:
        """Submit jobs that wait until a worker comes."""

    @abstractmethod
    def worker(self) -> tuple[str, ...]:
        """The command of its worker."""

    @abstractmethod
    def trickle(self, jobs: int, pause: float) -> tuple[str, ...]:
        """The command that submits jobs with pauses between them."""


@dataclass(frozen=True)
class Ours(System):
    """NetWORX, over one of its queues."""

    queue: str

    def prepare(self, run: Run) -> None:
        empty(run.servers)

    def fill(self, run: Run, jobs: int) -> None:
        with run.servers.master() as master:
            master.execute(_FILL, {"count": jobs})
            master.execute("ANALYZE networx.jobs")

    def worker(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "bench.jobs.our_worker", str(self.width), self.queue)

    def trickle(self, jobs: int, pause: float) -> tuple[str, ...]:
        return (sys.executable, "-m", "bench.jobs.our_client", str(jobs), str(pause))


@dataclass(frozen=True)
class Peer(System):
    """Another system, in the environment of the peers."""

    module: str

    def prepare(self, run: Run) -> None:
        redis.Redis.from_url(run.servers.valkey).flushdb()
        with run.servers.master("postgres") as master:
            master.execute(f"DROP DATABASE IF EXISTS {PEERS_DATABASE} WITH (FORCE)")
            master.execute(f"CREATE DATABASE {PEERS_DATABASE}")
        if self.module == "procrastinate_peer":
            run.call(*self._command("schema"))

    def fill(self, run: Run, jobs: int) -> None:
        run.call(*self._command("fill", str(jobs)))
        if self.module == "procrastinate_peer":
            with run.servers.master(PEERS_DATABASE) as master:
                master.execute("ANALYZE")

    def worker(self) -> tuple[str, ...]:
        return self._command("worker", str(self.width))

    def trickle(self, jobs: int, pause: float) -> tuple[str, ...]:
        return self._command("trickle", str(jobs), str(pause))

    def _command(self, *rest: str) -> tuple[str, ...]:
        return (peers_python(), "-m", f"bench.jobs.peers.{self.module}", *rest)


def peers_python() -> str:
    """The interpreter of the peers' environment."""
    return os.environ.get("BENCH_PYTHON") or str(CHECKOUT / ".venv" / "bench" / "bin" / "python")


def empty(servers: Servers) -> None:
    """An empty record with a few tenants, empty queues, an empty Valkey."""
    redis.Redis.from_url(servers.valkey).flushdb()
    for url in (*_urls(servers),):
        servers.aws.sqs.purge_queue(QueueUrl=url)
    with servers.master() as master:
        master.execute("TRUNCATE networx.tenants CASCADE")
        master.execute(
            "INSERT INTO networx.tenants (slug, name) SELECT 'bench-' || n, 'Bench' FROM generate_series(1, %s) AS n",
            (TENANTS,),
        )


def _urls(servers: Servers) -> Iterator[str]:
    for name, url in servers.environment.items():
        if name.startswith("SQS_QUEUE_URL_"):
            yield url
