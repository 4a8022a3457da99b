"""Lists by cursor: every list has one, a walk sees each row once whatever happens, a wrong cursor is refused."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from networx.api.app import create_app
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.errors import Problem
from networx.identity import tenants, users
from networx.ingest import records
from networx.jobs import control
from networx.jobs.job import JobStatus
from networx.scenarios import store as scenarios
from tests.core.api.conftest import client_of, give_key, key_with
from tests.core.jobs import steps

# What a GET answers that is no list of things: one thing, or something that is cut by other means.
NO_LISTS = {
    "/api/uploads/{upload_id}",
    "/api/uploads/{upload_id}/bad-rows.xlsx",
    "/api/uploads/{upload_id}/parts",  # addresses, from a number on
    "/api/datasets/{dataset_id}",
    "/api/datasets/{dataset_id}/demand.xlsx",
    "/api/templates/network.xlsx",
    "/api/schemas/result.json",
    "/api/market",  # one figure a series that is configured
    "/api/scenarios/{scenario_id}",
    "/api/jobs/{job_id}",
    "/api/jobs/{job_id}/story",
    "/api/jobs/{job_id}/events",
    "/api/jobs/{job_id}/sensitivity",  # the newest questions to one plan
    "/api/jobs/{job_id}/result",
    "/api/jobs/{job_id}/result.xlsx",
    "/api/jobs/{job_id}/candidates.xlsx",
    "/api/jobs/{job_id}/report.html",
    "/api/jobs/{job_id}/assignments.parquet",
    "/api/jobs/{job_id}/inbound.parquet",
    "/api/jobs/{job_id}/proof.json.gz",
    "/api/jobs/{job_id}/summary",
    "/api/uploads/{upload_id}/mapping",  # the columns of one file
    "/api/assistant",
    "/api/assistant/usage",
    "/api/assistant/budget",
    "/api/status",
    "/api/pauses/{scope}/{name}",
    "/api/health",
    "/api/health/live",
}
Insert = Callable[[int], None]


def documented() -> dict[str, dict[str, Any]]:
    """Every GET of the published document: its parameters by name."""
    document = create_app().openapi()
    return {
        path: {parameter["name"]: parameter for parameter in operations["get"].get("parameters", ())}
        for path, operations in document["paths"].items()
        if "get" in operations
    }


def test_every_list_has_a_cursor_a_limit_and_says_so():
    found = documented()
    lists = {path for path, parameters in found.items() if "cursor" in parameters}
    assert set(found) - lists == NO_LISTS, "a new GET is a list with a cursor, or stands among NO_LISTS"
    for path in lists:
        parameters = found[path]
        assert parameters["cursor"]["description"], path
        assert {"minimum", "maximum", "default"} <= set(parameters["limit"]["schema"]), path
        if "sort" in parameters:
            assert len(parameters["sort"]["schema"]["enum"]) > 1, path


# --- One of each list, filled and walked ---


def insert_jobs(tenant_id: UUID, how_many: int, **columns: Any) -> None:
    """Jobs of one statement, and so of one instant: what tells them apart is the id alone."""
    given = {"status": "queued", "finished_at": None, **columns}
    with pool.system() as connection:
        connection.execute(
            """INSERT INTO jobs (tenant_id, kind, queue, max_attempts, status, finished_at)
               SELECT %(tenant)s, 'transport', 'optimization.fifo', 3, %(status)s, %(finished_at)s
               FROM generate_series(1, %(many)s)""",
            {"tenant": tenant_id, "many": how_many, **given},
        )


def insert_uploads(tenant_id: UUID, how_many: int) -> None:
    with pool.system() as connection:
        connection.execute(
            """INSERT INTO uploads (tenant_id, bucket, key, filename, bytes)
               SELECT %s, 'b', gen_random_uuid()::text, 'same name.xlsx', 1 FROM generate_series(1, %s)""",
            (tenant_id, how_many),
        )


def insert_projects(tenant_id: UUID, how_many: int) -> None:
    with pool.tenant(tenant_id) as connection:
        connection.execute(
            "INSERT INTO projects (tenant_id, name) SELECT %s, 'the same' FROM generate_series(1, %s)",
            (tenant_id, how_many),
        )


def insert_audit(tenant_id: UUID, how_many: int) -> None:
    with pool.system() as connection:
        connection.execute(
            """INSERT INTO audit (tenant_id, actor, action, target)
               SELECT %s, 'a test', 'key.created', 'x' FROM generate_series(1, %s)""",
            (tenant_id, how_many),
        )


def walked(client: Any, path: str, limit: int, between: Callable[[], None] = lambda: None) -> Iterator[dict[str, Any]]:
    """Every row of a list, page after page by `next`; `between` happens after each page."""
    cursor: str | None = None
    for _ in range(10_000):
        joined = f"{path}{'&' if '?' in path else '?'}limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = client.get(joined)
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        rows = data if isinstance(data, list) else next(value for value in data.values() if isinstance(value, list))
        assert len(rows) <= limit
        yield from rows
        cursor = answer.json()["next"]
        if cursor is None:
            return
        assert rows, "an empty page has no next"
        between()
    raise AssertionError("the walk has no end")


@pytest.mark.parametrize("sort", ["-created_at", "created_at"])
def test_a_walk_over_a_thousand_jobs_sees_each_old_one_once_while_others_come(client, record, sort):
    insert_jobs(record.tenant_id, 1_000)
    with pool.tenant(record.tenant_id) as connection:
        old = {str(row[0]) for row in connection.execute("SELECT id FROM jobs").fetchall()}
    seen = [
        job["id"]
        for job in walked(client, f"/api/jobs?sort={sort}", 150, between=lambda: insert_jobs(record.tenant_id, 50))
    ]
    assert len(seen) == len(set(seen)), "none twice"
    assert old <= set(seen)
    assert (set(seen) == old) == (sort == "-created_at"), "newest first, what came later stands before the walk"


@pytest.mark.parametrize(
    ("path", "insert", "named"),
    [
        ("/api/uploads?sort=-created_at", insert_uploads, "upload_id"),
        ("/api/uploads?sort=filename", insert_uploads, "upload_id"),
        ("/api/uploads?sort=-filename", insert_uploads, "upload_id"),
        ("/api/projects?sort=name", insert_projects, "project_id"),
        ("/api/projects?sort=-name", insert_projects, "project_id"),
        ("/api/audit?sort=-id", insert_audit, "id"),
        ("/api/audit?sort=id", insert_audit, "id"),
        ("/api/optimize/run-batch?sort=-created_at", insert_jobs, "id"),
    ],
)
def test_rows_that_are_equal_are_each_seen_once(record, path, insert, named):
    client = client_of(**{"X-API-Key": give_key(record.tenant_id, "admin")})
    insert(record.tenant_id, 30)
    old = {row[named] for row in client.get(path).json()["data"]}
    comings = iter(range(3))
    seen = [
        row[named]
        for row in walked(
            client, path, 7, between=lambda: insert(record.tenant_id, 2) if next(comings, None) is not None else None
        )
    ]
    assert len(seen) == len(set(seen))
    assert old <= set(seen)


def test_every_list_is_walked_to_its_end(record, client, make_scenario, make_dataset):
    """Each list of the document, filled with five and walked by twos: what one page shows, in the same order."""
    tenant_id = record.tenant_id
    chief = client_of(**{"X-API-Key": key_with(tenant_id, "read", "write", "admin", "operator")})
    ids = _fill(tenant_id, make_scenario, make_dataset)
    for path, parameters in documented().items():
        # Its pages are of a file: test_exports.py.
        if "cursor" not in parameters or path == "/api/jobs/{job_id}/assignments":
            continue
        address = path.format(**ids)
        body = chief.get(address).json()
        assert body["success"], (path, body)
        data = body["data"]
        whole = data if isinstance(data, list) else data["problems"]
        assert len(whole) >= 5, f"{path}: nothing to walk"
        assert body["next"] is None, path
        sorts = parameters["sort"]["schema"]["enum"] if "sort" in parameters else [None]
        for sort in sorts:
            query = "" if sort is None else f"?sort={sort}"
            one_page = chief.get(address + query).json()["data"]
            one_page = one_page if isinstance(one_page, list) else one_page["problems"]
            assert list(walked(chief, address + query, 2)) == one_page, (path, sort)
        by_link = chief.get(f"{address}?limit=2")
        assert by_link.links["next"]["url"].startswith(address), path
        second = chief.get(by_link.links["next"]["url"])
        shown = second.json()["data"] if isinstance(data, list) else second.json()["data"]["problems"]
        assert shown == whole[2:4], path
        assert "first" in second.links, path


def _fill(tenant_id: UUID, make_scenario: Any, make_dataset: Any) -> dict[str, str]:
    for _ in range(5):
        scenario_id = make_scenario()
    insert_jobs(tenant_id, 5)
    job = steps.submit(tenant_id)
    with pool.system() as connection:
        for number in range(5):
            tenants.create(connection, Doer("a test"), f"tenant-{number}-{uuid4().hex[:6]}", "Another")
            users.create(
                connection,
                Doer("a test"),
                tenant_id=tenant_id,
                email=f"{number}-{uuid4().hex[:6]}@example.com",
                subject=None,
                scopes=["read"],
            )
            connection.execute(
                """INSERT INTO job_events (tenant_id, job_id, event, actor, to_status, fence, attempt)
                   VALUES (%s, %s, 'looked', 'a test', 'queued', 1, 0)""",
                (tenant_id, job.id),
            )
        upload_id = connection.execute("SELECT id FROM uploads LIMIT 1").fetchone()[0]
        for number in range(5):
            connection.execute(
                """INSERT INTO upload_problems (upload_id, position, tenant_id, rule, message)
                   VALUES (%s, %s, %s, 'range', %s)""",
                (upload_id, number, tenant_id, f"Problem {number}."),
            )
        connection.execute("UPDATE uploads SET problem_count = 5 WHERE id = %s", (upload_id,))
        connection.execute(
            """INSERT INTO archived_jobs
                   (id, tenant_id, kind, status, created_at, finished_at, key, first_byte, bytes)
               SELECT uuidv7(), %s, 'transport', 'succeeded', now(), now(), 'archive/f', 0, 1
               FROM generate_series(1, 5)""",
            (tenant_id,),
        )
        connection.execute(
            """INSERT INTO assistant_calls (tenant_id, purpose, subject_id, model, asked_by, day, reserved_tokens,
                                            reserved_dollars, overdue_at)
               SELECT %s, 'summary', %s, 'some-model', 'a test', current_date, 10, 0.01, clock_timestamp()
               FROM generate_series(1, 5)""",
            (tenant_id, job.id),
        )
        for kind in ("transport", "file-load", "model"):
            control.pause(connection, control.Scope.KIND, kind, "a test", "a reason")
        for queue in ("optimization.fifo", "file-processing.fifo"):
            control.pause(connection, control.Scope.QUEUE, queue, "a test", "a reason")
    for _ in range(5):
        key_with(tenant_id, "read")
    return {"job_id": str(job.id), "upload_id": str(upload_id), "scenario_id": scenario_id}


def test_a_scenario_that_is_revised_meanwhile_stays_in_its_place(client, record, make_scenario):
    made = [make_scenario() for _ in range(6)]

    def revise(scenario_id: str) -> None:
        with pool.tenant(record.tenant_id) as connection:
            scenarios.revise_scenario(connection, UUID(scenario_id), {"name": "Z revised"})

    to_revise = itertools.cycle(made)
    for sort in ("-created_at", "created_at", "name", "-name"):
        # Whatever was not shown yet is revised, and would move to the front of the newest.
        seen = [
            row["scenario_id"]
            for row in walked(client, f"/api/scenarios?sort={sort}", 2, between=lambda: revise(next(to_revise)))
        ]
        assert sorted(seen) == sorted(made), sort


def test_the_preview_of_a_redrive_has_pages(client, record):
    ended = datetime.now(UTC)
    insert_jobs(record.tenant_id, 7, status="dead", finished_at=ended)
    body: dict[str, Any] = {"preview": True, "type": "transport", "limit": 3}
    seen, cursor = [], None
    for _ in range(4):
        answer = client.post("/api/jobs/redrive", json={**body, "cursor": cursor}).json()
        assert answer["data"]["count"] == 7
        seen += [job["id"] for job in answer["data"]["jobs"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert (len(seen), len(set(seen))) == (7, 7)
    first = client.post("/api/jobs/redrive", json=body).json()["next"]
    for wrong in ({"type": "model"}, {"preview": False}):
        refused = client.post("/api/jobs/redrive", json={**body, **wrong, "cursor": first})
        assert refused.status_code == 422, wrong
    assert {job["status"] for job in client.get("/api/jobs").json()["data"]} == {"dead"}


# --- Cursors that are none ---


def test_a_cursor_is_good_for_its_own_list_filter_sort_and_tenant_alone(client, foreigner, record):
    insert_jobs(record.tenant_id, 4)
    insert_projects(record.tenant_id, 4)
    cursor = client.get("/api/jobs?limit=1&status=queued").json()["next"]
    assert client.get(f"/api/jobs?limit=3&status=queued&cursor={cursor}").status_code == 200
    for path in (
        f"/api/projects?limit=1&status=queued&cursor={cursor}",
        f"/api/optimize/run-batch?limit=1&status=queued&cursor={cursor}",
        f"/api/jobs?limit=1&cursor={cursor}",
        f"/api/jobs?limit=1&status=running&cursor={cursor}",
        f"/api/jobs?limit=1&status=queued&type=transport&cursor={cursor}",
        f"/api/jobs?limit=1&status=queued&sort=created_at&cursor={cursor}",
    ):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_CURSOR"), path
        assert refused.json()["problems"][0]["column"] == "cursor"
    taken = foreigner.get(f"/api/jobs?limit=1&status=queued&cursor={cursor}")
    assert (taken.status_code, taken.json()["code"]) == (422, "INVALID_CURSOR")


def _flipped(cursor: str, at: int) -> str:
    told = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    told[at] ^= 1
    return base64.urlsafe_b64encode(bytes(told)).decode().rstrip("=")


def test_a_cursor_that_was_altered_is_refused(client, record):
    insert_jobs(record.tenant_id, 2)
    cursor = client.get("/api/jobs?limit=1").json()["next"]
    whole = len(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for at in range(whole):
        answer = client.get("/api/jobs", params={"limit": 1, "cursor": _flipped(cursor, at)})
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_CURSOR"), at


@pytest.mark.parametrize(
    "garbage",
    ["x", "....", "é", "\x00", "null", "0" * 5_000, "W10", "%F0%9F%98%80", "' OR 1=1 --", "../../etc/passwd", "=" * 9],
)
def test_garbage_is_refused_everywhere(record, garbage):
    chief = client_of(**{"X-API-Key": key_with(record.tenant_id, "read", "write", "admin", "operator")})
    job = steps.submit(record.tenant_id)
    insert_uploads(record.tenant_id, 1)
    upload_id = chief.get("/api/uploads").json()["data"][0]["upload_id"]
    for path, parameters in documented().items():
        if "cursor" not in parameters:
            continue
        address = path.format(job_id=job.id, upload_id=upload_id, scenario_id=uuid4())
        answer = chief.get(address, params={"cursor": garbage})
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_CURSOR"), path


def test_a_sort_or_a_limit_that_there_is_not_is_refused(client):
    for query in ("sort=name", "sort=", "sort=created_at%20desc", "limit=0", "limit=201", "limit=x", "limit=-1"):
        answer = client.get(f"/api/jobs?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT"), query


def test_an_offset_and_a_cursor_are_refused_together(client, record, problems_of):
    upload_id = problems_of(4)
    cursor = client.get(f"/api/uploads/{upload_id}/problems?limit=1").json()["next"]
    answer = client.get(f"/api/uploads/{upload_id}/problems?limit=1&offset=1&cursor={cursor}")
    assert (answer.status_code, answer.json()["problems"][0]["column"]) == (422, "offset")


@pytest.fixture
def problems_of(record) -> Callable[[int], UUID]:
    """An upload that was refused with so many problems, every second on another sheet."""

    def made(how_many: int) -> UUID:
        upload_id = uuid4()
        with pool.system() as connection:
            upload = records.create_upload(
                connection,
                upload_id=upload_id,
                tenant_id=record.tenant_id,
                bucket="b",
                key=str(upload_id),
                filename="network.xlsx",
                bytes=1,
            )
            found = [
                Problem(
                    f"Problem {number}.", "range" if number % 2 else "number", sheet=f"Sheet {number % 2}", row=number
                )
                for number in range(how_many)
            ]
            records.rejected(connection, upload, code="BAD_CELLS", reason="Cells are wrong.", problems=found)
        return upload_id

    return made


def test_problems_keep_their_offset_and_take_filters(client, problems_of):
    address = f"/api/uploads/{problems_of(10)}/problems"
    by_offset = client.get(f"{address}?offset=3&limit=4").json()
    assert [problem["row"] for problem in by_offset["data"]["problems"]] == [3, 4, 5, 6]
    assert (by_offset["data"]["offset"], by_offset["data"]["total"]) == (3, 10)
    rest = client.get(f"{address}?limit=4&cursor={by_offset['next']}").json()
    assert [problem["row"] for problem in rest["data"]["problems"]] == [7, 8, 9]
    odd = client.get(f"{address}?sheet=Sheet%201&limit=2").json()
    assert ([problem["row"] for problem in odd["data"]["problems"]], odd["data"]["total"]) == ([1, 3], 5)
    assert [problem["row"] for problem in walked(client, f"{address}?rule=number", 2)] == [0, 2, 4, 6, 8]


# --- Filters ---


def test_jobs_are_found_by_scenario_project_and_time(client, record, make_scenario):
    scenario_id, other = make_scenario(), make_scenario()
    job_id = client.post("/api/optimize/run-batch", json={"scenario_id": scenario_id}).json()["data"]["job_id"]
    client.post("/api/optimize/run-batch", json={"scenario_id": other})

    def ids(**query: str) -> list[str]:
        answer = client.get("/api/jobs", params=query)
        assert answer.status_code == 200, answer.text
        return [job["id"] for job in answer.json()["data"]]

    project_id = client.get(f"/api/scenarios/{scenario_id}").json()["data"]["project_id"]
    made = client.get(f"/api/jobs/{job_id}").json()["data"]["created_at"]
    assert ids(scenario_id=scenario_id) == ids(project_id=project_id) == ids(created_before=_later(made)) == [job_id]
    assert ids(project_id=str(uuid4())) == ids(created_before=made) == ids(created_after="2200-01-01T00:00:00Z") == []
    assert ids(created_after=made)[-1] == job_id
    assert ids(created_after=made, created_before=_later(made)) == ids(before=_later(made)) == [job_id]
    assert client.get("/api/jobs?created_after=yesterday").status_code == 422


def _later(instant: str) -> str:
    return (datetime.fromisoformat(instant) + timedelta(microseconds=1)).isoformat()


def test_another_tenants_project_finds_none_of_its_jobs(client, foreigner, make_scenario):
    scenario_id = make_scenario()
    client.post("/api/optimize/run-batch", json={"scenario_id": scenario_id})
    project_id = client.get(f"/api/scenarios/{scenario_id}").json()["data"]["project_id"]
    assert len(client.get(f"/api/jobs?project_id={project_id}").json()["data"]) == 1
    assert foreigner.get(f"/api/jobs?project_id={project_id}").json()["data"] == []
    assert foreigner.get(f"/api/jobs?scenario_id={scenario_id}").json()["data"] == []


def test_names_are_found_by_a_part_of_them(client, record, make_scenario):
    for name in ("North 100%", "south_1", "Südwest", "NORTHEAST"):
        assert client.post("/api/projects", json={"name": name}).status_code == 201

    def names(q: str) -> set[str]:
        return {project["name"] for project in client.get("/api/projects", params={"q": q}).json()["data"]}

    assert names("north") == {"North 100%", "NORTHEAST"}
    assert names("%") == {"North 100%"}
    assert names("_") == {"south_1"}
    assert names("SÜD") == {"Südwest"}
    make_scenario()
    found = {"q": "SCENARIO", "type": "transport"}
    assert [row["name"] for row in client.get("/api/scenarios", params=found).json()["data"]] == ["A scenario"]
    assert client.get("/api/scenarios", params={"type": "none"}).json()["data"] == []
    assert len(client.get("/api/uploads", params={"q": "network.X", "status": "loaded"}).json()["data"]) == 1
    assert client.get("/api/uploads", params={"status": "rejected"}).json()["data"] == []
    assert client.get("/api/uploads", params={"status": "lost"}).status_code == 422
    assert len(client.get("/api/datasets", params={"q": "NETWORK", "domain": "network"}).json()["data"]) == 1
    assert client.get("/api/datasets", params={"upload_id": str(uuid4())}).json()["data"] == []


def test_keys_people_and_tenants_are_told_apart_by_whether_they_open_anything(record):
    chief = client_of(**{"X-API-Key": key_with(record.tenant_id, "read", "write", "admin", "operator")})
    ended = chief.post("/api/keys", json={"name": "old", "scopes": ["read"], "expires_in_days": 1}).json()["data"]["id"]
    with pool.system() as connection:
        connection.execute("UPDATE api_keys SET expires_at = now() - interval '1 h' WHERE id = %s", (ended,))
    assert [key["id"] for key in chief.get("/api/keys?active=false").json()["data"]] == [ended]
    assert ended not in {key["id"] for key in chief.get("/api/keys?active=true").json()["data"]}
    assert [key["id"] for key in chief.get("/api/keys?q=OLD").json()["data"]] == [ended]
    person = chief.post("/api/users", json={"email": "ann@example.com", "scopes": ["read"]}).json()["data"]["id"]
    assert chief.get("/api/users?active=false").json()["data"] == []
    chief.delete(f"/api/users/{person}")
    assert [user["id"] for user in chief.get("/api/users?active=false&q=ANN").json()["data"]] == [person]
    assert record.slug in {tenant["slug"] for tenant in chief.get("/api/tenants?active=true").json()["data"]}
    assert chief.get("/api/tenants?active=false").json()["data"] == []
    acts = chief.get("/api/audit", params={"target": person, "sort": "id"}).json()["data"]
    assert [line["action"] for line in acts] == ["user.created", "user.revoked"]
    assert chief.get("/api/audit", params={"actor": "nobody"}).json()["data"] == []
    assert chief.get("/api/audit", params={"created_after": "2200-01-01T00:00:00Z"}).json()["data"] == []


def test_the_audit_of_every_tenant_is_another_list(record):
    chief = client_of(**{"X-API-Key": key_with(record.tenant_id, "read", "write", "admin", "operator")})
    with pool.system() as connection:
        for _ in range(3):
            audit.write(connection, Doer("a test"), "key.created", "x", tenant_id=record.tenant_id)
    cursor = chief.get("/api/audit?limit=1&all_tenants=true").json()["next"]
    assert chief.get(f"/api/audit?limit=1&cursor={cursor}").json()["code"] == "INVALID_CURSOR"


def test_pages_of_a_status_skip_what_left_it_meanwhile_and_repeat_nothing(client, record):
    insert_jobs(record.tenant_id, 6)
    newest = [job["id"] for job in client.get("/api/jobs").json()["data"]]

    def end_the_last() -> None:
        client.post(f"/api/jobs/{newest[-1]}/cancel")

    seen = [job["id"] for job in walked(client, "/api/jobs?status=queued", 2, between=end_the_last)]
    assert seen == newest[:-1]
    assert {job["status"] for job in client.get("/api/jobs?status=cancelled").json()["data"]} == {
        JobStatus.CANCELLED.value
    }
