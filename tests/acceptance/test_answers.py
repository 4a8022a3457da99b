"""From a workbook in the bucket to an answer that was worked out by hand, wherever the answer is shown."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jsonschema_rs
import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.acceptance.client import Client
from tests.acceptance.record import Record
from tests.acceptance.store import INPUT, RESULTS, Store
from tests.acceptance.workbooks import three_towns, two_years, workbook

pytestmark = pytest.mark.platform

FLOWS = {("Harbor", "Ash"): 40, ("Harbor", "Birch"): 40, ("Hill", "Birch"): 10, ("Hill", "Cedar"): 30}
COSTS = {("Harbor", "Ash"): 80, ("Harbor", "Birch"): 120, ("Hill", "Birch"): 40, ("Hill", "Cedar"): 30}


@pytest.fixture(scope="module")
def three_towns_dataset(client: Client, store: Store) -> str:
    store.put("three towns.xlsx", workbook(three_towns()))
    upload = client.upload_named("three towns.xlsx")
    assert upload["status"] == "loaded", upload
    assert upload["counts"] | {"demand": 0} == upload["counts"]
    assert (upload["counts"]["facilities"], upload["counts"]["destinations"], upload["counts"]["lanes"]) == (4, 3, 12)
    return str(upload["dataset_id"])


@pytest.fixture(scope="module")
def job(client: Client, three_towns_dataset: str) -> dict[str, Any]:
    ended = client.solved(three_towns_dataset)
    assert ended["status"] == "succeeded", ended
    return ended


def flows_of(rows: Any) -> dict[tuple[str, str], float]:
    return {(row["facility"], row["destination"]): row["units"] for row in rows}


def test_the_job_tells_the_answer(job: dict[str, Any]):
    result = job["result"]
    assert (job["type"], job["attempt"], job["partial"], job["error"]) == ("transport", 1, False, None)
    assert job["progress"] == {"stage": "done", "percent": 100.0}
    assert result["status"] == "optimal"
    assert result["objective"] == pytest.approx(1570, rel=1e-9)
    assert result["bound"] == pytest.approx(1570, rel=1e-6)
    assert result["gap"] <= 1e-6
    assert result["kpis"] == pytest.approx(
        {
            "total_cost": 1570,
            "transport_cost": 270,
            "fixed_cost": 1300,
            "handling_cost": 0,
            "one_time_cost": 0,
            "inbound_cost": 0,
            "expansion_cost": 0,
            "service_penalty_cost": 0,
            "facility_cost": 1300,
            "cost_per_unit": 1570 / 120,
            "total_units": 120,
            "facilities_open": 2,
            "service_level": 110 / 120,
            "weighted_service_level": 110 / 120,
            "weighted_distance_miles": 2150 / 120,
        },
        rel=1e-9,
    )
    assert "files" not in result


def test_the_certificate_is_valid_and_names_the_data(client: Client, job: dict[str, Any], three_towns_dataset: str):
    certificate = job["result"]["certificate"]
    assert certificate["valid"] is True
    assert len(certificate["checks"]) > 10
    assert all(check["passed"] for check in certificate["checks"])
    assert certificate["dataset_sha256"] == client.get(f"/api/datasets/{three_towns_dataset}")["sha256"]


def test_the_full_result_tells_the_answer(client: Client, job: dict[str, Any]):
    result = client.get(f"/api/jobs/{job['id']}/result")
    jsonschema_rs.validate(json.loads(client.file("/api/schemas/result.json")), result)
    assert {site["name"]: site["open"] for site in result["facilities"]} == {
        "Harbor": True,
        "Hill": True,
        "Field": False,
        "Marsh": False,
    }
    (year,) = result["years"]
    assert year["transport_cost"] == pytest.approx(270, rel=1e-9)
    assert year["fixed_cost"] == 1300
    harbor = next(site for site in result["facilities"] if site["name"] == "Harbor")
    assert harbor["years"][0]["utilization"] == pytest.approx(1)
    assert harbor["transport_cost"] == pytest.approx(200)
    assert (result["job_id"], result["scenario_version"]) == (job["id"], 1)


def test_the_assignments_tell_the_answer(client: Client, job: dict[str, Any]):
    page = client.get(f"/api/jobs/{job['id']}/assignments")
    assert page["total"] == 4
    assert flows_of(page["assignments"]) == pytest.approx(FLOWS)
    costs = {(row["facility"], row["destination"]): row["cost"] for row in page["assignments"]}
    assert costs == pytest.approx(COSTS)
    shares = {(row["facility"], row["destination"]): row["share_of_demand"] for row in page["assignments"]}
    assert shares[("Hill", "Birch")] == pytest.approx(0.2)
    of_hill = client.get(f"/api/jobs/{job['id']}/assignments?facility=Hill&offset=1&limit=1")
    assert (of_hill["total"], [row["destination"] for row in of_hill["assignments"]]) == (2, ["Cedar"])


def test_the_workbook_tells_the_answer(client: Client, job: dict[str, Any]):
    content = client.file(f"/api/jobs/{job['id']}/result.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(min_row=5, max_col=2, values_only=True) if row[0]}
    costs = sorted(value for value in summary.values() if isinstance(value, int | float) and value > 100)
    assert costs == pytest.approx(sorted([1570, 1570, 1570, 270, 1300, 120]), rel=1e-6)
    (header, *rows) = book["Assignments"].iter_rows(values_only=True)
    assert header[:4] == ("Year", "Facility", "Destination", "Units")
    assert {(row[1], row[2]): row[3] for row in rows} == pytest.approx(FLOWS)


def test_the_report_tells_the_answer_by_itself(client: Client, job: dict[str, Any]):
    page = client.file(f"/api/jobs/{job['id']}/report.html").decode()
    assert "$1,570" in page
    assert "Harbor" in page
    assert not re.search(r"<script|(src|href)\s*=\s*[\"']?https?:", page)


def test_the_files_stand_at_their_keys(job: dict[str, Any], store: Store, record: Record):
    ((tenant, fence),) = record.rows("SELECT tenant_id, fence FROM jobs WHERE id = %s", job["id"])
    place = f"results/{tenant}/{job['id']}/{fence}"
    files = {"result.json", "result.xlsx", "report.html", "assignments.parquet"}
    assert store.keys(RESULTS, f"results/{tenant}/{job['id']}/") == {f"{place}/{name}" for name in files}
    assert json.loads(store.content(RESULTS, f"{place}/result.json"))["objective"] == job["result"]["objective"]
    table = pq.read_table(io.BytesIO(store.content(RESULTS, f"{place}/assignments.parquet"))).to_pylist()
    assert flows_of(table) == pytest.approx(FLOWS)
    assert len(store.versions(INPUT, "uploads/dev/three towns.xlsx")) == 1


def test_the_story_of_a_job_has_one_end(client: Client, job: dict[str, Any]):
    assert [event["event"] for event in client.get(f"/api/jobs/{job['id']}/history")] == [
        "submitted",
        "claimed",
        "finished",
    ]


@pytest.mark.parametrize(
    ("parameters", "cost", "opened"),
    [
        # 114 of 120 units within 35 miles: Harbor and Hill reach 110 (Hill is 40 miles from Birch), Field all.
        ({"service_level": 0.95}, 5120, {"Field"}),
        ({"max_facilities": 1}, 5120, {"Field"}),
        # Field then serves everyone at 1 a unit, but for Cedar at no more from Hill: 6,300 + 120.
        ({"min_facilities": 3}, 6420, {"Harbor", "Hill", "Field"}),
        # Taken away, a requirement imposes nothing; the plan stays the cheapest.
        ({"service_level": None, "max_distance_miles": None}, 1570, {"Harbor", "Hill"}),
    ],
)
def test_a_scenarios_parameters_override_the_sheets(
    client: Client, three_towns_dataset: str, parameters: dict[str, Any], cost: float, opened: set[str]
):
    ended = client.solved(three_towns_dataset, **parameters)
    assert ended["result"]["objective"] == pytest.approx(cost, rel=1e-9)
    result = client.get(f"/api/jobs/{ended['id']}/result")
    assert {site["name"] for site in result["facilities"] if site["open"]} == opened
    for name, value in parameters.items():
        assert result["parameters"].get(name, {"value": None})["value"] == value


def test_every_requirement_at_once_over_two_years(client: Client):
    upload = client.upload_settled(client.upload_by_parts("two years.xlsx", workbook(two_years())))
    assert upload["status"] == "loaded", upload
    ended = client.solved(upload["dataset_id"])
    assert ended["result"]["status"] == "optimal"
    assert ended["result"]["objective"] == pytest.approx(3715, rel=1e-9)
    assert ended["result"]["certificate"]["valid"] is True
    result = client.get(f"/api/jobs/{ended['id']}/result")
    assert [(year["year"], year["transport_cost"], year["fixed_cost"]) for year in result["years"]] == [
        (2030, pytest.approx(270), 1300),
        (2031, pytest.approx(345), 1800),
    ]
    assert [year["service_level"] for year in result["years"]] == pytest.approx([110 / 120, 1])
    assert ended["result"]["kpis"]["total_units"] == pytest.approx(285)
    assert ended["result"]["kpis"]["service_level"] == pytest.approx(110 / 120)
    assert {site["name"] for site in result["facilities"] if site["open"]} == {"Harbor", "Hill"}
    of_2031 = client.get(f"/api/jobs/{ended['id']}/assignments?year=2031")["assignments"]
    assert flows_of(of_2031) == pytest.approx({("Harbor", "Ash"): 60, ("Harbor", "Birch"): 60, ("Hill", "Cedar"): 45})


def test_a_change_makes_a_version_and_leaves_the_earlier_job_its_own(client: Client, three_towns_dataset: str):
    scenario = client.new_scenario(three_towns_dataset)
    earlier = client.job_ended(client.run(scenario["scenario_id"]))
    changed = client.patch(f"/api/scenarios/{scenario['scenario_id']}", {"parameters": {"max_facilities": 1}})
    assert (changed["version"], changed["scenario_id"]) == (2, scenario["scenario_id"])
    later = client.job_ended(client.run(scenario["scenario_id"]))

    assert (earlier["scenario_version"], later["scenario_version"]) == (1, 2)
    assert later["result"]["objective"] == pytest.approx(5120)
    assert client.job(earlier["id"]) == earlier
    assert client.get(f"/api/scenarios/{scenario['scenario_id']}?version=1")["parameters"] == {}


def test_the_same_key_and_request_is_the_same_job(client: Client, three_towns_dataset: str):
    body = {"scenario_id": client.new_scenario(three_towns_dataset)["scenario_id"]}
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda _: client.ask("POST", "/api/optimize/run-batch", body, **{"Idempotency-Key": "one run"}),
                range(8),
            )
        )
    assert {answer.status for answer in answers} == {202}
    (job_id,) = {answer.body["data"]["job_id"] for answer in answers}
    assert client.job_ended(job_id)["result"]["objective"] == pytest.approx(1570)
    other = {"scenario_id": client.new_scenario(three_towns_dataset)["scenario_id"]}
    refused = client.ask("POST", "/api/optimize/run-batch", other, **{"Idempotency-Key": "one run"})
    assert (refused.status, refused.body["code"]) == (409, "CONFLICT")
