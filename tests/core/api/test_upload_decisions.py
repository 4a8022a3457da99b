"""What becomes of a file of shipments that waits for a decision about its bad rows."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest
from psycopg.types.json import Jsonb

from networx.db import pool
from networx.db.pool import Role
from networx.errors import Problem
from networx.ingest import correction_records, records
from networx.ingest.problem_records import keep_problems

BAD = {"rows": 3, "cents": 12_345, "units": 7.5, "uncharged": 1}


@pytest.fixture
def waiting(record, aws) -> UUID:
    """An upload that waits, with its object in the bucket."""
    upload_id, key = uuid4(), f"uploads/{record.slug}/{uuid4()}/freight.csv"
    version = aws.s3.put_object(Bucket="networx-input", Key=key, Body=b"freight")["VersionId"]
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO uploads (id, tenant_id, bucket, key, version_id, filename, bytes, status, kind, bad_rows, "
            "problem_count) VALUES (%s, %s, 'networx-input', %s, %s, 'freight.csv', 7, 'needs_decision', 'shipments', "
            "%s, 3)",
            (upload_id, record.tenant_id, key, version, Jsonb(BAD)),
        )
    return upload_id


def decide(client: Any, upload_id: UUID, decision: str = "accept_without_bad_rows") -> Any:
    return client.post(f"/api/uploads/{upload_id}/decision", json={"decision": decision})


def audited(record: Any, action: str) -> list[dict[str, Any]]:
    with pool.tenant(record.tenant_id) as connection:
        return [
            row[0] for row in connection.execute("SELECT facts FROM audit WHERE action = %s ORDER BY id", (action,))
        ]


def test_going_on_reads_the_file_again_without_the_rows_that_were_shown(client, record, waiting):
    shown = client.get(f"/api/uploads/{waiting}").json()["data"]
    assert shown["bad_rows"] == {"rows": 3, "usd": 123.45, "units": 7.5, "uncharged": 1}
    answer = decide(client, waiting)
    assert (answer.status_code, answer.json()["data"]["status"]) == (202, "loading"), answer.text
    with pool.tenant(record.tenant_id) as connection:
        found = connection.execute("SELECT kind, params FROM jobs WHERE id = %s", (answer.json()["data"]["job_id"],))
        assert found.fetchone() == (
            "file-load", {"upload_id": str(waiting), "domain": "transport", "without": BAD}
        )  # fmt: skip
    assert audited(record, "upload.accepted_without_bad_rows") == [{"bad_rows": BAD}]
    assert decide(client, waiting).status_code == decide(client, waiting, "refuse").status_code == 409
    with pool.tenant(record.tenant_id) as connection:
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (1,)


def test_a_refused_file_is_gone_from_the_bucket(client, record, waiting, aws):
    answer = decide(client, waiting, "refuse").json()["data"]
    assert (answer["status"], answer["reason_code"]) == ("rejected", "BAD_ROWS")
    assert audited(record, "upload.refused") == [{"bad_rows": BAD}]
    left = aws.s3.list_objects_v2(Bucket="networx-input", Prefix=f"uploads/{record.slug}/")
    assert left["KeyCount"] == 0
    # Asked again, as where the file store was away the first time.
    assert decide(client, waiting, "refuse").status_code == 202
    assert len(audited(record, "upload.refused")) == 1
    assert decide(client, waiting).status_code == 409


def test_its_bad_rows_are_a_workbook_until_the_file_is_refused(client, foreigner, record, waiting):
    def asked(sheet: str = "Bad rows") -> list[Any]:
        answer = client.get(f"/api/uploads/{waiting}/bad-rows.xlsx")
        assert answer.status_code == 200, answer.text
        return list(openpyxl.load_workbook(io.BytesIO(answer.content))[sheet].values)

    address = f"/api/uploads/{waiting}/bad-rows.xlsx"
    assert client.get(address).json()["code"] == "CONFLICT"
    problem = Problem("mode must be ltl.", "choice", "CSV", 7, "mode", "cart")
    with pool.tenant(record.tenant_id, Role.LOADER) as connection:
        cells = {("CSV", 7): [("order_id", "A"), ("mode", "cart")], ("CSV", 9): [("order_id", "B")]}
        keep_problems(connection, waiting, record.tenant_id, [problem, problem], cells)
    assert asked()[1:] == [("CSV", 7, "mode must be ltl. mode must be ltl.", "A", "cart")]
    told = client.get(f"/api/uploads/{waiting}/problems").json()["data"]["problems"]
    assert [sorted(one) for one in told] == 2 * [sorted(problem.as_dict())]
    assert foreigner.get(address).status_code == 404
    assert client.get(f"/api/uploads/{uuid4()}/bad-rows.xlsx").status_code == 404
    decide(client, waiting, "refuse")
    # What was wrong is still told; nothing else of a refused file stays.
    assert asked()[1:] == []
    assert asked("Problems")[1][:4] == ("CSV", 7, "mode", "cart")


def test_other_words_and_uploads_that_do_not_wait_are_refused(client, waiting):
    assert decide(client, waiting, "guess").status_code == 422
    begun = client.post("/api/uploads/presign", json={"filename": "x.xlsx", "bytes": 1}).json()["data"]["upload_id"]
    assert decide(client, begun).status_code == 409
    assert decide(client, uuid4()).status_code == 404


def test_of_two_decisions_at_once_one_counts(client, record, waiting):
    with ThreadPoolExecutor(2) as both:
        answers = list(
            both.map(lambda decision: decide(client, waiting, decision), ["accept_without_bad_rows", "refuse"])
        )
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    refused = answers[1].status_code == 202
    assert f"it is {'rejected' if refused else 'loading'}" in answers[0 if refused else 1].text
    assert client.get(f"/api/uploads/{waiting}").json()["data"]["status"] == ("rejected" if refused else "loading")
    with pool.tenant(record.tenant_id) as connection:
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (0 if refused else 1,)
    taken = audited(record, "upload.refused") + audited(record, "upload.accepted_without_bad_rows")
    assert taken == [{"bad_rows": BAD}]


def send(client: Any, upload_id: UUID | str, **headers: str) -> Any:
    """The corrected rows, as a form."""
    files = {"file": ("rows.xlsx", b"rows")}
    return client.post("/api/uploads", params={"corrects": str(upload_id)}, files=files, headers=headers)


def test_a_correction_names_the_upload_that_it_corrects(client, record, waiting):
    sent = send(client, waiting)
    assert (sent.status_code, sent.json()["data"]["corrects"]) == (202, str(waiting)), sent.text
    announced = {"filename": "rows.xlsx", "bytes": 4, "corrects": str(waiting)}
    begun = client.post("/api/uploads/presign", json=announced)
    assert begun.status_code == 201, begun.text
    listed = {one["upload_id"]: one["corrects"] for one in client.get("/api/uploads").json()["data"]}
    made = [answer.json()["data"]["upload_id"] for answer in (sent, begun)]
    assert listed == {made[0]: str(waiting), made[1]: str(waiting), str(waiting): None}
    facts = [{"correction_id": one, "filename": "rows.xlsx"} for one in made]
    assert audited(record, "upload.correction_sent") == facts
    # The file waits on until the rows are read.
    assert client.get(f"/api/uploads/{waiting}").json()["data"]["status"] == "needs_decision"


def test_a_correction_of_nothing_that_waits_is_refused_before_it_is_sent(client, foreigner, record, waiting, aws):
    assert (send(client, uuid4()).status_code, send(client, "no-id").status_code) == (404, 422)
    assert send(foreigner, waiting).json()["code"] == "UPLOAD_NOT_FOUND"
    announced = {"filename": "rows.xlsx", "bytes": 4, "corrects": str(waiting)}
    assert foreigner.post("/api/uploads/presign", json=announced).status_code == 404
    decide(client, waiting)
    for answer in (send(client, waiting), client.post("/api/uploads/presign", json=announced)):
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
        assert "does not wait for corrected rows: it is loading" in answer.json()["error"]
    assert [one["upload_id"] for one in client.get("/api/uploads").json()["data"]] == [str(waiting)]
    assert "Uploads" not in aws.s3.list_multipart_uploads(Bucket="networx-input", Prefix=f"uploads/{record.slug}/")


def test_a_key_stands_for_one_file_and_the_upload_that_it_corrects(client, waiting):
    key = {"Idempotency-Key": "one"}
    first, again = send(client, waiting, **key), send(client, waiting, **key)
    assert first.json()["data"] == again.json()["data"]
    files = {"file": ("rows.xlsx", b"rows")}
    assert client.post("/api/uploads", files=files, headers=key).status_code == 409


def test_what_a_refused_file_had_corrected_is_gone_with_it(client, record, waiting, aws):
    correction = UUID(send(client, waiting).json()["data"]["upload_id"])
    with pool.tenant(record.tenant_id, Role.LOADER) as connection:
        (upload,) = (one for one in records.list_uploads(connection) if one.id == waiting)
        correction_records.keep_rows(connection, upload, correction, {("CSV", 3): [("mode", "tl")]})
        correction_records.taken(connection, correction, sha256="a" * 64, rows=1, warnings=[], dataset_id=None)
    with pool.system() as connection:
        key = f"uploads/{record.slug}/{correction}/rows.xlsx"
        version = aws.s3.head_object(Bucket="networx-input", Key=key)["VersionId"]
        connection.execute(
            "UPDATE uploads SET kind = 'correction', version_id = %s WHERE id = %s", (version, correction)
        )
    assert decide(client, waiting, "refuse").status_code == 202
    shown = client.get(f"/api/uploads/{correction}").json()["data"]
    assert (shown["status"], shown["reason"]) == ("rejected", "freight.csv, which it corrects, was refused.")
    with pool.tenant(record.tenant_id) as connection:
        assert connection.execute("SELECT count(*) FROM upload_corrections").fetchone() == (0,)
    assert aws.s3.list_objects_v2(Bucket="networx-input", Prefix=f"uploads/{record.slug}/")["KeyCount"] == 0


def test_the_workbook_of_a_file_that_waits_says_whose_rows_it_holds(client, record, waiting):
    with pool.tenant(record.tenant_id, Role.LOADER) as connection:
        problem = Problem("mode must be ltl.", "choice", "CSV", 7, "mode", "cart")
        keep_problems(connection, waiting, record.tenant_id, [problem], {("CSV", 7): [("mode", "cart")]})
        connection.execute("UPDATE uploads SET sha256 = %s WHERE id = %s", ("ab" * 32, waiting))

    def sheets() -> list[str]:
        answer = client.get(f"/api/uploads/{waiting}/bad-rows.xlsx")
        return openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames

    assert sheets() == ["Bad rows", "Problems", "Notes", "Correction abababababababababab"]
    decide(client, waiting)
    assert sheets() == ["Bad rows", "Problems", "Notes"]


def test_the_same_request_is_answered_the_same_when_the_file_waits_no_more(client, record, waiting, aws):
    announced = {"filename": "rows.xlsx", "bytes": 4, "corrects": str(waiting)}

    def asked(key: str) -> list[Any]:
        form, parts = {"Idempotency-Key": f"{key} form"}, {"Idempotency-Key": f"{key} parts"}
        begun = client.post("/api/uploads/presign", json=announced, headers=parts)
        return [send(client, waiting, **form), begun]

    first = [answer.json()["data"] for answer in asked("one")]
    decide(client, waiting)
    assert [answer.json().get("data") for answer in asked("one")] == first
    assert [answer.status_code for answer in asked("another")] == [409, 409]
    begun = aws.s3.list_multipart_uploads(Bucket="networx-input", Prefix=f"uploads/{record.slug}/")
    assert [upload["Key"].split("/")[2] for upload in begun["Uploads"]] == [first[1]["upload_id"]]
