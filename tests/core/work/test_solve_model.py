"""The job `model` from a stored model to a published, checked answer, over real servers."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import time
from typing import Any
from uuid import uuid4

import numpy as np
import orjson
import pytest

from networx import settings
from networx.api.story import story_view
from networx.db import pool
from networx.ingest import records
from networx.jobs import relay, store
from networx.jobs.job import Job, JobStatus
from networx.resilience.confine import Confinement
from networx.work.receive_upload import receive
from networx.work.solve_model import ModelSolve
from tests.conftest import Record
from tests.core.work.steps import ended, files_of, result_of

WORKSHOP = {
    "optimize": "profit",
    "opType": "max",
    "constraints": {"wood": {"max": 300}, "labour": {"max": 110}},
    "variables": {
        "table": {"wood": 30, "labour": 5, "profit": 1200},
        "chair": {"wood": 20, "labour": 10, "profit": 1600},
    },
    "ints": {"table": 1, "chair": 1},
}
LP = "max\n obj: 3 x + 2 y\nst\n c1: x + y <= 4\n c2: x + y >= 6\nend\n"


def submit(record: Record, aws: Any, content: bytes, kind: str = "json", sha256: str | None = None) -> Job:
    key = f"models/{record.tenant_id}/{hashlib.sha256(content).hexdigest()}/{uuid4().hex}.{kind}"
    version = aws.s3.put_object(Bucket=settings.current().buckets["input"], Key=key, Body=content)["VersionId"]
    stored = {"key": key, "version": version, "format": kind, "sha256": sha256 or hashlib.sha256(content).hexdigest()}
    with pool.tenant(record.tenant_id) as connection:
        job = store.submit(connection, tenant_id=record.tenant_id, kind="model", params={"model": stored})
    relay.send_soon()
    return job


def hard(seed: int, timeout: int) -> dict[str, Any]:
    """A model that keeps the solver busy for longer than any test."""
    rng = np.random.default_rng(seed)
    names = [f"item {at}" for at in range(200)]
    return {
        "optimize": "worth",
        "opType": "max",
        "timeout": timeout,
        "constraints": {f"r{row}": {"max": 75_000} for row in range(30)},
        "variables": {
            name: {
                "worth": int(rng.integers(500, 999)),
                **{f"r{row}": int(rng.integers(500, 999)) for row in range(30)},
            }
            for name in names
        },
        "binaries": dict.fromkeys(names, 1),
    }


def test_a_model_is_solved_checked_and_published(quick, working, aws, emitted):
    content = json.dumps(WORKSHOP).encode()
    job = submit(quick, aws, content)
    with working("optimization", {"model": ModelSolve()}):
        done = ended(job)
    result = result_of(job)
    assert (done.status, done.error) == (JobStatus.SUCCEEDED, None)
    assert result is not None
    assert (result["status"], result["objective"], result["solution"]) == ("optimal", 19200, {"table": 4, "chair": 9})
    assert result["answer"] == {
        "feasible": True,
        "result": 19200,
        "bounded": True,
        "isIntegral": True,
        "table": 4,
        "chair": 9,
    }
    assert result["certificate"]["valid"] is True
    assert result["certificate"]["dataset_sha256"] == result["model_sha256"] == hashlib.sha256(content).hexdigest()
    assert files_of(aws, job) == {f"{done.fence}/result.json"}
    key = result["files"]["result_json"]
    stored = aws.s3.get_object(Bucket=settings.current().buckets["results"], Key=key)["Body"].read()
    assert orjson.loads(stored)["solution"] == result["solution"]
    assert ("OptimizationDuration", "model") in emitted


def test_a_file_that_contradicts_itself_is_a_result_with_its_proof(quick, working, aws):
    job = submit(quick, aws, LP.encode(), "lp")
    with working("optimization", {"model": ModelSolve()}):
        done = ended(job)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED
    assert result is not None
    assert (result["status"], result["objective"], result["evidence"]) == ("infeasible", None, "farkas")
    assert {clash["requirement"] for clash in result["infeasibility"]["clashes"]} == {"c1", "c2"}
    assert result["certificate"]["valid"] is True
    assert "answer" not in result
    told = " ".join(story_view(quick.tenant_id, job.id)["told"])
    assert "Checked independently: 1 check" in told


def test_a_large_solution_stands_in_the_file_alone(quick, working, aws):
    variables = {f"a variable with a long name, number {at}": {"z": 1, f"r{at}": 1} for at in range(2_000)}
    limits = {f"r{at}": {"min": at + 1} for at in range(2_000)}
    model = {"optimize": "z", "opType": "min", "constraints": limits, "variables": variables}
    job = submit(quick, aws, json.dumps(model).encode())
    with working("optimization", {"model": ModelSolve()}):
        ended(job)
    result = result_of(job)
    assert result is not None
    assert (result["objective"], result["solution"], result["answer"]) == (2_001_000, None, None)
    key = result["files"]["result_json"]
    stored = orjson.loads(aws.s3.get_object(Bucket=settings.current().buckets["results"], Key=key)["Body"].read())
    assert len(stored["solution"]) == 2_000


@pytest.mark.parametrize(
    ("content", "kind", "what"),
    [(b"{", "json", "no JSON"), (b'{"variables": {}}', "json", "variables"), (b"garbage", "lp", "no variables")],
)
def test_a_model_that_cannot_be_used_fails_the_job_by_name(quick, working, aws, content: bytes, kind: str, what: str):
    job = submit(quick, aws, content, kind)
    with working("optimization", {"model": ModelSolve()}):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.FAILED, 1)
    assert done.error is not None
    assert done.error["code"] == "INVALID_MODEL"
    assert what in done.error["message"]
    assert result_of(job) is None


def test_bytes_that_are_not_those_submitted_are_not_solved(quick, working, aws):
    job = submit(quick, aws, json.dumps(WORKSHOP).encode(), sha256="0" * 64)
    with working("optimization", {"model": ModelSolve()}):
        done = ended(job)
    assert done.status is JobStatus.FAILED
    assert done.error is not None
    assert "SHA-256" in done.error["message"]
    assert result_of(job) is None


MPS = """NAME made here
ROWS
 N cost
 G demand
COLUMNS
 x cost 2 demand 1
 y cost 3 demand 1
RHS
 RHS demand 4
BOUNDS
 UP BND x 1.5
ENDATA
"""


# Cut off beyond what is looked at first; its last bytes are taken for its size.
CUT_OFF = gzip.compress(MPS.encode() + random.Random(7).randbytes(400_000).hex().encode(), mtime=0)[:-12] + b"\0\0\1\0"


def uploaded(record: Record, arrive: Any, content: bytes, name: str) -> tuple[records.Upload, Job]:
    """A model's file taken in as any upload is, and a job that runs it."""
    receive(arrive(content, name))
    with pool.tenant(record.tenant_id) as connection:
        (upload,) = [found for found in records.list_uploads(connection) if found.filename == name]
        assert upload.model is not None
        where = {"key": upload.key, "version": upload.version_id, "upload_id": str(upload.id), "filename": name}
        params = {"model": {**where, "format": upload.model["format"], "packed": upload.model["packed"]}}
        job = store.submit(connection, tenant_id=record.tenant_id, kind="model", params=params)
    relay.send_soon()
    return upload, job


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_an_uploaded_file_is_solved_and_named_by_its_bytes(quick, working, aws, arrive, packed: bool):
    content = gzip.compress(MPS.encode(), mtime=0) if packed else MPS.encode()
    name = "demand.mps.gz" if packed else "demand.mps"
    upload, job = uploaded(quick, arrive, content, name)
    # What comes later under the same key is another upload.
    arrive(MPS.replace("demand 4", "demand 400").encode(), name)
    with working("optimization", {"model": ModelSolve()}):
        done = ended(job)
    result = result_of(job)
    assert (done.status, done.error) == (JobStatus.SUCCEEDED, None)
    assert result is not None
    assert (result["status"], result["objective"], result["solution"]) == ("optimal", 10.5, {"x": 1.5, "y": 2.5})
    assert result["certificate"]["valid"] is True
    assert (result["model_format"], result["model_sha256"]) == ("mps", hashlib.sha256(content).hexdigest())
    assert (result["filename"], result["upload_id"]) == (name, str(upload.id))
    told = " ".join(story_view(quick.tenant_id, job.id)["told"])
    assert f"Its file is {name}" in told


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (CUT_OFF, "cut off"),
        (gzip.compress(MPS.replace("made here", "caf\xe9").encode("latin-1"), mtime=0), "no UTF-8"),
    ],
    ids=["cut off", "Latin-1"],
)
def test_a_packed_file_that_cannot_be_read_to_its_end_fails_its_job_by_name(
    quick, working, aws, arrive, content: bytes, what: str
):
    _, job = uploaded(quick, arrive, content, "broken.mps.gz")
    with working("optimization", {"model": ModelSolve()}):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.FAILED, 1)
    assert done.error is not None
    assert done.error["code"] == "INVALID_MODEL"
    assert what in done.error["message"]


def test_a_file_that_was_deleted_meanwhile_fails_its_job_by_name(quick, working, aws, arrive):
    upload, job = uploaded(quick, arrive, MPS.encode(), "gone.mps")
    aws.s3.delete_object(Bucket=upload.bucket, Key=upload.key, VersionId=upload.version_id)
    with working("optimization", {"model": ModelSolve()}):
        done = ended(job)
    assert done.status is JobStatus.FAILED
    assert done.error is not None
    assert done.error["code"] == "FILE_GONE"


class Lying(ModelSolve):
    """Its child claims more than its solution is worth."""

    confinement = Confinement("tests.core.work.solving_children:lies_about_a_model", memory_mib=3_500)


def test_an_answer_that_fails_its_check_is_never_published(quick, working, aws, emitted):
    job = submit(quick, aws, json.dumps(WORKSHOP).encode())
    with working("optimization", {"model": Lying()}):
        done = ended(job)
    assert done.status is JobStatus.FAILED
    assert done.error is not None
    assert done.error["code"] == "CERTIFICATE_FAILED"
    assert result_of(job) is None
    assert files_of(aws, job) == set()
    assert ("CertificateFailures",) in emitted


def test_a_cancel_keeps_the_best_answer_found(quick, working, aws):
    job = submit(quick, aws, json.dumps(hard(3, 60_000)).encode())
    with working("optimization", {"model": ModelSolve()}):
        deadline = time.monotonic() + 40
        while not any("incumbent" in name for name in files_of(aws, job)):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        time.sleep(1)
        with pool.tenant(quick.tenant_id) as connection:
            cancelled = store.cancel(connection, job.id, "a person")
    result = result_of(job)
    assert (cancelled.status, cancelled.partial) == (JobStatus.CANCELLED, True)
    assert result is not None
    assert (result["status"], result["partial"]) == ("feasible", True)
    assert result["certificate"]["valid"] is True
    assert result["bound"] > result["objective"] > 0
