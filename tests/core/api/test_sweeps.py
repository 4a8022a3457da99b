"""Sweeps over the API: checked at once, recorded whole or not at all, and answered from what their members left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from psycopg.types.json import Jsonb

from networx.db import pool
from networx.domain.network import Forecast, ServiceYears
from networx.jobs import progress
from networx.topology import TOPOLOGY
from tests.core.models.small_networks import network
from tests.core.models.small_warehouses import stocked
from tests.core.work.steps import load

RUN = "/api/optimize/run-batch"
ONE_TO_THREE = {"minNodes": 1, "maxNodes": 3}

Make = Callable[..., str]


@pytest.fixture
def scenario(record, make_scenario) -> Make:
    """Makes a scenario over five sites, one mandatory and one forbidden, and a place; its id."""

    def made(**parameters: Any) -> str:
        status = ["mandatory", "candidate", "candidate", "candidate", "forbidden"]
        sites = [(f"site {number}", 100, 10, word) for number, word in enumerate(status)]
        tables = network(sites, [("place", 50)], [(number, 0, 1.0) for number in range(5)])
        return make_scenario({"single_sourcing": "no", **parameters}, load(record.tenant_id, tables))

    return made


@pytest.fixture
def swept(client, scenario) -> Callable[..., dict[str, Any]]:
    """Submits a sweep; what it was answered."""

    def submitted(**asked: Any) -> dict[str, Any]:
        answer = client.post(RUN, json={"scenario_id": scenario(), "scenario": {**ONE_TO_THREE, **asked}})
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]

    return submitted


def end(record, job_id: str, status: str, result: dict[str, Any] | None = None) -> None:
    """Brings a job to an end the way a worker would have, as far as a reader can tell."""
    with pool.system() as connection:
        if status != "cancelled":
            connection.execute(
                "UPDATE jobs SET status = 'running', fence = fence + 1, worker = 'w', attempt = 1, "
                "lease_expires_at = now() WHERE id = %s",
                (job_id,),
            )
        connection.execute(
            "UPDATE jobs SET status = %s, fence = fence + 1, finished_at = now(), lease_expires_at = NULL, "
            "updated_at = clock_timestamp() WHERE id = %s",
            (status, job_id),
        )
        if result is not None:
            connection.execute(
                "INSERT INTO results (job_id, tenant_id, fence, result) VALUES (%s, %s, 1, %s)",
                (job_id, record.tenant_id, Jsonb(result)),
            )


def solved(cost: float, *, bound: float | None = None, service: float | None = None) -> dict[str, Any]:
    proven = bound is None
    return {
        "status": "optimal" if proven else "feasible",
        "objective": cost,
        "bound": cost if proven else bound,
        "gap": 0 if proven else (cost - (bound or 0)) / cost,
        "certificate": {"valid": True},
        "kpis": {
            "total_cost": cost,
            "transport_cost": cost - 10,
            "fixed_cost": 10,
            "cost_per_unit": cost / 50,
            "service_level": service,
            "weighted_distance_miles": None,
        },
        "files": {"result_json": "somewhere"},
    }


def test_a_sweep_is_a_batch_with_a_member_for_each_number(client, record, swept):
    answered = swept(step=2)
    assert (answered["queue_id"], answered["status"]) == ("optimization.fifo", "queued")
    assert [member["nodes"] for member in answered["members"]] == [1, 3]
    batch = client.get(f"/api/jobs/{answered['job_id']}").json()["data"]
    assert (batch["type"], batch["status"], batch["member_counts"]) == ("batch", "queued", {"queued": 2})
    assert batch["sweep"] == {"minNodes": 1, "maxNodes": 3, "step": 2, "criterion": "total_cost"}
    assert batch["members"] == [member["job_id"] for member in answered["members"]]
    for member in answered["members"]:
        job = client.get(f"/api/jobs/{member['job_id']}").json()["data"]
        exactly = {"min_facilities": member["nodes"], "max_facilities": member["nodes"]}
        assert (job["type"], job["parameters"], job["parent_id"]) == ("transport", exactly, batch["id"])
        assert job["scenario_id"] == batch["scenario_id"]
    listed = client.get(RUN).json()["data"]
    assert [job["id"] for job in listed] == [batch["id"]]
    assert client.get(f"/api/jobs?parent_id={batch['id']}").json()["data"][0]["parameters"]["max_facilities"] == 3
    with pool.tenant(record.tenant_id) as connection:
        found = connection.execute("SELECT DISTINCT correlation_id FROM jobs").fetchall()
    assert len(found) == 1


def test_the_same_key_gives_the_same_batch_and_another_range_is_another_request(client, scenario):
    keyed, scenario_id = {"Idempotency-Key": "a sweep"}, scenario()
    first = client.post(RUN, json={"scenario_id": scenario_id, "scenario": ONE_TO_THREE}, headers=keyed)
    # The defaults stated are the same request.
    stated = {**ONE_TO_THREE, "step": 1, "criterion": "total_cost"}
    again = client.post(RUN, json={"scenario_id": scenario_id, "scenario": stated}, headers=keyed)
    assert again.json()["data"] == first.json()["data"]
    assert again.headers["Idempotent-Replayed"] == "true"
    for other in ({"minNodes": 1, "maxNodes": 2}, None):
        answer = client.post(RUN, json={"scenario_id": scenario_id, "scenario": other}, headers=keyed)
        assert answer.status_code == 409
    assert len(client.get("/api/jobs?status=queued").json()["data"]) == 4


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({}, {"scenario.minNodes", "scenario.maxNodes"}),
        ({"minNodes": 2, "maxNodes": 1}, {"scenario.maxNodes"}),
        ({"minNodes": 1, "maxNodes": 5}, {"scenario.maxNodes"}),
        ({"minNodes": 0, "maxNodes": 2}, {"scenario.minNodes"}),
        ({"minNodes": 1, "maxNodes": TOPOLOGY.limits.batch_members + 1}, {"scenario.maxNodes"}),
        ({**ONE_TO_THREE, "criterion": "savings"}, {"scenario.criterion"}),
        ({**ONE_TO_THREE, "criterion": "service_level"}, {"scenario.criterion"}),
        ({**ONE_TO_THREE, "nodes": 2}, {"scenario.nodes"}),
        ("1:3", {"scenario"}),
        (False, {"scenario"}),
    ],
)
def test_what_cannot_be_swept_is_refused_by_its_place_before_a_job_is_made(client, scenario, asked, places):
    answer = client.post(RUN, json={"scenario_id": scenario(), "scenario": asked})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
    assert {problem["column"] for problem in answer.json()["problems"]} == places
    assert client.get("/api/jobs?status=queued").json()["data"] == []


@pytest.mark.parametrize(
    ("number", "status"), [("9" * 5000, 400), ("9" * 4000, 422), ("1e400", 422), ("-0", 422), ("1.0", 422)]
)
def test_numbers_beyond_reason_are_refused(client, scenario, number, status):
    text = f'{{"scenario_id": "{scenario()}", "scenario": {{"minNodes": 1, "maxNodes": {number}}}}}'
    answer = client.post(RUN, content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text


def test_savings_are_compared_where_the_scenario_asks_for_a_baseline(client, record, scenario):
    asked = {"scenario": {**ONE_TO_THREE, "criterion": "savings"}}
    answer = client.post(RUN, json={"scenario_id": scenario(baseline_flows="cheapest"), **asked})
    assert answer.status_code == 202, answer.text
    batch = answer.json()["data"]
    for member, saved in zip(batch["members"], (50.0, 80.0, 20.0), strict=True):
        result = solved(300 - saved)
        result["kpis"] |= {"savings": saved, "transport_savings_share": saved / 200}
        end(record, member["job_id"], "succeeded", result)
    result = client.get(f"/api/jobs/{batch['job_id']}/result").json()["data"]
    assert (result["best"]["nodes"], result["proven"], result["criterion"]) == (2, True, "savings")
    assert [row["savings"] for row in result["frontier"]] == [50, 80, 20]
    assert result["best"]["kpis"]["transport_savings_percent"] == 40


def test_savings_are_refused_where_missed_service_has_a_price_in_some_year(client, record, make_scenario):
    tables = network([("site", 100, 10)], [("place", 50)], [(0, 0, 1.0, 10.0)])
    years = ServiceYears(np.array([2026]), service_penalty_per_unit=np.array([2.0]))
    tables = replace(tables, service_years=years, forecast=Forecast(np.array([2026]), np.array([50.0])))
    stated = {
        "single_sourcing": "no", "baseline_flows": "cheapest", "service_level": 0.9, "max_distance_miles": 5,
    }  # fmt: skip
    scenario_id = make_scenario(stated, load(record.tenant_id, tables))
    asked = {"minNodes": 1, "maxNodes": 1, "criterion": "savings"}
    answer = client.post(RUN, json={"scenario_id": scenario_id, "scenario": asked})
    (problem,) = answer.json()["problems"]
    assert (problem["column"], problem["rule"]) == ("scenario.criterion", "no_baseline")


def test_a_network_with_its_warehouses_and_stock_is_swept_by_the_cost_of_the_whole(client, record, make_scenario):
    scenario_id = make_scenario(
        {"single_sourcing": "no", "lease_years": 2}, load(record.tenant_id, stocked()), kind="integrated"
    )
    by_savings = {"minNodes": 1, "maxNodes": 2, "criterion": "savings"}
    answer = client.post(RUN, json={"scenario_id": scenario_id, "scenario": by_savings})
    assert "neither warehouses nor stock" in answer.json()["problems"][0]["message"]
    answer = client.post(RUN, json={"scenario_id": scenario_id, "scenario": {"minNodes": 1, "maxNodes": 2}})
    assert answer.status_code == 202, answer.text
    batch = answer.json()["data"]
    one, two = (member["job_id"] for member in batch["members"])
    assert client.get(f"/api/jobs/{one}").json()["data"]["type"] == "integrated"
    whole = solved(400, bound=200) | {"status": "feasible"}
    whole["kpis"] |= {"warehouse_cost": 90, "inventory_cost": 10}
    end(record, one, "succeeded", whole)
    # What was stopped before its warehouses were planned has a smaller cost, of less.
    end(record, two, "cancelled", solved(250, bound=200))
    result = client.get(f"/api/jobs/{batch['job_id']}/result").json()["data"]
    assert (result["best"]["nodes"], result["objective"], result["proven"]) == (1, 400, False)
    assert [row["status"] for row in result["frontier"]] == ["feasible", "no_solution"]
    assert [left["job_id"] for left in result["still_open"]] == [two]


def test_fewer_than_must_open_are_refused(client, record, make_scenario):
    sites = [(f"site {number}", 100, 10, "mandatory") for number in range(3)]
    scenario_id = make_scenario(
        {"single_sourcing": "no"}, load(record.tenant_id, network(sites, [("place", 50)], [(0, 0, 1.0)]))
    )
    answer = client.post(RUN, json={"scenario_id": scenario_id, "scenario": {"minNodes": 2, "maxNodes": 3}})
    assert [problem["column"] for problem in answer.json()["problems"]] == ["scenario.minNodes"]


def test_the_scenarios_own_parameters_are_checked_too(client, scenario):
    answer = client.post(RUN, json={"scenario_id": scenario(service_level=0.9), "scenario": ONE_TO_THREE})
    assert [problem["column"] for problem in answer.json()["problems"]] == ["max_distance_miles"]


def test_what_does_not_go_together_is_refused_by_name(client, scenario):
    both = {"scenario_id": scenario(), "costMatrix": {}, "demand": {}}
    answer = client.post(RUN, json=both)
    assert (answer.status_code, {problem["column"] for problem in answer.json()["problems"]}) == (
        422,
        {"costMatrix", "demand"},
    )
    answer = client.post(RUN, json={"model": {"variables": {"x": {}}}, "scenario": ONE_TO_THREE})
    assert [problem["column"] for problem in answer.json()["problems"]] == ["scenario"]
    answer = client.post(RUN, json={"scenario": ONE_TO_THREE})
    assert (answer.status_code, answer.json()["code"]) == (400, "MISSING_SCENARIO")


def test_another_tenant_neither_sweeps_nor_sees_it(client, foreigner, scenario, swept):
    asked = {"scenario_id": scenario(), "scenario": ONE_TO_THREE}
    assert foreigner.post(RUN, json=asked).status_code == 404
    batch = swept()
    for path in (f"{RUN}?job_id={batch['job_id']}", f"/api/jobs/{batch['job_id']}/result"):
        assert foreigner.get(path).status_code == 404


def test_the_batch_answers_from_the_first_moment_to_the_last(client, record, swept):
    batch = swept()
    one, two, three = (member["job_id"] for member in batch["members"])

    def job() -> dict[str, Any]:
        return client.get(f"{RUN}?job_id={batch['job_id']}").json()["data"]

    result = job()["result"]
    assert (result["status"], result["best"], result["partial"]) == (None, None, True)
    assert [row["status"] for row in result["frontier"]] == ["queued"] * 3
    end(record, two, "succeeded", solved(200))
    now = job()
    assert (now["status"], now["progress"]["stage"]) == ("running", "1 of 3 done")
    assert (now["result"]["best"]["nodes"], now["result"]["proven"], now["result"]["partial"]) == (2, False, True)
    end(record, one, "succeeded", {"status": "infeasible", "objective": None, "bound": None, "gap": None, "kpis": None})
    end(record, three, "succeeded", solved(210, bound=190))
    now = job()
    result = now["result"]
    assert (now["status"], result["status"], result["partial"]) == ("succeeded", "feasible", False)
    assert [row["status"] for row in result["frontier"]] == ["infeasible", "optimal", "feasible"]
    assert [row["certified"] for row in result["frontier"]] == [False, True, True]
    assert [left["job_id"] for left in result["still_open"]] == [three]
    assert (result["objective"], result["bound"]) == (200, 190)
    assert result["best"]["kpis"]["total_network_cost_all_years"] == 200
    assert result["batch_summary"]["infeasible_scenarios"] == 1
    assert client.get(f"/api/jobs/{batch['job_id']}/result").json()["data"] == result


def test_a_member_that_failed_never_hides(client, record, swept):
    batch = swept()
    one, two, three = (member["job_id"] for member in batch["members"])
    end(record, one, "succeeded", solved(200))
    end(record, two, "failed")
    end(record, three, "dead")
    now = client.get(f"/api/jobs/{batch['job_id']}").json()["data"]
    assert (now["status"], now["failed_members"]) == ("failed", [two, three])
    result = now["result"]
    assert (result["best"]["nodes"], result["proven"]) == (1, False)
    assert [row["status"] for row in result["frontier"]] == ["optimal", "failed", "failed"]
    assert result["batch_summary"]["failed_scenarios"] == 2
    told = client.get(f"/api/jobs/{batch['job_id']}/story").json()["data"]["told"]
    assert any("2 or 3 facilities may still be cheaper" in sentence for sentence in told)


def test_a_batch_is_cancelled_whole_and_redriven_where_it_failed(client, record, swept):
    batch = swept()
    one, _, _ = (member["job_id"] for member in batch["members"])
    end(record, one, "failed")
    cancelled = client.post(f"/api/jobs/{batch['job_id']}/cancel").json()["data"]
    assert cancelled["member_counts"] == {"failed": 1, "cancelled": 2}
    assert cancelled["result"]["batch_summary"]["cancelled_scenarios"] == 2
    redriven = client.post(f"/api/jobs/{batch['job_id']}/redrive").json()["data"]
    assert redriven["member_counts"] == {"queued": 1, "cancelled": 2}
    assert redriven["result"]["partial"] is True


def test_a_story_of_a_sweep_without_a_verdict_yet_is_told(client, swept):
    story = client.get(f"/api/jobs/{swept()['job_id']}/story").json()["data"]
    assert any("3 members: 3 queued" in sentence for sentence in story["told"])


def test_cancelling_a_member_wakes_who_watches_the_batch(client, swept, monkeypatch):
    woken: list[UUID] = []
    monkeypatch.setattr(progress, "publish", lambda job_id, *_: woken.append(job_id))
    batch = swept()
    client.post(f"/api/jobs/{batch['members'][0]['job_id']}/cancel")
    assert {str(job_id) for job_id in woken} == {batch["members"][0]["job_id"], batch["job_id"]}


def test_a_plain_batch_has_no_result(client, record):
    with pool.tenant(record.tenant_id) as connection:
        row = connection.execute(
            "INSERT INTO jobs (tenant_id, kind, queue, max_attempts) VALUES (%s, 'batch', NULL, 1) RETURNING id",
            (record.tenant_id,),
        ).fetchone()
    assert client.get(f"/api/jobs/{row[0]}").json()["data"]["result"] is None
    assert client.get(f"/api/jobs/{row[0]}/result").json()["code"] == "RESULT_NOT_FOUND"
