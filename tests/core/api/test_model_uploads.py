"""Running a model that was uploaded: the very version that was looked at, of the tenant's own, once it is ready."""

from __future__ import annotations

import gzip

import pytest

from networx import settings
from networx.db import pool
from networx.ingest import records
from networx.work.receive_upload import Arrival, receive

RUN = "/api/optimize/run-batch"
MPS = b"NAME small\nROWS\n N c\n L r\nCOLUMNS\n x c 1 r 1\n y c 2 r 1\nRHS\n RHS r 4\nENDATA\n"


def send(client, content: bytes = MPS, name: str = "small.mps") -> str:
    answer = client.post("/api/uploads", files={"file": (name, content)})
    assert answer.status_code == 202, answer.text
    return answer.json()["data"]["upload_id"]


def upload_of(record, upload_id: str) -> records.Upload:
    with pool.tenant(record.tenant_id) as connection:
        return records.get_upload(connection, upload_id)


def take_in(record, aws, upload_id: str) -> records.Upload:
    """What the validator does once it hears of the object."""
    upload = upload_of(record, upload_id)
    found = aws.s3.head_object(Bucket=upload.bucket, Key=upload.key)
    receive(Arrival(upload.bucket, upload.key, found["VersionId"], found["ContentLength"]))
    return upload_of(record, upload_id)


def run(client, upload_id: str, **more):
    return client.post(RUN, json={"model": {"upload_id": upload_id}, **more})


def test_an_uploaded_model_says_what_it_is(client, record, aws):
    upload_id = send(client, gzip.compress(MPS, mtime=0), "small.mps.gz")
    take_in(record, aws, upload_id)
    shown = client.get(f"/api/uploads/{upload_id}").json()["data"]
    assert (shown["status"], shown["kind"], shown["dataset_id"]) == ("loaded", "model", None)
    assert shown["model"] == {"format": "mps", "packed": True, "name": "small"}
    assert shown["counts"] == {"rows": 1, "columns": 2}


def test_it_is_run_as_the_very_version_that_was_looked_at(client, record, aws, make_scenario):
    upload = take_in(record, aws, send(client))
    answer = run(client, str(upload.id), scenario_id=make_scenario())
    data = answer.json()["data"]
    assert (answer.status_code, data["queue_id"]) == (202, "optimization.fifo")
    with pool.tenant(record.tenant_id) as connection:
        params, correlation_id, kind, scenario_id = connection.execute(
            "SELECT params, correlation_id, kind, scenario_id FROM jobs WHERE id = %s", (data["job_id"],)
        ).fetchone()
    assert (kind, correlation_id, scenario_id is not None) == ("model", upload.correlation_id, True)
    assert params["model"] == {
        "key": upload.key,
        "version": upload.version_id,
        "format": "mps",
        "packed": False,
        "upload_id": str(upload.id),
        "filename": "small.mps",
    }


def test_by_signed_parts_it_is_the_same(client, record, aws):
    begun = client.post("/api/uploads/presign", json={"filename": "small.lp", "bytes": 5}).json()["data"]
    upload = upload_of(record, begun["upload_id"])
    part = aws.s3.upload_part(
        Bucket=upload.bucket,
        Key=upload.key,
        UploadId=upload.multipart_id,
        PartNumber=1,
        Body=b"max\n x\nst\n x <= 4\nend\n",
    )
    client.post(f"/api/uploads/{upload.id}/complete", json={"etags": [part["ETag"]]})
    assert take_in(record, aws, str(upload.id)).model == {"format": "lp", "packed": False, "name": None}
    assert run(client, str(upload.id)).status_code == 202


def test_the_same_key_and_upload_give_the_same_job(client, record, aws):
    first, second = (str(take_in(record, aws, send(client)).id) for _ in range(2))
    keyed = {"Idempotency-Key": "once"}
    body = {"model": {"upload_id": first}}
    job_id = client.post(RUN, json=body, headers=keyed).json()["data"]["job_id"]
    assert client.post(RUN, json=body, headers=keyed).json()["data"]["job_id"] == job_id
    assert client.post(RUN, json={"model": {"upload_id": second}}, headers=keyed).status_code == 409


@pytest.mark.parametrize("upload_id", ["0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11", "no-uuid", ""])
def test_an_unknown_upload_is_404(client, upload_id):
    answer = run(client, upload_id)
    assert (answer.status_code, answer.json()["code"]) == (404, "UPLOAD_NOT_FOUND")


@pytest.mark.parametrize("upload_id", [3, None, ["x"], {"a": 1}])
def test_an_id_that_is_no_text_is_refused(client, upload_id):
    answer = client.post(RUN, json={"model": {"upload_id": upload_id}})
    assert (answer.status_code, answer.json()["problems"][0]["column"]) == (422, "model.upload_id")


def test_another_tenants_upload_is_404(client, foreigner, record, aws):
    upload = take_in(record, aws, send(client))
    answer = run(foreigner, str(upload.id))
    assert (answer.status_code, answer.json()["code"]) == (404, "UPLOAD_NOT_FOUND")


def test_an_upload_that_is_not_ready_is_409(client):
    answer = run(client, send(client))
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert "received" in answer.json()["error"]
    assert client.get("/api/jobs").json()["data"] == []


def test_one_that_was_refused_is_409_and_says_so(client, record, aws):
    upload = take_in(record, aws, send(client, MPS[:-7], "cut.mps"))
    assert upload.status == "rejected"
    answer = run(client, str(upload.id))
    assert (answer.status_code, "rejected" in answer.json()["error"]) == (409, True)


def test_a_workbooks_upload_is_422(client, record, make_dataset):
    dataset = client.get(f"/api/datasets/{make_dataset()}").json()["data"]
    answer = run(client, dataset["upload_id"])
    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_A_MODEL")
    assert client.get("/api/jobs").json()["data"] == []


def test_models_from_requests_lie_each_by_itself(client, record, aws):
    model = {"optimize": "z", "constraints": {"a": {"min": 1}}, "variables": {"x": {"a": 1, "z": 1}}}
    for _ in range(2):
        assert client.post(RUN, json={"model": model}).status_code == 202
    with pool.tenant(record.tenant_id) as connection:
        keys = {row[0] for row in connection.execute("SELECT params -> 'model' ->> 'key' FROM jobs").fetchall()}
    assert len(keys) == 2
    for key in keys:
        aws.s3.head_object(Bucket=settings.current().buckets["input"], Key=key)
