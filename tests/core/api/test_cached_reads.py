"""What is cached is what the record says, to the tenant it belongs to, and a client that has it is told so."""

from __future__ import annotations

import io
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg.types.json import Jsonb

from networx.api import object_store
from networx.api.etags import tag_of
from networx.api.routes import datasets
from networx.db import pool
from networx.ingest import datasets as loaded
from networx.observability import metrics
from networx.resilience.cache import cache_client

FILES = {
    "result_json": ("result.json", b'{"status": "optimal", "name": "Z\xc3\xbcrich"}'),
    "result_xlsx": ("result.xlsx", b"PK workbook"),
    "report_html": ("report.html", b"<!doctype html>"),
}


def flow(year: int, facility: str, units: float) -> dict[str, object]:
    costs = {"cost_per_unit": 1.5, "cost": 1.5 * units, "distance_miles": 10.0, "share_of_demand": 1.0}
    place = {"destination_latitude": 47.4, "destination_longitude": 8.5}
    return {"year": year, "facility": facility, "destination": "X", "units": units, **costs, **place}


@pytest.fixture
def job_id(client, make_scenario) -> str:
    answer = client.post("/api/optimize/run-batch", json={"scenario_id": make_scenario()})
    return answer.json()["data"]["job_id"]


@pytest.fixture
def publish(record, aws, job_id):
    """Gives the job its result, as a worker does."""

    def published() -> None:
        folder = f"results/{record.tenant_id}/{job_id}/7"
        flows = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([flow(2026, "A", 1.0), flow(2027, "B", 2.0)]), flows)
        files = {**FILES, "assignments": ("assignments.parquet", flows.getvalue())}
        for name, content in files.values():
            aws.s3.put_object(Bucket="networx-results", Key=f"{folder}/{name}", Body=content)
        places = {name: f"{folder}/{filename}" for name, (filename, _) in files.items()}
        with pool.system() as connection:
            connection.execute(
                "INSERT INTO results (job_id, tenant_id, fence, result) VALUES (%s, %s, 7, %s)",
                (job_id, record.tenant_id, Jsonb({"status": "optimal", "files": places})),
            )

    return published


def test_a_result_is_seen_by_the_read_after_it_was_written(client, job_id, publish):
    for _ in range(2):
        assert client.get(f"/api/jobs/{job_id}/result").json()["code"] == "RESULT_NOT_FOUND"
    publish()
    assert client.get(f"/api/jobs/{job_id}/result").json()["data"] == {"status": "optimal", "name": "Zürich"}


def test_a_result_is_fetched_once_and_answered_the_same(client, job_id, publish, monkeypatch):
    publish()
    first = client.get(f"/api/jobs/{job_id}/result")
    monkeypatch.setattr(object_store, "read_result", None)
    again = client.get(f"/api/jobs/{job_id}/result")
    assert again.json()["data"] == first.json()["data"]
    assert again.json()["request_id"] == again.headers["X-Request-Id"] != first.json()["request_id"]


def test_pages_of_assignments_are_read_once_each(client, job_id, publish, monkeypatch):
    publish()
    address = f"/api/jobs/{job_id}/assignments"
    queries = ["", "?year=2026", "?facility=B", "?offset=1", "?limit=1", "?order=largest", "?facility=%ED%A0%80"]
    first = {query: client.get(address + query).json()["data"] for query in queries}
    assert [row["facility"] for row in first["?facility=B"]["assignments"]] == ["B"]
    assert first["?year=2026"] != first["?offset=1"]
    monkeypatch.setattr(object_store, "opened_result", None)
    assert {query: client.get(address + query).json()["data"] for query in queries} == first


@pytest.mark.parametrize("path", ["result", "result.xlsx", "report.html", "assignments", "assignments.parquet"])
def test_a_client_that_has_a_result_is_told_so(client, job_id, publish, path):
    publish()
    address = f"/api/jobs/{job_id}/{path}"
    first = client.get(address)
    tag = first.headers["ETag"]
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, no-cache")
    for stated in (tag, tag.removeprefix("W/"), f"W/{tag.removeprefix('W/')}", f'"other", {tag}', "*"):
        held = client.get(address, headers={"If-None-Match": stated})
        assert (held.status_code, held.content, held.headers["ETag"]) == (304, b"", tag), stated
    for stated in ('"other"', tag[:-2], "", "W/", tag.replace('"', "")):
        assert client.get(address, headers={"If-None-Match": stated}).status_code == 200, stated


def test_what_has_a_tag_is_still_closed_to_strangers_and_others(client, foreigner, stranger, job_id, publish):
    publish()
    for path in ("result", "result.xlsx", "report.html", "assignments"):
        address = f"/api/jobs/{job_id}/{path}"
        tag = client.get(address).headers["ETag"]
        assert foreigner.get(address, headers={"If-None-Match": tag}).status_code == 404
        assert foreigner.get(address, headers={"If-None-Match": "*"}).status_code == 404
        assert stranger.get(address, headers={"If-None-Match": tag}).status_code == 401


def test_pages_of_different_questions_have_different_tags(client, job_id, publish):
    publish()
    asked = ["assignments", "assignments?limit=7", "assignments?year=2026", "result", "result.xlsx"]
    tags = [client.get(f"/api/jobs/{job_id}/{path}").headers["ETag"] for path in asked]
    assert len(set(tags)) == len(asked)


def test_a_dataset_is_summed_up_once(client, make_dataset, monkeypatch):
    address = f"/api/datasets/{make_dataset(years=3)}"
    first = client.get(address)
    assert first.json()["data"]["years"] == 3
    monkeypatch.setattr(loaded, "read_years", None)
    again = client.get(address)
    assert again.json()["data"] == first.json()["data"]
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_foreign_dataset_is_not_there_however_well_it_is_cached(client, foreigner, make_dataset):
    address = f"/api/datasets/{make_dataset()}"
    assert client.get(address).status_code == 200
    answer = foreigner.get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "DATASET_NOT_FOUND")


def test_a_dataset_that_is_not_there_yet_is_seen_when_it_is(client, make_dataset):
    address = f"/api/datasets/{uuid4()}"
    assert client.get(address).status_code == 404
    assert client.get(f"/api/datasets/{make_dataset()}").status_code == 200


def test_the_hit_rate_is_told(client, make_dataset, monkeypatch):
    address = f"/api/datasets/{make_dataset()}"
    told = []
    monkeypatch.setattr(metrics, "emit", lambda name, value, **named: told.append((name, value, named)))
    client.get(address)
    client.get(address)
    assert [each for each in told if each[0] == "CacheHitRate"] == [
        ("CacheHitRate", 0.0, {"Kind": "dataset"}),
        ("CacheHitRate", 1.0, {"Kind": "dataset"}),
    ]


def test_no_role_of_the_services_can_change_or_delete_what_is_cached(record):
    """What makes a stale answer impossible: a dataset and a result stay as they were written."""
    tables = ["datasets", "results", "network_parameters", "network_forecast", "network_demand"]
    with pool.system() as connection:
        allowed = connection.execute(
            "SELECT role, table_name, privilege FROM unnest(%s::text[]) AS role, unnest(%s::text[]) AS table_name, "
            "unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS privilege "
            "WHERE has_table_privilege(role, 'networx.' || table_name, privilege)",
            (["networx_app", "networx_loader", "networx_system", "networx_report"], tables),
        ).fetchall()
    # What the archive has leaves the record, as it was: test_archive_jobs.py shows that nothing else can.
    assert allowed == [("networx_system", "results", "DELETE")]


def test_no_answer_is_cached_under_a_name_without_its_tenant(client, record, make_dataset):
    client.get(f"/api/datasets/{make_dataset()}")
    answers = list(cache_client().keys("networx:answers:*:*"))
    assert answers
    assert all(f":{record.tenant_id}:" in key for key in answers)
    assert datasets.SUMMARY.name in answers[0]


def test_a_tag_names_what_it_is_of():
    assert tag_of("a", "b") != tag_of("ab")
    assert tag_of("a", weak=True).startswith('W/"')
