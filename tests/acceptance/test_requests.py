"""Requests that cannot be served, each with its status and word; and tenants, who cannot see one another."""

from __future__ import annotations

from uuid import uuid4

import pytest

from local.platform import Platform
from tests.acceptance.client import Client
from tests.acceptance.record import Record
from tests.acceptance.store import Store
from tests.acceptance.workbooks import three_towns, workbook

pytestmark = pytest.mark.platform

SOME_ID = "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"


@pytest.mark.parametrize("key", [None, "", "nwx_guess"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/uploads"),
        ("POST", "/api/uploads/presign"),
        ("POST", "/api/optimize/run-batch"),
        ("GET", f"/api/jobs/{SOME_ID}"),
        ("GET", "/api/nothing-of-the-kind"),
    ],
)
def test_a_request_without_a_key_is_turned_away(platform: Platform, method: str, path: str, key: str | None):
    with Client(platform.url, key) as stranger:
        answer = stranger.ask(method, path)
    assert (answer.status, answer.body["success"], answer.body["code"]) == (401, False, "UNAUTHENTICATED")
    assert answer.body["request_id"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", f"/api/jobs/{SOME_ID}", None, 404, "JOB_NOT_FOUND"),
        ("GET", f"/api/optimize/run-batch?job_id={SOME_ID}", None, 404, "JOB_NOT_FOUND"),
        ("GET", f"/api/jobs/{SOME_ID}/result", None, 404, "JOB_NOT_FOUND"),
        ("GET", f"/api/jobs/{SOME_ID}/assignments", None, 404, "JOB_NOT_FOUND"),
        ("GET", f"/api/jobs/{SOME_ID}/history", None, 404, "JOB_NOT_FOUND"),
        ("POST", f"/api/jobs/{SOME_ID}/cancel", None, 404, "JOB_NOT_FOUND"),
        ("GET", f"/api/scenarios/{SOME_ID}", None, 404, "SCENARIO_NOT_FOUND"),
        ("PATCH", f"/api/scenarios/{SOME_ID}", {"name": "x"}, 404, "SCENARIO_NOT_FOUND"),
        ("POST", "/api/optimize/run-batch", {"scenario_id": SOME_ID}, 404, "SCENARIO_NOT_FOUND"),
        ("POST", "/api/optimize/run-batch", {"scenario_id": "mine"}, 404, "SCENARIO_NOT_FOUND"),
        ("POST", "/api/optimize/run-batch", {}, 400, "MISSING_SCENARIO"),
        ("GET", f"/api/uploads/{SOME_ID}", None, 404, "UPLOAD_NOT_FOUND"),
        ("GET", f"/api/uploads/{SOME_ID}/problems", None, 404, "UPLOAD_NOT_FOUND"),
        ("DELETE", f"/api/uploads/{SOME_ID}", None, 404, "UPLOAD_NOT_FOUND"),
        ("GET", f"/api/datasets/{SOME_ID}", None, 404, "DATASET_NOT_FOUND"),
        ("GET", "/api/jobs/not-an-id", None, 404, "NOT_FOUND"),
        ("GET", "/api/jobs?status=resting", None, 422, "INVALID_INPUT"),
        ("POST", "/api/uploads/presign", {"filename": "x.xlsx", "bytes": 6 * 1024**3}, 413, "FILE_TOO_LARGE"),
    ],
)
def test_what_is_not_there_is_said_so(client: Client, method: str, path: str, body: object, status: int, code: str):
    answer = client.ask(method, path, body)
    assert (answer.status, answer.body["code"]) == (status, code), answer
    assert answer.body["error"]


def test_a_run_that_lacks_a_parameter_is_refused_before_it_begins(client: Client, store: Store):
    sheets = three_towns()
    del sheets["Parameters"][1]
    store.put("no sourcing.xlsx", workbook(sheets))
    dataset = client.upload_named("no sourcing.xlsx")["dataset_id"]
    scenario = client.new_scenario(dataset, service_level="most")["scenario_id"]
    answer = client.ask("POST", "/api/optimize/run-batch", {"scenario_id": scenario})
    assert (answer.status, answer.body["problems"][0]["column"]) == (422, "service_level")
    client.patch(f"/api/scenarios/{scenario}", {"parameters": {}})
    answer = client.ask("POST", "/api/optimize/run-batch", {"scenario_id": scenario})
    assert (answer.status, [problem["column"] for problem in answer.body["problems"]]) == (422, ["single_sourcing"])


def test_tenants_cannot_see_one_another(client: Client, store: Store, record: Record, platform: Platform):
    slug = f"other-{uuid4().hex[:8]}"
    content = workbook(three_towns())
    store.put("shared.xlsx", content)
    mine = client.upload_named("shared.xlsx")
    job = client.solved(mine["dataset_id"])
    with Client(platform.url, record.admit(slug)) as other:
        for path in ("/api/uploads", "/api/datasets", "/api/projects", "/api/scenarios", "/api/jobs"):
            assert client.get(path), path
            assert other.get(path) == [], path
        for path in (
            f"/api/uploads/{mine['upload_id']}",
            f"/api/uploads/{mine['upload_id']}/problems",
            f"/api/datasets/{mine['dataset_id']}",
            f"/api/scenarios/{job['scenario_id']}",
            f"/api/jobs/{job['id']}",
            f"/api/jobs/{job['id']}/result",
            f"/api/jobs/{job['id']}/history",
        ):
            assert client.ask("GET", path).status == 200, path
            assert other.ask("GET", path).status == 404, path
        assert other.ask("POST", "/api/optimize/run-batch", {"scenario_id": job["scenario_id"]}).status == 404
        assert other.ask("POST", f"/api/jobs/{job['id']}/cancel").status == 404
        project = other.post("/api/projects", {"name": "Theirs"})["project_id"]
        borrowed = {
            "project_id": project,
            "name": "Borrowed",
            "type": "transport",
            "datasets": {"network": mine["dataset_id"]},
        }
        refused = other.ask("POST", "/api/scenarios", borrowed)
        assert (refused.status, refused.body["code"]) == (404, "DATASET_NOT_FOUND")

        # The same file of another tenant is another dataset, and what they load is not seen here.
        store.put("theirs.xlsx", content, tenant=slug)
        theirs = other.upload_named("theirs.xlsx")
        assert theirs["status"] == "loaded"
        assert theirs["dataset_id"] != mine["dataset_id"]
        assert other.solved(theirs["dataset_id"])["result"]["objective"] == pytest.approx(1570)
        assert client.ask("GET", f"/api/uploads/{theirs['upload_id']}").status == 404
        assert len(other.get("/api/jobs")) == 2
