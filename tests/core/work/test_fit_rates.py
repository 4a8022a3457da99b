"""Rates from shipments to their published result, with the real worker, child and store."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import openpyxl
from pydantic import TypeAdapter

from networx import settings
from networx.jobs.job import JobStatus
from networx.results.schema import AnyResult
from networx.work import fit_rates
from networx.work.fit_rates import RatesFit
from tests.core.models.small_freight import shipment
from tests.core.models.small_networks import two_sites
from tests.core.work.freight_steps import load_shipments, published, submit_of
from tests.core.work.steps import ended, files_of, load, refusals_of, result_of

FITTING = ("capacity", {"rates": RatesFit()})
# $50 and half a dollar a mile, each of a weight of its own; one that nobody weighed.
ROWS = [
    *(shipment(miles=50.0 + 10 * at, weight_lb=600.0 + at, charge=5_000 + 50 * (50 + 10 * at)) for at in range(40)),
    shipment(miles=100.0),
]


def test_rates_are_fitted_checked_and_written_for_a_person_to_accept(quick, working, aws):
    shipments, network = load_shipments(quick.tenant_id, ROWS), load(quick.tenant_id, two_sites())
    jobs = [
        submit_of("rates", quick, shipments, network, circuity=1.2),
        submit_of("rates", quick, shipments, fewest_shipments=41),
    ]
    with working(*FITTING):
        fitted, refused = (ended(job) for job in jobs)
    assert fitted.status is JobStatus.SUCCEEDED, fitted.error
    recorded = result_of(fitted) or {}
    result = published(aws, recorded)
    TypeAdapter(AnyResult).validate_python(result)
    assert {name.rsplit("/", 1)[1] for name in files_of(aws, fitted)} == {"result.json", "result.xlsx"}
    (band,) = result["bands"]
    assert (band["mode"], band["shipments"], band["miles_from"], band["miles_to"]) == ("tl", 40, 50, 440)
    assert abs(band["fixed"] + 100 * (band["per_mile"] + band["per_cwt_mile"] * 6.2) - 100) < 0.01
    assert (result["left_out"], result["certificate"]["valid"]) == ({"no weight above 0": 1}, True)
    assert "A warning of the file." in result["notes"]
    assert result["network"]["dataset_id"] == str(network)
    assert result["parameters"]["circuity"] == {"value": 1.2, "unit": "factor", "source": "given"}
    assert result["parameters"]["fewest_shipments"]["source"] == "engineering default"
    bucket = settings.current().buckets["results"]
    body = aws.s3.get_object(Bucket=bucket, Key=recorded["files"]["result_xlsx"])["Body"].read()
    head, row = openpyxl.load_workbook(io.BytesIO(body))["FittedRates"].values
    written = dict(zip(head, row, strict=True))
    assert (written["mode"], written["shipments"], written["accepted_by"], written["accepted_on"]) == (
        "tl", 40, None, None
    )  # fmt: skip
    error = refused.error or {}
    assert (refused.status, error["code"]) == (JobStatus.FAILED, "INVALID_INPUT")
    assert "tl, 500 to 1,000 lb: 40 shipments, not fitted: fewer than 41 shipments." in error["message"]


def test_a_fit_that_is_not_the_least_is_never_published_and_leaves_what_reproduces_it(quick, working, aws, monkeypatch):
    right = fit_rates._fitted

    def dearer(*asked: Any) -> Any:
        fit = right(*asked)
        return replace(fit, bands=tuple(replace(band, fixed=band.fixed + 1) for band in fit.fitted))

    monkeypatch.setattr(fit_rates, "_fitted", dearer)
    job = submit_of("rates", quick, load_shipments(quick.tenant_id, ROWS))
    with working(*FITTING):
        done = ended(job)
    assert (done.status, (done.error or {})["code"]) == (JobStatus.FAILED, "CERTIFICATE_FAILED")
    assert (files_of(aws, job), refusals_of(aws, job)) == (set(), [f"{done.fence}.zip"])
