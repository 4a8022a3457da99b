"""Whole lists as NDJSON or CSV: all of it in order, little of it in memory, and never half of it for the whole."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg.types.json import Jsonb

from networx.api import admission, exports
from networx.api.limit_rules import EXPORTS
from networx.api.routes import audit as audit_routes
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.errors import DatabaseUnavailable
from networx.identity import keys, tenants
from networx.observability import metrics
from tests.core.api.conftest import client_of, give_key
from tests.core.api.test_paging import insert_audit, insert_jobs, insert_uploads

NDJSON = {"Accept": "application/x-ndjson"}


@pytest.fixture
def admin(record) -> Any:
    return client_of(**{"X-API-Key": give_key(record.tenant_id, "admin")})


def lines(answer: Any) -> list[dict[str, Any]]:
    assert answer.headers["Content-Type"] == "application/x-ndjson", answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def in_small_pages(monkeypatch):
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 3)


@pytest.mark.parametrize(
    ("path", "insert"),
    [("/api/jobs", insert_jobs), ("/api/uploads?sort=filename", insert_uploads), ("/api/audit", insert_audit)],
)
def test_a_whole_list_is_what_its_pages_are(record, admin, in_small_pages, path, insert):
    insert(record.tenant_id, 8)
    pages = admin.get(path).json()["data"]
    *rows, end = lines(admin.get(path, headers=NDJSON))
    assert rows == pages
    assert len(rows) >= 8
    assert end == {"end": True, "count": len(rows)}


def test_a_list_whose_last_page_is_full_ends_once(client, record, in_small_pages):
    insert_jobs(record.tenant_id, 6)
    *rows, end = lines(client.get("/api/jobs?format=ndjson"))
    assert (len(rows), end) == (6, {"end": True, "count": 6})


def test_an_empty_list_says_that_it_is_whole(client):
    assert lines(client.get("/api/jobs?format=ndjson")) == [{"end": True, "count": 0}]
    table = client.get("/api/jobs?format=csv").content.decode("utf-8-sig")
    assert [row[:3] for row in csv.reader(io.StringIO(table))] == [["id", "type", "status"]]


def test_filters_hold_and_a_cursor_says_where_to_begin(client, record, in_small_pages):
    insert_jobs(record.tenant_id, 5)
    ids = [job["id"] for job in client.get("/api/jobs").json()["data"]]
    client.post(f"/api/jobs/{ids[0]}/cancel")
    *rows, _ = lines(client.get("/api/jobs?status=queued&limit=1", headers=NDJSON))
    assert [row["id"] for row in rows] == ids[1:]
    cursor = client.get("/api/jobs?limit=2").json()["next"]
    *rows, _ = lines(client.get(f"/api/jobs?cursor={cursor}", headers=NDJSON))
    assert [row["id"] for row in rows] == ids[2:]


def test_the_address_decides_before_the_header(client, record):
    insert_jobs(record.tenant_id, 1)
    assert client.get("/api/jobs?format=json", headers=NDJSON).json()["success"] is True
    by_address = client.get("/api/jobs?format=csv", headers=NDJSON)
    assert by_address.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert by_address.headers["Content-Disposition"] == 'attachment; filename="jobs.csv"'
    assert client.get("/api/jobs", headers={"Accept": "text/csv"}).content == by_address.content
    assert client.get("/api/jobs", headers={"Accept": "text/html,*/*"}).json()["success"] is True
    assert client.get("/api/jobs?format=xml").status_code == 422


def test_a_table_has_every_row_and_runs_in_no_spreadsheet(client, record, in_small_pages):
    insert_uploads(record.tenant_id, 7)
    with pool.system() as connection:
        connection.execute(
            "UPDATE uploads SET filename = '=cmd|/c calc' WHERE id = (SELECT min(id::text)::uuid FROM uploads)"
        )
    content = client.get("/api/uploads?format=csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    pages = client.get("/api/uploads").json()["data"]
    assert [row["upload_id"] for row in rows] == [row["upload_id"] for row in pages]
    assert "'=cmd|/c calc" in [row["filename"] for row in rows]
    assert {row["counts"] for row in rows} == {"{}"}
    assert rows[0]["created_at"] == pages[0]["created_at"]


def test_another_tenants_rows_are_in_none_of_it(client, foreigner, record, in_small_pages):
    insert_jobs(record.tenant_id, 5)
    assert lines(foreigner.get("/api/jobs?format=ndjson")) == [{"end": True, "count": 0}]


# --- What goes wrong in the middle ---


@pytest.fixture
def breaking_off(monkeypatch, in_small_pages):
    """The record goes away when the third page of the audit is asked for."""
    read, asked = audit.read, iter(range(100))

    def read_twice(*arguments: Any, **named: Any) -> Any:
        if next(asked) == 2:
            raise DatabaseUnavailable
        return read(*arguments, **named)

    monkeypatch.setattr(audit_routes.audit, "read", read_twice)


def test_a_fault_in_the_middle_is_said_in_the_last_line_and_can_be_gone_on_from(admin, record, breaking_off):
    insert_audit(record.tenant_id, 10)
    answer = admin.get("/api/audit?format=ndjson")
    *rows, end = lines(answer)
    assert (len(rows), end["end"], end["count"]) == (6, False, 6)
    assert (end["code"], end["request_id"]) == ("DATABASE_UNAVAILABLE", answer.headers["X-Request-Id"])
    *rest, end = lines(admin.get(f"/api/audit?format=ndjson&cursor={end['next']}"))
    assert end == {"end": True, "count": len(rest)}
    whole = admin.get("/api/audit").json()["data"]
    assert rows + rest == whole


def test_a_table_that_breaks_off_breaks_the_connection(admin, record, breaking_off):
    insert_audit(record.tenant_id, 10)
    with pytest.raises(Exception) as told:  # noqa: PT011  # what a server makes of it is a connection that ends early
        admin.get("/api/audit?format=csv")
    assert "database" in str(told.value).lower() or "response already started" in str(told.value)


def test_a_fault_before_the_first_row_is_an_answer(admin, record, monkeypatch):
    def away(*_arguments: Any, **_named: Any) -> Any:
        raise DatabaseUnavailable

    monkeypatch.setattr(audit_routes.audit, "read", away)
    for format_ in ("ndjson", "csv"):
        answer = admin.get(f"/api/audit?format={format_}")
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")


@pytest.mark.parametrize("ended", ["key", "tenant"])
def test_an_export_ends_with_the_key_it_was_asked_with(record, monkeypatch, in_small_pages, ended):
    monkeypatch.setattr(admission, "ASKED_EVERY_SECONDS", 0.0)
    with pool.system() as connection:
        row, key = keys.create(
            connection, Doer("a test"), tenant_id=record.tenant_id, name="a key", scopes=["read", "admin"]
        )
    insert_audit(record.tenant_id, 10)
    read, asked = audit.read, iter(range(100))

    def read_and_revoke(*arguments: Any, **named: Any) -> Any:
        if next(asked) == 1:
            with pool.system() as connection:
                if ended == "key":
                    keys.revoke(connection, Doer("a test"), row.id)
                else:
                    tenants.revoke(connection, Doer("a test"), record.slug)
        return read(*arguments, **named)

    monkeypatch.setattr(audit_routes.audit, "read", read_and_revoke)
    *rows, end = lines(client_of(**{"X-API-Key": key.text}).get("/api/audit?format=ndjson"))
    assert (len(rows), end["end"]) == (3, False)
    assert end["code"] == {"key": "KEY_REVOKED", "tenant": "TENANT_REVOKED"}[ended]


def test_how_long_a_whole_list_took_is_no_latency(client, record, monkeypatch):
    emitted: list[str] = []
    monkeypatch.setattr(metrics, "emit", lambda name, *_, **__: emitted.append(name))
    client.get("/api/jobs?format=ndjson")
    assert "ApiLatency" not in emitted
    client.get("/api/jobs")
    assert "ApiLatency" in emitted


def test_whole_lists_have_a_limit_of_their_own(client, record, monkeypatch):
    taken = [client.get("/api/jobs?format=ndjson").status_code for _ in range(EXPORTS.most + 1)]
    assert taken == [200] * EXPORTS.most + [429]
    refused = client.get("/api/jobs?format=csv")
    assert (refused.json()["code"], int(refused.headers["Retry-After"]) > 0) == ("RATE_LIMITED", True)
    assert client.get("/api/jobs").status_code == 200
    another = client_of(**{"X-API-Key": give_key(record.tenant_id)})
    assert another.get("/api/jobs?format=ndjson").status_code == 200


# --- How much of it is in memory ---


def _asked_by_hand(client: Any, path: str) -> list[tuple[int, int]]:
    """The size of each piece that the application sends, and the memory in use then: a test client would keep all."""
    pieces: list[tuple[int, int]] = []
    to_receive = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(to_receive, None)
        if message is None:
            await asyncio.Event().wait()
        return message or {}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
        else:
            pieces.append((len(message.get("body", b"")), _resident_bytes()))

    async def ask() -> None:
        address, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": address,
            "raw_path": address.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"x-api-key", client.headers["X-API-Key"].encode()), (b"host", b"127.0.0.1")],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8080),
        }
        await client.app(scope, receive, send)

    asyncio.run(ask())
    return pieces


def test_fifty_thousand_rows_need_no_more_memory_than_a_page(admin, record):
    insert_audit(record.tenant_id, 50_000)
    admin.get("/api/audit?format=ndjson&target=none")  # what is loaded once
    before = _resident_bytes()
    sent = _asked_by_hand(admin, "/api/audit?format=ndjson")
    assert sum(size for size, _ in sent) > 10_000_000
    assert max(size for size, _ in sent) < 1_000_000, "a page at a time"
    assert max(resident for _, resident in sent) - before < 8_000_000  # of one page; all of them are far more


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def _busy() -> int:
    """How many sessions of the tenant's role are in a transaction or a statement."""
    with pool.system() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'networx_app' AND state <> 'idle'"
        ).fetchone()
    return int(row[0])


def test_no_connection_is_held_while_nobody_reads(client, record, monkeypatch):
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 3)
    insert_jobs(record.tenant_id, 9)
    held: list[int] = []
    ndjson = exports._ndjson

    def looked_at(batches: Any) -> Iterator[bytes]:
        for piece in ndjson(batches):
            held.append(_busy())
            yield piece

    monkeypatch.setattr(exports, "_ndjson", looked_at)
    client.get("/api/jobs?format=ndjson")
    assert held == [0] * 4


# --- Problems and assignments ---


def test_problems_come_whole(client, record, monkeypatch, in_small_pages):
    insert_uploads(record.tenant_id, 1)
    upload_id = client.get("/api/uploads").json()["data"][0]["upload_id"]
    with pool.system() as connection:
        connection.execute(
            """INSERT INTO upload_problems (upload_id, position, tenant_id, rule, message, value)
               SELECT %s, position, %s, 'range', 'Wrong.', position::text FROM generate_series(0, 9) position""",
            (upload_id, record.tenant_id),
        )
    address = f"/api/uploads/{upload_id}/problems"
    *rows, end = lines(client.get(f"{address}?format=ndjson"))
    assert ([row["value"] for row in rows], end["count"]) == ([str(number) for number in range(10)], 10)
    table = client.get(f"{address}?format=csv").content.decode("utf-8-sig")
    assert [row["value"] for row in csv.DictReader(io.StringIO(table))] == [str(number) for number in range(10)]


COLUMNS = [
    *("units", "cost_per_unit", "cost", "distance_miles", "share_of_demand"),
    *("destination_latitude", "destination_longitude"),
]


@pytest.fixture
def flows(record, aws, client, make_scenario) -> tuple[str, list[dict[str, Any]]]:
    """A job whose result serves 50 destinations, by two facilities in one year."""
    answer = client.post("/api/optimize/run-batch", json={"scenario_id": make_scenario()})
    job_id = answer.json()["data"]["job_id"]
    rows = [
        {"year": 2026, "facility": f"F{number // 25}", "destination": f"D{number:02}"}
        | dict.fromkeys(COLUMNS, float(number % 7))
        for number in range(50)
    ]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=20)
    key = f"results/{record.tenant_id}/{job_id}/7/assignments.parquet"
    aws.s3.put_object(Bucket="networx-results", Key=key, Body=file.getvalue())
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO results (job_id, tenant_id, fence, result) VALUES (%s, %s, 7, %s)",
            (UUID(job_id), record.tenant_id, Jsonb({"status": "optimal", "files": {"assignments": key}})),
        )
    return f"/api/jobs/{job_id}/assignments", rows


@pytest.mark.parametrize("query", ["", "year=2026", "facility=F1", "order=largest", "order=largest&facility=F0"])
def test_assignments_are_walked_by_cursor(client, flows, query):
    address, rows = flows
    expected = [row for row in rows if "facility" not in query or row["facility"] == query[-2:]]
    if "largest" in query:
        expected = sorted(expected, key=lambda row: -row["units"])
    seen: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = client.get(f"{address}?{query}&limit=8" + (f"&cursor={cursor}" if cursor else ""))
        data = answer.json()["data"]
        assert (data["total"], data["offset"]) == (len(expected), len(seen))
        seen += data["assignments"]
        cursor = answer.json()["next"]
    assert seen == expected


def test_a_page_of_assignments_that_was_seen_is_not_sent_again(client, flows):
    address, _ = flows
    first = client.get(f"{address}?limit=8")
    again = client.get(first.links["next"]["url"])
    assert again.headers["ETag"] != first.headers["ETag"]
    held = client.get(first.links["next"]["url"], headers={"If-None-Match": again.headers["ETag"]})
    assert (held.status_code, held.content) == (304, b"")


def test_assignments_come_whole(client, flows, in_small_pages):
    address, rows = flows
    *seen, end = lines(client.get(f"{address}?format=ndjson&facility=F1"))
    assert seen == [row for row in rows if row["facility"] == "F1"]
    assert end == {"end": True, "count": 25}
    table = client.get(f"{address}?format=csv").content.decode("utf-8-sig")
    assert [row["destination"] for row in csv.DictReader(io.StringIO(table))] == [row["destination"] for row in rows]
    assert client.get(f"{address}?format=csv&order=largest").status_code == 422
