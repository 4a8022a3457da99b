"""Parts that fail while work is under way: a cancelled solve, a killed worker, a database that is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.platform import Platform
from tests.acceptance.client import Answer, Client
from tests.acceptance.record import Record
from tests.acceptance.store import RESULTS, Store
from tests.acceptance.workbooks import hard, three_towns, workbook

pytestmark = [
    pytest.mark.platform,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc"),
]

SOLVER = "worker-optimization"


@pytest.fixture(scope="module")
def hard_dataset(client: Client, store: Store) -> str:
    """A network whose proof takes minutes; scenarios end sooner by their time limit."""
    store.put("hard.xlsx", workbook(hard()))
    upload = client.upload_named("hard.xlsx")
    assert upload["status"] == "loaded", upload
    return str(upload["dataset_id"])


def children_of(pid: int) -> set[int]:
    """The processes a process has started; each thread lists its own."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def busiest(pids: set[int]) -> int:
    """The process with the most processor time."""

    def ticks(pid: int) -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    return max(pids, key=ticks)


def run_hard(client: Client, dataset_id: str, **parameters: Any) -> str:
    """Start a hard scenario and wait until its solver has a plan and a bound; the job's id."""
    job_id = client.run(client.new_scenario(dataset_id, **parameters)["scenario_id"])
    deadline = time.monotonic() + 40
    while ((job := client.job(job_id))["progress"] or {}).get("bound") is None:
        assert job["status"] in {"queued", "running"}, job
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
    return job_id


def story(client: Client, job_id: str) -> list[str]:
    return [event["event"] for event in client.get(f"/api/jobs/{job_id}/history")]


def test_a_cancel_ends_the_solve_at_once_and_keeps_the_best_answer(
    client: Client, hard_dataset: str, platform: Platform, record: Record
):
    job_id = run_hard(client, hard_dataset)
    progress = client.job(job_id)["progress"]
    assert progress["stage"] == "solving"
    assert progress["bound"] <= progress["incumbent"]
    deadline = time.monotonic() + 30
    while not record.rows("SELECT 1 FROM incumbents WHERE job_id = %s AND result->>'bound' IS NOT NULL", job_id):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    solving = busiest(children_of(platform.process(SOLVER).pid))

    asked = time.monotonic()
    cancelled = client.post(f"/api/jobs/{job_id}/cancel")
    while Path(f"/proc/{solving}").exists():
        # A second is what is promised, on a machine that has one to give; by itself the solve would go on for minutes.
        assert time.monotonic() - asked < 20
        time.sleep(0.01)

    assert (cancelled["status"], cancelled["partial"]) == ("cancelled", True)
    result = cancelled["result"]
    assert result["status"] == "feasible"
    assert result["certificate"]["valid"] is True
    # A cancel may come before the solver knows more than that no cost is below zero.
    assert 0 <= result["bound"] <= result["objective"]
    assert result["gap"] == pytest.approx((result["objective"] - result["bound"]) / result["objective"])
    full = client.get(f"/api/jobs/{job_id}/result")
    assert (full["partial"], full["objective"]) == (True, result["objective"])
    assert client.get(f"/api/jobs/{job_id}/assignments?limit=1")["total"] >= 500
    assert len(client.file(f"/api/jobs/{job_id}/result.xlsx")) > 10_000
    assert client.job(job_id) == cancelled
    assert client.post(f"/api/jobs/{job_id}/cancel") == cancelled
    assert story(client, job_id) == ["submitted", "claimed", "cancelled"]


def test_a_job_whose_worker_was_killed_is_taken_over_and_ends_once(
    client: Client, hard_dataset: str, platform: Platform, store: Store, record: Record
):
    # Long enough to be in the middle of its work when its worker is killed, on a busy machine too.
    job_id = run_hard(client, hard_dataset, time_limit_seconds=20)
    deadline = time.monotonic() + 20
    while record.one("SELECT count(*) FROM incumbents WHERE job_id = %s", job_id) == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker = platform.process(SOLVER)
    children = children_of(worker.pid)

    worker.kill()
    assert worker.wait(20) == -9
    deadline = time.monotonic() + 20
    while left := {pid for pid in children if Path(f"/proc/{pid}").exists()}:
        assert time.monotonic() < deadline, left
        time.sleep(0.02)
    ended = client.job_ended(job_id, seconds=120)

    assert (ended["status"], ended["attempt"], ended["error"]) == ("succeeded", 2, None)
    assert ended["result"]["status"] == "feasible"
    assert ended["result"]["certificate"]["valid"] is True
    assert story(client, job_id) == ["submitted", "claimed", "taken over", "resumed", "finished"]
    fences = [event["fence"] for event in client.get(f"/api/jobs/{job_id}/history")]
    assert fences == sorted(fences)
    ((tenant, fence),) = record.rows("SELECT tenant_id, fence FROM results WHERE job_id = %s", job_id)
    published = {key for key in store.keys(RESULTS, f"results/{tenant}/{job_id}/") if "/incumbent" not in key}
    assert {key.split("/")[3] for key in published} == {str(fence)}


@dataclass(frozen=True)
class Outage:
    """What happened around a time without the database."""

    answered: Answer
    filename: str
    upload: dict[str, Any]
    job: dict[str, Any]


@pytest.fixture(scope="module")
def outage(client: Client, store: Store, platform: Platform, hard_dataset: str) -> Iterator[Outage]:
    """The database stops; a file arrives, is given up by the validator at least once, and the database comes back."""
    log = platform.supervisor.log_of("aws")
    failures = log.read_text().count("record.failed")
    store.events_redelivered_after(2)
    # Long enough to have a plan and a bound to wait for, on a busy machine too.
    job_id = run_hard(client, hard_dataset, time_limit_seconds=15)
    sheets = three_towns()
    sheets["Destinations"][1][1] = 39

    platform.supervisor.stop(["postgres"], 5)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(client.ask, "GET", "/api/uploads")
        store.put("while away.xlsx", workbook(sheets))
        deadline = time.monotonic() + 40
        while log.read_text().count("record.failed") == failures:
            assert time.monotonic() < deadline, "the validator does not say that it failed"
            time.sleep(0.1)
        answered = asked.result()
    platform.supervisor.start_again("postgres")

    yield Outage(answered, "while away.xlsx", client.upload_named("while away.xlsx", 60), client.job_ended(job_id))
    store.events_redelivered_after(180)


def test_without_the_database_a_request_is_told_to_come_again(outage: Outage):
    assert (outage.answered.status, outage.answered.body["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert "try again" in outage.answered.body["error"]


def test_an_upload_that_came_while_the_database_was_away_is_loaded_when_it_is_back(outage: Outage, client: Client):
    assert outage.upload["status"] == "loaded"
    assert client.solved(outage.upload["dataset_id"])["result"]["status"] == "optimal"
    assert [one["filename"] for one in client.get("/api/uploads?limit=200")].count(outage.filename) == 1


def test_a_job_that_lost_the_database_while_it_ran_ends_once(outage: Outage, client: Client, record: Record):
    assert (outage.job["status"], outage.job["error"]) == ("succeeded", None)
    assert outage.job["result"]["certificate"]["valid"] is True
    assert story(client, outage.job["id"]).count("finished") == 1
    assert record.one("SELECT count(*) FROM results WHERE job_id = %s", outage.job["id"]) == 1


def test_a_platform_that_lost_parts_is_healthy_again(outage: Outage, client: Client):
    health = client.get("/api/health")
    assert health["status"] == "healthy", health
