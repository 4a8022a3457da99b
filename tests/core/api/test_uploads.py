"""Files in, through the API and in parts, against a real bucket."""

from __future__ import annotations

import os
from uuid import uuid4

import httpx
import pytest

from networx.api.upload_stream import file_name
from networx.db import pool
from networx.errors import DatabaseUnavailable, Problem, RefusedInput
from networx.ingest import records
from networx.topology import TOPOLOGY

PART = TOPOLOGY.limits.upload_part_bytes


def stored(aws, record, upload_id: str, name: str) -> bytes:
    bucket = record.environment["NETWORX_INPUT_BUCKET"]
    return aws.s3.get_object(Bucket=bucket, Key=f"uploads/{record.slug}/{upload_id}/{name}")["Body"].read()


def open_parts(aws, record) -> list[str]:
    answer = aws.s3.list_multipart_uploads(Bucket=record.environment["NETWORX_INPUT_BUCKET"])
    return [upload["Key"] for upload in answer.get("Uploads", []) if record.slug in upload["Key"]]


@pytest.mark.parametrize("size", [0, 1, 100_000, PART + 12_345])
def test_a_file_arrives_as_it_was_sent(client, aws, record, size):
    content = os.urandom(size)
    answer = client.post("/api/uploads", files={"file": ("network.xlsx", content)})
    assert answer.status_code == 202, answer.text
    upload = answer.json()["data"]
    assert (upload["status"], upload["filename"], upload["bytes"]) == ("received", "network.xlsx", size)
    assert stored(aws, record, upload["upload_id"], "network.xlsx") == content
    assert client.get("/api/uploads").json()["data"][0]["upload_id"] == upload["upload_id"]


def test_other_fields_of_the_form_are_not_the_file(client, aws, record):
    answer = client.post("/api/uploads", data={"note": "hello"}, files={"file": ("n.csv", b"a,b\n")})
    assert stored(aws, record, answer.json()["data"]["upload_id"], "n.csv") == b"a,b\n"


def test_a_form_without_a_file_is_refused_and_leaves_nothing(client, aws, record):
    for request in ({"data": {"note": "x"}}, {"files": {"wrong": ("n.csv", b"a")}}, {"json": {}}):
        answer = client.post("/api/uploads", **request)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
    assert client.get("/api/uploads").json()["data"] == []
    assert open_parts(aws, record) == []


def test_a_file_above_the_limit_is_413_and_leaves_nothing(client, aws, record):
    declared = client.post("/api/uploads", content=b"", headers={"Content-Length": str(200 * 1024**2)})
    assert (declared.status_code, declared.json()["code"]) == (413, "FILE_TOO_LARGE")

    def form():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="n.xlsx"\r\n\r\n'
        for _ in range(101):
            yield b"\0" * 1024**2
        yield b"\r\n--b--\r\n"

    sent = client.post("/api/uploads", content=form(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert sent.status_code == 413
    assert open_parts(aws, record) == []


def test_an_upload_in_parts_goes_straight_to_storage(client, aws, record):
    content = os.urandom(PART + 100)
    begun = client.post("/api/uploads/presign", json={"filename": "big.xlsx", "bytes": len(content)}).json()["data"]
    assert (begun["part_size"], begun["parts"], len(begun["urls"])) == (PART, 2, 2)
    etags = [
        httpx.put(part["url"], content=content[(part["number"] - 1) * PART : part["number"] * PART]).headers["ETag"]
        for part in begun["urls"]
    ]
    address = f"/api/uploads/{begun['upload_id']}"
    few = client.post(f"{address}/complete", json={"etags": etags[:1]})
    assert (few.status_code, few.json()["problems"][0]["column"]) == (422, "etags")
    assert client.post(f"{address}/complete", json={"etags": etags}).status_code == 202
    assert stored(aws, record, begun["upload_id"], "big.xlsx") == content


def test_addresses_come_fifty_at_a_time(client):
    begun = client.post("/api/uploads/presign", json={"filename": "b.xlsx", "bytes": PART * 70}).json()["data"]
    more = client.get(f"/api/uploads/{begun['upload_id']}/parts?from=51").json()["data"]["urls"]
    assert len(begun["urls"]) == 50
    assert [part["number"] for part in more] == list(range(51, 71))


def test_an_aborted_upload_takes_no_parts(client, aws, record):
    begun = client.post("/api/uploads/presign", json={"filename": "b.xlsx", "bytes": 10}).json()["data"]
    address = f"/api/uploads/{begun['upload_id']}"
    assert client.delete(address).json()["data"]["status"] == "aborted"
    assert open_parts(aws, record) == []
    assert client.get(f"{address}/parts").status_code == 409
    assert client.delete(address).status_code == 409


@pytest.mark.parametrize(("size", "status"), [(0, 422), (-1, 422), (5 * 1024**3 + 1, 413)])
def test_an_impossible_size_is_refused_at_once(client, size, status):
    assert client.post("/api/uploads/presign", json={"filename": "b.xlsx", "bytes": size}).status_code == status


def test_problems_come_in_pages_and_as_a_csv_that_no_spreadsheet_runs(client, record):
    begun = client.post("/api/uploads/presign", json={"filename": "b.xlsx", "bytes": 10}).json()["data"]
    found = [
        Problem(f"wrong {row}", "range", sheet="Lanes", row=row, column="cost_per_unit", value="=1+1")
        for row in range(5)
    ]
    with pool.system() as connection:
        upload = records.get_upload(connection, begun["upload_id"])
        records.rejected(connection, upload, code="BAD_CELLS", reason="5 cells are wrong.", problems=found)
    address = f"/api/uploads/{begun['upload_id']}/problems"
    page = client.get(f"{address}?offset=3&limit=10").json()["data"]
    assert (page["total"], [problem["row"] for problem in page["problems"]]) == (5, [3, 4])
    text = client.get(f"{address}?format=csv").text
    assert text.splitlines()[1] == "Lanes,0,cost_per_unit,'=1+1,range,wrong 0"


def test_another_tenant_sees_no_upload(client, foreigner):
    begun = client.post("/api/uploads/presign", json={"filename": "b.xlsx", "bytes": 10}).json()["data"]
    address = f"/api/uploads/{begun['upload_id']}"
    for method, path in [("GET", ""), ("GET", "/problems"), ("GET", "/parts"), ("DELETE", "")]:
        assert foreigner.request(method, address + path).status_code == 404
    assert foreigner.post(f"{address}/complete", json={"etags": ["x"]}).status_code == 404
    assert foreigner.get("/api/uploads").json()["data"] == []


@pytest.mark.parametrize(
    ("stated", "kept"),
    [("a.xlsx", "a.xlsx"), ("../../etc/passwd", "passwd"), ("C:\\x\\b c.xlsx", "b c.xlsx"), ("ü.csv", "ü.csv")],
)
def test_a_file_name_is_only_a_name(stated, kept):
    assert file_name(stated) == kept


@pytest.mark.parametrize("stated", ["", "..", "/", " ", "\0"])
def test_a_file_needs_a_name(stated):
    with pytest.raises(RefusedInput, match="name"):
        file_name(stated)


def test_unknown_uploads_are_404(client):
    assert client.delete(f"/api/uploads/{uuid4()}").status_code == 404


def test_parts_that_nobody_could_finish_are_not_left_behind(client, aws, record, monkeypatch):
    def away(*_, **__):
        raise DatabaseUnavailable

    monkeypatch.setattr(records, "create_upload", away)
    assert client.post("/api/uploads", files={"file": ("n.xlsx", b"abc")}).status_code == 503
    assert client.post("/api/uploads/presign", json={"filename": "b.xlsx", "bytes": 10}).status_code == 503
    assert open_parts(aws, record) == []
