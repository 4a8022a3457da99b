"""One part goes away and comes back under a platform; everything that docs/degradation.py names is done meanwhile.

The web is the product's own application behind a real server, the worker a process of this suite's. What was seen is
written down cell by cell; how long each refused or waiting thing took to work again is counted from the moment at
which the part answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import psycopg
from psycopg.types.json import Jsonb

from docs.degradation import TABLE, Cell, Doing, Fate, Part
from networx.api.app import create_app
from networx.db import pool
from networx.db.audit import Doer
from networx.db.bootstrap import DATABASE
from networx.db.pool import Role
from networx.identity import keys
from networx.resilience import aws, objects
from networx.topology import TOPOLOGY
from tests.chaos.clocks import CLOCKS, VISIBILITY_SECONDS
from tests.chaos.stage import Stage
from tests.core.api.served import Generous, served

CIRCUIT_OF = {
    Part.DATABASE: "database",
    Part.CACHE: "cache",
    Part.QUEUE: "queue",
    Part.STORE: "storage",
    Part.REPLICA: "replica",
    Part.MARKET: "host",
    Part.ASSISTANT: "host",
}
# What a worker does, and who watches it.
_OF_JOBS = (Doing.RUNNING, Doing.WATCHED, Doing.WAITING)
SLOTS = 2
RUN = "/api/optimize/run-batch"
MODEL = {"model": {"mps": "NAME small\nROWS\n N c\n L r\nCOLUMNS\n x c 1 r 1\nRHS\n RHS r 4\nENDATA\n"}}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
LONGEST_WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.05
# A client's own patience: nothing may keep it longer.
REQUEST_SECONDS = 30.0


@dataclass(frozen=True)
class Seen:
    """What became of one doing. `back_seconds` from the part's return, where it did not work while it was away."""

    cell: Cell
    back_seconds: float | None = None


Observations = Mapping[Doing, Seen]
# The part is away while this lasts.
Outage = Callable[[], AbstractContextManager[None]]


@contextmanager
def company(stage: Stage, **environment: str) -> Iterator[Company]:
    """A web process's application and a worker on the stage, and who uses them. `environment` is the worker's."""
    with pool.system() as connection:
        connection.execute("UPDATE tenants SET slug = 'dev' WHERE id = %s", (stage.tenants[0],))
        scopes = ["read", "write", "admin", "operator"]
        _, key = keys.create(connection, Doer("a case"), tenant_id=stage.tenants[0], name="a key", scopes=scopes)
    stage.started(stage.worker("--slots", str(SLOTS), "--kinds", "transport,model", **environment))
    app = create_app()
    app.state.limiter = Generous()
    with (
        served(app, timeout_graceful_shutdown=2) as web,
        httpx.Client(
            base_url=web.url, headers={"X-API-Key": key.text}, timeout=REQUEST_SECONDS, trust_env=False
        ) as with_key,
        httpx.Client(base_url=web.url, timeout=REQUEST_SECONDS, trust_env=False) as browser,
    ):
        yield Company(stage, with_key, browser)


class Company:
    """Somebody with a key, a browser, a watcher of one job, and whoever submitted jobs before."""

    def __init__(self, stage: Stage, with_key: httpx.Client, browser: httpx.Client) -> None:
        self._stage, self._key, self._browser = stage, with_key, browser
        self._scenario = made_scenario(with_key, stage.tenants[0])
        self._done = stage.submit(["upload"])
        stage.succeeded(self._done)
        _give_file(stage, self._done)
        self._refused = _refused_upload(stage.tenants[0])
        allowed = with_key.put("/api/assistant/consent", json={"mapping": True, "summaries": False})
        stage.expect(allowed.status_code == 200, allowed.text)
        self._waiting: UUID | None = None
        self._doings: dict[Doing, Callable[[], Cell]] = {
            Doing.LIVE: lambda: _cell(self._browser.get("/api/health/live")),
            Doing.HEALTH: self._health,
            Doing.READ: lambda: _cell(self._key.get("/api/jobs")),
            Doing.EXPORT: self._export,
            Doing.BROWSE: self._browse,
            Doing.SUBMIT: self._submit,
            Doing.SUBMIT_MODEL: lambda: _cell(self._key.post(RUN, json=MODEL)),
            Doing.UPLOAD: lambda: _cell(self._key.post("/api/uploads", files={"file": ("network.xlsx", b"PK a file")})),
            Doing.DOWNLOAD: lambda: _cell(self._key.get(f"/api/jobs/{self._done}/result.xlsx")),
            Doing.WATCH: self._watch,
            Doing.FIGURES: lambda: _cell(self._key.get("/api/market")),
            Doing.REFRESH: self._refresh,
            Doing.SUGGEST: lambda: _cell(self._key.post(f"/api/uploads/{self._refused}/mapping/suggestions")),
            Doing.WATCHED: lambda: Cell(Fate.WORKS if "succeeded" in self._watcher.statuses else Fate.WAITS),
            Doing.RUNNING: lambda: self._witnessed("completed", self._running),
            Doing.WAITING: lambda: self._witnessed("started", self._waiting),
        }

    def play(self, part: Part, outage: Outage) -> Observations:
        """Have the part away once, and see."""
        self._prepare(full=part is Part.DATABASE)
        for doing in Doing:
            if doing not in _OF_JOBS:
                self._expect_works(doing)
        if part is Part.DATABASE:
            self._waiting = self._stage.submit()
        try:
            with outage():
                cells = self._while_away(part)
            back_at = time.monotonic()
            seen = {doing: Seen(cell, self._works_again(doing, cell, back_at)) for doing, cell in cells.items()}
        finally:
            self._open_gates()
            self._watcher.close()
        if part is not Part.DATABASE:
            attempts = self._stage.job(self._running).attempt
            self._stage.expect(attempts == 1, f"the running job was attempted {attempts} times")
        return seen

    def _prepare(self, *, full: bool) -> None:
        """A job that runs, and one for each other slot where what waits could begin otherwise; and a watcher."""
        self._held = [self._stage.submit(["gate"], ["upload"]) for _ in range(SLOTS if full else 1)]
        for job in self._held:
            self._stage.saw("started", job)
        self._running = self._held[0]
        self._watcher = _Watcher(self._key, self._running)
        self._stage.until(lambda: "running" in self._watcher.statuses, "the job is watched")

    def _message_is_old(self) -> bool:
        (started,) = self._stage.witness.lines("started", self._running)
        return time.monotonic() - started.clock > VISIBILITY_SECONDS - CLOCKS["LEASE"]

    def _open_gates(self) -> None:
        for job in self._held:
            self._stage.open_gate(job)

    def _expect_works(self, doing: Doing) -> None:
        """While everything is there. Health knows of other things that may be slow on a busy machine."""
        cell = self._doings[doing]()
        if doing is not Doing.HEALTH:
            self._stage.expect(cell.fate is Fate.WORKS, f"{doing.name} with everything there: {cell}")

    def _while_away(self, part: Part) -> dict[Doing, Cell]:
        """Do everything, requests first, then what a worker does, and ask for health last: it knows by then."""
        requests = [doing for doing in Doing if doing not in (*_OF_JOBS, Doing.HEALTH, Doing.REFRESH)]
        cells = {doing: self._doings[doing]() for doing in requests}
        self._tire(part)
        cells[Doing.REFRESH] = self._doings[Doing.REFRESH]()
        self._stage.until(self._message_is_old, "a worker could take no other job on the running one's message")
        self._open_gates()
        for doing in _OF_JOBS:
            if doing is Doing.WAITING and cells[Doing.SUBMIT].fate is Fate.WORKS:
                self._submit()  # after the others ended: nobody takes it along with their end
            cells[doing] = self._awaited(doing, TABLE[part][doing])
        cells[Doing.HEALTH] = self._awaited(Doing.HEALTH, TABLE[part][Doing.HEALTH])
        return cells

    def _works_again(self, doing: Doing, seen: Cell, back_at: float) -> float | None:
        """Wait until a doing works that did not while the part was away; the seconds that took."""
        if seen.fate is Fate.WORKS:
            return None
        while self._doings[doing]().fate is not Fate.WORKS:
            if time.monotonic() > back_at + LONGEST_WAIT_SECONDS:
                self._stage.expect(False, f"{doing.name} does not work again")
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - back_at

    def _tire(self, part: Part) -> None:
        """Let a circuit open that no single request of above would: of a part that is only asked now and then."""
        tiring = {
            Part.STORE: Doing.DOWNLOAD,
            Part.REPLICA: Doing.EXPORT,
            Part.MARKET: Doing.REFRESH,
            Part.ASSISTANT: Doing.SUGGEST,
        }.get(part)
        for _ in range(TOPOLOGY.circuit(CIRCUIT_OF[part]).failures if tiring else 0):
            self._doings[tiring]()

    def _awaited(self, doing: Doing, declared: Cell) -> Cell:
        """What becomes of a doing that takes its time: what is declared to come about is waited for."""
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while (cell := self._doings[doing]()) != declared and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        return cell

    def _health(self) -> Cell:
        answer = self._browser.get("/api/health")
        told = answer.json()["data"]
        if told["status"] == "unhealthy":
            assert answer.status_code == 503
            return Cell(Fate.UNHEALTHY)
        assert answer.status_code == 200
        away = told["circuits"]["host"] != "closed" or any(
            told["circuits"][name] != "closed" for name in ("database", "replica", "cache", "queue", "storage")
        )
        return Cell(Fate.DEGRADED if away else Fate.WORKS)

    def _export(self) -> Cell:
        answer = self._key.get("/api/jobs", params={"format": "ndjson"})
        if answer.status_code == 200:
            *_, end = answer.text.splitlines()
            assert orjson.loads(end)["end"], "the list is not whole"
        return _cell(answer)

    def _browse(self) -> Cell:
        self._browser.cookies.clear()
        begun = self._browser.post("/sign-in", headers=SAME_ORIGIN)
        return _cell(begun) if begun.status_code == 503 else _cell(self._browser.get("/"))

    def _submit(self) -> Cell:
        answer = self._key.post(RUN, json={"scenario_id": self._scenario})
        if answer.status_code == 202:
            job_id = UUID(answer.json()["data"]["job_id"])
            self._stage.witness.saw("accepted", job_id, 0, "")
            self._waiting = job_id
        return _cell(answer)

    def _watch(self) -> Cell:
        with self._key.stream("GET", f"/api/jobs/{self._running}/events") as answer:
            if answer.status_code != 200:
                answer.read()
                return _cell(answer)
            assert any(line.startswith("data:") for line in answer.iter_lines())
            return Cell()

    def _refresh(self) -> Cell:
        answer = self._key.post("/api/market/refresh")
        if answer.status_code != 200:
            return _cell(answer)
        (asked,) = answer.json()["data"]["asked"]
        if asked["reason"] is None:
            return Cell()
        (figure,) = self._key.get("/api/market").json()["data"]["values"]
        assert figure["usable"]
        assert figure["age_days"] >= 0
        return Cell(Fate.LAST_KNOWN)

    def _witnessed(self, what: str, job_id: UUID | None) -> Cell:
        assert job_id is not None
        return Cell(Fate.WORKS if self._stage.witness.lines(what, job_id) else Fate.WAITS)


class _Watcher:
    """Reads the events of one job in a thread, and comes back as a browser does when its stream ends."""

    def __init__(self, client: httpx.Client, job_id: UUID) -> None:
        self.statuses: list[str] = []
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(client, f"/api/jobs/{job_id}/events"), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join(LONGEST_WAIT_SECONDS)

    def _read(self, client: httpx.Client, path: str) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            with suppress(httpx.HTTPError), client.stream("GET", path) as answer:
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        self.statuses.append(orjson.loads(line.removeprefix("data: "))["status"])
                    if self._closed.is_set():
                        return
            if "succeeded" in self.statuses:
                return


def _cell(answer: httpx.Response) -> Cell:
    """What an answer says. A 503 has the envelope and says when to come back; nothing else may come but success."""
    if answer.status_code < 400:
        return Cell()
    assert answer.status_code == 503, answer.text
    said: dict[str, Any] = answer.json()
    assert not said["success"]
    assert said["request_id"]
    longest = max(circuit.pause.total_seconds() for circuit in TOPOLOGY.circuits)
    assert 1 <= int(answer.headers["Retry-After"]) <= longest
    return Cell(Fate.REFUSED, said["code"])


def made_scenario(client: httpx.Client, tenant_id: UUID) -> str:
    """A scenario that can be submitted, of the client's tenant; its id."""
    project = client.post("/api/projects", json={"name": "A project"}).json()["data"]["project_id"]
    body = {
        "project_id": project,
        "name": "A scenario",
        "type": "transport",
        "datasets": {"network": str(_dataset(tenant_id))},
        "parameters": {},
    }
    scenario: str = client.post("/api/scenarios", json=body).json()["data"]["scenario_id"]
    return scenario


def _dataset(tenant_id: UUID) -> UUID:
    """A loaded network, as far as scenarios look at it."""
    dataset_id, upload_id, sha256 = uuid4(), uuid4(), 2 * uuid4().hex
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, status, dataset_id) "
            "VALUES (%s, %s, 'b', %s, 'network.xlsx', 1, 'loaded', %s)",
            (upload_id, tenant_id, str(upload_id), dataset_id),
        )
    with pool.tenant(tenant_id, Role.LOADER) as connection:
        connection.execute(
            "INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256, counts) "
            "VALUES (%s, %s, 'network', %s, 'network.xlsx', %s, %s, %s)",
            (dataset_id, tenant_id, upload_id, sha256, sha256, Jsonb({"facilities": 2})),
        )
        connection.execute(
            "INSERT INTO network_parameters VALUES (%s, 0, %s, 'single_sourcing', 'no')", (dataset_id, tenant_id)
        )
    return dataset_id


def _refused_upload(tenant_id: UUID) -> UUID:
    """An upload that was refused for a column nobody knows."""
    upload_id = uuid4()
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, status, reason_code, reason) "
            "VALUES (%s, %s, 'b', %s, 'network.xlsx', 1, 'rejected', 'INVALID_INPUT', 'A column is unknown.')",
            (upload_id, tenant_id, str(upload_id)),
        )
    with pool.tenant(tenant_id, Role.LOADER) as connection:
        connection.execute(
            "INSERT INTO upload_columns VALUES (%s, 0, %s, 'Facilities', 'Stadt', %s, %s)",
            (upload_id, tenant_id, ["Aaaa"], ["city", "capacity_units"]),
        )
    return upload_id


def _give_file(stage: Stage, job_id: UUID) -> None:
    """Let the record say that a job left a workbook, and the store have it."""
    key = f"{job_id}/result.xlsx"
    aws.client("s3").put_object(Bucket=objects.bucket("results"), Key=key, Body=b"a workbook")
    with psycopg.connect(stage.servers.postgres.master_conninfo, dbname=DATABASE) as master:
        master.execute(
            "UPDATE networx.results SET result = result || %s WHERE job_id = %s",
            (Jsonb({"files": {"result_xlsx": key}}), job_id),
        )
