"""Workers that are killed, frozen, poisoned, drained, or have a wrong clock, a full disk or an older version."""

from __future__ import annotations

import time

from networx.db import pool
from tests.chaos.clocks import CLOCKS
from tests.chaos.stage import Stage

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
    stage.worker()
    depth = stage.servers.queues.state()["optimization.fifo"]["depth"]
    stage.expect(depth["in_flight"] + depth["visible"] == 1, f"the message is not there any more: {depth}")
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
    stage.until(lambda: [line for line in stage.witness.lines(job_id=job) if line.fence == first][1:], "it gives up")
    stage.open_gate(job, second)
    stage.succeeded(job)
    stage.judge()
    stage.expect(not [line for line in stage.witness.lines("completed", job) if line.fence == first], "it published")
