"""Figures of the market through the API: what is known, asking anew, and a tenant's own rates."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import openpyxl
import orjson
import pytest

from networx import settings
from networx.db import pool
from networx.market import configuration
from networx.market.orchestrator import Market
from networx.market.sources import Told
from networx.market.values import Confidence, Observation
from networx.resilience.http import close_outbound
from tests.core.api.conftest import client_of, give_key, key_with
from tests.core.market.test_eia import answer as eia_answer
from tests.core.market.test_eia import row as row_of_eia
from tests.core.market.test_orchestrator import Fake
from tests.core.resilience.hostile import answering, serving

MARKET, REFRESH, RATES = "/api/market", "/api/market/refresh", "/api/market/rates"
TODAY = datetime.now(UTC).date()
HEADER = "kind,subject,as_of,value,unit"


REMEMBERED = (configuration.market, configuration.road_servers)


@pytest.fixture(autouse=True)
def _sources_of_this_test() -> Iterator[None]:
    for remembered in REMEMBERED:
        remembered.cache_clear()
    yield
    for remembered in REMEMBERED:
        remembered.cache_clear()
    close_outbound()


@pytest.fixture
def admin(record):
    return client_of(**{"X-API-Key": give_key(record.tenant_id, "admin")})


def row(value: str = "3.745", day: object = TODAY, unit: str = "$/gal", kind: str = "diesel_price") -> str:
    return f"{HEADER}\n{kind},US,{day},{value},{unit}"


def test_without_a_source_nothing_is_known_and_nothing_is_called(client, admin):
    said = client.get(MARKET).json()["data"]
    assert (said["sources"], said["values"], said["hosts"], said["ways_by_road"]) == ([], [], {}, 0)
    assert {kind["name"]: kind["oldest_days"] for kind in said["kinds"]}["diesel_price"] == 28
    assert admin.post(REFRESH).json()["data"] == {"asked": []}


def test_what_a_source_says_is_shown_with_its_source_age_and_confidence(client, admin, record, monkeypatch):
    fake = Fake(subjects=("US", "R10"))
    day = TODAY - timedelta(days=6)
    seen = Observation("diesel_price", "US", day, Decimal("3.7450"), "primary", Confidence.HIGH, "public", "GET x")
    told = Told({"US": seen}, {"R10": "it is away"})
    monkeypatch.setattr(configuration, "market", lambda: Market((fake,)))
    monkeypatch.setattr(Fake, "observe", lambda self, subjects, now: told)
    asked = admin.post(REFRESH).json()["data"]["asked"]
    assert [(each["subject"], each["value"], each["reason"]) for each in asked] == [
        ("US", "3.7450", None), ("R10", None, "it is away"),
    ]  # fmt: skip
    (value,) = client.get(MARKET).json()["data"]["values"]
    assert (value["value"], value["unit"], value["age_days"], value["usable"]) == ("3.7450", "$/gal", 6, True)
    assert (value["source"], value["confidence"], value["licence"]) == ("primary", "high", "public")
    with pool.tenant(record.tenant_id) as connection:
        actions = connection.execute(
            "SELECT action, facts FROM audit WHERE action LIKE 'market.%' ORDER BY id"
        ).fetchall()
    assert actions == [("market.refreshed", {"asked": 2, "told": 1})]


def test_only_an_admin_has_the_sources_asked(client):
    assert client.post(REFRESH).status_code == 403


def test_no_tenant_uses_up_what_the_hosts_allow_in_a_day(admin, stranger_with_key, record):
    with pool.system() as connection:
        other = connection.execute("SELECT id FROM tenants WHERE slug = 'other'").fetchone()[0]
    other_admin = client_of(**{"X-API-Key": give_key(other, "admin")})
    assert {client.post(REFRESH).status_code for client in [admin, other_admin] * 6} == {200}
    for client in (admin, other_admin):
        answer = client.post(REFRESH)
        assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")
        assert 0 < int(answer.headers["Retry-After"]) <= 3600


def test_a_reader_sends_no_rates(record):
    reader = client_of(**{"X-API-Key": key_with(record.tenant_id, "read")})
    assert reader.post(RATES, content=row()).status_code == 403
    assert reader.get(MARKET).status_code == 200


def test_own_rates_are_stored_shown_and_used_first(client, record):
    answer = client.post(RATES, content=row(), params={"filename": "my rates.csv"})
    assert (answer.status_code, answer.json()["data"]) == (201, {"stored": 1})
    assert client.post(RATES, content=row(), params={"filename": "my rates.csv"}).status_code == 201
    (value,) = client.get(MARKET).json()["data"]["values"]
    assert (value["value"], value["source"], value["origin"], value["confidence"]) == (
        "3.745",
        "own-rates",
        "own",
        "high",
    )
    assert value["request"] == "my rates.csv, row 2"
    assert str(Market(()).current(record.tenant_id, "diesel_price", "US").value) == "3.745"


def test_own_rates_are_nobody_elses(client, stranger_with_key):
    client.post(RATES, content=row())
    assert stranger_with_key.get(MARKET).json()["data"]["values"] == []


@pytest.fixture
def stranger_with_key(record):
    with pool.system() as connection:
        made = connection.execute("INSERT INTO tenants (slug, name) VALUES ('other', 'Other') RETURNING id").fetchone()
    return client_of(**{"X-API-Key": give_key(made[0])})


def test_a_workbook_is_taken_too(client):
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append(["lease_rate", "60601", TODAY.isoformat(), 0.75, "$/sqft/month"])
    content = io.BytesIO()
    book.save(content)
    assert client.post(RATES, content=content.getvalue()).status_code == 201
    (value,) = client.get(MARKET).json()["data"]["values"]
    assert (value["value"], value["unit"]) == ("9.00", "$/sqft/year")


@pytest.mark.parametrize(
    ("content", "column", "said"),
    [
        (row("400"), "value", "400 $/gal is implausible"),
        (row("0"), "value", "0 $/gal is implausible"),
        (row(unit="EUR/L"), "value", "its unit 'EUR/L' is none of"),
        (row(day=TODAY - timedelta(days=29)), "as_of", "29 days ago"),
        (row(day=TODAY + timedelta(days=9)), "as_of", "yet to come"),
        (row(kind="petrol"), "kind", "must be"),
        (row("free"), "value", "is not a number"),
    ],
)
def test_a_rate_that_cannot_be_is_refused_with_its_row_and_nothing_is_kept(client, content, column, said):
    answer = client.post(RATES, content=f"{content}\ndiesel_price,R10,{TODAY},3.9,$/gal")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
    (problem,) = answer.json()["problems"]
    assert (problem["row"], problem["column"]) == (2, column)
    assert said in problem["message"]
    assert client.get(MARKET).json()["data"]["values"] == []


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04nothing", b"\0" * 1000, b"\x93NUMPY"])
def test_a_file_of_another_kind_is_refused(client, content):
    answer = client.post(RATES, content=content)
    assert answer.status_code == 422
    assert answer.json()["problems"]


@pytest.mark.parametrize("name", ["a/b", "a\\b", "a\0b", "", "x" * 201])
def test_a_files_name_is_a_name(client, name):
    assert client.post(RATES, content=row(), params={"filename": name}).status_code == 422


def test_a_configured_source_is_asked_with_the_key_of_its_secret(client, admin, aws, configured, monkeypatch, caplog):
    """The whole way: environment, secret, a real connection, the record, and the answer."""
    aws.secrets.create_secret(Name="networx/eia-of-a-test", SecretString='{"key": "hush-hush"}')
    day = TODAY - timedelta(days=3)
    said = orjson.dumps(eia_answer(row_of_eia(day.isoformat(), "3.745")))
    caplog.set_level(logging.INFO)
    with serving(answering(lambda conversation: conversation.answer(said))) as server:
        monkeypatch.setenv("NETWORX_EIA_SECRET", "networx/eia-of-a-test")
        monkeypatch.setenv("NETWORX_EIA_URL", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("NETWORX_OUTBOUND_PRIVATE_HOSTS", f"127.0.0.1:{server.port}")
        settings.current.cache_clear()
        (asked,) = admin.post(REFRESH).json()["data"]["asked"]
        assert (asked["value"], asked["unit"], asked["as_of"], asked["reason"]) == ("3.745", "$/gal", str(day), None)
        shown = client.get(MARKET).json()["data"]
        assert b"api_key=hush-hush" in server.requests[0]
        assert shown["hosts"] == {f"127.0.0.1:{server.port}": "closed"}
    monkeypatch.undo()
    settings.current.cache_clear()
    assert [(source["name"], source["subjects"]) for source in shown["sources"]] == [("eia", ["US"])]
    (value,) = shown["values"]
    assert (value["value"], value["age_days"], value["source"], value["confidence"]) == ("3.745", 3, "eia", "high")
    lines = [f"{line.getMessage()} {getattr(line, 'fields', '')}" for line in caplog.records if "networx" in line.name]
    assert any("outbound.called" in line for line in lines)
    assert "hush" not in str([shown, asked, lines])


def test_a_host_that_is_not_named_is_not_called_although_it_is_configured(admin, aws, configured, monkeypatch):
    aws.secrets.create_secret(Name="networx/eia-not-named", SecretString='{"key": "hush-hush"}')
    with serving(answering(lambda conversation: conversation.answer())) as server:
        monkeypatch.setenv("NETWORX_EIA_SECRET", "networx/eia-not-named")
        for scheme, why in (("http", "without encryption"), ("https", "is not public")):
            monkeypatch.setenv("NETWORX_EIA_URL", f"{scheme}://127.0.0.1:{server.port}")
            settings.current.cache_clear()
            configuration.market.cache_clear()
            (asked,) = admin.post(REFRESH).json()["data"]["asked"]
            assert why in asked["reason"]
        assert server.connections == 0
    monkeypatch.undo()
    settings.current.cache_clear()
