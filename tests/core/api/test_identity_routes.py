"""Users, tenants and the audit through the API: who may change them, and that every change is told of."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient

from networx.db import audit, pool
from networx.db.audit import Doer
from networx.db.bootstrap import DATABASE
from networx.identity.api_key import read_key
from networx.jobs import dead_letters, store
from networx.jobs.job import Job
from tests.core.api.conftest import client_of, key_with


@pytest.fixture
def admin(record) -> TestClient:
    return client_of(**{"X-API-Key": key_with(record.tenant_id, "read", "write", "admin", name="the admin")})


@pytest.fixture
def chief(record) -> TestClient:
    """Every scope there is."""
    scopes = ("read", "write", "admin", "operator")
    return client_of(**{"X-API-Key": key_with(record.tenant_id, *scopes, name="the chief")})


def lines(client: TestClient, **query) -> list[tuple[str, str]]:
    return [(line["action"], line["target"]) for line in client.get("/api/audit", params=query).json()["data"]]


def submitted(tenant_id: UUID) -> Job:
    with pool.tenant(tenant_id) as connection:
        return store.submit(connection, tenant_id=tenant_id, kind="transport", params={})


def ended(tenant_id: UUID, status: str) -> Job:
    """A job that ended badly."""
    job = submitted(tenant_id)
    with pool.system() as connection:
        connection.execute(
            "UPDATE jobs SET status = 'running', fence = 2, attempt = 1, lease_expires_at = now(), worker = 'w' "
            "WHERE id = %s",
            (job.id,),
        )
        connection.execute(
            "UPDATE jobs SET status = %s, fence = 3, finished_at = now(), lease_expires_at = NULL WHERE id = %s",
            (status, job.id),
        )
    return job


# --- Users ---


def test_a_person_is_let_in_listed_and_let_out(admin):
    made = admin.post("/api/users", json={"email": "Ann@Example.com", "scopes": ["write", "read"]})
    assert made.status_code == 201
    user = made.json()["data"]
    assert (user["email"], user["scopes"], user["subject"]) == ("ann@example.com", ["read", "write"], None)
    assert [each["id"] for each in admin.get("/api/users").json()["data"]] == [user["id"]]
    first = admin.delete(f"/api/users/{user['id']}").json()["data"]["revoked_at"]
    assert admin.delete(f"/api/users/{user['id']}").json()["data"]["revoked_at"] == first
    assert lines(admin, action="user") == [("user.revoked", user["id"]), ("user.created", user["id"])]
    again = admin.post("/api/users", json={"email": "ann@example.com", "scopes": ["read"]})
    assert again.status_code == 201, "who was let out may be let in again"


def test_a_person_is_of_one_tenant(admin, foreigner):
    admin.post("/api/users", json={"email": "ann@example.com", "scopes": ["read"]})
    foreign = client_of(**{"X-API-Key": key_with(_tenant_of(foreigner), "admin")})
    answer = foreign.post("/api/users", json={"email": "ANN@example.com", "scopes": ["read"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert foreign.get("/api/users").json()["data"] == []


def test_another_tenants_people_do_not_exist(admin, foreigner):
    foreign = client_of(**{"X-API-Key": key_with(_tenant_of(foreigner), "admin")})
    user = foreign.post("/api/users", json={"subject": "s-1", "scopes": ["read"]}).json()["data"]
    for user_id in (user["id"], uuid4()):
        answer = admin.delete(f"/api/users/{user_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "USER_NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"scopes": ["read"]}, 422),
        ({"email": "no address", "scopes": ["read"]}, 422),
        ({"email": "a@b\r\nX: y", "scopes": ["read"]}, 422),
        ({"subject": "", "scopes": ["read"]}, 422),
        ({"email": "a@b.example", "scopes": []}, 422),
        ({"email": "a@b.example", "scopes": ["root"]}, 422),
        ({"email": "a@b.example", "scopes": ["operator"]}, 403),
        ({"email": "a@b.example", "scopes": ["read"], "tenant": "another"}, 403),
    ],
)
def test_who_cannot_be_let_in_is_refused(admin, body, status):
    assert admin.post("/api/users", json=body).status_code == status
    assert admin.get("/api/users").json()["data"] == []


# --- Tenants ---


def test_a_tenant_is_made_with_its_first_administrator_revoked_and_restored(chief):
    made = chief.post("/api/tenants", json={"slug": "acme", "name": "Acme"})
    assert made.status_code == 201
    assert chief.post("/api/tenants", json={"slug": "acme", "name": "Acme"}).status_code == 409
    key = chief.post("/api/keys", json={"name": "first", "scopes": ["admin"], "tenant": "acme"}).json()["data"]
    theirs = client_of(**{"X-API-Key": key["key"]})
    assert theirs.get("/api/users").status_code == 200
    chief.delete("/api/tenants/acme")
    assert theirs.get("/api/users").json()["code"] == "TENANT_REVOKED"
    assert chief.delete("/api/tenants/acme").status_code == 200, "done twice it does no more"
    chief.post("/api/tenants/acme/restore")
    assert lines(theirs) == [
        ("tenant.restored", "acme"),
        ("tenant.revoked", "acme"),
        ("key.created", key["id"]),
        ("tenant.created", "acme"),
    ]
    assert {"acme"} <= {tenant["slug"] for tenant in chief.get("/api/tenants").json()["data"]}


@pytest.mark.parametrize("slug", ["", "Acme", "a b", "-a", "a" * 64, "../x"])
def test_what_is_no_slug_names_no_tenant(chief, slug):
    assert chief.post("/api/tenants", json={"slug": slug, "name": "x"}).status_code == 422


def test_a_tenant_that_is_not_there_is_404(chief):
    for answer in (chief.delete("/api/tenants/nowhere"), chief.post("/api/tenants/nowhere/restore")):
        assert (answer.status_code, answer.json()["code"]) == (404, "TENANT_NOT_FOUND")


# --- The audit ---


def test_a_line_says_who_when_what_and_from_where(admin):
    made = admin.post("/api/keys", json={"name": "robot", "scopes": ["read"]}, headers={"X-Request-Id": "mine-0001"})
    (line,) = admin.get("/api/audit", params={"action": "key.created", "limit": 1}).json()["data"]
    own = read_key(admin.headers["X-API-Key"])
    assert (line["actor"], line["actor_id"]) == ("the admin", str(own.id))
    assert (line["target"], line["address"], line["request_id"]) == (
        made.json()["data"]["id"],
        "127.0.0.1",
        "mine-0001",
    )
    assert line["facts"] == {"name": "robot", "scopes": ["read"], "expires_at": None}
    assert line["at"]


def test_a_client_does_not_say_from_where_it_comes(admin):
    admin.post("/api/keys", json={"name": "x", "scopes": ["read"]}, headers={"X-Forwarded-For": "6.6.6.6"})
    assert "6.6.6.6" not in admin.get("/api/audit").text


def test_keys_that_are_rotated_and_revoked_are_told_of(admin):
    key = admin.post("/api/keys", json={"name": "x", "scopes": ["read"]}).json()["data"]
    new = admin.post(f"/api/keys/{key['id']}/rotate", json={"overlap_hours": 1}).json()["data"]
    admin.delete(f"/api/keys/{new['id']}")
    assert lines(admin, limit=2) == [("key.revoked", new["id"]), ("key.rotated", key["id"])]
    (rotated,) = admin.get("/api/audit", params={"action": "key.rotated"}).json()["data"]
    assert rotated["facts"] == {"name": "x", "replaced_by": new["id"], "overlap_seconds": 3600.0}


def test_pauses_are_told_of_to_whom_they_concern(chief, admin, record):
    chief.put("/api/pauses/queue/optimization.fifo", json={"reason": "A new disk."})
    chief.delete("/api/pauses/queue/optimization.fifo")
    chief.put(f"/api/pauses/tenant/{record.slug}", json={"reason": "Unpaid."})
    assert lines(admin, action="pause") == [("pause.begun", f"tenant {record.slug}")]
    assert lines(chief, action="pause", all_tenants=True)[:3] == [
        ("pause.begun", f"tenant {record.slug}"),
        ("pause.ended", "queue optimization.fifo"),
        ("pause.begun", "queue optimization.fifo"),
    ]


def test_a_pause_that_changes_nothing_is_not_told_of(chief):
    for _ in range(2):
        chief.put("/api/pauses/queue/capacity.fifo", json={"reason": "A new disk."})
    chief.delete("/api/pauses/queue/optimization.fifo")
    begun = [target for _, target in lines(chief, action="pause", all_tenants=True, limit=2)]
    assert begun.count("queue capacity.fifo") == 1


def test_a_cancel_is_told_of_once(admin, record):
    job = submitted(record.tenant_id)
    for _ in range(2):
        admin.post(f"/api/jobs/{job.id}/cancel")
    assert lines(admin, action="job") == [("job.cancelled", str(job.id))]


def test_redrives_are_told_of_to_each_tenant_whose_jobs_moved(chief, admin, foreigner, record):
    own, other = ended(record.tenant_id, "failed"), ended(_tenant_of(foreigner), "dead")
    chief.post("/api/jobs/redrive", json={"preview": True, "all_tenants": True})
    assert lines(admin, action="job") == []
    chief.post("/api/jobs/redrive", json={"preview": False, "all_tenants": True})
    foreign = client_of(**{"X-API-Key": key_with(_tenant_of(foreigner), "admin")})
    assert lines(admin, action="job") == [("job.redriven", str(own.id))]
    assert lines(foreign, action="job") == [("job.redriven", str(other.id))]


def test_a_redrive_of_one_job_is_told_of(admin, record):
    job = ended(record.tenant_id, "failed")
    admin.post(f"/api/jobs/{job.id}/redrive")
    admin.post(f"/api/jobs/{job.id}/redrive")
    assert lines(admin, action="job.redriven") == [("job.redriven", str(job.id))]


def test_a_redrive_from_the_console_is_told_of(admin, record):
    job = ended(record.tenant_id, "dead")
    with pool.system() as connection:
        body = f'{{"job_id": "{job.id}", "fence": 3, "history": [1]}}'
        assert dead_letters.redrive_sent_back(connection, body) == job.id
    (line,) = admin.get("/api/audit", params={"action": "job.redriven"}).json()["data"]
    assert (line["actor"], line["address"]) == ("console", None)


def test_the_audit_is_paged_from_the_newest(admin):
    for name in ("one", "two", "three"):
        admin.post("/api/keys", json={"name": name, "scopes": ["read"]})
    whole = admin.get("/api/audit", params={"limit": 3}).json()["data"]
    assert [line["facts"]["name"] for line in whole] == ["three", "two", "one"]
    after = admin.get("/api/audit", params={"limit": 1, "before": whole[1]["id"]}).json()["data"]
    assert after == [whole[2]]


def test_a_tenant_sees_its_own_lines_and_an_operator_all(admin, chief, foreigner):
    foreign = client_of(**{"X-API-Key": key_with(_tenant_of(foreigner), "admin")})
    key = foreign.post("/api/keys", json={"name": "theirs", "scopes": ["read"]}).json()["data"]
    assert key["id"] not in admin.get("/api/audit").text
    assert key["id"] in chief.get("/api/audit", params={"all_tenants": True}).text
    answer = admin.get("/api/audit", params={"all_tenants": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


def test_a_change_that_is_taken_back_leaves_no_line(admin, record):
    def halfway() -> None:
        with pool.system() as connection:
            audit.write(connection, Doer("a test"), "key.created", "x", tenant_id=record.tenant_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        halfway()
    assert ("key.created", "x") not in lines(admin)


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_nobody_changes_or_removes_a_line_not_even_the_master(record, postgres, statement):
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE, options="-c search_path=networx") as master:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
            master.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), pool.system() as connection:
        connection.execute(statement)


def test_a_tenant_writes_no_line_of_anothers(record, foreigner):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), pool.tenant(record.tenant_id) as connection:
        audit.write(connection, Doer("x"), "key.created", "x", tenant_id=_tenant_of(foreigner))


@pytest.mark.parametrize("table", ["api_keys", "users"])
def test_a_tenants_own_role_sees_neither_keys_nor_people(record, table):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), pool.tenant(record.tenant_id) as connection:
        connection.execute(f"SELECT count(*) FROM {table}")


def _tenant_of(client: TestClient) -> UUID:
    key = read_key(client.headers["X-API-Key"])
    with pool.system() as connection:
        return connection.execute("SELECT tenant_id FROM api_keys WHERE id = %s", (key.id,)).fetchone()[0]
