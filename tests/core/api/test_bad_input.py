"""Requests that mean harm or make no sense, each refused with its code and without a trace in the record."""

from __future__ import annotations

import json
import re
import tracemalloc
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from networx.api import object_store, story
from networx.api.app import create_app
from networx.api.routes import pages
from networx.scenarios import store
from networx.topology import TOPOLOGY
from tests.core.api.conftest import client_of, key_with
from tests.core.api.test_body_limit import GIGABYTE, Sender, post
from tests.core.api.test_gate import SOME_ID

JSON = {"Content-Type": "application/json"}


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_gigabyte_is_refused_early_and_held_nowhere(record):
    app, key = create_app(), key_with(record.tenant_id, "read", "write")
    # What is made once is made before.
    post(app, Sender(1), "/api/projects", x_api_key=key, content_type="application/json")
    tracemalloc.start()
    try:
        sender = Sender(GIGABYTE)
        post(app, sender, "/api/projects", x_api_key=key, content_type="application/json")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (sender.status, sender.code()) == (413, "BODY_TOO_LARGE")
    assert peak < 4 * TOPOLOGY.limits.body_bytes


def test_a_million_levels_are_refused(client):
    for bracket in ("[", '{"a":'):
        answer = client.post("/api/projects", content=bracket * 1_000_000, headers=JSON)
        assert said(answer) == (422, "INVALID_INPUT")
        assert answer.json()["problems"][0]["rule"] == "depth"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("path", ["/api/projects", "/api/scenarios", "/api/optimize/run-batch", "/api/uploads/presign"])
def test_numbers_that_are_none_are_refused(client, number, path):
    answer = client.post(path, content=f'{{"name": {number}}}', headers=JSON)
    assert said(answer) == (422, "INVALID_INPUT")
    assert answer.json()["problems"][0]["rule"] == "number"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/projects", {"name": "x"}),
        ("POST", "/api/uploads/presign", {"filename": "x", "bytes": 1}),
        ("POST", f"/api/uploads/{SOME_ID}/complete", {"etags": ["x"]}),
        ("PATCH", f"/api/scenarios/{SOME_ID}", {}),
        ("POST", "/api/jobs/redrive", {"preview": True}),
        ("POST", "/api/optimize/run-batch", {"scenario_id": SOME_ID}),
    ],
)
def test_a_field_that_is_unknown_is_refused_by_its_name(client, method, path, body):
    answer = client.request(method, path, json={**body, "is_admin": True})
    assert answer.status_code == 422
    assert answer.json()["code"] in {"INVALID_INPUT", "NOT_SUPPORTED"}
    assert [problem["column"] for problem in answer.json()["problems"]] == ["is_admin"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_content_type_is_422(client, kind):
    answer = client.post("/api/projects", content=b'{"name": "x"}', headers={"Content-Type": kind})
    assert said(answer) == (422, "INVALID_INPUT")


def test_a_file_of_another_content_type_is_422(client):
    assert said(client.post("/api/uploads", json={"file": "x"})) == (422, "INVALID_INPUT")


LINE_BREAKS = ("a\r\nSet-Cookie: x=1", "a\nX-Evil: 1", "a\rb", "a\0b")


@pytest.mark.parametrize("name", LINE_BREAKS)
def test_a_line_break_in_a_file_name_ends_in_no_header_and_no_key(client, record, name):
    begun = client.post("/api/uploads/presign", json={"filename": f"{name}.xlsx", "bytes": 1})
    assert begun.status_code == 201, begun.text
    upload = client.get(f"/api/uploads/{begun.json()['data']['upload_id']}").json()["data"]
    assert upload["filename"].isprintable()
    answer = client.get(f"/api/uploads/{upload['upload_id']}/problems?format=csv")
    assert re.fullmatch(r'attachment; filename="problems-[A-Za-z0-9._-]+\.csv"', answer.headers["Content-Disposition"])
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.xlsx", "C:\\x.xlsx", "%2e%2e%2fx.xlsx", "/x/y/../z.xlsx"]
)
def test_a_path_in_a_file_name_stays_a_name(client, record, aws, name):
    begun = client.post("/api/uploads/presign", json={"filename": name, "bytes": 1}).json()["data"]
    keys = [one["Key"] for one in aws.s3.list_multipart_uploads(Bucket="networx-input").get("Uploads", [])]
    (key,) = [key for key in keys if begun["upload_id"] in key]
    assert re.fullmatch(rf"uploads/{record.slug}/{begun['upload_id']}/[^/\\]+", key)


@pytest.mark.parametrize("header", ["X-Request-Id", "Idempotency-Key"])
@pytest.mark.parametrize("value", ["mine-0001%0d%0aSet-Cookie: a=b", "mine-0001\tx", "mine-0001\x7f", "x" * 10_000])
def test_a_header_that_is_none_comes_back_in_nothing(client, header, value):
    answer = client.post("/api/projects", json={"name": "x"}, headers={header: value})
    assert answer.status_code in {201, 400}
    assert "set-cookie" not in answer.headers
    assert value not in str(answer.headers)


@pytest.mark.parametrize("query", ["from=10001", "from=0", "from=-1", "from=1e9", "from=x", "from="])
def test_a_part_number_beyond_all_parts_is_422(client, query):
    begun = client.post("/api/uploads/presign", json={"filename": "x.xlsx", "bytes": 1}).json()["data"]
    answer = client.get(f"/api/uploads/{begun['upload_id']}/parts?{query}")
    assert said(answer) == (422, "INVALID_INPUT")


def test_ten_thousand_and_one_parts_are_422(client):
    begun = client.post("/api/uploads/presign", json={"filename": "x.xlsx", "bytes": 1}).json()["data"]
    answer = client.post(f"/api/uploads/{begun['upload_id']}/complete", json={"etags": ["x"] * 10_001})
    assert said(answer) == (422, "INVALID_INPUT")


def test_another_tenants_upload_is_completed_by_nobody_else(client, foreigner, aws):
    begun = client.post("/api/uploads/presign", json={"filename": "x.xlsx", "bytes": 1}).json()["data"]
    address = f"/api/uploads/{begun['upload_id']}"
    assert said(foreigner.post(f"{address}/complete", json={"etags": ["x"]})) == (404, "UPLOAD_NOT_FOUND")
    assert said(foreigner.delete(address)) == (404, "UPLOAD_NOT_FOUND")
    assert client.get(address).json()["data"]["status"] == "received"
    assert aws.s3.list_multipart_uploads(Bucket="networx-input")["Uploads"]


def test_a_key_of_a_revoked_tenant_is_403_everywhere(client, operator, record):
    operator.delete(f"/api/tenants/{record.slug}")
    for path in ("/api/jobs", f"/api/jobs/{SOME_ID}/events", "/", "/openapi.json", "/api/nothing"):
        assert said(client.get(path)) == (403, "TENANT_REVOKED"), path


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/nothing", 404, "NOT_FOUND"),
        ("/api/jobs/%00", 404, "NOT_FOUND"),
        ("/api/jobs/..%2f..%2fetc%2fpasswd", 404, "NOT_FOUND"),
        ("/api/jobs/" + "x" * 20_000, 404, "NOT_FOUND"),
        ("/static/../../../etc/passwd", 404, "NOT_FOUND"),
        ("/static/%2e%2e/%2e%2e/app.py", 404, "NOT_FOUND"),
        ("/static/%00", 404, "NOT_FOUND"),
        ("/static/" + "x" * 5_000, 404, "NOT_FOUND"),
        (f"/api/jobs/{SOME_ID}/assignments?facility=%00", 404, "JOB_NOT_FOUND"),
        ("/api/pauses/tenant/%00", 404, "NOT_FOUND"),
        ("/api/pauses/queue/%ff", 404, "QUEUE_NOT_FOUND"),
        ("/api/pauses/nothing/x", 404, "NOT_FOUND"),
        ("/api/keys?tenant=%00", 422, "INVALID_INPUT"),
        ("/api/audit?action=%00", 422, "INVALID_INPUT"),
        ("/api/jobs?type=%00", 422, "INVALID_INPUT"),
        ("/api/tenants/%00", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_an_address_that_is_none_is_refused(record, path, status, code):
    client = client_of(**{"X-API-Key": key_with(record.tenant_id, "read", "write", "admin", "operator")})
    assert said(client.get(path)) == (status, code)


@pytest.mark.parametrize("query", ["limit=1&limit=2", "limit=0&limit=5", "limit=5&limit=x"])
def test_a_query_that_is_stated_twice_is_answered_by_its_last_or_refused(client, query):
    answer = client.get(f"/api/jobs?{query}")
    assert answer.status_code == (422 if query.endswith("x") else 200)


@pytest.mark.parametrize(
    "body", ["{}", "null", '"x"', "[1]", "7", "", '{"name": {"a": 1}}', '{"name": ["x"]}', '{"name": 1}']
)
def test_a_body_of_the_wrong_type_is_422_cell_by_cell(client, body):
    answer = client.post("/api/projects", content=body, headers=JSON)
    assert said(answer) == (422, "INVALID_INPUT")
    assert answer.json()["problems"]


def test_a_key_used_for_another_body_is_409_also_when_replayed_late(client):
    headers = {"Idempotency-Key": "once"}
    assert client.post("/api/projects", json={"name": "x"}, headers=headers).status_code == 201
    assert said(client.post("/api/projects", json={"name": "y"}, headers=headers)) == (409, "CONFLICT")
    assert client.post("/api/projects", json={"name": "x"}, headers=headers).headers["Idempotent-Replayed"] == "true"


# --- Faults of ours, planted in each kind of route ---


class Planted(Exception):
    """A fault with something in it that nobody should see: SELECT secret FROM api_keys."""


def planted(*_arguments, **_named):
    raise Planted(Planted.__doc__)


@pytest.mark.parametrize(
    ("place", "name", "path"),
    [
        (store, "list_projects", "/api/projects"),
        (pages, "_page", "/"),
        (pages, "_page", f"/jobs/{SOME_ID}"),
        (story, "job_view", f"/api/jobs/{SOME_ID}/story"),
        ("networx.api.routes.job_events", "job_view", f"/api/jobs/{SOME_ID}/events"),
        ("networx.api.routes.job_files", "_file", f"/api/jobs/{SOME_ID}/result"),
        ("networx.api.routes.job_files", "_file", f"/api/jobs/{SOME_ID}/result.xlsx"),
        ("networx.api.routes.job_files", "_file", f"/api/jobs/{SOME_ID}/report.html"),
        ("networx.api.routes.datasets", "_network_template", "/api/templates/network.xlsx"),
        ("networx.api.routes.optimize", "job_summaries", "/api/optimize/run-batch"),
        ("networx.api.gate", "admit", "/api/jobs"),
        ("networx.api.limits", "headers_of", "/api/jobs"),
    ],
)
def test_a_fault_of_ours_is_500_with_the_requests_id_and_nothing_else(client, monkeypatch, place, name, path):
    monkeypatch.setattr(f"{place}.{name}" if isinstance(place, str) else f"{place.__name__}.{name}", planted)
    answer = client.get(path, headers={"X-Request-Id": "mine-0001"})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (500, "INTERNAL_ERROR")
    assert body["request_id"] == answer.headers["X-Request-Id"] == "mine-0001"
    assert body.keys() == {"success", "error", "code", "request_id"}
    assert not re.search("Planted|SELECT|Traceback|secret", answer.text + str(answer.headers))


def test_a_fault_in_an_upload_is_500_too(client, monkeypatch):
    monkeypatch.setattr(object_store, "begin_upload", planted)
    for answer in (
        client.post("/api/uploads", files={"file": ("x.xlsx", b"x")}),
        client.post("/api/uploads/presign", json={"filename": "x.xlsx", "bytes": 1}),
    ):
        assert said(answer) == (500, "INTERNAL_ERROR")
        assert "Planted" not in answer.text


def test_a_fault_in_a_stream_that_has_begun_breaks_it_off(client, make_scenario, monkeypatch):
    job_id = client.post("/api/optimize/run-batch", json={"scenario_id": make_scenario()}).json()["data"]["job_id"]
    client.post(f"/api/jobs/{job_id}/cancel")
    monkeypatch.setattr("networx.api.routes.job_events.Shown.event", property(planted))
    # Half an answer is out: a client must not take it for a whole one.
    assert isinstance(client, TestClient)
    with pytest.raises(Planted):
        client.get(f"/api/jobs/{job_id}/events")


def test_the_names_of_files_are_quoted_in_what_they_are_sent_under(client, record):
    begun = client.post("/api/uploads/presign", json={"filename": 'a"; filename="evil.exe', "bytes": 1}).json()["data"]
    answer = client.get(f"/api/uploads/{begun['upload_id']}/problems?format=csv")
    assert answer.headers["Content-Disposition"].count('"') == 2
    assert quote("evil.exe") not in answer.headers["Content-Disposition"].partition("filename=")[0]
    assert json.loads(client.get(f"/api/uploads/{begun['upload_id']}").content)["success"] is True
