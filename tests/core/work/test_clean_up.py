"""What is tidied, over a real record, queue and store, and above all what is left alone."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from networx import settings
from networx.assistant import ledger
from networx.assistant.budget import Offer, budgets_of
from networx.assistant.ledger import About
from networx.assistant_terms import AssistantTerms, Price
from networx.db import pool
from networx.db.pool import Role
from networx.errors import ObjectStoreUnavailable
from networx.ingest import records
from networx.jobs import claims, control, endings, relay, store
from networx.jobs.job import Job, JobStatus
from networx.topology import TOPOLOGY
from networx.work import clean_up, publish
from networx.work.archive_jobs import archive_jobs
from networx.work.receive_upload import Arrival, receive
from tests.core.jobs.steps import claimed, complete, current, hints, spend_hints, submit

OLD = clean_up.AWAITED_FOR + timedelta(minutes=1)
LATE = clean_up.HEARD_OF_WITHIN + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def time_flies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in a real store cannot be made older: so it is late at once."""
    monkeypatch.setattr(clean_up, "HEARD_OF_WITHIN", timedelta(0))


def announced(record, aws, *, content: bytes | None = None, aged: timedelta = LATE, parts: bool = False) -> UUID:
    """An upload that was announced so long ago, whose object lies there or not; `parts`: begun in parts."""
    bucket, key = settings.current().buckets["input"], f"uploads/{record.slug}/{uuid4()}/network.xlsx"
    begun = aws.s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] if parts else None
    with pool.tenant(record.tenant_id) as connection:
        upload = records.create_upload(
            connection,
            upload_id=uuid4(),
            tenant_id=record.tenant_id,
            bucket=bucket,
            key=key,
            filename="network.xlsx",
            bytes=7,
            multipart_id=begun,
        )
    with pool.system() as connection:
        connection.execute("UPDATE uploads SET created_at = now() - %s WHERE id = %s", (aged, upload.id))
    if content is not None:
        aws.s3.put_object(Bucket=bucket, Key=key, Body=content)
        forget_events(aws)
    return upload.id


def upload_of(upload_id: UUID) -> records.Upload:
    with pool.system() as connection:
        return records.get_upload(connection, upload_id)


def begun(aws, upload_id: UUID) -> int:
    """How many uploads in parts are open for this one's key."""
    listed = aws.s3.list_multipart_uploads(Bucket=settings.current().buckets["input"]).get("Uploads", [])
    return len([found for found in listed if found["Key"] == upload_of(upload_id).key])


def events(aws) -> list[Arrival]:
    """The events that wait, taken off the queue."""
    url = settings.current().queue_urls["upload-events"]
    found: list[Arrival] = []
    while messages := aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        for message in messages:
            found.append(Arrival.from_event(json.loads(message["Body"])))
            aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


forget_events = events


@pytest.fixture(autouse=True)
def empty_input(record, aws) -> None:
    bucket = settings.current().buckets["input"]
    for kind in ("Versions", "DeleteMarkers"):
        for found in aws.s3.list_object_versions(Bucket=bucket).get(kind, []):
            aws.s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])


# Uploads


def test_an_upload_whose_event_was_lost_is_announced_again_and_taken_in(record, aws, emitted):
    upload_id = announced(record, aws, content=b"%PDF-1.7")
    clean_up.settle_awaited_uploads()
    (arrival,) = events(aws)
    receive(arrival)
    assert upload_of(upload_id).status == "rejected"
    assert emitted[("UploadEventsLost",)] == 1
    clean_up.settle_awaited_uploads()
    assert events(aws) == []


def test_an_object_that_just_came_is_waited_for(record, aws, emitted, monkeypatch):
    announced(record, aws, content=b"%PDF-1.7")
    monkeypatch.setattr(clean_up, "HEARD_OF_WITHIN", timedelta(minutes=5))
    with pool.system() as connection:
        connection.execute("UPDATE uploads SET created_at = now() - interval '1 hour'")
    clean_up.settle_awaited_uploads()
    assert events(aws) == []


def test_while_events_wait_in_the_queue_none_is_lost(record, aws, emitted):
    announced(record, aws, content=b"%PDF-1.7")
    aws.sqs.send_message(QueueUrl=settings.current().queue_urls["upload-events"], MessageBody=json.dumps(LOOSE_EVENT))
    clean_up.settle_awaited_uploads()
    assert len(events(aws)) == 1
    assert ("UploadEventsLost",) not in emitted


LOOSE_EVENT = {"detail": {"bucket": {"name": "b"}, "object": {"key": "uploads/a/b", "version-id": "v", "size": 1}}}


def test_an_upload_that_never_came_is_given_up_with_its_parts(record, aws, emitted):
    upload_id = announced(record, aws, aged=OLD, parts=True)
    clean_up.settle_awaited_uploads()
    assert upload_of(upload_id).status == "aborted"
    assert emitted[("LeftoversRemoved", "awaited uploads")] == 1
    assert begun(aws, upload_id) == 0


def test_an_upload_that_may_still_come_is_left_alone(record, aws, emitted):
    upload_id = announced(record, aws, aged=clean_up.AWAITED_FOR - timedelta(minutes=5), parts=True)
    clean_up.settle_awaited_uploads()
    assert upload_of(upload_id).status == "received"
    assert begun(aws, upload_id) == 1


def test_an_old_upload_whose_object_lies_there_is_not_given_up(record, aws, emitted):
    upload_id = announced(record, aws, content=b"%PDF-1.7", aged=OLD, parts=True)
    clean_up.settle_awaited_uploads()
    assert upload_of(upload_id).status == "received"
    assert len(events(aws)) == 1


def test_an_upload_that_was_taken_in_is_nobodys_leftover(record, aws, emitted):
    upload_id = announced(record, aws, content=b"%PDF-1.7", aged=OLD)
    clean_up.settle_awaited_uploads()
    (arrival,) = events(aws)
    receive(arrival)
    before = upload_of(upload_id)
    clean_up.settle_awaited_uploads()
    clean_up.announce_lost_uploads()
    assert upload_of(upload_id) == before
    assert events(aws) == []


def test_what_was_copied_into_the_bucket_and_never_heard_of_is_announced(record, aws, emitted):
    bucket = settings.current().buckets["input"]
    keys = {f"uploads/{record.slug}/{name}.csv" for name in ("a", "b")}
    for key in keys:
        aws.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    aws.s3.put_object(Bucket=bucket, Key="elsewhere/c.csv", Body=b"x")
    known = min(keys)
    for arrival in forget_events(aws):
        if arrival.key == known:
            receive(arrival)
    clean_up.announce_lost_uploads()
    again = events(aws)
    assert {arrival.key for arrival in again} == keys - {known}
    assert all(arrival.size == 1 for arrival in again)


# The outbox


def dead(record) -> Job:
    submit(record.tenant_id)
    spend_hints()
    job = claimed()
    with pool.system() as connection:
        assert endings.end(connection, job, JobStatus.DEAD, {"code": "CHILD_LOST", "message": "gone"})
    return current(job)


def test_a_hint_to_a_job_that_ended_goes_and_every_other_stays(record, emitted):
    waiting, cancelled = submit(record.tenant_id), submit(record.tenant_id)
    with pool.system() as connection:
        store.cancel(connection, cancelled.id, "a person")
    clean_up.drop_outbox_leftovers()
    assert len(hints(waiting)) == 1
    assert hints(cancelled) == []
    assert emitted[("LeftoversRemoved", "outbox entries")] == 1


def test_the_news_of_a_death_stays_until_it_is_told(record, emitted):
    job = dead(record)
    clean_up.drop_outbox_leftovers()
    assert [topic for topic, _ in hints(job)] == ["job.dead"]


def test_a_job_that_was_redriven_keeps_its_new_hint(record, emitted):
    job = dead(record)
    with pool.system() as connection:
        control.redrive(connection, [job.id], "a person")
    clean_up.drop_outbox_leftovers()
    assert [topic for topic, _ in hints(job)] == ["job.ready"]


def test_what_a_relay_is_sending_is_left_to_it(record, emitted):
    job = submit(record.tenant_id)
    with pool.system() as connection:
        connection.execute(relay._TAKE, {"lease": relay.LEASE, "most": 10})
        store.cancel(connection, job.id, "a person")
    clean_up.drop_outbox_leftovers()
    assert len(hints(job)) == 1


# Idempotency keys

_KEY = """INSERT INTO idempotency_keys (tenant_id, key, request_sha256, status, answer, created_at)
          VALUES (%s, %s, 'sha', 202, '{}', now() - %s)"""


def remembered(record, key: str, aged: timedelta) -> None:
    with pool.tenant(record.tenant_id) as connection:
        connection.execute(_KEY, (record.tenant_id, key, aged))


def keys() -> set[str]:
    with pool.system() as connection:
        return {row[0] for row in connection.execute("SELECT key FROM idempotency_keys").fetchall()}


def test_keys_are_forgotten_after_a_day_however_many_there_are(record, emitted, monkeypatch):
    monkeypatch.setattr(clean_up, "_AT_ONCE", 2)
    for number in range(5):
        remembered(record, f"old-{number}", timedelta(hours=24, minutes=number + 1))
    remembered(record, "young", timedelta(hours=23, minutes=59))
    clean_up.forget_idempotency_keys()
    assert keys() == {"young"}
    assert emitted[("LeftoversRemoved", "idempotency keys")] == 5


def test_an_old_key_that_a_request_takes_up_at_that_moment_is_not_forgotten(record, emitted):
    remembered(record, "again", timedelta(hours=25))
    with pool.connect(Role.APP) as request:
        pool.enter_tenant(request, record.tenant_id)
        request.execute("UPDATE idempotency_keys SET created_at = clock_timestamp(), request_sha256 = 'another'")
        cleaning = threading.Thread(target=clean_up.forget_idempotency_keys)
        cleaning.start()
        waits_for_a_lock()
        assert cleaning.is_alive(), "it waits for the request"
        request.commit()
    cleaning.join(timeout=60)
    assert keys() == {"again"}


def waits_for_a_lock(seconds: float = 30) -> None:
    """Until a session waits for a lock of another one."""
    deadline = time.monotonic() + seconds
    with pool.connect(Role.APP, autocommit=True) as looking:
        while looking.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is None:
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)


# Files of jobs


def stored(aws, *keys: str) -> None:
    for key in keys:
        aws.s3.put_object(Bucket=settings.current().buckets["results"], Key=key, Body=b"x")


def left(aws, job: Job) -> set[str]:
    place = f"results/{job.tenant_id}/{job.id}/"
    listed = aws.s3.list_objects_v2(Bucket=settings.current().buckets["results"], Prefix=place)
    return {found["Key"] for found in listed.get("Contents", [])}


def taken_over(record) -> tuple[Job, Job]:
    """A job that a second worker has, and what the first had of it."""
    submit(record.tenant_id)
    spend_hints()
    first = claimed("first")
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET lease_expires_at = now() - interval '1 second' WHERE id = %s", (first.id,))
    return first, claimed("second")


def ended(job: Job, aged: timedelta) -> None:
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET finished_at = now() - %s WHERE id = %s", (aged, job.id))


@pytest.fixture
def solved(record, aws) -> tuple[Job, str]:
    """A job with the files of a loser, of an incumbent and of its result; the result's file."""
    first, second = taken_over(record)
    winner = publish.place_of(second) + "/result.json"
    stored(aws, publish.place_of(first) + "/result.json", publish.place_of(second, "/i-1") + "/result.json", winner)
    with pool.system() as connection:
        claims.store_incumbent(connection, second, {"files": {}})
    complete(second, {"status": "optimal", "files": {"result_json": winner}})
    return second, winner


def incumbents(job: Job) -> int:
    with pool.system() as connection:
        return len(connection.execute("SELECT 1 FROM incumbents WHERE job_id = %s", (job.id,)).fetchall())


def test_of_a_job_that_ended_only_what_its_result_names_is_kept(solved, aws, emitted):
    job, winner = solved
    ended(job, clean_up.FILES_KEPT_FOR + timedelta(minutes=1))
    clean_up.remove_orphans()
    assert left(aws, job) == {winner}
    assert incumbents(job) == 0
    assert emitted[("LeftoversRemoved", "result files")] == 2


def test_of_a_job_that_just_ended_everything_is_kept(solved, aws, emitted):
    job, _ = solved
    ended(job, clean_up.FILES_KEPT_FOR - timedelta(minutes=1))
    clean_up.remove_orphans()
    assert len(left(aws, job)) == 3
    assert incumbents(job) == 1


def test_a_job_that_may_be_sent_on_its_way_again_keeps_what_it_would_go_on_from(record, aws, emitted):
    _, second = taken_over(record)
    stored(aws, publish.place_of(second, "/i-1") + "/result.json")
    with pool.system() as connection:
        claims.store_incumbent(connection, second, {"files": {}})
        endings.end(connection, second, JobStatus.FAILED, {"code": "BAD", "message": "bad"})
    ended(second, timedelta(days=2))
    clean_up.remove_orphans()
    assert len(left(aws, second)) == 1
    assert incumbents(second) == 1


def test_a_cancelled_job_keeps_the_answer_that_was_promoted(record, aws, emitted):
    _, second = taken_over(record)
    best, older = (publish.place_of(second, f"/i-{number}") + "/result.json" for number in (2, 1))
    stored(aws, best, older)
    with pool.system() as connection:
        claims.store_incumbent(connection, second, {"files": {"result_json": best}})
        store.cancel(connection, second.id, "a person")
    ended(second, timedelta(days=2))
    clean_up.remove_orphans()
    assert left(aws, second) == {best}


def test_another_jobs_files_are_not_looked_at(solved, record, aws, emitted):
    job, _ = solved
    ended(job, timedelta(days=2))
    submit(record.tenant_id)
    other = claimed("third")
    stored(aws, publish.place_of(other) + "/result.json")
    clean_up.remove_orphans()
    assert len(left(aws, other)) == 1


# All together


def test_a_chore_that_fails_hinders_no_other_and_is_told_at_the_end(record, aws, emitted, monkeypatch):
    def away() -> None:
        raise ObjectStoreUnavailable

    monkeypatch.setattr(clean_up, "settle_awaited_uploads", away)
    with pytest.raises(ObjectStoreUnavailable):
        clean_up.often()
    assert ("LeftoversRemoved", "outbox entries") in emitted
    assert ("LeftoversRemoved", "idempotency keys") in emitted


def test_with_nothing_to_tidy_nothing_happens_twice(record, aws, emitted):
    for _ in range(2):
        clean_up.often()
        clean_up.daily()
    assert {value for (name, *_), value in emitted.items() if name == "LeftoversRemoved"} == {0}


# The assistant


TERMS = AssistantTerms("https://x", "s", "m", {"m": Price(Decimal(1), Decimal(1))})


def overdue_call(record) -> None:
    ledger.reserve(
        About(record.tenant_id, "summary", uuid4(), "a test"), [Offer("m", 10, Decimal(0))], budgets_of(TERMS)
    )
    with pool.system() as connection:
        connection.execute("UPDATE assistant_calls SET overdue_at = now() - interval '1 second'")


def test_calls_that_nobody_came_back_to_are_settled_and_the_budget_is_told(record, monkeypatch, capsys):
    configured = replace(settings.current(), assistant=TERMS)
    monkeypatch.setattr(settings, "current", lambda: configured)
    overdue_call(record)
    clean_up.settle_lost_calls()
    with pool.system() as connection:
        assert connection.execute("SELECT status, tokens FROM assistant_calls").fetchall() == [("lost", 10)]
    assert '"Period":"day","AssistantBudgetUsed"' in capsys.readouterr().out


def test_without_an_assistant_there_is_nothing_to_tell(record, capsys):
    clean_up.settle_lost_calls()
    assert "Assistant" not in capsys.readouterr().out


# Models


def model_job(record, aws, *, ended: timedelta | None, key: str | None = None) -> tuple[str, str]:
    """A model in storage with its job, which ended so long ago or waits still; its key and version."""
    bucket, place = settings.current().buckets["input"], key or f"models/{record.tenant_id}/{uuid4()}/m.json"
    version = aws.s3.put_object(Bucket=bucket, Key=place, Body=b"{}")["VersionId"]
    with pool.tenant(record.tenant_id) as connection:
        params = {"model": {"key": place, "version": version, "format": "json"}}
        job = store.submit(connection, tenant_id=record.tenant_id, kind="model", params=params)
    if ended is not None:
        with pool.system() as connection:
            connection.execute(
                "UPDATE jobs SET status = 'cancelled', fence = fence + 1, finished_at = now() - %s WHERE id = %s",
                (ended, job.id),
            )
    return place, version


def lies_there(aws, place: tuple[str, str]) -> bool:
    listed = aws.s3.list_object_versions(Bucket=settings.current().buckets["input"], Prefix=place[0])
    return place[1] in {found["VersionId"] for found in listed.get("Versions", [])}


KEPT = TOPOLOGY.limits.jobs_kept_for
HOUR = timedelta(hours=1)


def test_models_from_requests_go_with_their_jobs(record, aws, emitted):
    old, young = model_job(record, aws, ended=KEPT + HOUR), model_job(record, aws, ended=KEPT - HOUR)
    waiting = model_job(record, aws, ended=None)
    again = model_job(record, aws, ended=None, key=old[0])
    archive_jobs()
    assert [lies_there(aws, place) for place in (old, young, waiting, again)] == [False, True, True, True]
    assert emitted[("LeftoversRemoved", "models")] == 1
    emitted.clear()
    archive_jobs()
    assert [lies_there(aws, place) for place in (young, waiting, again)] == [True, True, True]


def test_a_model_that_was_uploaded_stays_as_a_workbook_does(record, aws, emitted):
    uploaded = model_job(record, aws, ended=KEPT + HOUR, key=f"uploads/{record.slug}/{uuid4()}/m.mps")
    archive_jobs()
    assert lies_there(aws, uploaded)
    assert emitted[("LeftoversRemoved", "models")] == 0


def test_models_that_storage_does_not_let_go_of_are_tried_again(record, aws, emitted, monkeypatch):
    old = model_job(record, aws, ended=KEPT + HOUR)

    def refuses(*_: object, **__: object) -> dict[str, object]:
        return {"Errors": [{"Key": old[0], "Code": "InternalError"}]}

    with monkeypatch.context() as patch:
        patch.setattr(clean_up.aws.client("s3"), "delete_objects", refuses)
        with pytest.raises(ObjectStoreUnavailable):
            archive_jobs()
    assert lies_there(aws, old)
    archive_jobs()
    assert not lies_there(aws, old)


def test_an_uploaded_model_whose_event_was_lost_is_taken_in_after_all(record, aws, emitted):
    upload_id = announced(record, aws, content=b"max\n obj: x\nst\n c: x <= 4\nend\n")
    clean_up.settle_awaited_uploads()
    (arrival,) = events(aws)
    receive(arrival)
    assert (upload_of(upload_id).status, upload_of(upload_id).kind) == ("loaded", "model")
