"""The workbook and the report of a sweep, made of its runs when they are asked for: over the real record and bucket."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from psycopg.types.json import Jsonb

from networx import settings
from networx.api import sweep_files
from networx.api.limit_rules import EXPORTS
from networx.db import pool
from networx.domain.network import NetworkTables
from networx.domain.parameters import transport_parameters
from networx.domain.plan import ResultStatus
from networx.domain.sweep import exactly
from networx.models.transport import solve_transport
from networx.results.kpis import transport_result
from networx.results.proof import result_bytes
from networx.verify.transport import certify_outcome
from tests.core.api.test_archived_jobs import age_and_archive
from tests.core.api.test_sweeps import RUN, end
from tests.core.models.small_networks import network
from tests.core.work.steps import load

SITES = [("North", 100, 10), ("South", 100, 400), ("West", 100, 900)]
TABLES = network(SITES, [("place", 50), ("=2+3", 20)], [(0, 0, 1.0), (0, 1, 9.0), (1, 1, 1.0), (2, 0, 5.0)])


def run_of(tables: NetworkTables, nodes: int, job_id: str) -> dict[str, Any]:
    """The whole result of one number, as its job would leave it."""
    parameters = transport_parameters({"single_sourcing": "no"}, exactly(nodes))
    outcome = solve_transport(tables, parameters)
    assert outcome.status is ResultStatus.OPTIMAL
    certificate = certify_outcome(tables, parameters, outcome, tables.sha256())
    identity = {"job_id": job_id, "dataset_sha256": tables.sha256(), "solved_at": f"2026-11-0{nodes}T10:00:00+00:00"}
    return transport_result(tables, parameters, outcome, certificate, identity=identity)


@pytest.fixture
def swept(client, record, make_scenario, aws) -> tuple[str, list[str], Callable[[int], None]]:
    """A sweep from 1 to 3 with nothing ended: its job, its members', and what lets a number end with its plan."""
    scenario_id = make_scenario({"single_sourcing": "no"}, load(record.tenant_id, TABLES))
    asked = {"scenario_id": scenario_id, "scenario": {"minNodes": 1, "maxNodes": 3}}
    batch = client.post(RUN, json=asked).json()["data"]
    jobs = [member["job_id"] for member in batch["members"]]

    def solved(nodes: int) -> None:
        result = run_of(TABLES, nodes, jobs[nodes - 1])
        place = f"results/{record.tenant_id}/{jobs[nodes - 1]}/1/result.json"
        aws.s3.put_object(Bucket="networx-results", Key=place, Body=result_bytes(result))
        recorded = {name: result[name] for name in ("status", "objective", "bound", "gap", "certificate", "kpis")}
        end(record, jobs[nodes - 1], "succeeded", recorded | {"files": {"result_json": place}})

    return batch["job_id"], jobs, solved


def failed(record: Any, job_id: str, why: str) -> None:
    end(record, job_id, "failed")
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET error = %s WHERE id = %s", (Jsonb({"code": "X", "message": why}), job_id))


def sheets_of(answer: Any) -> dict[str, list[Any]]:
    assert answer.status_code == 200, answer.text
    return {sheet.title: list(sheet.values) for sheet in openpyxl.load_workbook(io.BytesIO(answer.content))}


def test_all_numbers_stand_in_one_workbook_and_a_run_that_failed_is_named_with_its_reason(client, record, swept):
    batch, jobs, solved = swept
    solved(1)
    solved(2)
    failed(record, jobs[2], "The check of its answer failed.")
    left = set(Path(settings.current().scratch).iterdir())

    answer = client.get(f"/api/jobs/{batch}/result.xlsx")

    sheets = sheets_of(answer)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="result-{batch}.xlsx"'
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    result = client.get(f"/api/jobs/{batch}/result").json()["data"]
    rows = sheets["Numbers of facilities"]
    at = {heading: place for place, heading in enumerate(rows[0])}
    for row, stated in zip(rows[1:], result["frontier"], strict=True):
        assert [row[at[heading]] for heading in ("Facilities open", "Cost, all years", "None below")] == [
            stated["nodes"],
            stated["cost"],
            stated["bound"],
        ]
    assert [row[at["Where it stands"]] for row in rows[1:]] == ["Proven optimal", "Proven optimal", "failed"]
    assert rows[1][at["Remarks"]] == "best"
    assert sheets["Numbers without a plan"][1:] == [(3, "failed", "The check of its answer failed.", jobs[2])]
    assert sheets["Facilities by number"][1:] == [
        ("North", "open", "open", 2),
        ("South", None, "open", 1),
        ("West", None, None, 0),
    ]
    assert [row[0] for row in sheets["Costs by number"][1:]] == [1, 2]
    assert {row[0].split(":")[0] for row in sheets["Certificate"][1:]} == {"1 open", "2 open"}
    assert ("max_facilities", "Most facilities open", 3, "facilities", "given") in sheets["Parameters"]
    summary = {row[0]: row[1:] for row in sheets["Summary"] if row[0]}
    assert "Best: 1 facility open" in [row[0] for row in sheets["Summary"]][1]
    assert summary["3 open"] == ("failed", "The check of its answer failed.")
    assert (summary["Failed runs"][0], summary["Job id"][0]) == (1, batch)
    assert summary["Dataset sha256"][0] == TABLES.sha256()
    assert set(Path(settings.current().scratch).iterdir()) <= left


def test_the_report_stands_alone_and_says_how_many_failed(client, record, swept):
    batch, jobs, solved = swept
    solved(1)
    solved(2)
    failed(record, jobs[2], "<b>The check failed</b>")

    answer = client.get(f"/api/jobs/{batch}/report.html")

    assert answer.status_code == 200
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "http" not in answer.text.replace("http://www.w3.org", "")
    assert answer.text.count("<svg") == 1  # no plan states a distance: there is no service to hold against its cost
    assert "of 3, 1 failed" in answer.text
    assert "&lt;b&gt;The check failed" in answer.text


def test_a_sweep_under_way_says_what_has_not_ended(client, swept):
    batch, _, solved = swept
    empty = sheets_of(client.get(f"/api/jobs/{batch}/result.xlsx"))
    assert empty["Summary"][1][0] == "No best number of facilities yet"
    assert [row[2] for row in empty["Numbers without a plan"][1:]] == ["It waits for a worker."] * 3
    assert "No best number of facilities yet" in client.get(f"/api/jobs/{batch}/report.html").text
    solved(2)
    assert "Best so far: 2 of 3 runs not ended yet." in client.get(f"/api/jobs/{batch}/report.html").text


def test_a_run_whose_files_are_gone_keeps_its_place(client, swept, aws):
    batch, jobs, solved = swept
    solved(1)
    solved(2)
    kept = aws.s3.list_objects_v2(Bucket="networx-results", Prefix="results/")["Contents"]
    (of_two,) = (found["Key"] for found in kept if jobs[1] in found["Key"])
    aws.s3.delete_object(Bucket="networx-results", Key=of_two)

    sheets = sheets_of(client.get(f"/api/jobs/{batch}/result.xlsx"))

    assert sheets["Numbers of facilities"][2][:2] == (2, "Proven optimal")
    row, _ = sheets["Numbers without plan or files"][1:]  # the third waits
    assert row == (2, "Proven optimal", "The files of this run are no longer kept.", jobs[1])
    assert [row[0] for row in sheets["Costs by number"][1:]] == [1]
    report = client.get(f"/api/jobs/{batch}/report.html").text
    assert "Has a plan, whose facilities and costs are no longer kept: 2 open." in report


def test_an_archived_sweep_has_them_still(client, record, swept):
    batch, jobs, solved = swept
    for nodes in (1, 2):
        solved(nodes)
    failed(record, jobs[2], "It was too large.")
    before = sheets_of(client.get(f"/api/jobs/{batch}/result.xlsx"))
    age_and_archive(*(UUID(job) for job in (batch, *jobs)))
    assert client.get(f"/api/jobs/{batch}").json()["data"]["archived_at"] is not None
    assert sheets_of(client.get(f"/api/jobs/{batch}/result.xlsx")) == before


def test_what_cannot_be_made_says_why(client, foreigner, record, swept, monkeypatch):
    batch, _, _ = swept
    for name in ("result.xlsx", "report.html"):
        assert foreigner.get(f"/api/jobs/{batch}/{name}").json()["code"] == "JOB_NOT_FOUND"
        assert client.get(f"/api/jobs/{batch}/{name.replace('result', 'candidates')}").status_code in {200, 404}
    with pool.tenant(record.tenant_id) as connection:
        row = connection.execute(
            "INSERT INTO jobs (tenant_id, kind, queue, max_attempts) VALUES (%s, 'batch', NULL, 1) RETURNING id",
            (record.tenant_id,),
        ).fetchone()
    assert client.get(f"/api/jobs/{row[0]}/result.xlsx").json()["code"] == "RESULT_NOT_FOUND"
    monkeypatch.setattr(sweep_files, "LONGEST", timedelta(0))
    answer = client.get(f"/api/jobs/{batch}/result.xlsx")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
    assert "could not be made within 0 s" in answer.json()["error"]


def test_more_than_whole_lists_are_not_made(client, swept, monkeypatch):
    batch, _, _ = swept
    monkeypatch.setattr(sweep_files, "LONGEST", timedelta(0))
    path = f"/api/jobs/{batch}/report.html"
    assert {client.get(path).status_code for _ in range(EXPORTS.most)} == {422}
    assert client.get(path).status_code == 429
