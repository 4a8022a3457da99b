"""What the framework would answer by itself comes in the envelope too."""

from __future__ import annotations

import pytest

from networx.topology import TOPOLOGY
from tests.core.api.test_gate import SOME_ID


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "NOT_FOUND"),
        ("GET", "/api/jobs/no-id", 404, "NOT_FOUND"),
        ("PUT", "/api/jobs", 405, "METHOD_NOT_ALLOWED"),
        ("BREW", "/api/jobs", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/jobs?limit=0", 422, "INVALID_INPUT"),
        ("GET", "/api/jobs?status=lost", 422, "INVALID_INPUT"),
        ("POST", "/api/projects", 422, "INVALID_INPUT"),
        ("GET", "/api/jobs/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11", 404, "JOB_NOT_FOUND"),
        ("GET", "/api/uploads/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11", 404, "UPLOAD_NOT_FOUND"),
        ("GET", "/api/scenarios/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11", 404, "SCENARIO_NOT_FOUND"),
        ("GET", "/api/datasets/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11", 404, "DATASET_NOT_FOUND"),
    ],
)
def test_every_failure_is_an_envelope(client, method, path, status, code):
    answer = client.request(method, path)
    body = answer.json()
    assert (answer.status_code, body["success"], body["code"]) == (status, False, code)
    assert body["error"]
    assert body["request_id"] == answer.headers["X-Request-Id"]


def test_a_body_of_the_wrong_shape_names_the_field(client):
    answer = client.post("/api/projects", json={"nom": "x"})
    assert answer.status_code == 422
    assert {problem["column"] for problem in answer.json()["problems"]} == {"name", "nom"}


def test_a_body_that_is_no_json_is_refused(client):
    answer = client.post("/api/projects", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")


def test_a_large_body_is_refused_by_its_declared_length(stranger):
    answer = stranger.post(
        "/api/projects", headers={"Content-Length": str(TOPOLOGY.limits.body_bytes + 1)}, content=b""
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_a_large_body_of_undeclared_length_is_refused_while_it_arrives(client):
    def endless():
        for _ in range(TOPOLOGY.limits.body_bytes // 65536 + 2):
            yield b" " * 65536

    answer = client.post("/api/projects", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/jobs", "GET"),
        ("/api/uploads", "GET, POST"),
        ("/api/jobs/redrive", "POST"),
        (f"/api/uploads/{SOME_ID}", "DELETE, GET"),
        ("/api/pauses/queue/optimization.fifo", "DELETE, GET, PUT"),
        ("/", "GET"),
        ("/openapi.json", "GET, HEAD"),
        ("/static/app.js", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("method", ["BREW", "TRACE", "OPTIONS", "PATCH"])
def test_a_method_that_is_not_taken_hears_which_are(operator, path, allowed, method):
    answer = operator.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == allowed


def test_a_name_that_is_an_address_of_its_own_is_no_id(client):
    answer = client.get("/api/jobs/redrive")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_the_document_is_of_openapi_3_1(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert not [name for name in document["components"]["schemas"] if "ValidationError" in name]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/projects", '{"name": "a\\u0000b"}'),
        ("/api/projects", '{"name": "\\ud800"}'),
        ("/api/uploads/presign", '{"filename": "\\u0000", "bytes": 1}'),
        ("/api/uploads/presign", '{"filename": "a.xlsx", "bytes": 1e400}'),
        ("/api/optimize/run-batch", '{"\\ud800": 1}'),
        ("/api/optimize/run-batch", '{"scenario_id": "\\u0000"}'),
        ("/api/uploads/presign", '{"filename": "a.xlsx", "bytes": true}'),
        ("/api/uploads/presign", '{"filename": "a.xlsx", "bytes": "5"}'),
        ("/api/uploads/presign", '{"filename": "a.xlsx", "bytes": 5, "more": 1}'),
        ("/api/uploads/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11/complete", '{"etags": ["a"], "more": 1}'),
        ("/api/projects", '{"name": 7}'),
        ("/api/projects", '{"name": "a", "tenant_id": "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"}'),
        ("/api/optimize/run-batch", "[]"),
        ("/api/optimize/run-batch", '{"scenario_id": 7}'),
        ("/api/optimize/run-batch", "\ud800"),
    ],
)
def test_strange_values_are_refused_and_break_nothing(client, path, body):
    answer = client.post(
        path, content=body.encode("utf-8", "surrogatepass"), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 404, 422}, answer.text
    assert answer.json()["success"] is False


@pytest.mark.parametrize(
    "path",
    [
        "/api/jobs?before=0001-01-01T00:00:00Z",
        "/api/jobs?before=9999-12-31T23:59:59Z",
        "/api/jobs?limit=99999999999999999999",
        "/api/jobs?before=yesterday",
        "/api/uploads/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11/problems?offset=99999999999999999999",
        "/api/scenarios/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11?version=99999999999",
        "/api/jobs/0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11/assignments?year=99999999999999999999",
    ],
)
def test_numbers_and_dates_beyond_all_bounds_break_nothing(client, path):
    assert client.get(path).status_code in {200, 404, 422}


def test_parameters_that_no_record_can_hold_are_refused_and_spoil_no_list(client, make_scenario):
    address = f"/api/scenarios/{make_scenario()}"
    as_json = {"Content-Type": "application/json"}
    for value in ("NaN", "1e999", "-1e999", '"\\u0000"', "1e30", "1e19", "-1e19", "123456789012345678901234567890"):
        answer = client.patch(address, content=f'{{"parameters": {{"gap": {value}}}}}', headers=as_json)
        assert answer.status_code == 422, (value, answer.text)
        assert any(words in answer.text for words in ("gap", "cannot be stored", "no JSON numbers"))
    assert client.get("/api/scenarios").json()["data"][0]["version"] == 1
    for value in ("1e18", "-1e18", "9007199254740993", "1e-300", "true", "null"):
        answer = client.patch(address, content=f'{{"parameters": {{"gap": {value}}}}}', headers=as_json)
        assert answer.status_code == 200, (value, answer.text)
