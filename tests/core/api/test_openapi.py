"""The published document is whole: every operation, what it takes, what it answers, and an example of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from networx.api.declared import SENTENCES, status_of
from networx.api.gate import is_open
from tests.core.api.documented import document, validator

OPERATIONS = [
    (method.upper(), path, operation)
    for path, operations in document()["paths"].items()
    for method, operation in operations.items()
]
each_operation = pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[f"{method} {path}" for method, path, _ in OPERATIONS]
)


def codes_of(response: dict[str, Any]) -> list[str]:
    """The words that a refusal may carry; none where the status is no refusal but the state of the platform."""
    schema = response["content"]["application/json"]["schema"]
    codes: list[str] = schema["allOf"][1]["properties"]["code"]["enum"] if "allOf" in schema else []
    return codes


def refusals(operation: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((int(status), response) for status, response in operation["responses"].items() if int(status) >= 400)


@each_operation
def test_an_operation_says_what_it_is_and_does(method, path, operation):
    assert operation["summary"]
    assert len(operation["description"]) > 20
    assert operation["tags"]
    assert bool(operation["security"]) is not is_open(path)


def test_no_two_operations_have_one_name():
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


@each_operation
def test_what_an_operation_takes_has_a_shape_and_an_example(method, path, operation):
    for parameter in operation.get("parameters", ()):
        assert parameter["schema"], parameter
        if parameter["example"] is not None:
            validator(parameter["schema"]).validate(parameter["example"])
    for content in operation.get("requestBody", {}).get("content", {}).values():
        assert content["schema"]
        validator(content["schema"]).validate(content["example"])


@each_operation
def test_what_an_operation_answers_has_a_shape_and_an_example(method, path, operation):
    answered = {status: one for status, one in operation["responses"].items() if status.startswith("2")}
    assert answered
    for status, response in answered.items():
        assert ("content" in response) is (status != "204")
        for kind, content in response.get("content", {}).items():
            assert content["schema"], kind
            assert content["example"] is not None, kind
            if kind == "application/json":
                validator(content["schema"]).validate(content["example"])


def nameless(schema: Any, place: str = "") -> Iterator[str]:
    """Where a schema says nothing of what stands there, beside maps whose keys are data."""
    if schema is True or schema == {}:
        yield place
    elif isinstance(schema, dict):
        for word, inner in schema.items():
            if word in {"properties", "$defs"}:
                for name, one in inner.items():
                    bare = {key: value for key, value in one.items() if key not in {"title", "description"}}
                    yield from nameless(bare, f"{place}/{name}")
            elif word in {"items", "schema"}:
                yield from nameless(inner, f"{place}/{word}")
            elif word in {"anyOf", "oneOf", "allOf"}:
                for one in inner:
                    yield from nameless(one, place)


@pytest.mark.parametrize("name", document()["components"]["schemas"])
def test_no_shape_says_that_anything_may_stand_there(name):
    schema = document()["components"]["schemas"][name]
    # A model and a network of the client's own are checked word by word by their readers, whose pages describe them.
    assert name == "RunBatch" or list(nameless(schema)) == []


@each_operation
def test_every_refusal_names_its_words_with_an_example_of_each(method, path, operation):
    for status, response in refusals(operation):
        content = response["content"]["application/json"]
        for code in codes_of(response):
            assert status_of(code) == status
            assert f"`{code}`" in response["description"]
            example = content["examples"][code]["value"]
            assert example["error"] == SENTENCES[code]
            validator(content["schema"]).validate(example)


@each_operation
def test_refusals_that_can_meet_a_request_are_all_there(method, path, operation):
    said = {code for _, response in refusals(operation) for code in codes_of(response)}
    assert "INTERNAL_ERROR" in said
    if not is_open(path):
        assert {"UNAUTHENTICATED", "KEY_REVOKED", "FORBIDDEN", "TENANT_REVOKED", "DATABASE_UNAVAILABLE"} <= said
        assert "RATE_LIMITED" in said
    if "requestBody" in operation:
        assert {"BODY_TOO_LARGE", "REQUEST_TIMEOUT", "INVALID_INPUT"} <= said
    if "{" in path:
        assert "NOT_FOUND" in said
        assert [code for code in said if code.endswith("_NOT_FOUND")]


def test_no_answer_is_left_to_a_default():
    assert not [path for _, path, operation in OPERATIONS if "default" in operation["responses"]]


def test_every_word_stands_on_the_page_of_the_api_and_no_other():
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    table = re.findall(r"^\| (\d{3}) \| ([^|]+) \|", page, re.MULTILINE)
    written = {code: int(status) for status, codes in table for code in re.findall(r"`([A-Z_]+)`", codes)}
    said = {
        code: status for _, _, operation in OPERATIONS for status, one in refusals(operation) for code in codes_of(one)
    }
    said["METHOD_NOT_ALLOWED"] = 405  # of no operation
    assert said == written
