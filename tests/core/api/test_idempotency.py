"""A request that creates, sent again under its Idempotency-Key, creates nothing more and is answered the same."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from networx.api import object_store
from networx.db import pool
from networx.db.journeys import Message
from networx.errors import DatabaseUnavailable, ObjectStoreUnavailable
from networx.ingest import records
from networx.jobs import idempotency
from networx.scenarios import store as scenarios

PROJECTS, SCENARIOS, UPLOADS, PRESIGN = "/api/projects", "/api/scenarios", "/api/uploads", "/api/uploads/presign"
RUN = "/api/optimize/run-batch"


def keyed(key: str = "once") -> dict[str, str]:
    return {"Idempotency-Key": key}


def age(hours: float) -> None:
    with pool.system() as connection:
        known = [row[0] for row in connection.execute("SELECT id FROM tenants").fetchall()]
    for tenant_id in known:
        with pool.tenant(tenant_id) as connection:
            connection.execute("UPDATE idempotency_keys SET created_at = created_at - %s", (timedelta(hours=hours),))


@pytest.fixture
def create(client, make_dataset):
    """One request a route that creates: its path, its body, another body, and how many such things there are."""
    project = client.post(PROJECTS, json={"name": "First"}).json()["data"]["project_id"]
    scenario = {"project_id": project, "name": "A", "type": "transport", "datasets": {"network": str(make_dataset())}}
    made = client.post(SCENARIOS, json=scenario).json()["data"]["scenario_id"]
    other = client.post(SCENARIOS, json=scenario).json()["data"]["scenario_id"]
    return {
        "project": (PROJECTS, {"name": "P"}, {"name": "Q"}, PROJECTS),
        "scenario": (SCENARIOS, scenario, scenario | {"name": "B"}, SCENARIOS),
        "presigned upload": (
            PRESIGN, {"filename": "n.xlsx", "bytes": 5}, {"filename": "n.xlsx", "bytes": 6}, UPLOADS
        ),
        "run": (RUN, {"scenario_id": made}, {"scenario_id": other}, "/api/jobs"),
    }  # fmt: skip


CREATED = ["project", "scenario", "presigned upload", "run"]


def count(client, path: str) -> int:
    return len(client.get(path).json()["data"])


@pytest.mark.parametrize("what", CREATED)
def test_the_same_key_and_body_give_the_same_answer_and_create_once(client, create, what):
    path, body, _, listed = create[what]
    before = count(client, listed)
    first = client.post(path, json=body, headers=keyed())
    again = client.post(path, json=body, headers=keyed())
    assert first.is_success, first.text
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.json()["data"]) == (first.status_code, first.json()["data"])
    assert again.headers.get("Location") == first.headers.get("Location")
    assert again.json()["request_id"] == again.headers["X-Request-Id"]
    assert count(client, listed) == before + 1


@pytest.mark.parametrize("what", CREATED)
def test_another_body_under_the_key_is_a_conflict_and_creates_nothing(client, create, what):
    path, body, other, listed = create[what]
    client.post(path, json=body, headers=keyed())
    before = count(client, listed)
    answer = client.post(path, json=other, headers=keyed())
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert "another request" in answer.json()["error"]
    assert "Retry-After" not in answer.headers
    assert count(client, listed) == before


@pytest.mark.parametrize("what", CREATED)
def test_twelve_at_once_create_once(client, create, what):
    path, body, _, listed = create[what]
    before = count(client, listed)
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: client.post(path, json=body, headers=keyed()), range(12)))
    first = answers[0].json()["data"]
    assert all(answer.json()["data"] == first for answer in answers), [each.text for each in answers]
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert count(client, listed) == before + 1


def test_the_order_of_a_bodys_fields_does_not_make_it_another(client):
    answers = [
        client.post(PRESIGN, content=body, headers=keyed() | {"Content-Type": "application/json"})
        for body in ('{"filename": "n.xlsx", "bytes": 5}', '{ "bytes":5, "filename":"n.xlsx" }')
    ]
    assert answers[0].json()["data"] == answers[1].json()["data"]


def test_a_key_stands_for_one_address(client):
    assert client.post(PROJECTS, json={"name": "P"}, headers=keyed()).status_code == 201
    assert client.post(PRESIGN, json={"filename": "P", "bytes": 1}, headers=keyed()).status_code == 409


def test_a_revision_of_a_scenario_is_made_once(client, make_scenario):
    address = f"{SCENARIOS}/{make_scenario()}"
    first, again = (client.patch(address, json={"name": "B"}, headers=keyed()).json()["data"] for _ in range(2))
    assert first == again
    assert client.get(address).json()["data"]["version"] == 2


def test_the_keys_of_two_tenants_are_two(client, foreigner):
    ours = client.post(PROJECTS, json={"name": "P"}, headers=keyed()).json()["data"]
    theirs = foreigner.post(PROJECTS, json={"name": "Q"}, headers=keyed())
    assert theirs.status_code == 201
    assert theirs.json()["data"]["project_id"] != ours["project_id"]


def test_without_a_key_every_request_creates(client):
    ids = {client.post(PROJECTS, json={"name": "P"}).json()["data"]["project_id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize("key", ["", "ü", "tab\there", "x" * 256])
def test_a_key_is_printable_ascii(client, key):
    answer = client.post(PROJECTS, json={"name": "P"}, headers=[("Idempotency-Key", key.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")
    assert "Idempotency-Key" in answer.json()["error"]
    assert count(client, PROJECTS) == 0


def test_a_key_may_have_spaces(client):
    ids = {
        client.post(PROJECTS, json={"name": "P"}, headers=keyed("the first run")).json()["data"]["project_id"]
        for _ in range(2)
    }
    assert len(ids) == 1


def test_two_keys_in_one_request_are_none(client):
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert client.post(PROJECTS, json={"name": "P"}, headers=headers).status_code == 400


@pytest.mark.parametrize("key", ["~!", "x" * 255])
def test_the_longest_and_strangest_keys_do(client, key):
    assert client.post(PROJECTS, json={"name": "P"}, headers=keyed(key)).status_code == 201
    assert client.post(PROJECTS, json={"name": "P"}, headers=keyed(key)).headers["Idempotent-Replayed"] == "true"


def test_a_refused_request_leaves_its_key_free(client, make_scenario):
    assert client.post(PROJECTS, json={"name": " "}, headers=keyed()).status_code == 422
    assert client.post(PROJECTS, json={"name": "P"}, headers=keyed()).status_code == 201
    lacking = make_scenario({"max_facilities": "many"})
    assert client.post(RUN, json={"scenario_id": lacking}, headers=keyed("run")).status_code == 422
    client.patch(f"{SCENARIOS}/{lacking}", json={"parameters": {}})
    assert client.post(RUN, json={"scenario_id": lacking}, headers=keyed("run")).status_code == 202


def test_a_request_that_failed_leaves_its_key_free_and_nothing_behind(client, make_scenario, monkeypatch):
    body = {"scenario_id": make_scenario()}

    def fails_after_creating(connection, *last):
        found = Message(connection, last).answers()
        assert found[0].rows()
        raise DatabaseUnavailable

    with monkeypatch.context() as failing:
        failing.setattr(pool, "end", fails_after_creating)
        assert client.post(RUN, json=body, headers=keyed()).status_code == 503
    assert count(client, "/api/jobs") == 0
    assert client.post(RUN, json=body, headers=keyed()).status_code == 202
    assert count(client, "/api/jobs") == 1


def test_who_waits_too_long_for_the_first_is_asked_to_come_again(client, monkeypatch):
    monkeypatch.setattr(idempotency, "PATIENCE", timedelta(milliseconds=200))
    create_project = scenarios.create_project
    begun, go_on = threading.Event(), threading.Event()

    def slowly(*arguments):
        begun.set()
        go_on.wait(10)
        return create_project(*arguments)

    monkeypatch.setattr(scenarios, "create_project", slowly)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(lambda: client.post(PROJECTS, json={"name": "P"}, headers=keyed()))
        assert begun.wait(10)
        second = client.post(PROJECTS, json={"name": "P"}, headers=keyed())
        go_on.set()
        made = first.result().json()["data"]
    assert (second.status_code, second.headers["Retry-After"]) == (409, "2")
    assert "being worked on" in second.json()["error"]
    third = client.post(PROJECTS, json={"name": "P"}, headers=keyed())
    assert (third.json()["data"], third.headers["Idempotent-Replayed"]) == (made, "true")
    assert count(client, PROJECTS) == 1


def test_a_key_is_free_again_after_a_day(client):
    first = client.post(PROJECTS, json={"name": "P"}, headers=keyed()).json()["data"]
    age(hours=23.9)
    assert client.post(PROJECTS, json={"name": "P"}, headers=keyed()).json()["data"] == first
    age(hours=0.2)
    later = client.post(PROJECTS, json={"name": "Q"}, headers=keyed())
    assert later.status_code == 201
    assert later.json()["data"]["project_id"] != first["project_id"]
    assert client.post(PROJECTS, json={"name": "Q"}, headers=keyed()).json()["data"] == later.json()["data"]


# --- files: what makes a request the same is the file's name, size and digest ---


def send(client, content: bytes, name: str = "n.xlsx", key: str = "once"):
    return client.post(UPLOADS, files={"file": (name, content)}, headers=keyed(key))


def open_parts(aws, record) -> list[str]:
    answer = aws.s3.list_multipart_uploads(Bucket=record.environment["NETWORX_INPUT_BUCKET"])
    return [upload["Key"] for upload in answer.get("Uploads", []) if record.slug in upload["Key"]]


def objects_of(aws, record) -> list[str]:
    answer = aws.s3.list_object_versions(
        Bucket=record.environment["NETWORX_INPUT_BUCKET"], Prefix=f"uploads/{record.slug}/"
    )
    return [version["Key"] for version in answer.get("Versions", [])]


def test_a_file_sent_again_is_one_upload_and_one_object(client, aws, record):
    content = os.urandom(100_000)
    first, again = send(client, content), send(client, content)
    assert (first.status_code, again.status_code) == (202, 202)
    assert (again.headers["Idempotent-Replayed"], again.json()["data"]) == ("true", first.json()["data"])
    assert count(client, UPLOADS) == 1
    assert len(objects_of(aws, record)) == 1
    assert open_parts(aws, record) == []


@pytest.mark.parametrize(("content", "name"), [(b"abd", "n.xlsx"), (b"abcd", "n.xlsx"), (b"abc", "m.xlsx")])
def test_another_file_under_the_key_is_a_conflict_and_leaves_nothing(client, aws, record, content, name):
    assert send(client, b"abc").status_code == 202
    assert send(client, content, name).status_code == 409
    assert count(client, UPLOADS) == len(objects_of(aws, record)) == 1
    assert open_parts(aws, record) == []


def test_a_file_sent_twice_at_once_is_one_upload(client, aws, record):
    content = os.urandom(50_000)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: send(client, content), range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["data"]["upload_id"] for answer in answers}) == 1
    assert count(client, UPLOADS) == len(set(objects_of(aws, record))) == 1
    assert open_parts(aws, record) == []


def test_a_repetition_finishes_the_upload_whose_request_died_before_it_did(client, aws, record, monkeypatch):
    content = os.urandom(20_000)

    def away(*_):
        raise ObjectStoreUnavailable

    with monkeypatch.context() as dying:
        dying.setattr(object_store, "finish_upload", away)
        assert send(client, content).status_code == 503
    assert objects_of(aws, record) == []
    again = send(client, content)
    assert again.status_code == 202
    (key,) = objects_of(aws, record)
    assert again.json()["data"]["upload_id"] in key
    stored = aws.s3.get_object(Bucket=record.environment["NETWORX_INPUT_BUCKET"], Key=key)["Body"].read()
    assert stored == content
    assert count(client, UPLOADS) == 1
    assert open_parts(aws, record) == []


def test_a_repetition_of_an_upload_that_arrived_touches_it_no_more(client, aws, record, monkeypatch):
    first = send(client, b"abc").json()["data"]
    with pool.system() as connection:
        upload = records.get_upload(connection, first["upload_id"])
        records.arrived(
            connection, tenant_id=record.tenant_id, bucket=upload.bucket, key=upload.key, version="v1",
            filename=upload.filename, size=3,
        )  # fmt: skip
    finished: list[str] = []
    monkeypatch.setattr(object_store, "finish_upload", lambda key, *_: finished.append(key))
    assert send(client, b"abc").json()["data"] == first
    assert finished == []
