"""What if: asked of a published plan by a job of its own, with the real worker, solver and store."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema_rs
import openpyxl
import orjson
import pytest

from networx import settings
from networx.db import pool
from networx.domain.plan import Outcome
from networx.jobs import relay, store
from networx.jobs.job import Job, JobStatus
from networx.resilience.confine import Confinement
from networx.results import proof as proofs
from networx.results.schema import result_schema
from networx.work import answers_so_far, ask_sensitivity, base_plan
from networx.work.ask_sensitivity import SensitivityAnswers
from networx.work.publish import certificate_of
from networx.work.solve_transport import TransportSolve
from tests.core.models.small_networks import two_sites
from tests.core.work.steps import checkpoint_of, ended, files_of, load, refusals_of, result_of, story, submit

EVERYTHING = {"questions": None, "sites": None}


class Waiting(SensitivityAnswers):
    """The handler with a child that answers two questions and then works until it is ended; again, it goes on."""

    confinement = Confinement("tests.core.work.asking_children:two_answers_and_on", memory_mib=1500)


class Wrong(SensitivityAnswers):
    """The handler with a child one of whose answers is cheaper than it can be."""

    confinement = Confinement("tests.core.work.asking_children:one_too_cheap", memory_mib=1500)


@pytest.fixture
def planned(quick, working) -> Job:
    """A job that left a plan: both sites open, for 490 over two years."""
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": TransportSolve()}):
        assert ended(job).status is JobStatus.SUCCEEDED
    return job


@pytest.fixture
def asked(quick, planned) -> Callable[..., Job]:
    """Asks about the plan."""

    def submitted(wanted: dict[str, Any] = EVERYTHING, **over: Any) -> Job:
        with pool.tenant(quick.tenant_id) as connection:
            job = store.submit(
                connection,
                tenant_id=quick.tenant_id,
                kind="sensitivity",
                params={"of_job_id": str(planned.id), "asked": wanted, "parameters": over},
                scenario_id=planned.scenario_id,
                scenario_version=planned.scenario_version,
            )
        relay.send_soon()
        return job

    return submitted


def read(aws: Any, result: dict[str, Any]) -> dict[str, Any]:
    bucket = settings.current().buckets["results"]
    found: dict[str, Any] = orjson.loads(
        aws.s3.get_object(Bucket=bucket, Key=result["files"]["result_json"])["Body"].read()
    )
    return found


def deltas(result: dict[str, Any]) -> dict[str, float | None]:
    return {answer["label"]: answer["delta"] for answer in result["sensitivity"]["answers"]}


def test_every_question_is_answered_checked_and_published(asked, planned, working, aws, tmp_path):
    job = asked()
    with working("optimization", {"sensitivity": SensitivityAnswers()}):
        done = ended(job)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    full = read(aws, result)
    jsonschema_rs.validate(result_schema(), full)
    # North alone costs 600; without North there is no plan; a third site does not exist.
    assert deltas(full) == {
        "One facility fewer (1 in each year)": pytest.approx(110),
        "South closed": pytest.approx(110),
        "Demand +10 %": pytest.approx(deltas(full)["Demand +10 %"]),
        "Demand -10 %": pytest.approx(deltas(full)["Demand -10 %"]),
        "North closed": None,
        "One more facility (3 in each year)": None,
    }
    answers = {answer["label"]: answer for answer in full["sensitivity"]["answers"]}
    assert deltas(full)["Demand +10 %"] > 0 > deltas(full)["Demand -10 %"]
    assert answers["North closed"]["status"] == "infeasible"
    assert all(answer["certificate"]["valid"] for answer in answers.values() if answer["status"] is not None)
    # Each answer with a plan carries it; South closed moves all to North, and without North there is none.
    carried = dict(zip((one["label"] for one in full["sensitivity"]["answers"]), full["proof"]["answers"], strict=True))
    assert {label for label, plan in carried.items() if plan is None} == {
        "North closed",
        "One more facility (3 in each year)",
    }
    assert set(carried["South closed"]["plan"]["flow_facility"]) == {0}
    assert "proof" not in result["sensitivity"]["answers"][0]
    assert (full["status"], full["objective"], full["of_job_id"]) == ("optimal", pytest.approx(490), str(planned.id))
    assert full["kpis"] == {
        "questions_asked": 6, "questions_answered": 6, "questions_proven": 6, "questions_failed": 0,
    }  # fmt: skip
    assert result["headline"] == full["headline"] == "6 of 6 questions answered, 6 of them proven."
    # The record keeps the answers, and the file their checks.
    assert "certificate" not in result["sensitivity"]["answers"][0]
    assert {name.rsplit("/", 1)[1] for name in files_of(aws, job)} == {"result.json", "result.xlsx"}
    book = tmp_path / "answers.xlsx"
    aws.s3.download_file(settings.current().buckets["results"], result["files"]["result_xlsx"], str(book))
    sheets = openpyxl.load_workbook(book, read_only=True)
    assert sheets.sheetnames == ["Summary", "What if", "Not asked", "Checks of answers", "Certificate", "Parameters"]
    rows = list(sheets["What if"].iter_rows(values_only=True))
    assert {row[0] for row in rows[1:]} == set(answers)


def test_a_cancel_keeps_what_is_answered_and_who_has_a_job_next_goes_on_behind_it(asked, working, aws, monkeypatch):
    monkeypatch.setattr(proofs, "INLINE_NUMBERS", 10)  # plans lie beside the result
    monkeypatch.setattr(answers_so_far, "KEPT_EVERY_SECONDS", 0.0)
    cancelled = asked()
    with working("optimization", {"sensitivity": Waiting()}):
        until(lambda: answered(cancelled) == 2)
        with pool.tenant(cancelled.tenant_id) as connection:
            store.cancel(connection, cancelled.id, "a test")
        assert ended(cancelled).partial is True
        handed_back = asked()
        until(lambda: answered(handed_back) == 2)
    result = result_of(cancelled)
    assert result is not None
    said = "Stopped early. 2 of 6 questions answered, 2 of them proven."
    assert (result["status"], result["headline"], len(deltas(result))) == ("feasible", said, 2)
    assert {one["why"] for one in result["sensitivity"]["not_asked"]} == {ask_sensitivity.NOT_YET}

    # The worker was told to drain, and gave the other job back.
    with working("optimization", {"sensitivity": Waiting()}):
        done = ended(handed_back)
    result = result_of(handed_back)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    assert (result["kpis"]["questions_answered"], result["status"]) == (6, "optimal")
    (resumed,) = [event["reason"] for event in story(handed_back) if event["event"] == "resumed"]
    assert resumed == "from the 2 answers of attempt 1"
    bucket, key = settings.current().buckets["results"], result["files"]["proof"]
    proof = orjson.loads(gzip.decompress(aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
    assert sum(plan is not None for plan in proof["answers"]) == 4  # two questions have no plan


def test_what_fails_its_check_is_not_shown_and_leaves_what_reproduces_it(asked, working, emitted, aws, monkeypatch):
    job = asked({"questions": ["site_closed"], "sites": ["South"]})
    with working("optimization", {"sensitivity": Wrong()}):
        done = ended(job)
        # The plan that is asked about is checked as well, before anything is asked.
        monkeypatch.setattr(base_plan, "certificate_of", lambda solved, plan: certificate_of(solved, halved(plan)))
        of_wrong = ended(asked({"questions": ["site_closed"], "sites": ["South"]}))
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    (answer,) = result["sensitivity"]["answers"]
    assert answer["label"] == "South closed"
    assert (answer["failed"], answer["status"], answer["objective"], answer["delta"]) == (True, None, None, None)
    assert result["kpis"]["questions_failed"] == 1
    assert (result["status"], "failed the independent check" in result["headline"]) == ("feasible", True)
    assert emitted["CertificateFailures",] == 1
    assert refusals_of(aws, job) == [f"{done.fence}-answer-1.zip"]
    assert (of_wrong.status, of_wrong.error["code"]) == (JobStatus.FAILED, "CERTIFICATE_FAILED")
    assert refusals_of(aws, of_wrong) == [f"{of_wrong.fence}.zip"]


def halved(outcome: Outcome) -> Outcome:
    assert outcome.objective is not None
    return replace(outcome, objective=outcome.objective / 2)


def answered(job: Job) -> int:
    """How many answers are kept."""
    kept = checkpoint_of(job)
    return 0 if kept is None else -int(kept["objective"])


def until(holds: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
