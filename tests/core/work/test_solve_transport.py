"""A scenario from its dataset to its published result, with the real worker, solver and store."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import jsonschema_rs
import numpy as np
import orjson
import pytest

from cli.replaying import CHECKS
from networx import settings
from networx.db import pool
from networx.domain.business import Baseline
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome, Progress, ResultStatus, TransportPlan
from networx.errors import CertificateRefused, ObjectStoreUnavailable
from networx.ingest.datasets import get_dataset
from networx.jobs import store
from networx.jobs.job import JobStatus
from networx.jobs.progress import channel
from networx.models.transport import ENGINE, solve_transport
from networx.observability import metrics
from networx.resilience import objects
from networx.resilience.cache import cache_client
from networx.resilience.confine import Confinement
from networx.resilience.objects import put_result
from networx.results.schema import result_schema
from networx.verify.transport import certify
from networx.work import evidence, patience, transport_run
from networx.work import solve_transport as solving
from networx.work.checkpoints import problem_of
from networx.work.publish import Solved, certificate_of, place_of, publish
from networx.work.solve_transport import TransportSolve
from tests.core.models.small_networks import parameters, two_sites
from tests.core.work.steps import checkpoint_of, ended, files_of, load, result_of, submit

SOLVING = ("optimization", {"transport": TransportSolve()})


class Incumbent(TransportSolve):
    """The handler with a child that tells of one plan and then works on until it is ended."""

    confinement = Confinement("tests.core.work.solving_children:one_plan_and_on", memory_mib=1500)


class Endless(TransportSolve):
    """The handler with a child that has two plans, and works on whatever its limit is."""

    confinement = Confinement("tests.core.work.solving_children:two_plans_and_on", memory_mib=1500)


class Tampered(TransportSolve):
    """The handler with a child whose plan leaves a destination without a unit of what it asked for."""

    confinement = Confinement("tests.core.work.solving_children:a_unit_short", memory_mib=1500)


class TooCheap(TransportSolve):
    """The handler with a child that tells of a plan at a tenth of its cost before it answers as ever."""

    confinement = Confinement("tests.core.work.solving_children:a_plan_too_cheap_and_the_answer", memory_mib=1500)


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """The metrics that were sent, by name and dimensions."""
    sent: list[tuple[str, dict[str, str]]] = []
    real = metrics.emit

    def emit(name: str, value: float, **dimensions: str) -> None:
        sent.append((name, dimensions))
        real(name, value, **dimensions)

    monkeypatch.setattr(metrics, "emit", emit)
    return sent


def test_a_scenario_is_solved_checked_and_published(quick, working, aws, emitted):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working(*SOLVING):
        done = ended(job)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED
    assert result is not None
    assert (result["status"], result["objective"]) == ("optimal", pytest.approx(490, rel=1e-9))
    assert result["certificate"]["valid"] is True
    names = {"result.json", "result.xlsx", "report.html", "assignments.parquet"}
    assert files_of(aws, job) == {f"{done.fence}/{name}" for name in names}
    assert result["files"] == {
        "result_json": place_of(done, "/result.json"),
        "result_xlsx": place_of(done, "/result.xlsx"),
        "report_html": place_of(done, "/report.html"),
        "assignments": place_of(done, "/assignments.parquet"),
    }
    stored = aws.s3.get_object(Bucket=settings.current().buckets["results"], Key=result["files"]["result_json"])
    assert stored["ContentType"] == "application/json"
    full = orjson.loads(stored["Body"].read())
    assert (full["job_id"], full["scenario_name"], full["dataset_file"]) == (
        str(job.id),
        "Two sites",
        "two sites.xlsx",
    )
    assert {name: result[name] for name in ("objective", "kpis", "certificate")} == {
        name: full[name] for name in ("objective", "kpis", "certificate")
    }
    assert ("OptimizationDuration", {"ScenarioType": "transport"}) in emitted
    assert ("SolverGap", {"ScenarioType": "transport"}) in emitted


def test_what_a_plan_saves_against_today_is_priced_checked_and_published(quick, working, aws):
    today = two_sites()
    today = replace(today, facilities=replace(today.facilities, existing=("yes", None)))
    job = submit(quick, load(quick.tenant_id, today), baseline_flows="cheapest", discount_rate=0.1)
    with working(*SOLVING):
        done = ended(job)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    # North alone costs 600, and both 490.
    assert (result["kpis"]["savings"], result["kpis"]["savings_share"]) == pytest.approx((110, 110 / 600))
    assert result["kpis"]["transport_savings_share"] == pytest.approx((400 - 190) / 400)
    bucket = settings.current().buckets["results"]
    full = orjson.loads(aws.s3.get_object(Bucket=bucket, Key=result["files"]["result_json"])["Body"].read())
    jsonschema_rs.validate(result_schema(), full)
    assert full["baseline"]["certificate"]["valid"] is True
    assert full["business_case"]["npv"] == pytest.approx(40 + 70 / 1.1)
    assert full["proof"]["baseline"]["flows"] == full["parameters"]["baseline_flows"]["value"] == "cheapest"


def test_a_price_of_today_that_fails_its_check_leaves_that_and_not_the_plan(quick, working, monkeypatch, tmp_path):
    read = transport_run.read_told_baseline

    def too_cheap(described: dict[str, Any]) -> Baseline:
        baseline = read(described)
        assert baseline.outcome is not None
        assert baseline.outcome.objective is not None
        return replace(baseline, outcome=replace(baseline.outcome, objective=baseline.outcome.objective / 2))

    monkeypatch.setattr(transport_run, "read_told_baseline", too_cheap)
    today = two_sites()
    today = replace(today, facilities=replace(today.facilities, existing=("yes", None)))
    job = submit(quick, load(quick.tenant_id, today), baseline_flows="cheapest")
    with working(*SOLVING):
        done = ended(job)
    assert (done.status, (done.error or {})["code"]) == (JobStatus.FAILED, "CERTIFICATE_FAILED")
    objects.get_result(f"refused/{job.tenant_id}/{job.id}/{done.fence}.zip", tmp_path / "evidence.zip")
    told, arrays = evidence.read(tmp_path / "evidence.zip")
    assert (told["question"]["baseline_flows"], told["claim"]["objective"]) == ("cheapest", pytest.approx(300))
    again = CHECKS["transport"](today, told["question"], told["claim"], arrays)
    assert not again.valid


def test_the_parameters_of_the_job_stand_over_those_of_its_scenario(quick, working, aws):
    dataset_id = load(quick.tenant_id, two_sites())
    free = submit(quick, dataset_id, max_facilities=1)
    bound = submit(quick, dataset_id, {"min_facilities": 2, "max_facilities": 2}, max_facilities=1)
    with working(*SOLVING):
        ended(free)
        ended(bound)
    opened = {}
    for job in (free, bound):
        result = result_of(job)
        assert result is not None
        stored = aws.s3.get_object(Bucket=settings.current().buckets["results"], Key=result["files"]["result_json"])
        full = orjson.loads(stored["Body"].read())
        opened[job.id] = sum(site["open"] for site in full["facilities"])
        assert full["certificate"]["valid"] is True
        assert full["parameters"]["max_facilities"]["value"] == opened[job.id]
    assert opened == {free.id: 1, bound.id: 2}


def test_what_an_attempt_left_is_of_no_use_to_a_job_with_other_parameters(solved):
    asked, _ = solved
    other = replace(asked, parameters=replace(asked.parameters, min_facilities=2, max_facilities=2))
    assert problem_of(other) != problem_of(asked)


def test_the_end_of_a_member_wakes_who_watches_its_batch(quick, working, monkeypatch):
    dataset_id = load(quick.tenant_id, two_sites())
    with pool.tenant(quick.tenant_id) as connection:
        parent = store.submit(connection, tenant_id=quick.tenant_id, kind="batch", params={})
    member = submit(quick, dataset_id, parent_id=parent.id)
    ear = cache_client().pubsub()
    ear.subscribe(channel(parent.id))
    with working(*SOLVING):
        ended(member)
    deadline = time.monotonic() + 30
    while (heard := ear.get_message(ignore_subscribe_messages=True, timeout=1)) is None:
        assert time.monotonic() < deadline
    assert heard["data"] == "look"
    ear.close()


def test_no_plan_is_a_result_without_assignments(quick, working, aws):
    job = submit(quick, load(quick.tenant_id, two_sites()), min_facilities=3)
    with working(*SOLVING):
        done = ended(job)
    result = result_of(job)
    assert (done.status, done.error) == (JobStatus.SUCCEEDED, None)
    assert result is not None
    assert (result["status"], result["objective"], result["kpis"]) == ("infeasible", None, None)
    assert result["certificate"]["valid"] is True
    assert set(result["files"]) == {"result_json", "result_xlsx", "report_html"}
    assert files_of(aws, job) == {f"{done.fence}/{name}" for name in ("result.json", "result.xlsx", "report.html")}


def test_an_answer_that_fails_its_check_is_never_published_and_the_job_fails(quick, working, aws, emitted):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": Tampered()}):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.FAILED, 1)
    assert done.error is not None
    assert done.error["code"] == "CERTIFICATE_FAILED"
    assert "demand" in done.error["message"]
    assert result_of(job) is None
    assert files_of(aws, job) == set()
    assert f"refused/{job.tenant_id}/{job.id}/{done.fence}.zip" in done.error["message"]
    assert ("CertificateFailures", {}) in emitted
    assert ("JobFailures", {"JobType": "transport", "ErrorCode": "CERTIFICATE_FAILED"}) in emitted


def test_what_reproduces_a_refused_answer_is_kept_and_fails_its_check_again(quick, working, aws, tmp_path):
    tables = two_sites()
    job = submit(quick, load(quick.tenant_id, tables))
    with working("optimization", {"transport": Tampered()}):
        done = ended(job)
    objects.get_result(f"refused/{job.tenant_id}/{job.id}/{done.fence}.zip", tmp_path / "evidence.zip")
    told, arrays = evidence.read(tmp_path / "evidence.zip")
    question, claim = told["question"], told["claim"]
    assert (told["job"]["id"], told["job"]["fence"]) == (str(job.id), done.fence)
    assert (question["dataset_sha256"], question["scenario_id"]) == (tables.sha256(), str(job.scenario_id))
    assert told["versions"]["solver"] == ENGINE
    again = certify(
        tables,
        TransportParameters(**question["parameters"]),
        TransportPlan.from_arrays(arrays[evidence.PLAN]),
        **{name: claim[name] for name in ("objective", "bound", "gap", "bound_source", "status")},
        dataset_sha256=question["dataset_sha256"],
    )
    assert [asdict(check) for check in again.checks if not check.passed] == told["failed"]
    assert told["failed"]


def test_data_that_cannot_be_solved_fails_the_job_by_name(quick, working):
    # South opens in half a year, and nothing says whether demand may be split.
    tables = two_sites()
    sites = replace(tables.facilities, available_from_year=np.array([np.nan, 2027.5]))
    job = submit(quick, load(quick.tenant_id, replace(tables, facilities=sites)), single_sourcing=None)
    with working(*SOLVING):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.FAILED, 1)
    assert done.error is not None
    assert done.error["code"] == "INVALID_INPUT"
    assert "single_sourcing" in done.error["message"]
    assert [problem["column"] for problem in done.error["problems"]] == ["single_sourcing", "available_from_year"]
    assert done.error["problem_count"] == 2
    assert result_of(job) is None


def test_a_plan_found_on_the_way_is_checked_stored_and_kept_by_a_cancel(quick, working, aws):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": Incumbent()}):
        deadline = time.monotonic() + 30
        while checkpoint_of(job) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert result_of(job) is None
        with pool.tenant(quick.tenant_id) as connection:
            cancelled = store.cancel(connection, job.id, "a person")
    result = result_of(job)
    assert (cancelled.status, cancelled.partial) == (JobStatus.CANCELLED, True)
    assert result is not None
    # The child told of the plan with only North open, which costs 600, and of a bound of 450.
    assert (result["status"], result["objective"], result["bound"]) == ("feasible", pytest.approx(600), 450)
    assert result["gap"] == pytest.approx(150 / 600)
    # A plan on the way carries no proof: its bound is the engine's word, and says so.
    assert (result["bound_source"], result["certificate"]["bound_source"]) == ("solver", "solver")
    assert result["certificate"]["valid"] is True
    assert all("/incumbent-1/" in key for key in result["files"].values())
    assert files_of(aws, job) == {key.split("/", 3)[3] for key in result["files"].values()}


def test_a_child_that_does_not_end_at_its_limit_is_ended_and_its_best_plan_is_the_answer(quick, working):
    job = submit(quick, load(quick.tenant_id, two_sites()), time_limit_seconds=1)
    with working("optimization", {"transport": Endless()}):
        done = ended(job)
    result = result_of(job)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 1)
    assert result is not None
    # The best plan was in its folder and not told; the bound was told.
    assert (result["status"], result["objective"], result["bound"]) == ("feasible", pytest.approx(490), 450)
    assert result["certificate"]["valid"] is True


def test_a_plan_on_the_way_that_fails_its_check_is_not_kept_and_the_answer_is_still_given(
    quick, working, aws, emitted, tmp_path
):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": TooCheap()}):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 1)
    assert ("CertificateFailures", {}) in emitted
    assert checkpoint_of(job) is None
    objects.get_result(f"refused/{job.tenant_id}/{job.id}/{done.fence}-incumbent-1.zip", tmp_path / "evidence.zip")
    told, _ = evidence.read(tmp_path / "evidence.zip")
    assert told["claim"]["objective"] == pytest.approx(60)
    assert not [name for name in files_of(aws, job) if "incumbent" in name]


def test_an_answer_that_took_long_is_kept_for_as_long_and_not_solved_again(quick, working, monkeypatch):
    solved, waited = [], []
    honest = solving.Attempt.outcome

    def after_two_hours(attempt: Any) -> Outcome:
        solved.append(attempt)
        return replace(honest(attempt), seconds=7200.0)

    def patiently(context: Any, call: Any, *, longest: Any) -> Any:
        waited.append(longest)
        return call()

    monkeypatch.setattr(solving.Attempt, "outcome", after_two_hours)
    monkeypatch.setattr(patience, "patiently", patiently)
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working(*SOLVING):
        assert ended(job).status == JobStatus.SUCCEEDED
    assert len(solved) == 1
    assert set(waited) == {timedelta(hours=2)}


def test_a_solved_scenario_outlives_a_file_store_that_is_away(quick, working, monkeypatch):
    calls = []

    def fails_twice(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) <= 2:
            raise ObjectStoreUnavailable
        put_result(*arguments)

    monkeypatch.setattr(objects, "put_result", fails_twice)
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working(*SOLVING):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 1)
    assert result_of(job) is not None


def test_progress_that_is_infinite_is_said_to_be_unknown():
    told = Progress("solving", 1.0, float("inf"), float("-inf"), float("nan")).finite()
    assert told == Progress("solving", 1.0, None, None, None)


@pytest.fixture
def solved(quick) -> tuple[Solved, Outcome]:
    """An answer in hand, not yet published."""
    tables, stated = two_sites(), parameters(lease_years=2)
    dataset_id = load(quick.tenant_id, tables)
    job = submit(quick, dataset_id)
    with pool.tenant(quick.tenant_id) as connection:
        dataset = get_dataset(connection, dataset_id)
    return Solved(job, "Two sites", dataset, tables, stated), solve_transport(tables, stated)


@pytest.mark.parametrize(
    "lie",
    [
        {"objective": 489.0},
        {"bound": 491.0},
        {"status": ResultStatus.OPTIMAL, "bound": 400.0, "gap": 90 / 490},
    ],
    ids=["a cost too low", "a bound above the cost", "a proof that is none"],
)
def test_what_is_claimed_of_a_plan_must_be_so(solved, tmp_path, aws, lie: dict[str, Any]):
    asked, outcome = solved
    assert certificate_of(asked, outcome) is not None
    with pytest.raises(CertificateRefused):
        publish(asked, replace(outcome, **lie), tmp_path / "result", place=place_of(asked.job), put=put_result)
    assert files_of(aws, asked.job) == set()


def test_an_answer_to_other_data_is_refused(solved):
    asked, outcome = solved
    with pytest.raises(CertificateRefused, match="dataset"):
        certificate_of(replace(asked, dataset=replace(asked.dataset, sha256="0" * 64)), outcome)


def test_an_outcome_that_claims_nothing_has_no_certificate(solved, tmp_path, aws):
    asked, _ = solved
    nothing = Outcome(ResultStatus.NO_SOLUTION, "HiGHS", 1.0, bound=3.0)
    result = publish(asked, nothing, tmp_path / "result", place=place_of(asked.job), put=put_result)
    assert (result["status"], result["certificate"], result["objective"], result["bound"]) == (
        "no_solution",
        None,
        None,
        3.0,
    )
    assert "assignments" not in result["files"]
