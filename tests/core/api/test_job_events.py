"""Live streams: ids that let a client come back without hearing anything twice, and streams that end with their key."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from networx.api import admission, people, streams
from networx.api.routes import job_events
from networx.db import pool
from networx.db.audit import Doer
from networx.errors import CacheUnavailable, DatabaseUnavailable
from networx.identity import keys, tenants
from networx.jobs import progress
from tests.core.api.conftest import client_of, give_key
from tests.core.api.test_sign_in import SAME_ORIGIN, sign_in
from tests.core.jobs import steps

DEADLINE_SECONDS = 60.0


def events_of(answer: Any) -> list[dict[str, str]]:
    """The fields of each event of a stream that has ended; comments stand under an empty name."""
    events = []
    for block in answer.text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) if not line.startswith(":") else ("", line[2:]) for line in block.split("\n"))
        events.append(fields)
    return events


def seen_of(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(event["data"]) for event in events_of(answer) if event.get("event") == "job"]


def ids_of(answer: Any) -> list[str]:
    return [event["id"] for event in events_of(answer) if event.get("event") == "job"]


@contextmanager
def later(act: Callable[[], object], when: Callable[[], bool]) -> Iterator[None]:
    """Do something in another thread as soon as something holds."""
    failed: list[BaseException] = []

    def run() -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not when():
            if time.monotonic() > deadline:
                failed.append(AssertionError("what was waited for never came"))
                break
            time.sleep(0.02)
        act()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(DEADLINE_SECONDS)
    assert not failed, failed


def ask(client: TestClient, job_id: object, last: str | None = None) -> Any:
    return client.get(f"/api/jobs/{job_id}/events", headers={} if last is None else {"Last-Event-ID": last})


def is_open(client: TestClient) -> Callable[[], bool]:
    return lambda: bool(client.app.state.streams._watched)


@pytest.fixture
def job(record) -> Any:
    return steps.submit(record.tenant_id)


def test_every_event_has_an_id_and_the_stream_says_when_to_come_again(client, record, job):
    steps.claimed()
    mine = steps.current(job)
    with later(lambda: steps.complete(mine), is_open(client)):
        answer = ask(client, job.id)
    assert events_of(answer)[0] == {"retry": "3000"}
    assert [shown["status"] for shown in seen_of(answer)][-1] == "succeeded"
    ids = ids_of(answer)
    assert len(ids) == len(set(ids)) == len(seen_of(answer)) >= 2


def test_who_comes_back_with_the_newest_id_hears_nothing_twice(client, record, job):
    with later(lambda: client_of(**client.headers).post(f"/api/jobs/{job.id}/cancel"), is_open(client)):
        first = ask(client, job.id)
    queued, ended = ids_of(first)
    again = ask(client, job.id, ended)
    assert (again.status_code, again.content) == (204, b""), "nothing more will ever come"
    assert [shown["status"] for shown in seen_of(ask(client, job.id, queued))] == ["cancelled"]


def test_who_comes_back_while_nothing_changed_hears_the_next_change_alone(client, record, job):
    running = steps.claimed()
    with pool.tenant(record.tenant_id):
        present = job_events._look(admission.holder_of(client.headers["X-API-Key"]), job.id)
    with later(lambda: steps.complete(running), is_open(client)):
        answer = ask(client, job.id, present.id)
    assert [shown["status"] for shown in seen_of(answer)] == ["succeeded"]


@pytest.mark.parametrize(
    "garbage",
    ["0", "99999999999999999999", "ffffffffffffffffffffffff", "x" * 8000, "-1", "null", "\xe9", "a b", "'--", ""],
)
def test_an_id_that_is_none_of_the_present_state_gets_the_present_state(client, record, job, garbage):
    client.post(f"/api/jobs/{job.id}/cancel")
    answer = client.get(f"/api/jobs/{job.id}/events", headers={"Last-Event-ID": garbage.encode("latin-1")})
    assert answer.status_code == 200
    assert [shown["status"] for shown in seen_of(answer)] == ["cancelled"]


def test_an_id_of_another_job_is_none_of_this(client, record, job):
    other = steps.submit(record.tenant_id)
    for one in (job, other):
        client.post(f"/api/jobs/{one.id}/cancel")
    (foreign,) = ids_of(ask(client, other.id))
    assert [shown["id"] for shown in seen_of(ask(client, job.id, foreign))] == [str(job.id)]


def test_the_state_has_the_same_id_in_every_process(client, record, job):
    client.post(f"/api/jobs/{job.id}/cancel")
    assert ids_of(ask(client, job.id)) == ids_of(ask(client_of(**client.headers), job.id))


# --- What ends a stream ---


@pytest.fixture
def asked_always(monkeypatch) -> None:
    """Whoever watches is asked for at every look."""
    monkeypatch.setattr(admission, "ASKED_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(job_events, "_LOOK_ALONE_SECONDS", 0.05)


def closing(answer: Any) -> str:
    return events_of(answer)[-1][""]


def test_a_stream_ends_with_its_key(record, job, asked_always):
    with pool.system() as connection:
        row, key = keys.create(connection, Doer("a test"), tenant_id=record.tenant_id, name="a key", scopes=["read"])

    def revoke() -> None:
        with pool.system() as connection:
            keys.revoke(connection, Doer("a test"), row.id)

    client = client_of(**{"X-API-Key": key.text})
    with later(revoke, is_open(client)):
        answer = ask(client, job.id)
    assert closing(answer) == "closed, KEY_REVOKED"
    assert ask(client, job.id).status_code == 401
    assert not client.app.state.streams._watched


def test_a_stream_ends_when_its_key_expires(client, record, job, asked_always):
    def expire() -> None:
        with pool.system() as connection:
            connection.execute("UPDATE api_keys SET expires_at = now() - interval '1 s'")

    with later(expire, is_open(client)):
        answer = ask(client, job.id)
    assert closing(answer) == "closed, KEY_EXPIRED"


def test_a_stream_ends_with_its_tenant(client, record, job, asked_always):
    def revoke() -> None:
        with pool.system() as connection:
            tenants.revoke(connection, Doer("a test"), record.slug)

    with later(revoke, is_open(client)):
        answer = ask(client, job.id)
    assert closing(answer) == "closed, TENANT_REVOKED"
    assert ask(client, job.id).status_code == 403


@pytest.fixture
def person(record, stranger) -> TestClient:
    """A person at the machine itself, signed in."""
    with pool.system() as connection:
        connection.execute("UPDATE tenants SET slug = %s WHERE id = %s", (people.LAPTOP_TENANT, record.tenant_id))
    assert sign_in(stranger).status_code == 303
    return stranger


def test_a_stream_ends_with_the_sign_out(person, job, asked_always):
    elsewhere = client_of()
    elsewhere.cookies = person.cookies
    signing_out = lambda: elsewhere.post("/sign-out", headers=SAME_ORIGIN)  # noqa: E731
    with later(signing_out, is_open(person)):
        answer = ask(person, job.id)
    assert closing(answer) == "closed, SESSION_ENDED"


def test_a_stream_outlives_a_cache_and_a_record_that_are_away_for_a_while(person, job, asked_always, monkeypatch):
    asked = iter([DatabaseUnavailable(), CacheUnavailable()])
    still_in, told = admission.still_in, []

    def away_at_first(*arguments: Any) -> Any:
        fault = next(asked, None)
        if fault is not None:
            told.append(fault)
            raise fault
        return still_in(*arguments)

    monkeypatch.setattr(admission, "still_in", away_at_first)
    with later(lambda: person.post(f"/api/jobs/{job.id}/cancel", headers=SAME_ORIGIN), lambda: len(told) == 2):
        answer = ask(person, job.id)
    assert seen_of(answer)[-1]["status"] == "cancelled"


def test_a_stream_does_not_outlive_a_cache_that_stays_away(person, job, asked_always, monkeypatch):
    def away(*_arguments: Any) -> Any:
        raise CacheUnavailable

    monkeypatch.setattr(admission, "still_in", away)
    monkeypatch.setattr(streams, "UNTOLD_SECONDS", 0.2)
    assert closing(ask(person, job.id)) == "closed, CACHE_UNAVAILABLE"


def test_streams_of_one_key_share_one_look(monkeypatch):
    asked: list[int] = []
    registry = streams.Streams()

    async def look_together() -> list[object]:
        with registry.held("a key", lambda: asked.append(1)) as one, registry.held("a key", pytest.fail) as other:
            assert one is other
            before = await one.refusal()
            assert not asked, "it was let in a moment ago"
            monkeypatch.setattr(admission, "ASKED_EVERY_SECONDS", 0.0)
            first = asyncio.ensure_future(one.refusal())
            await asyncio.sleep(0)
            monkeypatch.setattr(admission, "ASKED_EVERY_SECONDS", 3600.0)
            return [before, await first, *await asyncio.gather(*(other.refusal() for _ in range(500)))]

    assert asyncio.run(look_together()) == [None] * 502
    assert asked == [1]


def test_more_streams_than_a_key_may_hold_are_refused_and_another_keys_are_not(client, record, job, monkeypatch):
    monkeypatch.setattr(streams, "MOST_OF_ONE", 1)
    refused: list[Any] = []

    def try_and_end() -> None:
        refused.append(ask(client, job.id))
        another = client_of(**{"X-API-Key": give_key(record.tenant_id)})
        another.post(f"/api/jobs/{job.id}/cancel")
        progress.publish(job.id)

    with later(try_and_end, is_open(client)):
        first = ask(client, job.id)
    assert seen_of(first)[-1]["status"] == "cancelled"
    assert (refused[0].status_code, refused[0].json()["code"]) == (429, "RATE_LIMITED")
    assert int(refused[0].headers["Retry-After"]) > 0
    assert ask(client, job.id).status_code == 200, "one that has ended makes room"


def test_an_unknown_job_has_no_stream_whatever_the_id(client):
    assert ask(client, uuid4(), "0" * 24).status_code == 404
