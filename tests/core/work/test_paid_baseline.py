"""Baselines from shipments to their published result, with the real worker, solver and store."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from networx.jobs.job import JobStatus
from networx.models.baseline import price_today
from networx.resilience.confine import Confinement
from networx.work import on_time, paid_baseline
from networx.work.paid_baseline import PaidBaseline
from tests.core.models.small_freight import shipment
from tests.core.models.small_networks import parameters, two_sites
from tests.core.results.test_business_case import example
from tests.core.work.freight_steps import load_shipments, published, submit_of
from tests.core.work.steps import ended, files_of, load, refusals_of, result_of

ROWS = [shipment(f"2026-{month:02d}-01", charge=1_000 + month, units=1.0) for month in range(1, 13)]
ADDING = ("capacity", {"baseline": PaidBaseline()})


def test_shipments_are_summed_alone_and_beside_a_network(quick, working, aws):
    shipments = load_shipments(quick.tenant_id, ROWS)
    network = load(quick.tenant_id, example())
    alone = submit_of("baseline", quick, shipments, control_totals="2026 transport = 121", calibration_tolerance=0.01)
    asked = {"single_sourcing": "no", "lease_years": 2, "baseline_flows": "cheapest"}
    beside = submit_of("baseline", quick, shipments, network, **asked)
    with working(*ADDING):
        jobs = [ended(alone), ended(beside)]
    assert [job.status for job in jobs] == [JobStatus.SUCCEEDED] * 2, [job.error for job in jobs]
    results = [result_of(job) for job in jobs]
    for job, result in zip(jobs, results, strict=True):
        assert result is not None
        assert (result["objective"], result["certificate"]["valid"]) == (120.78, True)
        names = {name.rsplit("/", 1)[1] for name in files_of(aws, job)}
        assert names == {"result.json", "result.xlsx", "report.html"}
    first, second = (published(aws, result) for result in results if result is not None)
    assert (first["network"], first["modelled"], first["calibration"]) == (None, None, "calibrated")
    assert (first["lines"][0]["control"], first["lines"][0]["reconciled"], first["tolerance"]) == (121.0, True, 0.01)
    assert "A warning of the file." in first["notes"]
    assert first["account"][0]["kept"] == {"rows": 12, "cents": 12_078}
    assert second["network"]["dataset_id"] == str(network)
    assert second["modelled"]["certificate"]["valid"]
    # $160 of transport are modelled for 2026.
    assert (second["kpis"]["modelled_cost"], second["calibration"]) == (pytest.approx(600), "uncalibrated")


def test_a_sum_that_is_a_cent_off_is_never_published(quick, working, aws, monkeypatch):
    right = paid_baseline.sum_paid

    def wrong(*asked: Any) -> Any:
        paid = right(*asked)
        paid.groups["mode"].cents[0] += 1
        return paid

    monkeypatch.setattr(paid_baseline, "sum_paid", wrong)
    job = submit_of("baseline", quick, load_shipments(quick.tenant_id, ROWS))
    with working(*ADDING):
        done = ended(job)
    assert (done.status, (done.error or {})["code"]) == (JobStatus.FAILED, "CERTIFICATE_FAILED")
    assert files_of(aws, job) == set()


def test_a_price_of_today_that_fails_its_check_is_never_published_and_leaves_what_reproduces_it(
    quick, working, aws, monkeypatch
):
    def too_cheap(_: Any, tables: Any, parameters: Any, flows: str) -> Any:
        baseline = price_today(tables, parameters, flows)
        assert baseline.outcome is not None
        assert baseline.outcome.objective is not None
        return replace(baseline, outcome=replace(baseline.outcome, objective=baseline.outcome.objective / 2))

    monkeypatch.setattr(paid_baseline, "_priced", too_cheap)
    network = load(quick.tenant_id, example())
    asked = {"single_sourcing": "no", "lease_years": 2, "baseline_flows": "cheapest"}
    job = submit_of("baseline", quick, load_shipments(quick.tenant_id, ROWS), network, **asked)
    with working(*ADDING):
        done = ended(job)
    assert (done.status, (done.error or {})["code"]) == (JobStatus.FAILED, "CERTIFICATE_FAILED")
    assert refusals_of(aws, job) == [f"{done.fence}.zip"]


def test_todays_network_that_a_solver_does_not_price_in_time_says_so(tmp_path, monkeypatch):
    endless = Confinement("tests.core.work.asking_children:pricing_for_ever", memory_mib=1500)
    monkeypatch.setattr(paid_baseline, "CONFINEMENT", endless)
    monkeypatch.setattr("networx.models.baseline.today.MOST_SECONDS", 0.0)
    monkeypatch.setattr(on_time, "LATE_AFTER_SECONDS", 0.0)
    context: Any = SimpleNamespace(scratch=tmp_path, stopped=lambda: False)
    baseline = paid_baseline._priced(context, two_sites(), parameters(), "cheapest")
    assert (baseline.outcome, baseline.why) == (None, "its cheapest flows were not proven within 0 s.")
