"""What the processes tell of themselves: lines an operator can search, metrics an alarm can watch, and no secret."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local.platform import Platform
from networx.db.pool import Role
from tests.acceptance.client import Client
from tests.acceptance.store import Store
from tests.acceptance.workbooks import three_towns, workbook

pytestmark = pytest.mark.platform


@pytest.fixture(scope="module")
def watched(client: Client, store: Store) -> dict[str, Any]:
    """One refused and one loaded file, and a job that was solved."""
    sheets = three_towns()
    sheets["Destinations"][1][1] = 38
    store.put("watched.pdf", b"%PDF-1.7")
    assert client.upload_named("watched.pdf")["status"] == "rejected"
    upload = client.upload_settled(client.upload_by_parts("watched.xlsx", workbook(sheets)))
    return {"upload": upload, "job": client.solved(upload["dataset_id"])}


def lines_of(platform: Platform, process: str) -> list[dict[str, Any]]:
    """The JSON lines of a process's log."""
    text = platform.supervisor.log_of(process).read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    ("process", "metrics"),
    [
        ("web", {"ApiLatency", "MemoryUsage", "DatabaseConnections"}),
        ("worker-file", {"RowsIngested"}),
        ("worker-optimization", {"OptimizationDuration", "SolverGap"}),
    ],
)
def test_a_process_sends_its_metrics(platform: Platform, watched: dict[str, Any], process: str, metrics: set[str]):
    deadline = time.monotonic() + 30  # the last of them follow the answer by a moment
    while True:
        sent = {
            metric["Name"]
            for line in lines_of(platform, process)
            if "_aws" in line
            for directive in line["_aws"]["CloudWatchMetrics"]
            for metric in directive["Metrics"]
        }
        if metrics <= sent:
            return
        assert time.monotonic() < deadline, metrics - sent
        time.sleep(0.1)


@pytest.mark.parametrize("process", ["web", "worker-file", "worker-optimization"])
def test_every_line_of_a_process_is_json_with_its_name(platform: Platform, watched: dict[str, Any], process: str):
    for line in platform.supervisor.log_of(process).read_text().splitlines():
        told = json.loads(line)
        assert "_aws" in told or (told["service"] == process and told["message"] and told["timestamp"])


def test_a_job_is_found_by_its_id_in_the_log(platform: Platform, watched: dict[str, Any]):
    said = [line for line in lines_of(platform, "worker-optimization") if line.get("jobId") == watched["job"]["id"]]
    assert [line["message"] for line in said][:1] == ["job.claimed"]
    assert {line["attempt"] for line in said} == {1}
    assert all(line["tenantId"] and line["correlationId"] for line in said)


def test_a_refused_file_is_found_in_the_log_of_its_function(platform: Platform, watched: dict[str, Any]):
    said = [line for line in lines_of(platform, "aws") if line.get("key") == "uploads/dev/watched.pdf"]
    assert ("upload.refused", "NOT_A_WORKBOOK") in [(line["message"], line.get("code")) for line in said]


def test_no_secret_stands_in_any_log(platform: Platform, watched: dict[str, Any]):
    secrets = [platform.home.secret(name) for name in ("postgres", "valkey", *(role.value for role in Role))]
    for log in platform.home.logs.iterdir():
        text = log.read_text()
        assert [secret for secret in (*secrets, platform.dev_key) if secret in text] == [], log.name
        assert "X-Amz-Signature=" not in text.replace("X-Amz-Signature=[redacted]", ""), log.name
