"""The clients of a load: each sends its next request when the last one was answered, as people and scripts do.

A 429 or a 503 that says when to come again is obeyed: the client waits as long, within the time of the test. What was
sent is told by figures, never by what a client gave up: every request that was begun is a sample.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from cli.load.figures import LIMITED, SUCCESS, Sample
from cli.load.material import MEDIA_TYPE, workbook
from cli.load.mix import Mix, Operation
from cli.terminal import CommandFailed

_TIMEOUT_SECONDS = 30.0
_READY_SECONDS = 120.0
_UNTOLD_WAIT_SECONDS = 1.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Load:
    """A load to be made: until `requests` were begun or `seconds` are over, whichever is given.

    `pause` says how long a client rests after an answer, in seconds.
    """

    mix: Mix
    concurrency: int
    requests: int | None = None
    seconds: float | None = None
    pause: Callable[[], float] = lambda: 0.0


@dataclass
class Made:
    """What a load has made so far: samples, and the ids of what the platform accepted."""

    samples: list[Sample] = field(default_factory=list)
    job_ids: list[str] = field(default_factory=list)
    upload_ids: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Driver:
    """The clients of one load on one platform, by its address and a key that may write."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key
        # Another run's networks are other networks, so that each upload is loaded and not recognised.
        self._numbers = itertools.count(int.from_bytes(os.urandom(4)))
        self._stopped = False

    def prepare(self) -> str:
        """Upload one network and make a scenario of it; its id. Raises CommandFailed."""
        return asyncio.run(self._prepare())

    def make(self, load: Load, scenario_id: str, made: Made | None = None) -> Made:
        """Make the load; `made` grows meanwhile, for whoever watches from another thread."""
        made = Made() if made is None else made
        asyncio.run(self._make(load, scenario_id, made))
        return made

    def stop(self) -> None:
        """Let a load that runs in another thread end after the requests under way."""
        self._stopped = True

    def _client(self, connections: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._url,
            headers={"X-API-Key": self._key},
            timeout=_TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            trust_env=False,
        )

    async def _prepare(self) -> str:
        async with self._client(1) as client:
            try:
                number = next(self._numbers)
                upload = _data(await client.post("/api/uploads", files=_form(number)))
                deadline = time.monotonic() + _READY_SECONDS
                while upload["status"] != "loaded":
                    if upload["status"] == "rejected" or time.monotonic() > deadline:
                        raise CommandFailed(f"The network to be solved stayed {upload['status']}: {upload['reason']}.")
                    await asyncio.sleep(_POLL_SECONDS)
                    upload = _data(await client.get(f"/api/uploads/{upload['upload_id']}"))
                project = _data(await client.post("/api/projects", json={"name": "load test"}))
                scenario = {
                    "project_id": project["project_id"],
                    "name": f"load test {number}",
                    "type": "transport",
                    "datasets": {"network": upload["dataset_id"]},
                }
                return str(_data(await client.post("/api/scenarios", json=scenario))["scenario_id"])
            except httpx.TransportError as fault:
                raise CommandFailed(f"{self._url} cannot be reached: {fault}.") from fault

    async def _make(self, load: Load, scenario_id: str, made: Made) -> None:
        began = time.monotonic()
        until = began + load.seconds if load.seconds is not None else float("inf")
        turns = load.mix.turns()
        tickets = itertools.count() if load.requests is None else range(load.requests).__iter__()
        async with self._client(load.concurrency) as client:
            asks = _Asks(client, scenario_id, lambda: next(self._numbers), made)

            async def one_client() -> None:
                for _ in tickets:
                    wait = await asks.ask(next(turns))
                    now = time.monotonic()
                    if self._stopped or now + (wait or 0.0) >= until:
                        return
                    await asyncio.sleep(load.pause() if wait is None else wait)
                    made.seconds = time.monotonic() - began

            await asyncio.gather(*(one_client() for _ in range(load.concurrency)))
        made.seconds = time.monotonic() - began


class _Asks:
    """Single requests, each of which leaves a sample."""

    def __init__(self, client: httpx.AsyncClient, scenario_id: str, number: Callable[[], int], made: Made) -> None:
        self._client = client
        self._scenario_id = scenario_id
        self._number = number
        self._made = made
        self._reads = itertools.count()

    async def ask(self, operation: Operation) -> float | None:
        """Do one operation; how long to wait before the next one, if the answer said so."""
        # Made before the clock runs: what the client prepares is not the platform's time.
        method, path, arguments = self._request(operation)
        began = time.perf_counter()
        answer: httpx.Response | None = None
        try:
            answer = await self._client.request(method, path, **arguments)
            outcome = _outcome(answer)
        except httpx.TransportError as fault:
            outcome = type(fault).__name__
        self._made.samples.append(Sample(operation.value, outcome, time.perf_counter() - began))
        if outcome == SUCCESS and answer is not None:
            self._note(operation, answer)
            return None
        return _wait(answer)

    def _request(self, operation: Operation) -> tuple[str, str, dict[str, Any]]:
        match operation:
            case Operation.UPLOADS:
                return "POST", "/api/uploads", {"files": _form(self._number())}
            case Operation.SUBMITS:
                return "POST", "/api/optimize/run-batch", {"json": {"scenario_id": self._scenario_id}}
            case Operation.READS:
                paths = ["/api/jobs", "/api/uploads", f"/api/scenarios/{self._scenario_id}"]
                paths += [f"/api/jobs/{job_id}" for job_id in self._made.job_ids[-1:]]
                paths += [f"/api/uploads/{upload_id}" for upload_id in self._made.upload_ids[-1:]]
                return "GET", paths[next(self._reads) % len(paths)], {}

    def _note(self, operation: Operation, answer: httpx.Response) -> None:
        if operation is Operation.SUBMITS:
            self._made.job_ids.append(_data(answer)["job_id"])
        elif operation is Operation.UPLOADS:
            self._made.upload_ids.append(_data(answer)["upload_id"])


def _form(number: int) -> dict[str, tuple[str, bytes, str]]:
    return {"file": (f"load-test-{number}.xlsx", workbook(number), MEDIA_TYPE)}


def _outcome(answer: httpx.Response) -> str:
    if answer.is_success:
        return SUCCESS
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return LIMITED
    with suppress(orjson.JSONDecodeError, LookupError, TypeError):
        return f"{answer.status_code} {orjson.loads(answer.content)['code']}"
    return str(answer.status_code)


def _wait(answer: httpx.Response | None) -> float:
    """How long a client that was not served stays away, in seconds."""
    said = "" if answer is None else answer.headers.get("retry-after", "")
    return float(said) if said.isdigit() else _UNTOLD_WAIT_SECONDS


def _data(answer: httpx.Response) -> Any:
    try:
        body = orjson.loads(answer.content)
    except orjson.JSONDecodeError as fault:
        raise CommandFailed(f"{answer.request.url} answered {answer.status_code} without JSON.") from fault
    if not answer.is_success:
        raise CommandFailed(f"{answer.request.url}: {body.get('error')} ({body.get('code')})")
    return body["data"]
