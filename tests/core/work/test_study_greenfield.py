"""Greenfield from an upload of destinations alone to its published places, with the real worker, solver and store."""

from __future__ import annotations

import io
from typing import Any

import jsonschema_rs
import openpyxl
import orjson
import pytest
import xlsxwriter

from networx import settings
from networx.db import pool
from networx.errors import RefusedInput
from networx.ingest.datasets import read_network
from networx.jobs import store
from networx.jobs.job import JobStatus
from networx.models.transport import prepare
from networx.resilience.confine import Confinement
from networx.results.schema import result_schema
from networx.work import answers_so_far
from networx.work.load_file import FileLoad
from networx.work.receive_upload import receive
from networx.work.study_greenfield import GreenfieldStudy
from tests.core.models.small_networks import parameters
from tests.core.work.steps import checkpoint_of, ended, files_of, result_of, story, submit
from tests.core.work.test_ask_sensitivity import until

TOWNS = {"Chicago": "60601", "Boston": "02110", "Denver": "80202", "Miami": "33128"}
FREE = {"single_sourcing": None, "lease_years": None}


class Waiting(GreenfieldStudy):
    """The handler with a child that finds two numbers and then works until it is ended; again, it goes on."""

    confinement = Confinement("tests.core.work.asking_children:two_numbers_and_on", memory_mib=1500)


class Wrong(GreenfieldStudy):
    """The handler with a child whose places are nearer than they can be."""

    confinement = Confinement("tests.core.work.asking_children:nearer_than_they_are", memory_mib=1500)


def demand_alone() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet("Destinations")
        page.write_row(0, 0, ["name", "zip", "demand_units"])
        for row, (name, zip5) in enumerate(TOWNS.items(), 1):
            page.write_row(row, 0, [name, zip5, 100.0 * row])
        page = book.add_worksheet("Parameters")
        page.write_row(0, 0, ["name", "value"])
        page.write_row(1, 0, ["circuity", "1.2"])
        page.write_row(2, 0, ["cost_per_unit_mile", "0.5"])
        page.write_row(3, 0, ["max_facilities", "3"])
    return content.getvalue()


@pytest.fixture
def dataset(quick, working, arrive, settled) -> Any:
    """What became of a workbook that has destinations and nothing else."""
    receive(arrive(demand_alone(), "demand.xlsx"))
    with working("file", {"file-load": FileLoad()}):
        upload = settled()
    assert upload.status == "loaded", upload.reason
    assert dict(upload.counts)["destinations"] == 4
    return upload.dataset_id


def test_the_best_places_for_each_number_are_found_checked_and_published(quick, working, dataset, aws, tmp_path):
    asked = {"min_sites": 1, "max_sites": 4, "candidates": "own", **FREE}
    job, wrong = submit(quick, dataset, kind="greenfield", **asked), None
    with working("optimization", {"greenfield": GreenfieldStudy()}):
        done = ended(job)
    with working("optimization", {"greenfield": Wrong()}):
        wrong = ended(submit(quick, dataset, kind="greenfield", **asked))
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    bucket = settings.current().buckets["results"]
    full = orjson.loads(aws.s3.get_object(Bucket=bucket, Key=result["files"]["result_json"])["Body"].read())
    jsonschema_rs.validate(result_schema(), full)
    assert [(row["count"], row["status"]) for row in full["frontier"]] == [(n, "optimal") for n in (1, 2, 3, 4)]
    assert {place["zip"] for place in full["frontier"][3]["places"]} == set(TOWNS.values())
    first = full["frontier"][0]
    assert first["transport_cost"] == pytest.approx(first["unit_miles"] * 0.5)
    assert (full["status"], full["certificate"]["valid"], full["circuity"]) == ("optimal", True, 1.2)
    assert result["headline"] == "The best places for each number from 1 to 4, all proven."
    assert any("max_facilities" in note for note in full["notes"])
    assert {name.rsplit("/", 1)[1] for name in files_of(aws, job)} == {"result.json", "result.xlsx", "candidates.xlsx"}
    book = tmp_path / "candidates.xlsx"
    aws.s3.download_file(bucket, result["files"]["candidates"], str(book))
    rows = list(openpyxl.load_workbook(book, read_only=True)["Facilities"].iter_rows(values_only=True))
    empty = [rows[0].index(name) for name in ("capacity_units", "fixed_cost_per_year")]
    assert {row[at] for row in rows[1:] for at in empty} == {None}
    assert len(rows) == 5
    # An answer that fails its check is never published, and what reproduces it is kept.
    assert (wrong.status, wrong.error["code"]) == (JobStatus.FAILED, "CERTIFICATE_FAILED")
    assert result_of(wrong) is None


def test_a_cancel_keeps_the_numbers_that_are_found_and_who_has_a_job_next_goes_on(
    quick, working, dataset, aws, monkeypatch
):
    monkeypatch.setattr(answers_so_far, "KEPT_EVERY_SECONDS", 0.0)
    asked = {"min_sites": 1, "max_sites": 4, "candidates": "own", **FREE}
    cancelled = submit(quick, dataset, kind="greenfield", **asked)
    with working("optimization", {"greenfield": Waiting()}):
        until(lambda: found(cancelled) == 2)
        with pool.tenant(cancelled.tenant_id) as connection:
            store.cancel(connection, cancelled.id, "a test")
        assert ended(cancelled).partial is True
        handed_back = submit(quick, dataset, kind="greenfield", **asked)
        until(lambda: found(handed_back) == 2)
    result = result_of(cancelled)
    assert result is not None
    assert (result["status"], result["kpis"]["numbers_answered"]) == ("feasible", 2)
    assert result["headline"].startswith("Stopped early. The best places for 2 of 4")

    with working("optimization", {"greenfield": Waiting()}):
        done = ended(handed_back)
    result = result_of(handed_back)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    assert (result["status"], result["kpis"]["numbers_proven"]) == ("optimal", 4)
    (resumed,) = [event["reason"] for event in story(handed_back) if event["event"] == "resumed"]
    assert resumed == "from the 2 answers of attempt 1"
    bucket = settings.current().buckets["results"]
    full = orjson.loads(aws.s3.get_object(Bucket=bucket, Key=result["files"]["result_json"])["Body"].read())
    assert [bound is not None for bound in full["proof"]["bounds"]] == [True] * 4
    # Of destinations alone nothing else is planned.
    with pool.tenant(quick.tenant_id) as connection:
        tables = read_network(connection, dataset)
    with pytest.raises(RefusedInput):
        prepare(tables, parameters())


def found(job: Any) -> int:
    kept = checkpoint_of(job)
    return 0 if kept is None else -int(kept["objective"])
