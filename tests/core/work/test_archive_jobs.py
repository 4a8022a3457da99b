"""Jobs that ended long ago leave the record for the archive: whole, once, and not before they are safe there."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from networx import settings
from networx.db import audit, pool
from networx.errors import NotFound, ObjectStoreUnavailable
from networx.jobs import archive, control, store
from networx.jobs.job import BATCH_KIND, Job, JobStatus
from networx.topology import TOPOLOGY
from networx.work import archive_jobs as chore
from networx.work.archive_jobs import archive_jobs, remove_left_behind
from tests.core.jobs.steps import another_tenant, claim, claimed, complete, current, submit

KEPT = TOPOLOGY.limits.jobs_kept_for
HOUR = timedelta(hours=1)
RESULT = {"status": "optimal", "objective": 0.1, "files": {"result_json": "results/r.json"}}


@pytest.fixture(autouse=True)
def empty_archive(record, aws) -> None:
    place = settings.current().buckets["results"]
    for kind in ("Versions", "DeleteMarkers"):
        for found in aws.s3.list_object_versions(Bucket=place, Prefix="archive/").get(kind, []):
            aws.s3.delete_object(Bucket=place, Key=found["Key"], VersionId=found["VersionId"])


def ended(tenant_id: UUID, ago: timedelta = KEPT + HOUR, **changes) -> Job:
    """A job that succeeded so long ago, with its result, its events and an outbox entry that nobody took."""
    submit(tenant_id, **changes)
    job = claimed()
    complete(job, RESULT)
    age([job.id], ago)
    return current(job)


def age(job_ids: list[UUID], ago: timedelta) -> None:
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET finished_at = now() - %s WHERE id = ANY(%s)", (ago, job_ids))


def in_the_record(job_id: UUID) -> dict[str, int]:
    """How many rows of each table the record has of a job."""
    tables = {"jobs": "id", "job_events": "job_id", "results": "job_id", "outbox": "job_id", "incumbents": "job_id"}
    with pool.system() as connection:
        found = {}
        for table, column in tables.items():
            row = connection.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", (job_id,)).fetchone()
            assert row is not None
            found[table] = row[0]
    return found


def files(aws) -> dict[str, bytes]:
    place = settings.current().buckets["results"]
    listed = aws.s3.list_objects_v2(Bucket=place, Prefix="archive/").get("Contents", [])
    return {one["Key"]: aws.s3.get_object(Bucket=place, Key=one["Key"])["Body"].read() for one in listed}


def archived(tenant_id: UUID, job_id: UUID) -> archive.ArchivedJob:
    with pool.tenant(tenant_id) as connection:
        place = archive.find(connection, job_id)
    return archive.read(place)


def test_what_ended_long_ago_moves_whole_and_what_is_younger_or_unended_stays(record, aws, emitted):
    old, young, waiting = ended(record.tenant_id), ended(record.tenant_id, KEPT - HOUR), submit(record.tenant_id)
    with pool.tenant(record.tenant_id) as connection:
        events, result = store.events(connection, old.id), store.get_result(connection, old.id)
    archive_jobs()
    assert emitted[("JobsArchived",)] == 1
    assert set(in_the_record(old.id).values()) == {0}
    assert in_the_record(young.id)["jobs"] == in_the_record(waiting.id)["jobs"] == 1
    found = archived(record.tenant_id, old.id)
    assert found.job == old
    assert found.result == result == RESULT
    assert [{name: event[name] for name in events[0]} for event in found.events] == events
    emitted.clear()
    archive_jobs()
    assert emitted[("JobsArchived",)] == 0
    assert len(files(aws)) == 1


def test_a_file_is_of_one_tenant_and_month_and_unpacks_as_a_whole(record, aws, emitted):
    other = another_tenant()
    jobs = [
        ended(record.tenant_id),
        ended(record.tenant_id),
        ended(other),
        ended(record.tenant_id, KEPT + 60 * 24 * HOUR),
    ]
    archive_jobs()
    found = {
        key: [json.loads(line) for line in gzip.decompress(content).splitlines()] for key, content in files(aws).items()
    }
    told = {(key.split("/")[1], key.split("/")[2], line["job"]["id"]) for key, lines in found.items() for line in lines}
    assert told == {(str(job.tenant_id), f"{job.finished_at:%Y-%m}", str(job.id)) for job in jobs if job.finished_at}
    assert all(line["row"]["finished_at"] and line["format"] == 1 for lines in found.values() for line in lines)


def test_every_file_that_was_written_stands_in_the_audit_of_its_tenant(record, aws, emitted):
    ended(record.tenant_id)
    ended(record.tenant_id)
    archive_jobs()
    with pool.tenant(record.tenant_id) as connection:
        (line,) = audit.read(connection, action="job.archived")
    assert [line.target] == list(files(aws))
    assert (line.actor, line.facts["jobs"]) == ("daily-cleanup", 2)


def test_a_batch_goes_with_its_last_member_and_tells_what_they_answered(record, aws, emitted):
    with pool.tenant(record.tenant_id) as connection:
        batch = store.submit(connection, tenant_id=record.tenant_id, kind=BATCH_KIND, params={})
    first = ended(record.tenant_id, parent_id=batch.id, params={"parameters": {"max_facilities": 3}})
    last = ended(record.tenant_id, KEPT - HOUR, parent_id=batch.id)
    archive_jobs()
    assert in_the_record(first.id)["jobs"] == in_the_record(batch.id)["jobs"] == 1
    age([last.id], KEPT + HOUR)
    standing = current(batch)
    archive_jobs()
    assert {in_the_record(job.id)["jobs"] for job in (batch, first, last)} == {0}
    found = archived(record.tenant_id, batch.id)
    assert (found.job, found.job.status) == (standing, JobStatus.SUCCEEDED)
    assert [(member.id, member.status) for member in found.members] == [
        (first.id, JobStatus.SUCCEEDED),
        (last.id, JobStatus.SUCCEEDED),
    ]
    assert found.members[0].parameters == {"max_facilities": 3}
    with pool.tenant(record.tenant_id) as connection:
        assert [place.id for place in archive.list_archived(connection, store.Page())] == [batch.id]


def test_a_batch_with_a_member_that_waits_for_ever_holds_up_nobody(record, aws, emitted, monkeypatch):
    monkeypatch.setattr(chore, "JOBS_IN_A_FILE", 2)
    with pool.tenant(record.tenant_id) as connection:
        batch = store.submit(connection, tenant_id=record.tenant_id, kind=BATCH_KIND, params={})
    for _ in range(5):
        ended(record.tenant_id, KEPT + 10 * HOUR, parent_id=batch.id)
    submit(record.tenant_id, parent_id=batch.id)
    behind = submit(record.tenant_id, priority=0)
    job = claimed()
    assert job.id == behind.id
    complete(job)
    age([job.id], KEPT + HOUR)
    archive_jobs()
    assert in_the_record(job.id)["jobs"] == 0
    assert emitted[("JobsArchived",)] == 1


def test_other_tenants_see_nothing_of_it(record, aws, emitted):
    old = ended(record.tenant_id)
    archive_jobs()
    with pool.tenant(another_tenant()) as connection:
        with pytest.raises(NotFound):
            archive.find(connection, old.id)
        assert archive.list_archived(connection, store.Page()) == []


# Crashes and rivals


def test_a_store_that_does_not_give_back_what_it_took_moves_nothing(record, aws, emitted, monkeypatch):
    old = ended(record.tenant_id)

    def garbled(**_: object) -> dict[str, object]:
        class Body:
            def read(self) -> bytes:
                return b"something else"

        return {"Body": Body()}

    with monkeypatch.context() as patch:
        patch.setattr(chore.aws.client("s3"), "get_object", garbled)
        with pytest.raises(ObjectStoreUnavailable):
            archive_jobs()
    assert in_the_record(old.id)["jobs"] == 1
    archive_jobs()
    assert archived(record.tenant_id, old.id).job == old


def test_after_a_crash_between_file_and_record_the_same_file_is_named(record, aws, emitted, monkeypatch):
    old = ended(record.tenant_id)

    def dies(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(chore, "_take_out", dies)
        with pytest.raises(KeyboardInterrupt):
            archive_jobs()
    assert in_the_record(old.id)["jobs"] == 1
    before = files(aws)
    assert len(before) == 1
    archive_jobs()
    assert files(aws) == before
    assert archived(record.tenant_id, old.id).job == old


def test_a_crash_inside_the_transaction_leaves_the_record_as_it_was(record, aws, emitted, monkeypatch):
    old = ended(record.tenant_id)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(chore.audit, "write", dies)
        with pytest.raises(KeyboardInterrupt):
            archive_jobs()
    assert in_the_record(old.id)["jobs"] == in_the_record(old.id)["results"] == 1
    with pool.tenant(record.tenant_id) as connection, pytest.raises(NotFound):
        archive.find(connection, old.id)


def test_a_job_that_is_sent_on_its_way_meanwhile_stays_with_all_it_has(record, aws, emitted, monkeypatch):
    submit(record.tenant_id)
    dead = claimed()
    with pool.system() as connection:
        connection.execute(
            """UPDATE jobs SET status = 'dead', finished_at = now() - %s, lease_expires_at = NULL, fence = fence + 1
               WHERE id = %s""",
            (KEPT + HOUR, dead.id),
        )
    write = chore._store

    def redriven_meanwhile(key: str, content: bytes) -> None:
        write(key, content)
        with pool.system() as connection:
            assert control.redrive(connection, [dead.id], "a person").moved == (dead.id,)

    monkeypatch.setattr(chore, "_store", redriven_meanwhile)
    archive_jobs()
    assert current(dead).status is JobStatus.QUEUED
    assert emitted[("JobsArchived",)] == 0
    assert claim() is not None


def test_two_runs_at_once_archive_everything_once_and_lose_nothing(record, aws, emitted, monkeypatch):
    jobs = [ended(record.tenant_id) for _ in range(3)]
    write, inside = chore._store, []

    def another_run_first(key: str, content: bytes) -> None:
        write(key, content)
        if not inside:
            inside.append(True)
            archive_jobs()

    monkeypatch.setattr(chore, "_store", another_run_first)
    archive_jobs()
    monkeypatch.setattr(chore, "LEFT_BEHIND_AFTER", timedelta(0))
    remove_left_behind()
    assert {archived(record.tenant_id, job.id).job.id for job in jobs} == {job.id for job in jobs}


def test_only_files_that_no_row_names_are_left_behind_and_only_when_they_are_old(record, aws, emitted, monkeypatch):
    ended(record.tenant_id)
    archive_jobs()
    (named,) = files(aws)
    orphan = f"archive/{record.tenant_id}/2020-01/{'0' * 64}.ndjson.gz"
    aws.s3.put_object(Bucket=settings.current().buckets["results"], Key=orphan, Body=b"x")
    remove_left_behind()
    assert set(files(aws)) == {named, orphan}
    monkeypatch.setattr(chore, "LEFT_BEHIND_AFTER", timedelta(0))
    remove_left_behind()
    assert set(files(aws)) == {named}
    assert emitted[("LeftoversRemoved", "archive files")] == 1


@pytest.mark.parametrize("table", ["jobs", "job_events", "results"])
def test_the_record_lets_go_of_no_job_that_is_not_in_the_index(record, table):
    job = ended(record.tenant_id)
    with pool.system() as connection:
        assert connection.execute(f"DELETE FROM {table}").rowcount == 0
    assert in_the_record(job.id)[table] >= 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege), pool.tenant(record.tenant_id) as connection:
        connection.execute(f"DELETE FROM {table}")


def test_a_run_is_bounded_and_the_next_goes_on(record, aws, emitted, monkeypatch):
    monkeypatch.setattr(chore, "JOBS_IN_A_FILE", 2)
    monkeypatch.setattr(chore, "FILES_IN_A_RUN", 2)
    for number in range(5):
        ended(record.tenant_id, KEPT + timedelta(minutes=10 - number))
    archive_jobs()
    assert emitted[("JobsArchived",)] == 4
    archive_jobs()
    assert emitted[("JobsArchived",)] == 1


def test_jobs_stay_ninety_days() -> None:
    assert timedelta(days=90) == KEPT
