"""Two who want the same job at the same moment: cancel, completion, claim, retry, monitors, submits, tenants."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

from networx.db import pool
from networx.db.pool import Role
from networx.errors import Conflict
from networx.jobs import claims, endings, idempotency, relay, store
from networx.jobs.idempotency import Remembered
from networx.jobs.job import BATCH_KIND, Job, JobStatus
from tests.chaos.clocks import CLOCKS
from tests.chaos.stage import QUEUE, Stage

AN_HOUR = timedelta(hours=1)
FIFTY = 50
SLOTS = 2  # of a worker
TEN_THOUSAND = 10_000


# --- 12: cancel ---


def test_12_cancel_against_claim_completion_and_retry(stage: Stage):
    """Sixty jobs, cancelled at any moment of their lives: each ends once, as what came first has it."""
    stage.worker()
    stage.worker()
    was: Counter[str] = Counter()
    for number in range(60):
        # A third each while it waits, once it runs, and when it has ended; one that fails first waits again.
        awaited = (None, "started", "completed")[number % 3]
        fails = number % 4 == 0 and awaited != "completed"
        job = stage.submit(
            ["incumbent", number], ["sleep", stage.random.uniform(0, 0.2)], first=[["fail"]] if fails else None
        )
        if awaited is not None:
            stage.saw(awaited, job)
        time.sleep(stage.random.uniform(0, 0.15))
        was[str(stage.job(job).status)] += 1
        kept = bool(stage.witness.lines("kept", job))
        ended = stage.cancel(job)
        stage.expect(ended.status.terminal, f"{ended}")
        stage.expect(ended.partial or ended.status is not JobStatus.CANCELLED or not kept, f"not kept: {ended}")
    stage.judge()
    stage.expect(len(was) >= 3, f"cancelled were only jobs that were {was}")


def test_12_cancel_before_a_completion_that_waits_for_it(stage: Stage):
    """The completion comes while the cancel is not committed yet: it waits, finds the job gone, publishes nothing."""
    job = stage.submit(["incumbent", 7], ["gate"])
    stage.worker()
    stage.saw("kept", job)
    with pool.system() as connection:
        store.cancel(connection, job, "a person")
        stage.open_gate(job)
        stage.until(lambda: waiting_for_locks(stage), "the completion waits")
    stage.saw("stopped", job)
    cancelled = stage.awaited(job, JobStatus.CANCELLED)
    stage.judge()
    result = stage.result(job)
    stage.expect(cancelled.partial and result is not None and result["objective"] == 7, f"{cancelled}, {result}")


def test_12_cancel_before_a_claim_that_meets_it(stage: Stage):
    """The claim comes while the cancel is not committed yet: it passes the job by, and it never starts."""
    job = stage.submit()
    with pool.system() as connection:
        store.cancel(connection, job, "a person")
        stage.worker()
        stage.queue_empties()
    stage.awaited(job, JobStatus.CANCELLED)
    stage.judge()
    stage.expect(not stage.witness.lines("started", job), "it started")


def test_12_cancel_while_it_waits_for_its_retry(stage: Stage):
    """A job cancelled in its backoff is not tried again, though its hint is on the way."""
    job = stage.submit(first=[["fail"]])
    stage.worker()
    stage.until(lambda: "retried" in stage.story(job), "the first attempt failed")
    stage.cancel(job)
    stage.judge()
    stage.expect(len(stage.witness.lines("started", job)) == 1, "it was tried again")


def waiting_for_locks(stage: Stage) -> int:
    """How many sessions wait for a lock of another one."""
    with pool.system() as connection:
        row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    assert row is not None
    return int(row[0])


# --- 13: monitors ---


def stale(stage: Stage, job_id: UUID) -> Job:
    """The job as a worker holds it that has not been heard of for an hour."""
    with pool.system() as connection:
        job = claims.claim(
            connection, queue=QUEUE, kinds=["transport"], worker="slow", lease=timedelta(seconds=CLOCKS["LEASE"])
        )
        assert job is not None
        assert job.id == job_id
        connection.execute("UPDATE jobs SET heartbeat_at = heartbeat_at - %s WHERE id = %s", (AN_HOUR, job_id))
    stage.witness.saw_job("started", job)
    return job


def one_tick_beside(stage: Stage, connection: pool.Connection) -> None:
    """Have a monitor look while this transaction is open, commit, and see that the monitor ended well."""
    monitor = stage.worker("--every", "0", role="monitor")
    deadline = time.monotonic() + stage.patience
    while monitor.process.poll() is None and not waiting_for_locks(stage) and time.monotonic() < deadline:
        time.sleep(0.05)
    connection.commit()
    code = monitor.ended()
    stage.expect(code == 0, f"the monitor failed with {code}")


def test_13_monitor_against_a_completion(stage: Stage):
    """A job that looked stale is completed while the monitor comes to it: the monitor leaves it alone."""
    job = stale(stage, stage.submit(sends=False))
    with pool.connect(Role.SYSTEM) as connection:
        stage.expect(endings.complete(connection, job, {"fence": job.fence}), "the completion was refused")
        one_tick_beside(stage, connection)
    stage.witness.saw_job("completed", job)
    stage.worker(role="relay")
    stage.judge()
    stage.expect(stage.job(job.id).status is JobStatus.SUCCEEDED, f"{stage.job(job.id)}")


def test_13_monitor_against_a_heartbeat(stage: Stage):
    """A job that looked stale beats while the monitor comes to it: it stays its worker's."""
    job = stale(stage, stage.submit(sends=False))
    lease = timedelta(seconds=20)
    with pool.connect(Role.SYSTEM) as connection:
        stage.expect(claims.heartbeat(connection, job, lease=lease), "the heartbeat was refused")
        one_tick_beside(stage, connection)
        stage.expect(
            endings.complete(connection, job, {"fence": job.fence}), "the monitor took the job from its worker"
        )
    stage.witness.saw_job("completed", job)
    stage.worker(role="relay")
    stage.judge()


def test_13_two_monitors_after_an_hour_without_any(stage: Stage):
    """Workers, messages and hints of an hour ago are lost: two monitors at once put each job back once."""
    running = [stage.submit(sends=False) for _ in range(15)]
    for _ in running:
        with pool.system() as connection:
            job = claims.claim(
                connection,
                queue=QUEUE,
                kinds=["transport"],
                worker="lost",
                lease=timedelta(seconds=CLOCKS["LEASE"]),
                tenant_cap=100,
            )
        assert job is not None
    waiting = [stage.submit(sends=False) for _ in range(15)]
    stage.worker(role="relay")
    stage.until(lambda: stage.counted()["sent"] == 30, "all hints are sent")
    stage.servers.queues.purge()
    with pool.system() as connection:
        connection.execute(
            """UPDATE jobs SET heartbeat_at = heartbeat_at - %(ago)s, dispatched_at = dispatched_at - %(ago)s,
               lease_expires_at = lease_expires_at - %(ago)s, run_at = run_at - %(ago)s""",
            {"ago": AN_HOUR},
        )
    monitors = [stage.worker("--every", "0", role="monitor") for _ in range(2)]
    stage.expect([monitor.ended() for monitor in monitors] == [0, 0], "a monitor failed")
    stage.worker()
    stage.succeeded(*running, *waiting)
    stage.judge()
    for job_id in running:
        stage.expect(stage.story(job_id).count("recovered") == 1, f"{stage.story(job_id)}")


# --- 14: one key, fifty times ---


def test_14_fifty_parallel_submits_with_one_key(stage: Stage):
    """Fifty clients at the same instant send the same request under one key: one job, and fifty times its id."""
    together = threading.Barrier(FIFTY)
    tenant = stage.tenants[0]

    def submit(request: str) -> UUID:
        with pool.connect(Role.APP) as connection:
            pool.enter_tenant(connection, tenant)
            together.wait()
            earlier = idempotency.take(connection, tenant_id=tenant, key="the-key", request_sha256=request)
            if earlier is not None:
                return UUID(earlier.content["id"])
            job = store.submit(connection, tenant_id=tenant, kind="transport", params={"steps": []})
            answer = Remembered(202, {"id": str(job.id)})
            idempotency.remember(connection, tenant_id=tenant, key="the-key", answer=answer)
        stage.witness.saw("accepted", job.id, job.fence, "")
        return job.id

    with ThreadPoolExecutor(FIFTY) as clients:
        answers = set(clients.map(submit, ["the same"] * FIFTY))
    stage.expect(len(answers) == 1, f"{len(answers)} jobs were made")
    together = threading.Barrier(1)
    try:
        submit("another")
    except Conflict:
        pass
    else:
        stage.expect(False, "another request under the key was taken")
    stage.worker()
    stage.succeeded(*answers)
    stage.judge()
    stage.expect(stage.statuses() == {"succeeded": 1}, f"{stage.statuses()}")


# --- 17: ten thousand jobs behind one slow tenant ---


def test_17_ten_thousand_jobs_behind_one_slow_tenant(stage: Stage):
    """A batch of 10,000 slow jobs stands before it: another tenant's job waits for no more than one of them."""
    slow, other, _ = stage.tenants
    with pool.tenant(slow) as connection:
        batch = store.submit(connection, tenant_id=slow, kind=BATCH_KIND, params={})
        one = store.submit(connection, tenant_id=slow, kind="transport", params=SLOW, parent_id=batch.id)
        connection.execute(LIKE_IT, {"id": one.id, "others": TEN_THOUSAND - 1})
    relay.send_soon()
    stage.worker()
    stage.until(lambda: len(stage.witness.lines("started")) >= 4, "the batch is under way")
    for priority in (0, 1):
        job = stage.submit(tenant_id=other, priority=priority)
        stage.saw("started", job)
        accepted, started = (stage.witness.lines(what, job)[0].clock for what in ("accepted", "started"))
        before = [line for line in stage.witness.lines("started") if accepted < line.clock < started]
        # What a slot claims at that very moment may come first.
        stage.expect(len(before) <= SLOTS, f"{len(before)} of the batch were begun before it")
        stage.succeeded(job)
    stage.cancel(batch.id)
    for worker in stage.workers:
        worker.kill()
    stage.worker(role="relay")
    stage.judge(within=60)
    stage.expect(stage.statuses()["cancelled"] > TEN_THOUSAND * 0.9, f"{stage.statuses()}")


SLOW_SECONDS = 2.0
SLOW: dict[str, Any] = {"steps": [["sleep", SLOW_SECONDS]]}
# What submitting it so many times more would have written; their hints are lost.
LIKE_IT = """
WITH more AS (
    INSERT INTO jobs (tenant_id, kind, queue, params, parent_id, priority, max_attempts, fence)
    SELECT tenant_id, kind, queue, params, parent_id, priority, max_attempts, fence
    FROM jobs, generate_series(1, %(others)s) WHERE id = %(id)s
    RETURNING id, tenant_id
)
INSERT INTO job_events (tenant_id, job_id, event, actor, to_status, fence, attempt)
SELECT tenant_id, id, 'submitted', 'api', 'queued', 1, 0 FROM more
"""
