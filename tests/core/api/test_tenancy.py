"""Nobody reaches into another tenant: every operation is asked with the ids of another's things, each id in its turn.

What is asked is derived from the application's routes: a new route is walked without a word here, and one that takes an
id by an unknown name fails until this file knows what the name stands for.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from networx.api.app import create_app
from networx.api.examples import example_of
from networx.db import pool
from networx.db.journeys import Message
from tests.core.api.conftest import client_of, key_with
from tests.core.api.documented import document
from tests.core.api.holdings import Holdings, everything_of, hold
from tests.core.api.test_gate import OPEN, all_routes

# What the names of ids stand for, wherever they are taken: in an address, a query, or a body.
KINDS = {
    "upload_id": "upload",
    "corrects": "upload",
    "dataset_id": "dataset",
    "network": "dataset",
    "project_id": "project",
    "scenario_id": "scenario",
    "job_id": "job",
    "job_ids": "job",
    "parent_id": "job",
    "key_id": "key",
    "user_id": "user",
    "slug": "tenant",
    "tenant": "tenant",
    "transport": "dataset",
}
# What names nothing of a tenant's. `name` and `scope` are a pause's, walked apart.
PLAIN = {
    *(
        "action",
        "all_tenants",
        "before",
        "by",
        "bytes",
        "decision",
        "email",
        "error_code",
        "etags",
        "expires_in_days",
        "facility",
    ),
    *("file", "filename", "format", "from", "limit", "model", "months", "name", "offset", "order", "overlap_hours"),
    *(
        "parameters",
        "preview",
        "queue",
        "reason",
        "scope",
        "scopes",
        "since",
        "status",
        "subject",
        "type",
        "version",
        "year",
    ),
    # What lists are narrowed, sorted and paged by.
    *("active", "actor", "created_after", "created_before", "cursor", "domain", "q", "rule", "sheet", "sort", "target"),
    # A sweep, and a network in the body.
    *("scenario", "costMatrix", "demand", "capacity", "forecast", "config", "skus", "candidateFacilities"),
    "destinations",
    # What the assistant may see, and what it was asked for.
    *("mapping", "purpose", "summaries"),
    # What is asked of a plan.
    *("questions", "sites", "time_limit_seconds"),
}

# The addresses of operators answer everybody else with 403, whatever is named.
OPERATORS = {"/api/tenants", "/api/pauses", "/api/status", "/api/assistant/budget"}
# Where an id narrows a list, or stands beside others in one, another's is answered like one that nobody has.
LIKE_NOBODYS = {
    ("GET", "/api/jobs", "parent_id"),
    ("GET", "/api/jobs", "scenario_id"),
    ("GET", "/api/jobs", "project_id"),
    ("GET", "/api/scenarios", "project_id"),
    ("GET", "/api/datasets", "upload_id"),
    ("POST", "/api/jobs/redrive", "job_ids"),
    # A scenario of networks takes no shipments, whoever they belong to.
    ("PATCH", "/api/scenarios/{scenario_id}", "transport"),
    # The pages are shells without data: what stands in them is asked for by the browser, and that is 404.
    ("GET", "/jobs/{job_id}", "job_id"),
    ("GET", "/uploads/{upload_id}", "upload_id"),
}


@dataclass(frozen=True)
class Place:
    """One place where a request names a thing: in which operation, and where in it."""

    method: str
    path: str
    where: str
    name: str
    within: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.where}:{'.'.join((*self.within, self.name))}"

    @property
    def of_operators(self) -> bool:
        return any(self.path == one or self.path.startswith(f"{one}/") for one in OPERATORS)


def names_in_body(schema: dict[str, Any], within: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The names of the leaves of a body, each with the names it stands under."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for one in schema.get("anyOf", ()):
        yield from names_in_body(one, within)
    for name, inner in schema.get("properties", {}).items():
        below = list(names_in_body(inner, (*within, name)))
        yield from below or [(within, name)]


def names() -> Iterator[Place]:
    """Everything that any route takes from a request by a name."""
    for route in all_routes(create_app().routes):
        for method in sorted(route.methods):
            operation = document()["paths"].get(route.path, {}).get(method.lower(), {})
            for name in route.param_convertors:
                yield Place(method, route.path, "path", name)
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    yield Place(method, route.path, "query", parameter["name"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for within, name in dict.fromkeys(names_in_body(content["schema"])):
                    yield Place(method, route.path, "body", name, within)


NAMES = list(names())
PLACES = [
    *(place for place in NAMES if place.name in KINDS),
    Place("GET", "/api/pauses/{scope}/{name}", "path", "tenant"),
]
# Each is asked by who has every scope within a tenant, and by who has all: an operator may name keys, people, tenants.
FULL = ("read", "write", "admin")
ASKED = [
    pytest.param(place, scopes, id=f"{place} by {scopes[-1]}")
    for place in PLACES
    for scopes in (FULL, (*FULL, "operator"))
    if not place.of_operators and not ("operator" in scopes and KINDS[place.name] in {"key", "user", "tenant"})
]


@pytest.fixture(scope="module")
def tenants(configured, postgres, aws) -> tuple[Holdings, Holdings]:
    """Two tenants with everything; the first is reached for, the second reaches."""
    made = uuid4().hex[:8]
    return hold(f"held-{made}", aws), hold(f"reaching-{made}", aws)


def fill(place: Place, thing: str, own: Holdings) -> tuple[str, str, dict[str, Any]]:
    """The request of a place's operation that is in order and the asker's own, but for the thing at the place."""

    def value(name: str) -> str:
        return thing if (place.where, place.name) == ("path", name) else own.one(KINDS[name])

    path = place.path.replace("{scope}", "tenant").replace("{name}", thing)
    path = re.sub(r"\{(\w+)\}", lambda found: value(found[1]), path)
    more: dict[str, Any] = {}
    if place.where == "query":
        more["params"] = {place.name: thing}
    content = document()["paths"].get(place.path, {}).get(place.method.lower(), {}).get("requestBody", {})
    for kind, one in content.get("content", {}).items():
        if kind == "application/json":
            body = copy.deepcopy(example_of(one["schema"], document()["components"]["schemas"]))
            more["json"] = in_order(place, body, thing, own)
        else:
            more["files"] = {"file": ("network.xlsx", b"content")}
    return place.method, path, more


def in_order(place: Place, body: dict[str, Any], thing: str, own: Holdings) -> dict[str, Any]:
    if place.path == "/api/jobs/redrive":
        body = {"preview": False}
    if place.path == "/api/users":
        body["email"] = f"{uuid4().hex[:8]}@example.com"
    for name in list(body):
        if name in KINDS and body[name] is not None:
            body[name] = own.one(KINDS[name])
    if (place.method, place.name) == ("POST", "transport"):
        body["type"] = "baseline"
    if "datasets" in body:
        body["datasets"] = {"network": own.one("dataset")}
    if place.path == "/api/optimize/run-batch":
        body = {"scenario_id": thing}
    if place.where == "body":
        within = body
        for name in place.within:
            within = within.setdefault(name, {})
        within[place.name] = [thing] if place.name.endswith("_ids") else thing
    return body


def said(answer: httpx.Response, thing: str) -> tuple[int, str]:
    """An answer without what differs from request to request, and without the thing it was asked for."""
    text = re.sub(r'"request_id":"[^"]+"', "", answer.text)
    return answer.status_code, text.replace(thing, "THING")


def nobodys(kind: str) -> str:
    return f"nobody-{uuid4().hex[:8]}" if kind == "tenant" else str(uuid4())


def strange() -> list[str]:
    return [str(place) for place in NAMES if place.name not in KINDS.keys() | PLAIN]


def test_the_walk_knows_what_every_name_of_every_route_stands_for():
    # Say in KINDS what a new name is an id of, or in PLAIN that it is none.
    assert strange() == []
    assert {place.name for place in NAMES} <= KINDS.keys() | PLAIN


def test_a_route_that_takes_something_by_an_unknown_name_is_noticed(monkeypatch):
    monkeypatch.delitem(KINDS, "upload_id")
    assert len(strange()) >= 6


@pytest.mark.parametrize(("place", "scopes"), ASKED)
def test_another_tenants_things_do_not_exist(tenants, postgres, aws, place, scopes):
    theirs, own = tenants
    kind = KINDS[place.name]
    asker = client_of(**{"X-API-Key": key_with(own.tenant_id, *scopes)})
    before = everything_of(theirs, postgres, aws)
    # The answer for what nobody has is the one that tells nothing.
    thing = nobodys(kind)
    method, path, more = fill(place, thing, own)
    unknown = asker.request(method, path, **more)
    expected = said(unknown, thing)
    if (place.method, place.path, place.name) not in LIKE_NOBODYS:
        code = "FORBIDDEN" if kind == "tenant" else f"{kind.upper()}_NOT_FOUND"
        assert (unknown.status_code, unknown.json()["code"]) == (403 if kind == "tenant" else 404, code), unknown.text
    for thing in theirs.ids[kind]:
        method, path, more = fill(place, thing, own)
        answer = asker.request(method, path, **more)
        assert said(answer, thing) == expected, (thing, answer.text)
        assert theirs.slug not in answer.text.replace(thing, "")
    assert everything_of(theirs, postgres, aws) == before


def test_the_walk_notices_a_door_that_is_open(tenants, postgres, aws, monkeypatch):
    # As if a route had asked the record without entering its tenant.
    def read_all(_tenant_id, *statements):
        with pool.at_once() as connection:
            return Message(connection, statements).answers()

    monkeypatch.setattr(pool, "read", read_all)
    place = Place("GET", "/api/jobs/{job_id}", "path", "job_id")
    with pytest.raises(AssertionError):
        test_another_tenants_things_do_not_exist(tenants, postgres, aws, place, FULL)


@pytest.mark.parametrize("place", [place for place in PLACES if place.of_operators], ids=str)
def test_what_reaches_beyond_a_tenant_is_an_operators_alone(tenants, postgres, aws, place):
    theirs, own = tenants
    asker = client_of(**{"X-API-Key": key_with(own.tenant_id, *FULL)})
    before = everything_of(theirs, postgres, aws)
    for thing in (theirs.slug, own.slug, nobodys("tenant")):
        method, path, more = fill(place, thing, own)
        answer = asker.request(method, path, **more)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert everything_of(theirs, postgres, aws) == before


LISTS = sorted(
    route.path
    for route in all_routes(create_app().routes)
    if "GET" in route.methods and not route.param_convertors and route.path not in OPEN
)


@pytest.mark.parametrize("path", LISTS)
def test_no_list_or_page_shows_anything_of_another_tenant(tenants, path):
    theirs, own = tenants
    asker = client_of(**{"X-API-Key": key_with(own.tenant_id, *FULL)})
    answer = asker.get(path, params={"limit": 200})
    assert answer.status_code in ({200, 403} if any(path.startswith(one) for one in OPERATORS) else {200})
    shown = [thing for things in theirs.ids.values() for thing in things if thing in answer.text]
    assert shown == []
    assert str(theirs.tenant_id) not in answer.text


@pytest.mark.parametrize(
    "filename", ["network.xlsx", "../../held/x.xlsx", "..\\..\\x.xlsx", "/uploads/x/y", "a/../../b"]
)
def test_addresses_are_signed_under_the_tenants_own_prefix_alone(tenants, filename):
    _, own = tenants
    asker = client_of(**{"X-API-Key": key_with(own.tenant_id, "read", "write")})
    begun = asker.post("/api/uploads/presign", json={"filename": filename, "bytes": 1}).json()["data"]
    more = asker.get(f"/api/uploads/{begun['upload_id']}/parts").json()["data"]
    for part in (*begun["urls"], *more["urls"]):
        path = httpx.URL(part["url"]).path
        assert re.fullmatch(rf"/networx-input/uploads/{own.slug}/{begun['upload_id']}/[^/]+", path), path
        assert ".." not in path.split("/")


def test_one_idempotency_key_of_two_tenants_is_two_submissions(tenants):
    made = []
    for holder in tenants:
        asker = client_of(**{"X-API-Key": key_with(holder.tenant_id, "read", "write"), "Idempotency-Key": "the same"})
        answer = asker.post("/api/optimize/run-batch", json={"scenario_id": holder.one("scenario")})
        assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (202, False), answer.text
        made.append(answer.json()["data"]["job_id"])
    assert len(set(made)) == 2
