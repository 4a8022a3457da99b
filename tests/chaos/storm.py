"""The storm: jobs of every behaviour, and disturbances of every kind, in an order drawn by lot from one seed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from networx.db import pool
from networx.errors import DatabaseUnavailable
from networx.jobs import control
from networx.jobs.job import HIGH, LOW, NORMAL
from networx.resilience.cache import cache_client
from tests.chaos.clocks import CLOCKS
from tests.chaos.servers import POSTGRES, QUEUES, VALKEY
from tests.chaos.stage import Stage, Worker

FLEET = {
    "worker": (("--slots", "3"), 3),
    "confined": (("--worker", "file", "--kinds", "file-load", "--confined", "--slots", "2"), 1),
    "relay": ((), 1),
    "monitor": ((), 1),
}
ROLES = {"worker": "serve", "confined": "serve", "relay": "relay", "monitor": "monitor"}

# What the queues do to messages all the time.
WEATHER: dict[str, float | bool] = {
    "lost": 0.02,
    "duplicated": 0.1,
    "refused": 0.02,
    "unanswered": 0.01,
    "late_seconds": 0.5,
    "reordered": True,
}

# Each behaviour with its share of the jobs. What ends badly by itself is never redriven.
Behaviour = dict[str, Any]
NOTHING: Behaviour = {"steps": []}
BEHAVIOURS: dict[str, tuple[float, Behaviour]] = {
    "nothing": (0.74, NOTHING),
    "short": (0.10, {"steps": [["sleep", 0.3]]}),
    "long": (0.01, {"steps": [["sleep", 1.5 * CLOCKS["LEASE"]]]}),
    "incumbents": (0.03, {"steps": [["incumbent", 9], ["sleep", 0.4], ["incumbent", 8], ["sleep", 0.4]]}),
    "uploads": (0.03, {"steps": [["upload"]]}),
    "recovers": (0.03, {"steps": [], "first": [["fail"]]}),
    "child": (0.02, {"steps": [["child", "answer"]]}),
    "fails": (0.01, {"steps": [["fail"]]}),
    "refuses": (0.01, {"steps": [["refuse"]]}),
    "kills its worker": (0.01, {"steps": [["die"]]}),
    "crashes": (0.005, {"steps": [["child", "crash"]]}),
    "hangs": (0.005, {"steps": [["child", "hang"]]}),
}
POISON = ("fails", "refuses", "kills its worker", "crashes", "hangs")
CONFINED = ("child", "crashes", "hangs")
JOBS_A_STEP = 40
CANCELS_AT_ONCE = 15
ROUNDS = 2  # of every disturbance, at the least


class Storm:
    """One storm on a stage. `happened` counts what was done, `met` what the queues did to messages."""

    def __init__(self, stage: Stage, jobs: int) -> None:
        self._stage = stage
        self._jobs = jobs
        self._random = stage.random
        self.happened: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self.redriven = 0
        self._accepted: dict[UUID, str] = {}
        self._fleet: dict[str, list[Worker]] = {name: [] for name in FLEET}
        self._frozen: list[tuple[float, Worker]] = []
        self.disturbances: dict[str, Callable[[], None]] = {
            "worker killed": lambda: self._one("worker").kill(),
            "worker frozen": self._freeze,
            "worker terminated": lambda: self._one("worker").term(),
            "confined worker killed": lambda: self._one("confined").kill(),
            "relay killed": lambda: self._one("relay").kill(),
            "monitor killed": lambda: self._one("monitor").kill(),
            "PostgreSQL killed": lambda: self._restart(POSTGRES, after=0.5),
            "Valkey killed": lambda: self._restart(VALKEY, after=1.0),
            "Valkey flushed": self._flush,
            "queues killed": self._kill_queues,
            "queues away": self._take_queues_away,
            "queue purged": lambda: self._stage.servers.queues.purge("optimization.fifo"),
            "jobs cancelled": self._cancel,
        }

    def rage(self) -> None:
        """Submit all jobs, a share at each disturbance, of which each kind comes at least twice; then be calm."""
        self._stage.servers.queues.faults(**WEATHER)
        self._keep_fleet()
        steps = max(ROUNDS * len(self.disturbances), self._jobs // JOBS_A_STEP)
        order = list(self.disturbances) * ROUNDS
        order += self._random.choices(list(self.disturbances), k=steps - len(order))
        self._random.shuffle(order)
        for number, name in enumerate(order):
            for _ in range(self._jobs * (number + 1) // steps - self._jobs * number // steps):
                self._submit()
            self.disturbances[name]()
            self.happened[name] += 1
            self._rest(self._random.uniform(0.1, 0.8))
        self._calm()

    def redrive(self) -> None:
        """Queue again what died of the storm alone: in calm weather every one of them must succeed."""
        with pool.system() as connection:
            found = control.redrivable(connection, limit=self._jobs)
            lost = [job.id for job in found if self._accepted.get(job.id) not in (*POISON, None)]
            moved = control.redrive(connection, lost, "an operator")
        self._stage.expect(set(moved.moved) == set(lost), f"refused were {moved.refused}")
        self.redriven = len(lost)
        self._stage.succeeded(*lost, within=60)

    # --- jobs ---

    def _submit(self) -> None:
        names, shares = list(BEHAVIOURS), [share for share, _ in BEHAVIOURS.values()]
        name = self._random.choices(names, shares)[0]
        params = BEHAVIOURS[name][1]
        options = {
            "tenant_id": self._random.choice(self._stage.tenants),
            "kind": "file-load" if name in CONFINED else "transport",
            "priority": self._random.choice((HIGH, NORMAL, LOW)),
            "sends": self._random.random() < 0.2,
        }
        while True:
            try:
                job_id = self._stage.submit(params=params, **options)
            except DatabaseUnavailable:
                # As a client does: what it has no answer for, it asks for again. A job that it does not know of may
                # have been accepted, and must end like all others.
                self.happened["submits repeated"] += 1
                continue
            self._accepted[job_id] = name
            return

    def _cancel(self) -> None:
        young = list(self._accepted)[-JOBS_A_STEP:]
        for job_id in self._random.sample(young, k=min(CANCELS_AT_ONCE, len(young))):
            try:
                self._stage.cancel(job_id)
            except DatabaseUnavailable:
                self.happened["cancels without an answer"] += 1

    # --- disturbances ---

    def _one(self, name: str) -> Worker:
        self._keep_fleet()
        standing = [worker for _, worker in self._frozen]
        return self._random.choice([worker for worker in self._fleet[name] if worker not in standing])

    def _freeze(self) -> None:
        worker = self._one("worker")
        worker.freeze()
        self._frozen.append((time.monotonic() + CLOCKS["LEASE"] + self._random.uniform(0.5, 2), worker))

    def _restart(self, server: str, after: float) -> None:
        self._stage.servers.kill(server)
        self._rest(self._random.uniform(0, after))
        self._stage.servers.start(server)

    def _flush(self) -> None:
        cache_client().flushall()

    def _kill_queues(self) -> None:
        self._count_met()
        self._restart(QUEUES, after=1.0)
        self._stage.servers.queues.faults(**WEATHER)

    def _take_queues_away(self) -> None:
        self._stage.servers.queues.faults(**WEATHER, away=True)
        self._rest(self._random.uniform(0.5, 2))
        self._stage.servers.queues.faults(**WEATHER)

    # --- keeping things going ---

    def _keep_fleet(self) -> None:
        for name, (switches, size) in FLEET.items():
            self._fleet[name] = [worker for worker in self._fleet[name] if worker.process.poll() is None]
            while len(self._fleet[name]) < size:
                self._fleet[name].append(self._stage.worker(*switches, role=ROLES[name]))

    def _rest(self, seconds: float) -> None:
        """Let time pass, and meanwhile replace what ended and thaw what stood still long enough."""
        end = time.monotonic() + seconds
        while True:
            self._keep_fleet()
            for due, worker in self._frozen[:]:
                if time.monotonic() > due:
                    worker.thaw()
                    self._frozen.remove((due, worker))
            if time.monotonic() > end:
                return
            time.sleep(0.05)

    def _calm(self) -> None:
        self._count_met()
        while self._frozen:
            self._rest(0.1)
        self._stage.servers.queues.faults()
        # Poison still kills workers, which are replaced until everything has ended.
        self._stage.until(self._ended, "every job has ended after the storm", within=120)

    def _ended(self) -> bool:
        self._keep_fleet()
        return not self._stage.statuses().keys() & {"queued", "running"}

    def _count_met(self) -> None:
        for state in self._stage.servers.queues.state().values():
            self.met.update(state["counted"])
