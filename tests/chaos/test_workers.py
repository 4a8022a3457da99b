"""Workers that are killed, frozen, poisoned, drained, or have a wrong clock, a full disk or an older version."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from networx.db import pool
from networx.db.bootstrap import DATABASE
from networx.jobs import relay
from networx.jobs.job import JobStatus
from tests.chaos.clocks import CLOCKS
from tests.chaos.stage import ENDED, Stage

SLACK = timedelta(seconds=5)
FULL = Path("/dev/full")
SECOND_TRY = ["submitted", "claimed", "taken over", "finished"]


# --- 1: kill -9 ---


def test_01_killed_before_the_claim(stage: Stage):
    """The token comes back when its visibility ends; no attempt was burned."""
    job = stage.submit()
    assert stage.worker("--dies", "before-claim").ended() == -9
    stage.worker()
    stage.succeeded(job)
    stage.expect(stage.story(job) == ["submitted", "claimed", "finished"], f"{stage.story(job)}")
    stage.judge()


def test_01_killed_after_the_claim(stage: Stage):
    """Nobody monitors: the lease runs out, and whoever gets the message then takes the job up."""
    job = stage.submit()
    assert stage.worker("--dies", "after-claim").ended() == -9
    stage.worker()
    stage.succeeded(job)
    stage.expect(stage.story(job) == SECOND_TRY, f"{stage.story(job)}")
    stage.judge()


def test_01_killed_while_it_works(stage: Stage):
    """The message outlives its worker, so that another finishes the job without any monitor."""
    job = stage.submit(first=[["sleep", 60]])
    worker = stage.worker()
    stage.saw("started", job)
    # Some beats: the message was hidden anew, and must come back nevertheless.
    time.sleep(2 * CLOCKS["HEARTBEAT"])
    worker.kill()
    stage.worker()
    stage.succeeded(job)
    stage.expect(stage.story(job) == SECOND_TRY, f"{stage.story(job)}")
    stage.judge()


def test_01_killed_deep_in_a_chain_of_jobs_on_one_token(stage: Stage):
    """A token wakes a worker for one short job after the other; the last one's lease is as safe as the first one's."""
    chain = [stage.submit(["sleep", 0.2], sends=False) for _ in range(16)]
    last = stage.submit(first=[["die"]], sends=False)
    with pool.system() as connection:
        connection.execute("DELETE FROM outbox WHERE job_id <> %s", (chain[0],))
    assert stage.worker("--slots", "1").ended() == -9
    stage.worker()
    stage.succeeded(*chain, last)
    stage.expect(stage.story(last) == SECOND_TRY, f"{stage.story(last)}")
    stage.judge()


def test_01_killed_after_the_upload_of_the_result(stage: Stage):
    """The object of the first attempt is left over and named by nobody; the row names the winner."""
    job = stage.submit(["upload"], first=[["upload"], ["die"]])
    assert stage.worker().ended() == -9
    stage.worker()
    stage.succeeded(job)
    uploaded = [line.fence for line in stage.witness.lines("uploaded", job)]
    result = stage.result(job)
    stage.expect(len(uploaded) == 2, f"uploaded under {uploaded}")
    stage.expect(result is not None and result["fence"] == uploaded[1], f"the result is {result}")
    stage.judge()


def test_01_killed_between_the_commit_and_the_delete(stage: Stage):
    """The job is done; its message comes again and does nothing."""
    job = stage.submit()
    assert stage.worker("--dies", "before-delete").ended() == -9
    stage.succeeded(job)
    depth = stage.depth()
    stage.expect(sum(depth.values()) == 1, f"the message is not there any more: {depth}")
    stage.worker()
    stage.queue_empties()
    stage.expect(len(stage.witness.lines("started", job)) == 1, "it was done again")
    stage.judge()


# --- 2: SIGSTOP past the lease ---


def test_02_frozen_past_its_lease(stage: Stage):
    """The zombie wakes up while the new owner works, tries to publish, and is fenced out."""
    job = stage.submit(["gate"])
    zombie = stage.worker()
    stage.saw("started", job)
    zombie.freeze()
    stage.worker()
    stage.saw("started", job, times=2)
    first, second = (line.fence for line in stage.witness.lines("started", job))
    stage.open_gate(job, first)
    zombie.thaw()
    ends = stage.until(
        lambda: [line.what for line in stage.witness.lines(job_id=job) if line.fence == first][1:], "the zombie ends"
    )
    stage.expect(ends == ["stopped"], f"the zombie published: {ends}")
    stage.open_gate(job, second)
    stage.succeeded(job)
    stage.judge()


# --- 3: poison ---


def test_03_poison_that_kills_its_workers(stage: Stage):
    """Two workers die of it, and no third: then it is dead, with its message among the dead letters."""
    poison = stage.submit(["die"])
    for _ in range(2):
        assert stage.worker("--slots", "1").ended() == -9
    stage.worker()
    stage.worker(role="monitor")
    healthy = stage.submit()
    stage.succeeded(healthy)
    dead = stage.awaited(poison, JobStatus.DEAD)
    stage.expect(dead.attempt == 2 and dead.error is not None, f"{dead}")
    stage.until(lambda: poison in stage.buried(), "its message stands in the dead-letter queue")
    stage.judge()


def test_03_poison_that_hangs_eats_memory_crashes_or_answers_rubbish(stage: Stage):
    """Each costs its child and no more: the worker goes on, and the record says what it was."""
    codes = {
        stage.submit(["child", "hang"]): (JobStatus.FAILED, "LIMIT_EXCEEDED"),
        stage.submit(["child", "eat"]): (JobStatus.FAILED, "LIMIT_EXCEEDED"),
        stage.submit(["child", "crash"]): (JobStatus.DEAD, "CHILD_LOST"),
        stage.submit(params={"unfit": True}): (JobStatus.DEAD, "INTERNAL_ERROR"),
        stage.submit(["refuse"]): (JobStatus.FAILED, "BAD"),
    }
    worker = stage.worker("--confined")
    for job_id, (status, code) in codes.items():
        job = stage.awaited(job_id, *ENDED)
        stage.expect(job.error is not None and (job.status, job.error["code"]) == (status, code), f"{job}")
    stage.succeeded(stage.submit(["child", "answer"]))
    stage.expect(worker.process.poll() is None, "the worker ended")
    dead = {job_id for job_id, (status, _) in codes.items() if status is JobStatus.DEAD}
    found = stage.buried()
    stage.expect(found == dead, f"among the dead letters are {found}, not {dead}")
    stage.judge()


# --- 11: SIGTERM ---


def test_11_terminated_in_a_poll(stage: Stage):
    """What the running poll still brings is given back at once, for others to take."""
    # A poll that lasts until the message has come.
    worker = stage.started(stage.worker("--slots", "1", NETWORX_RECEIVE_WAIT_SECONDS="15"))
    stage.until(lambda: stage.counted()["asked"], "it polls")
    worker.term()
    job = stage.submit()
    stage.expect(worker.ended() == 0, "it did not end well")
    stage.expect(stage.counted()["received"] == 1, f"the poll brought nothing: {stage.counted()}")
    depth = stage.depth()
    stage.expect(depth == {"visible": 1, "in_flight": 0, "late": 0}, f"it was not given back: {depth}")
    stage.worker()
    stage.succeeded(job)
    stage.judge()


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_11_terminated_while_it_works(stage: Stage, times: int):
    """The job is handed back without a spent attempt, and another worker takes it up."""
    job = stage.submit(["sleep", 60])
    worker = stage.worker()
    stage.saw("started", job)
    for _ in range(times):
        worker.term()
        time.sleep(0.2)
    stage.expect(worker.ended() == 0, "it did not end well")
    released = stage.job(job)
    stage.expect((released.status, released.attempt) == (JobStatus.QUEUED, 0), f"{released}")
    stage.worker()
    stage.saw("started", job, times=2)
    stage.cancel(job)
    stage.judge()
    stage.expect(
        stage.story(job) == ["submitted", "claimed", "released", "claimed", "cancelled"], f"{stage.story(job)}"
    )


# --- 15: a wrong clock ---


def test_15_worker_clocks_an_hour_off(stage: Stage):
    """Time is the database's: one worker an hour ahead, one behind, and no lease ends early or late."""
    # With one slot each, neither can take both long jobs, however long the other takes to come up.
    for clock in ("3600", "-3600"):
        stage.started(stage.worker("--clock", clock, "--slots", "1"))
    stage.worker("--clock", "3600", role="monitor")
    before = stage.now()
    long = [stage.submit(["sleep", 1.5 * CLOCKS["LEASE"]]) for _ in range(2)]
    retried = stage.submit(first=[["fail"]])
    stage.succeeded(*long, retried)
    stage.judge()
    for job_id in long:
        stage.expect(stage.story(job_id) == ["submitted", "claimed", "finished"], f"{stage.story(job_id)}")
        job = stage.job(job_id)
        assert job.started_at is not None
        assert job.finished_at is not None
        stage.expect(before - SLACK < job.started_at < job.finished_at < stage.now() + SLACK, f"{job}")
    off = {round((line.wall - time.time()) / 3600) for line in stage.witness.lines("started")}
    stage.expect(off == {1, -1}, f"the clocks were off by {off} hours")


# --- 16: no room on the disk ---


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_16_the_workers_disk_is_full(stage: Stage):
    """What cannot be written is a failed attempt like any other: said in the record, tried again, nothing half done."""
    passing = stage.submit(first=[["fill"]])
    lasting = stage.submit(["fill"])
    stage.worker()
    stage.succeeded(passing)
    dead = stage.awaited(lasting, *ENDED)
    stage.expect((dead.status, dead.attempt) == (JobStatus.DEAD, 2), f"{dead}")
    stage.expect(stage.story(passing) == ["submitted", "claimed", "retried", "claimed", "finished"], "")
    stage.until(lambda: not list(stage.servers.home.scratch.iterdir()), "nothing is left in the scratch folder")
    stage.judge()


def test_16_no_scratch_folder_can_be_made(stage: Stage):
    """The same where not even the folder can be made; a worker with room then finishes the job."""
    job = stage.submit(["upload"])
    worker = stage.worker(NETWORX_SCRATCH="/dev/null")
    stage.until(lambda: "retried" in stage.story(job), "the attempt failed")
    worker.term()
    worker.ended()
    stage.worker()
    stage.succeeded(job)
    stage.judge()


def test_16_the_databases_disk_is_full(stage: Stage):
    """The record refuses the result for a while: the worker holds on to it and publishes when there is room again."""
    job = stage.submit(["gate"])
    stage.worker(NETWORX_SELF_FENCE_SECONDS="20", NETWORX_LEASE_SECONDS="25")
    stage.saw("started", job)
    with psycopg.connect(stage.servers.postgres.master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("SET search_path = networx")
        master.execute(
            """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"""
        )
        master.execute("CREATE TRIGGER no_room BEFORE INSERT ON results FOR EACH ROW EXECUTE FUNCTION no_room()")
        try:
            stage.open_gate(job)
            time.sleep(3)
            refused = stage.job(job)
        finally:
            master.execute("DROP FUNCTION no_room CASCADE")
    stage.expect(refused.status is JobStatus.RUNNING, f"{refused}")
    stage.succeeded(job)
    stage.judge()
    stage.expect(stage.story(job) == ["submitted", "claimed", "finished"], f"{stage.story(job)}")


# --- 20: two versions at once ---


def test_20_two_versions_during_a_deploy(stage: Stage):
    """A kind that only the new version knows waits for it, is reported, and does not keep the old one busy."""
    old = stage.started(stage.worker())
    future = stage.submit(sends=False)
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET kind = 'of-tomorrow' WHERE id = %s", (future,))
    relay.send_soon()
    known = [stage.submit() for _ in range(3)]
    stage.succeeded(*known)
    monitor = stage.worker("--every", "0", role="monitor")
    stage.expect(monitor.ended() == 0, "the monitor failed")
    reported = [line for line in monitor.log.read_text().splitlines() if "job.kind_unknown" in line]
    stage.expect(len(reported) == 1 and "of-tomorrow" in reported[0], f"reported is {reported}")
    # Longer than it takes until the token of such a job comes again.
    time.sleep(6)
    waiting = stage.job(future)
    stage.expect((waiting.status, waiting.attempt) == (JobStatus.QUEUED, 0), f"{waiting}")
    received = stage.counted()["received"]
    stage.expect(received < 10, f"{received} messages were received for 4 jobs")
    stage.started(stage.worker("--kinds", "transport,of-tomorrow"))
    stage.succeeded(*[stage.submit() for _ in range(4)])
    old.term()
    stage.expect(old.ended() == 0, "the old version did not end well")
    stage.succeeded(future)
    stage.judge()
