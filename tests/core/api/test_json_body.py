"""Bodies that nobody should have to read are refused before anybody does, in little time, and say why."""

from __future__ import annotations

import time

import pytest

from networx.api.json_body import DEEPEST, fault_in

MILLION = 1_000_000
AS_JSON = {"Content-Type": "application/json"}


def rule_of(body: bytes) -> str | None:
    found = fault_in(body)
    return None if found is None else found.rule


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b'{"a": NaN}', "number"),
        (b'{"a": [1, -Infinity]}', "number"),
        (b"Infinity", "number"),
        (b'"a" NaN "b"', "number"),
        (b'{"a": "NaN"}', None),
        (b'{"Infinity": "\\"NaN\\\\"}', None),
        (b'{"a": "\\\\", "b": NaN}', "number"),
        (b"[" * DEEPEST + b"]" * DEEPEST, None),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "depth"),
        (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), "depth"),
        (b'[{"a":' * 40 + b"1" + b"}]" * 40, "depth"),
        (b'["' + b"[" * 500 + b'"]', None),
        (b'["\\"' + b"[" * 500 + b'"]', None),
        (b"[" + b"[],{}," * 5000 + b"[]]", None),
        (b"[" * MILLION, "depth"),
        (b"[" * MILLION + b"]" * MILLION, "depth"),
        (b"]" * MILLION + b"[" * MILLION, "depth"),
        (b'{"a":' * MILLION, "depth"),
        ('{"a": "é"}'.encode("latin-1"), "encoding"),
        ('{"a": 1}'.encode("utf-16"), "encoding"),
        ('{"a": 1}'.encode("utf-16-le"), "encoding"),
        ('{"a": NaN}'.encode("utf-32-be"), "encoding"),
        ('{"a": "é"}'.encode(), None),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "repeated"),
        (b'{"a": {"c": 1}, "b": {"c": 2}, "\\u0063": "c"}', None),
        (b'{"c": 1, "\\u0063": 2}', "repeated"),
        (b"", None),
        (b"{", None),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else str(value),
)
def test_a_body_is_looked_at_before_it_is_read(body, rule):
    assert rule_of(body) == rule


@pytest.mark.parametrize(
    "piece", [b"[", b"]", b"[]", b"{}", b'"', b'\\"', b"\\", b'"a",', b"NaN", b'"[', b"[1],", b"[" * 64 + b"]" * 64]
)
def test_the_look_takes_no_longer_than_its_length(piece):
    """Eight megabytes of anything: what grew with the square of its length would take hours."""
    body = b"Infinity " + piece * (8 * 1024**2 // len(piece))
    began = time.thread_time()
    fault_in(body)
    assert time.thread_time() - began < 60


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/projects"),
        ("POST", "/api/scenarios"),
        ("POST", "/api/optimize/run-batch"),
        ("POST", "/api/uploads/presign"),
        ("POST", "/api/jobs/redrive"),
    ],
)
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"[" * MILLION, "depth"),
        (b'{"name":' + b"[" * 100 + b"]" * 100 + b"}", "depth"),
        (b'{"name": NaN}', "number"),
        ('{"name": "a"}'.encode("utf-16"), "encoding"),
    ],
    ids=["a million levels", "a hundred levels", "NaN", "UTF-16"],
)
def test_every_route_refuses_it_in_the_envelope(client, method, path, body, rule):
    answer = client.request(method, path, content=body, headers=AS_JSON)
    said = answer.json()
    assert (answer.status_code, said["success"], said["code"]) == (422, False, "INVALID_INPUT")
    assert [problem["rule"] for problem in said["problems"]] == [rule]
    assert said["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/vnd.x+JSON"])
def test_json_by_any_name_is_looked_at(client, kind):
    answer = client.post("/api/projects", content=b'{"name": NaN}', headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["problems"][0]["rule"]) == (422, "number")


def test_what_is_well_formed_passes_untouched(client):
    name = 'NaN [[[ \\ " Zürich'
    assert client.post("/api/projects", json={"name": name}).json()["data"]["name"] == name


def test_a_stranger_s_body_is_not_read(stranger):
    answer = stranger.post("/api/projects", content=b"[" * MILLION, headers=AS_JSON)
    assert answer.status_code == 401


def test_a_body_that_is_no_json_says_where_it_breaks(client):
    answer = client.post("/api/projects", content=b'{"name": ', headers=AS_JSON)
    assert (answer.status_code, answer.json()["problems"][0]["rule"]) == (422, "json_invalid")
    assert answer.json()["error"] == "The body is no JSON: Expecting value, at character 9."
