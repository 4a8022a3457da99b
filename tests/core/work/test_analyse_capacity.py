"""A capacity analysis from its dataset to its published result, with the real worker, solver and store."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import jsonschema_rs
import numpy as np
import orjson
import pytest

from networx import settings
from networx.db import pool
from networx.errors import NotFound, ObjectStoreUnavailable
from networx.jobs import store
from networx.jobs.job import Job, JobStatus
from networx.resilience import objects
from networx.resilience.confine import Confinement
from networx.results.schema import result_schema
from networx.work.analyse_capacity import CapacityAnalysis
from networx.work.archive_jobs import archive_jobs
from networx.work.solve_transport import TransportSolve
from tests.core.models.small_networks import growing, two_sites
from tests.core.work.steps import ended, files_of, load, result_of, submit

ANALYSING = ("capacity", {"capacity": CapacityAnalysis()})


class Tampered(CapacityAnalysis):
    """The handler with a child whose first year costs a dollar less than it does."""

    confinement = Confinement("tests.core.work.solving_children:a_dollar_less", memory_mib=1500)


class Endless(CapacityAnalysis):
    """The handler with a child that tells what it knows before the relief, and then works on until it is ended."""

    confinement = Confinement("tests.core.work.solving_children:no_end_of_relief", memory_mib=1500)


def await_two_parts(job: Job) -> None:
    """Until what is known with the bottlenecks is in the record: it is told after what is known without."""
    deadline = time.monotonic() + 40
    while True:
        with pool.system() as connection:
            found = connection.execute("SELECT result FROM incumbents WHERE job_id = %s", (job.id,)).fetchone()
        if found is not None and found[0]["kpis"]["bottlenecks"] > 0:
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def read(aws: Any, result: dict[str, Any]) -> dict[str, Any]:
    body = aws.s3.get_object(Bucket=settings.current().buckets["results"], Key=result["files"]["result_json"])["Body"]
    found: dict[str, Any] = orjson.loads(body.read())
    jsonschema_rs.validate(result_schema(), found)
    return found


def test_an_analysis_is_made_checked_and_published(quick, working, aws):
    job = submit(quick, load(quick.tenant_id, growing()), kind="capacity", sites="mandatory", lease_years=None)
    with working(*ANALYSING):
        done = ended(job)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    assert (result["status"], result["objective"]) == ("optimal", pytest.approx(1650))
    assert result["certificate"]["valid"] is True
    assert result["kpis"]["first_year_of_shortage"] == 2027
    assert {name.rsplit("/", 1)[1] for name in files_of(aws, job)} == {"result.json", "result.xlsx", "report.html"}
    whole = read(aws, result)
    assert whole["type"] == "capacity"
    assert [change["facility"] for change in whole["relief"]["changes"]] == ["Hut", "West"]
    assert whole["parameters"]["sites"]["value"] == "mandatory"


def test_the_plan_of_a_transport_job_can_be_analysed(quick, working, aws):
    # South may be open in 2027 alone, ships 20 at least, and costs 7 for opening and half a dollar a unit.
    tables = two_sites()
    rules = {
        "available_from_year": 2027.0,
        "min_throughput_units": 20.0,
        "opening_cost": 7.0,
        "variable_cost_per_unit": 0.5,
    }
    columns = {name: np.array([np.nan, units]) for name, units in rules.items()}
    dataset = load(quick.tenant_id, replace(tables, facilities=replace(tables.facilities, **columns)))
    plan = submit(quick, dataset, min_facilities=1)
    with working("optimization", {"transport": TransportSolve()}):
        assert ended(plan).status is JobStatus.SUCCEEDED
    job = submit(quick, dataset, kind="capacity", sites=f"job {plan.id}")
    with working(*ANALYSING):
        done = ended(job)
    result, planned = result_of(job), result_of(plan)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    assert planned is not None
    whole = read(aws, result)
    assert whole["sites"] == ["North", "South"]
    assert [row["year"] for row in whole["utilisation"] if row["facility"] == "South"] == [2027]
    # What the plan costs is what its sites cost at best.
    assert result["objective"] == pytest.approx(planned["objective"], rel=1e-9)


def test_the_plan_of_an_archived_job_can_be_analysed_as_well(quick, working, aws):
    dataset = load(quick.tenant_id, two_sites())
    plan = submit(quick, dataset)
    with working("optimization", {"transport": TransportSolve()}):
        assert ended(plan).status is JobStatus.SUCCEEDED
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET finished_at = finished_at - interval '91 days' WHERE id = %s", (plan.id,))
    archive_jobs()
    with pool.system() as connection, pytest.raises(NotFound):
        store.get_job(connection, plan.id)
    job = submit(quick, dataset, kind="capacity", sites=f"job {plan.id}")
    with working(*ANALYSING):
        done = ended(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    result = result_of(job)
    assert result is not None
    assert read(aws, result)["sites"] == ["North", "South"]


@pytest.mark.parametrize(
    ("sites", "said"),
    [
        ("job 0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11", "is not known"),
        ("Nowhere", "is no facility of this network"),
        ("mandatory", "No facility is mandatory"),
    ],
)
def test_sites_that_only_the_data_can_judge_fail_the_job_with_words(quick, working, sites: str, said: str):
    job = submit(quick, load(quick.tenant_id, two_sites()), kind="capacity", sites=sites)
    with working(*ANALYSING):
        done = ended(job)
    assert done.status is JobStatus.FAILED
    assert done.error is not None
    assert done.error["code"] == "INVALID_INPUT"
    assert said in done.error["message"]


def test_a_job_that_left_no_plan_is_no_plan(quick, working):
    dataset = load(quick.tenant_id, growing())
    first = submit(quick, dataset, kind="capacity", sites="mandatory", lease_years=None)
    with working(*ANALYSING):
        assert ended(first).status is JobStatus.SUCCEEDED
        done = ended(submit(quick, dataset, kind="capacity", sites=f"job {first.id}", lease_years=None))
    assert done.error is not None
    assert "is no transport job that left a plan" in done.error["message"]


def test_an_analysis_that_fails_its_check_is_not_published(quick, working, aws):
    job = submit(quick, load(quick.tenant_id, growing()), kind="capacity", sites="mandatory", lease_years=None)
    with working("capacity", {"capacity": Tampered()}):
        done = ended(job)
    assert done.status is JobStatus.FAILED
    assert done.error is not None
    assert done.error["code"] == "CERTIFICATE_FAILED"
    assert (result_of(job), files_of(aws, job)) == (None, set())


def test_a_cancel_keeps_what_was_known_before_the_relief(quick, working, aws):
    job = submit(quick, load(quick.tenant_id, growing()), kind="capacity", sites="mandatory", lease_years=None)
    with working("capacity", {"capacity": Endless()}):
        await_two_parts(job)
        with pool.tenant(quick.tenant_id) as connection:
            done = store.cancel(connection, job.id, "a person")
    result = result_of(job)
    assert (done.status, done.partial) == (JobStatus.CANCELLED, True)
    assert result is not None
    assert (result["status"], result["objective"]) == ("no_solution", None)
    whole = read(aws, result)
    assert (whole["partial"], whole["shortage"]["first_year"]) == (True, 2027)


def test_a_file_store_that_is_away_costs_no_analysis(quick, working, monkeypatch):
    job = submit(quick, load(quick.tenant_id, growing()), kind="capacity", sites="mandatory", lease_years=None)
    real, calls = objects.put_result, []

    def away_at_first(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) <= 4:
            raise ObjectStoreUnavailable
        real(*arguments)

    monkeypatch.setattr(objects, "put_result", away_at_first)
    with working(*ANALYSING):
        assert ended(job).status is JobStatus.SUCCEEDED
