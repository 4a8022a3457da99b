"""Capacity analyses on the whole platform, worked out by hand over the three towns."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from tests.acceptance.client import Client
from tests.acceptance.store import Store
from tests.acceptance.workbooks import three_towns, workbook

pytestmark = pytest.mark.platform


@pytest.fixture(scope="module")
def dataset(client: Client, store: Store) -> str:
    store.put("capacity of three towns.xlsx", workbook(three_towns()))
    upload = client.upload_named("capacity of three towns.xlsx")
    assert upload["status"] == "loaded", upload
    return str(upload["dataset_id"])


@pytest.fixture(scope="module")
def job(client: Client, dataset: str) -> dict[str, Any]:
    """Harbor alone: it holds 80 of the 120 units."""
    scenario = client.new_scenario(dataset, "capacity", sites="Harbor")
    ended = client.job_ended(client.run(scenario["scenario_id"]))
    assert ended["status"] == "succeeded", ended
    return ended


def test_the_job_tells_the_shortage_and_what_its_cheapest_relief_costs(job: dict[str, Any]):
    assert (job["type"], job["attempt"], job["partial"]) == ("capacity", 1, False)
    result = job["result"]
    # With Hill beside it the network is the cheapest of all: 1,570 dollars.
    assert (result["status"], result["objective"]) == ("optimal", pytest.approx(1570, rel=1e-9))
    assert (result["kpis"]["units_short"], result["kpis"]["highest_utilisation"]) == pytest.approx((40, 1))
    assert result["certificate"]["valid"] is True


def test_the_full_result_names_sites_shortage_bottleneck_and_relief(client: Client, job: dict[str, Any]):
    result = client.get(f"/api/jobs/{job['id']}/result")
    assert result["sites"] == ["Harbor"]
    assert result["shortage"]["units"] == pytest.approx(40)
    (bottleneck,) = result["bottlenecks"]
    assert (bottleneck["name"], bottleneck["shadow_price"]) == ("Harbor", pytest.approx(1))
    assert bottleneck["tenth_more"]["saves"] == pytest.approx(8)
    assert [change["facility"] for change in result["relief"]["changes"]] == ["Hill"]


def test_workbook_and_report_can_be_had_and_there_are_no_assignments(client: Client, job: dict[str, Any]):
    content = client.file(f"/api/jobs/{job['id']}/result.xlsx")
    assert "Bottlenecks" in openpyxl.load_workbook(io.BytesIO(content), read_only=True).sheetnames
    assert "40 units cannot be served" in client.file(f"/api/jobs/{job['id']}/report.html").decode()
    assert client.ask("GET", f"/api/jobs/{job['id']}/assignments").status == 404


def test_the_plan_of_a_finished_job_is_analysed_as_it_stands(client: Client, dataset: str):
    plan = client.solved(dataset)
    scenario = client.new_scenario(dataset, "capacity", sites=f"job {plan['id']}")
    ended = client.job_ended(client.run(scenario["scenario_id"]))
    assert ended["result"]["objective"] == pytest.approx(1570, rel=1e-9)
    assert ended["result"]["bound_source"] == "multipliers"
    result = client.get(f"/api/jobs/{ended['id']}/result")
    # Harbor is full: Birch's units that Hill serves at $4 would cost $3 from there.
    assert {one["name"]: one["shadow_price"] for one in result["bottlenecks"]} == {"Harbor": pytest.approx(1)}


def test_without_sites_nothing_is_run(client: Client, dataset: str):
    scenario = client.new_scenario(dataset, "capacity")
    refused = client.ask("POST", "/api/optimize/run-batch", {"scenario_id": scenario["scenario_id"]})
    assert (refused.status, refused.body["problems"][0]["column"]) == (422, "sites")
