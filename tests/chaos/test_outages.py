"""PostgreSQL and Valkey killed, cut off, silent, frozen or emptied under running jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from local.home import LOOPBACK
from networx.db.bootstrap import DATABASE
from networx.jobs import progress
from networx.jobs.job import JobStatus
from networx.resilience.cache import cache_client
from tests.chaos.clocks import BY_THE_CLOCK, CLOCKS
from tests.chaos.servers import POSTGRES, VALKEY
from tests.chaos.stage import Stage
from tests.chaos.wire import Break, Wire

# Two cores and a suite beside it; the bounds of the product are without it.
SLACK_SECONDS = 1.0
CANCEL_SECONDS = 1.0


@pytest.fixture
def wire(stage: Stage) -> Iterator[Wire]:
    wire = Wire(stage.servers.ports.postgres)
    yield wire
    wire.close()


def over(wire: Wire) -> dict[str, str]:
    return {"DATABASE_URL": f"postgresql://{LOOPBACK}:{wire.port}/{DATABASE}"}


# --- 4: a COMMIT in doubt ---


@pytest.mark.parametrize("reaches_server", [True, False], ids=["it landed", "it did not land"])
def test_04_postgres_is_killed_with_a_commit_in_doubt(stage: Stage, wire: Wire, reaches_server: bool):
    """The worker asks again when PostgreSQL is back: its result is there once, whether the COMMIT had landed or not."""
    wire.break_at_commit(Break(reaches_server, then=lambda: stage.servers.kill(POSTGRES)))
    job = stage.submit()
    # Long enough for PostgreSQL to recover: the worker is to keep its job.
    stage.worker(NETWORX_SELF_FENCE_SECONDS="20", NETWORX_LEASE_SECONDS="25", **over(wire))
    stage.expect(wire.broken.wait(stage.patience), "no result was committed")
    stage.expect(not stage.servers.runs(POSTGRES), "PostgreSQL was not killed")
    stage.expect(not stage.witness.lines("completed"), "the worker had an answer")
    stage.servers.start(POSTGRES)
    stage.saw("completed", job)
    stage.judge()
    stage.expect(stage.story(job) == ["submitted", "claimed", "finished"], f"{stage.story(job)}")


def test_04_a_commit_in_doubt_that_also_took_the_next_job(stage: Stage, wire: Wire):
    """What publishes one job claims the next one: when the answer is lost, that claim is nobody's, and runs out."""
    wire.break_at_commit(Break(reaches_server=True, then=lambda: stage.servers.kill(POSTGRES)))
    first, second = stage.submit(["sleep", 1]), stage.submit()
    stage.worker("--slots", "1", NETWORX_SELF_FENCE_SECONDS="7", NETWORX_LEASE_SECONDS="8", **over(wire))
    stage.expect(wire.broken.wait(stage.patience), "no result was committed")
    stage.servers.start(POSTGRES)
    stage.saw("completed", first)
    # By its lease and a message alone: nobody monitors.
    stage.succeeded(second)
    stage.judge()


def test_04_postgres_is_killed_under_load(stage: Stage):
    """Whatever was acknowledged before the kill is there after it, and all the rest is done."""
    stage.worker()
    stage.worker()
    stage.worker(role="monitor")
    jobs = [stage.submit(["sleep", 0.1]) for _ in range(30)]
    stage.until(lambda: len(stage.witness.lines("completed")) >= 5, "some jobs are done")
    stage.servers.restart(POSTGRES)
    for job in jobs:
        stage.awaited(job, JobStatus.SUCCEEDED, JobStatus.DEAD)
    stage.judge()


# --- 5: PostgreSQL out of reach ---


@pytest.mark.parametrize("how", ["cut", "hush"], ids=["connections break", "connections fall silent"])
def test_05_postgres_is_out_of_a_workers_reach_past_the_lease(stage: Stage, wire: Wire, how: str):
    """The worker ends its work by its own clock before its lease ends, and another one does the job."""
    job = stage.submit(first=[["sleep", 60]])
    lonely = stage.worker(**over(wire))
    stage.saw("started", job)
    cut_at = time.monotonic()
    getattr(wire, how)()
    stage.saw("stopped", job)
    took = stage.witness.lines("stopped", job)[0].clock - cut_at
    if BY_THE_CLOCK:
        stage.expect(took < CLOCKS["LEASE"] + SLACK_SECONDS, f"it worked on for {took:.1f} s")
    stage.worker()
    stage.succeeded(job)
    wire.mend()
    wire.speak()
    # It serves again, and has published nothing.
    stage.succeeded(*[stage.submit() for _ in range(4)])
    stage.expect(lonely.process.poll() is None, "it ended")
    stage.judge()
    stage.expect(stage.story(job) == ["submitted", "claimed", "taken over", "finished"], f"{stage.story(job)}")


def test_05_terminated_while_postgres_is_out_of_reach(stage: Stage, wire: Wire):
    """The job cannot be handed back: the worker ends all the same, and the lease gives the job to another."""
    job = stage.submit(first=[["sleep", 60]])
    lonely = stage.worker(**over(wire))
    stage.saw("started", job)
    wire.cut()
    lonely.term()
    stage.expect(lonely.ended() == 0, "it did not end well")
    stage.worker()
    stage.succeeded(job)
    stage.judge()
    stage.expect(stage.story(job) == ["submitted", "claimed", "taken over", "finished"], f"{stage.story(job)}")


# --- 6: Valkey ---


@pytest.mark.parametrize("how", ["kill", "freeze", "flush"])
def test_06_valkey_is_away(stage: Stage, how: str):
    """Nobody needs Valkey: jobs are done, and a cancel stops its job (by the clock: within a second)."""
    stage.worker()
    running = [stage.submit(["incumbent", 7], ["sleep", 60]), stage.submit(["sleep", 60])]
    for job in running:
        stage.saw("started", job)
    stage.until(lambda: progress.read(running[1]), "progress is in the hot copy")
    {"kill": stage.servers.kill, "freeze": stage.servers.freeze, "flush": lambda _: cache_client().flushall()}[how](
        VALKEY
    )
    # Some rounds in which progress goes nowhere.
    time.sleep(1)
    for job in running:
        cancelled_at = time.monotonic()
        stage.cancel(job)
        stage.saw("stopped", job)
        took = stage.witness.lines("stopped", job)[0].clock - cancelled_at
        if BY_THE_CLOCK:
            stage.expect(took < CANCEL_SECONDS, f"the cancel took {took:.2f} s")
    stage.succeeded(*[stage.submit() for _ in range(4)])
    stage.expect(stage.job(running[0]).partial, "the answer found was not kept")
    stage.servers.mend()
    last = stage.submit(["sleep", 60])
    stage.until(lambda: progress.read(last), "progress is in the hot copy again")
    stage.cancel(last)
    stage.judge()
