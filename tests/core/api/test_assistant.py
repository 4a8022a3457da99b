"""The assistant through the API: off, forbidden, allowed; suggestions and summaries; and who used what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from networx import settings
from networx.assistant import asking
from networx.db import pool
from networx.db.bootstrap import DATABASE
from networx.db.pool import Role
from networx.jobs import endings
from networx.resilience.http import close_outbound
from tests.core.api.conftest import client_of, give_key
from tests.core.api.holdings import hold
from tests.core.api.test_archived_jobs import age_and_archive
from tests.core.assistant.conftest import calls
from tests.core.assistant.endpoint import CHEAPER, KEY, MODEL, PRICES, Endpoint, completion, endpoint
from tests.core.jobs import steps
from tests.core.results.conftest import certificate, outcome, parameters, plan, result, tables  # noqa: F401  # fixtures

STATUS, CONSENT, USAGE = "/api/assistant", "/api/assistant/consent", "/api/assistant/usage"
CALLS, BUDGET = "/api/assistant/calls", "/api/assistant/budget"
SECRET = "networx/assistant-of-tests"
GOOD = "The plan opens 2 facilities over 2 years. The dearest is [F1]."


@pytest.fixture(autouse=True)
def _assistant_of_this_test() -> Iterator[None]:
    asking.assistant.cache_clear()
    yield
    asking.assistant.cache_clear()
    close_outbound()


@pytest.fixture
def whole_budget(record, postgres):
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("DELETE FROM networx.assistant_periods")


Configure = Callable[..., None]


@pytest.fixture
def configure(whole_budget, aws, monkeypatch) -> Iterator[Configure]:
    """Point this process at an endpoint, by its environment."""

    def told(made: Endpoint, **more: str) -> None:
        prices = {name: {"input": str(price.input), "output": str(price.output)} for name, price in PRICES.items()}
        environment = {
            "NETWORX_OUTBOUND_PRIVATE_HOSTS": f"127.0.0.1:{made.server.port}",
            "NETWORX_ASSISTANT_URL": made.url,
            "NETWORX_ASSISTANT_SECRET": SECRET,
            "NETWORX_ASSISTANT_MODEL": MODEL,
            "NETWORX_ASSISTANT_PRICES": json.dumps(prices),
            **more,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.current.cache_clear()

    aws.secrets.create_secret(Name=SECRET, SecretString=json.dumps({"key": KEY}))
    yield told
    aws.secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    monkeypatch.undo()
    settings.current.cache_clear()


@pytest.fixture
def admin(record):
    return client_of(**{"X-API-Key": give_key(record.tenant_id, "admin")})


@pytest.fixture
def refused_upload(record) -> UUID:
    """A refused file with two columns that nobody knows."""
    with pool.tenant(record.tenant_id, Role.LOADER) as connection:
        upload_id: UUID = uuid4()
        with pool.system() as system:
            system.execute(
                "INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, status, reason_code, reason) "
                "VALUES (%s, %s, 'b', %s, 'network.xlsx', 1, 'rejected', 'INVALID_INPUT', 'A column is unknown.')",
                (upload_id, record.tenant_id, str(upload_id)),
            )
        for position, header in enumerate(("Stadt", "Platz")):
            connection.execute(
                "INSERT INTO upload_columns VALUES (%s, %s, %s, 'Facilities', %s, %s, %s)",
                (upload_id, position, record.tenant_id, header, ["Aaaa"], ["city", "capacity_units"]),
            )
    return upload_id


@pytest.fixture
def solved(record, aws, result) -> UUID:  # noqa: F811
    """A transport job that has ended with a result."""
    job = steps.submit(record.tenant_id)
    mine = steps.claimed()
    place = f"results/{record.tenant_id}/{job.id}/{mine.fence}/result.json"
    aws.s3.put_object(Bucket="networx-results", Key=place, Body=json.dumps(result).encode())
    with pool.system() as connection:
        assert endings.complete(connection, mine, {"status": "optimal", "files": {"result_json": place}})
    return job.id


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def asking_for(upload_id: UUID, job_id: UUID) -> tuple[str, str]:
    return f"/api/uploads/{upload_id}/mapping/suggestions", f"/api/jobs/{job_id}/summary"


ALLOWED = {"mapping": True, "summaries": True}


# --- Off, forbidden, allowed ---


def test_it_is_off_and_forbidden_unless_somebody_says_otherwise(client, admin, refused_upload, solved):
    said = client.get(STATUS).json()["data"]
    assert (said["configured"], said["host"], said["model"]) == (False, None, None)
    assert (said["consent"]["mapping"], said["consent"]["summaries"]) == (False, False)
    for path in asking_for(refused_upload, solved):
        assert refusal(client.post(path)) == (403, "ASSISTANT_NOT_ALLOWED")
    admin.put(CONSENT, json=ALLOWED)
    for path in asking_for(refused_upload, solved):
        assert refusal(client.post(path)) == (409, "ASSISTANT_OFF")
    assert calls() == []


def test_a_tenant_that_allows_nothing_sends_nothing(client, configure, refused_upload, solved):
    with endpoint(lambda body: completion(GOOD)) as made:
        configure(made)
        for path in asking_for(refused_upload, solved):
            assert refusal(client.post(path)) == (403, "ASSISTANT_NOT_ALLOWED")
        assert made.asked == []
    assert calls() == []


def test_what_is_allowed_is_an_administrators_to_say_and_is_audited(client, admin, record):
    assert refusal(client.put(CONSENT, json=ALLOWED)) == (403, "FORBIDDEN")
    changed = admin.put(CONSENT, json={"mapping": True, "summaries": False}).json()["data"]
    assert (changed["mapping"], changed["summaries"], changed["changed_by"]) == (True, False, "a key")
    assert client.get(STATUS).json()["data"]["consent"] == changed
    admin.put(CONSENT, json={"mapping": False, "summaries": False})
    with pool.tenant(record.tenant_id) as connection:
        facts = connection.execute(
            "SELECT facts -> 'mapping' FROM audit WHERE action = 'assistant.consent_changed' ORDER BY id"
        ).fetchall()
    assert facts == [({"before": False, "after": True},), ({"before": True, "after": False},)]


@pytest.mark.parametrize("body", [{}, {"mapping": True}, {"mapping": "yes", "summaries": 1}, {**ALLOWED, "all": True}])
def test_consent_is_stated_whole(admin, body):
    assert refusal(admin.put(CONSENT, json=body)) == (422, "INVALID_INPUT")


def test_each_of_the_two_is_allowed_by_itself(client, admin, configure, refused_upload, solved):
    with endpoint(lambda body: completion(GOOD)) as made:
        configure(made)
        admin.put(CONSENT, json={"mapping": False, "summaries": True})
        columns, summary = asking_for(refused_upload, solved)
        assert refusal(client.post(columns)) == (403, "ASSISTANT_NOT_ALLOWED")
        assert client.post(summary).status_code == 200


# --- Columns ---


def test_a_suggestion_stands_beside_its_column_and_changes_nothing(client, admin, configure, refused_upload, record):
    path = f"/api/uploads/{refused_upload}/mapping"
    before = client.get(path).json()["data"]["columns"]
    assert [(column["header"], column["suggestion"]) for column in before] == [("Stadt", None), ("Platz", None)]
    said = json.dumps({"columns": [{"column": 0, "field": "city", "confidence": 0.99}]})
    with endpoint(lambda body: completion(said)) as made:
        configure(made)
        admin.put(CONSENT, json=ALLOWED)
        columns = client.post(f"{path}/suggestions").json()["data"]["columns"]
    suggestion = columns[0]["suggestion"]
    assert (suggestion["field"], suggestion["confidence"]) == ("city", 0.89)
    assert (suggestion["source"], suggestion["model"]) == ("assistant", MODEL)
    assert columns[1]["suggestion"] is None
    assert client.get(path).json()["data"]["columns"] == columns
    upload = client.get(f"/api/uploads/{refused_upload}").json()["data"]
    assert (upload["status"], upload["dataset_id"]) == ("rejected", None)
    with pool.tenant(record.tenant_id) as connection:
        facts = connection.execute("SELECT facts FROM audit WHERE action = 'mapping.suggested'").fetchall()
    assert facts == [({"model": MODEL, "columns": 2, "suggested": 1},)]


def test_asked_again_the_newest_suggestions_stand(client, admin, configure, refused_upload):
    answers = iter(
        json.dumps({"columns": [{"column": number, "field": field, "confidence": 0.5}]})
        for number, field in ((0, "city"), (1, "capacity_units"))
    )
    with endpoint(lambda body: completion(next(answers))) as made:
        configure(made)
        admin.put(CONSENT, json=ALLOWED)
        for _ in range(2):
            columns = client.post(f"/api/uploads/{refused_upload}/mapping/suggestions").json()["data"]["columns"]
    assert [column["suggestion"] and column["suggestion"]["field"] for column in columns] == [None, "capacity_units"]


def test_a_suggestion_that_is_as_sure_as_a_person_cannot_be_kept(record, refused_upload):
    with pytest.raises(psycopg.errors.CheckViolation), pool.tenant(record.tenant_id) as connection:
        connection.execute(
            "INSERT INTO mapping_suggestions (upload_id, position, tenant_id, field, confidence, source, model) "
            "VALUES (%s, 0, %s, 'city', 0.9, 'assistant', 'm')",
            (refused_upload, record.tenant_id),
        )


def test_an_upload_without_such_columns_is_not_asked_about(client, admin, configure, record, aws):
    held = hold(f"held-{uuid4().hex[:8]}", aws)
    theirs = client_of(**{"X-API-Key": give_key(held.tenant_id, "admin")})
    theirs.put(CONSENT, json=ALLOWED)
    with endpoint(lambda body: completion("{}")) as made:
        configure(made)
        answer = theirs.post(f"/api/uploads/{held.one('upload')}/mapping/suggestions")
        assert refusal(answer) == (409, "CONFLICT")
        assert made.asked == []


# --- Results ---


def test_a_summary_is_labelled_kept_and_written_once(client, admin, configure, solved, record):
    path = f"/api/jobs/{solved}/summary"
    assert refusal(client.get(path)) == (404, "SUMMARY_NOT_FOUND")
    with endpoint(lambda body: completion(GOOD)) as made:
        configure(made)
        admin.put(CONSENT, json=ALLOWED)
        written = client.post(path).json()["data"]
        assert client.post(path).json()["data"] == written
        assert len(made.asked) == 1
    assert (written["written_by"], written["model"], written["job_id"]) == ("model", MODEL, str(solved))
    assert written["note"] == (
        f"Written by the model {MODEL}. Every figure was checked against the result; the wording was not."
    )
    assert written["figures"][0] == {"text": "2", "facts": ["open facilities"]}
    assert "[F1]" not in written["text"]
    # What was written stays, whatever is allowed from now on.
    admin.put(CONSENT, json={"mapping": False, "summaries": False})
    assert client.get(path).json()["data"] == written
    with pool.tenant(record.tenant_id) as connection:
        assert connection.execute("SELECT facts FROM audit WHERE action = 'summary.written'").fetchall() == [
            ({"model": MODEL},)
        ]


def test_of_an_archived_job_a_summary_is_read_and_written_as_before(client, admin, configure, solved):
    age_and_archive(solved)
    path = f"/api/jobs/{solved}/summary"
    assert refusal(client.get(path)) == (404, "SUMMARY_NOT_FOUND")
    with endpoint(lambda body: completion(GOOD)) as made:
        configure(made)
        admin.put(CONSENT, json=ALLOWED)
        written = client.post(path)
    assert written.status_code == 200, written.text
    assert client.get(path).json()["data"] == written.json()["data"]


def test_a_summary_with_a_wrong_figure_is_never_shown(client, admin, configure, solved):
    with endpoint(lambda body: completion("The plan costs $9.99 million.")) as made:
        configure(made)
        admin.put(CONSENT, json=ALLOWED)
        answer = client.post(f"/api/jobs/{solved}/summary")
        assert len(made.asked) == 2
    assert refusal(answer) == (502, "ASSISTANT_ANSWER_REFUSED")
    assert "$9.99 million is no figure of the result" in answer.json()["error"]
    assert refusal(client.get(f"/api/jobs/{solved}/summary")) == (404, "SUMMARY_NOT_FOUND")


def test_an_endpoint_that_is_away_is_said_to_be(client, admin, configure, solved):
    with endpoint(lambda body: ("500 Internal Server Error", b"secret detail")) as made:
        configure(made)
        admin.put(CONSENT, json=ALLOWED)
        answer = client.post(f"/api/jobs/{solved}/summary")
    assert refusal(answer) == (503, "ASSISTANT_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0
    assert "secret detail" not in answer.text


def test_without_a_key_the_assistant_is_away(client, admin, configure, solved):
    with endpoint(lambda body: completion(GOOD)) as made:
        configure(made, NETWORX_ASSISTANT_SECRET="networx/no-such-secret")
        admin.put(CONSENT, json=ALLOWED)
        assert refusal(client.post(f"/api/jobs/{solved}/summary")) == (503, "ASSISTANT_UNAVAILABLE")
        assert made.asked == []
    assert calls() == []


def test_without_room_in_the_budget_it_says_when_there_is_some(client, admin, configure, solved):
    with endpoint(lambda body: completion(GOOD)) as made:
        configure(made, OPENAI_DAILY_TOKEN_LIMIT="10")
        admin.put(CONSENT, json=ALLOWED)
        answer = client.post(f"/api/jobs/{solved}/summary")
        assert made.asked == []
    assert refusal(answer) == (429, "ASSISTANT_BUDGET_SPENT")
    assert 0 < int(answer.headers["Retry-After"]) <= 86_401


def test_only_designs_and_analyses_are_told_in_words(client, admin, configure, record):
    batch = steps.submit(record.tenant_id, kind="batch")
    waiting = steps.submit(record.tenant_id)
    admin.put(CONSENT, json=ALLOWED)
    assert refusal(client.post(f"/api/jobs/{waiting.id}/summary")) == (404, "RESULT_NOT_FOUND")
    assert refusal(client.post(f"/api/jobs/{batch.id}/summary")) == (404, "RESULT_NOT_FOUND")
    model = steps.claimed()
    with pool.system() as connection:
        assert endings.complete(connection, model, {"status": "optimal"})
    assert refusal(client.post(f"/api/jobs/{model.id}/summary")) == (409, "CONFLICT")


# --- What it used ---


def test_use_is_told_by_model_and_request_to_the_tenant_and_in_all_to_operators(
    client, admin, operator, foreigner, configure, solved
):
    with endpoint(lambda body: completion(GOOD)) as made:
        configure(made, NETWORX_ASSISTANT_CHEAPER_MODEL=CHEAPER)
        admin.put(CONSENT, json=ALLOWED)
        answer = client.post(f"/api/jobs/{solved}/summary")
        budget = operator.get(BUDGET).json()["data"]
    used = {"model": MODEL, "calls": 1, "tokens": 150, "dollars": 0.0006}
    periods = client.get(USAGE).json()["data"]["periods"]
    assert [(period["period"], period["models"]) for period in periods] == [("month", [used]), ("day", [used])]
    (call,) = client.get(CALLS, params={"purpose": "summary"}).json()["data"]
    assert (call["status"], call["tokens"], call["subject_id"]) == ("spent", 150, str(solved))
    assert call["request_id"] == answer.headers["X-Request-Id"]
    assert client.get(CALLS, params={"purpose": "mapping"}).json()["data"] == []
    assert foreigner.get(CALLS).json()["data"] == []
    assert [period["models"] for period in foreigner.get(USAGE).json()["data"]["periods"]] == [[], []]
    day = next(period for period in budget["periods"] if period["period"] == "day")
    assert (day["token_limit"], day["dollar_limit"]) == (100_000, 10.0)
    assert (day["spent_tokens"], day["held_tokens"], day["percent_spent"]) == (150, 0, 0.15)
    assert [(one["model"], one["tokens"]) for one in budget["tenants"]] == [(MODEL, 150)]
    assert Decimal(str(day["spent_dollars"])) == Decimal("0.0006")


def test_without_an_assistant_there_are_no_limits_to_tell(whole_budget, operator):
    budget = operator.get(BUDGET).json()["data"]
    assert [(one["token_limit"], one["percent_spent"], one["spent_tokens"]) for one in budget["periods"]] == [
        (None, None, 0),
        (None, None, 0),
    ]


def test_calls_come_in_pages(client, record, whole_budget):
    with pool.system() as connection:
        for _ in range(3):
            connection.execute(
                "INSERT INTO assistant_calls (tenant_id, purpose, subject_id, model, asked_by, day, reserved_tokens, "
                "reserved_dollars, overdue_at) VALUES (%s, 'summary', %s, 'm', 'x', current_date, 10, 0.1, now())",
                (record.tenant_id, uuid4()),
            )
    first = client.get(CALLS, params={"limit": 2}).json()
    rest = client.get(CALLS, params={"limit": 2, "cursor": first["next"]}).json()
    ids = [call["id"] for call in first["data"] + rest["data"]]
    assert (len(set(ids)), rest["next"]) == (3, None)
    assert {call["status"] for call in first["data"]} == {"reserved"}
