"""What a queue may do to messages: deliver them many times, late, in any order, or never. They are hints."""

from __future__ import annotations

import time
from datetime import timedelta

from networx.db import pool
from networx.jobs import control
from networx.jobs.job import JobStatus
from networx.jobs.sqs import SqsQueue
from networx.resilience import aws
from tests.chaos.clocks import CLOCKS
from tests.chaos.stage import QUEUE, Stage

HOURS_13 = 13 * 3600.0


# --- 7: the same message many times at once ---


def test_07_the_same_message_many_times_at_once(stage: Stage):
    """Nine copies of each message, three workers at once: every job starts once."""
    stage.servers.queues.faults(duplicated=1.0, copies=8)
    for _ in range(3):
        stage.started(stage.worker())
    jobs = [stage.submit(["sleep", 0.05]) for _ in range(20)]
    stage.succeeded(*jobs)
    stage.queue_empties()
    stage.judge()
    stage.expect(stage.counted()["duplicated"] >= 20, f"{stage.counted()}")
    stage.expect(len(stage.witness.lines("started")) == 20, "a job started twice")


# --- 8: late and out of order ---


def test_08_messages_late_and_out_of_order(stage: Stage):
    """Hints of attempts long over arrive among those of jobs yet to be tried."""
    stage.servers.queues.faults(late_seconds=2.0, reordered=True, duplicated=0.5, copies=2)
    jobs = [stage.submit(["sleep", 0.02], first=[["fail"]] if number % 3 == 0 else None) for number in range(24)]
    stage.worker()
    stage.worker()
    stage.succeeded(*jobs)
    stage.judge()
    stage.expect(stage.counted()["duplicated"] > 0, f"{stage.counted()}")


# --- 9: lost, purged, swallowed ---


def test_09_messages_are_lost(stage: Stage):
    """Hints that never arrive are sent again by the monitor."""
    stage.servers.queues.faults(lost=1.0)
    jobs = [stage.submit() for _ in range(5)]
    stage.until(lambda: stage.counted()["lost"] == 5, "the messages were taken and lost")
    stage.servers.queues.faults()
    stage.started(stage.worker())
    stage.expect(stage.statuses() == {"queued": 5}, f"{stage.statuses()}")
    stage.worker(role="monitor")
    stage.succeeded(*jobs)
    stage.judge()


def test_09_the_queue_is_purged(stage: Stage):
    """The same for a queue that someone emptied."""
    jobs = [stage.submit() for _ in range(5)]
    stage.until(lambda: stage.depth()["visible"] == 5, "the messages are there")
    stage.servers.queues.purge()
    stage.started(stage.worker())
    stage.expect(stage.statuses() == {"queued": 5}, f"{stage.statuses()}")
    stage.worker(role="monitor")
    stage.succeeded(*jobs)
    stage.judge()


def test_09_a_second_message_about_a_job_is_not_swallowed(stage: Stage):
    """A retry comes within the five minutes in which SQS takes no message twice, and nobody monitors."""
    job = stage.submit(first=[["fail"]])
    stage.worker()
    stage.succeeded(job)
    stage.judge()
    stage.expect(stage.story(job) == ["submitted", "claimed", "retried", "claimed", "finished"], f"{stage.story(job)}")


# --- 10: the relay ---


def test_10_the_relay_is_killed_between_send_and_delete(stage: Stage):
    """What it had sent and not struck off is sent again, swallowed, and done once."""
    jobs = [stage.submit(sends=False) for _ in range(15)]
    assert stage.worker("--dies", "after-send", role="relay").ended() == -9
    stage.expect(stage.counted()["sent"] == 10, f"{stage.counted()}")
    stage.worker(role="relay")
    stage.worker(role="relay")
    stage.until(lambda: stage.counted()["repeated"] == 10, "the batch was sent again")
    stage.worker()
    stage.succeeded(*jobs)
    stage.judge()
    stage.expect(len(stage.witness.lines("started")) == 15, "a job started twice")


def test_10_batches_are_taken_in_part(stage: Stage):
    """Of each batch a part is refused: that part, and no other, is sent again."""
    stage.servers.queues.faults(refused=0.5)
    jobs = [stage.submit(sends=False) for _ in range(30)]
    stage.worker(role="relay")
    stage.until(lambda: stage.counted()["sent"] == 30, "everything was taken in the end")
    stage.servers.queues.faults()
    stage.worker()
    stage.succeeded(*jobs)
    stage.judge()
    stage.expect(stage.counted()["refused"] > 0, f"{stage.counted()}")
    stage.expect(stage.counted()["repeated"] == 0, f"what was taken was sent again: {stage.counted()}")


def test_10_the_queue_is_away(stage: Stage):
    """While SQS is out of reach jobs are accepted and wait; what runs is finished; nothing is sent twice over."""
    running = stage.submit(["sleep", 2])
    stage.worker()
    stage.saw("started", running)
    stage.servers.queues.faults(away=True)
    waiting = [stage.submit(sends=False) for _ in range(5)]
    stage.succeeded(running)
    stage.expect(stage.statuses()["queued"] == 5, f"{stage.statuses()}")
    stage.servers.queues.faults()
    stage.succeeded(*waiting)
    stage.judge()


def test_10_the_queues_answers_are_lost(stage: Stage):
    """Every other call is obeyed and then fails: sent and not known, received and never seen, deleted and in doubt."""
    stage.servers.queues.faults(unanswered=0.5)
    jobs = [stage.submit() for _ in range(10)]
    stage.worker()
    stage.worker(role="monitor")
    stage.succeeded(*jobs)
    stage.servers.queues.faults()
    stage.judge()
    stage.expect(stage.counted()["unanswered"] > 0, f"{stage.counted()}")


# --- 18: the receipt ---


def test_18_the_twelve_hours_of_a_message_end_while_its_job_runs(stage: Stage):
    """The message comes back to others, whatever its receiver says; the lease carries on alone."""
    job = stage.submit(["gate"])
    stage.worker("--slots", "1")
    stage.saw("started", job)
    stage.servers.queues.advance(HOURS_13)
    stage.until(lambda: stage.depth()["visible"] == 1, "the message is back")
    other = stage.started(stage.worker())
    stage.queue_empties()
    # Beats whose receipt no longer counts.
    time.sleep(CLOCKS["LEASE"] + CLOCKS["HEARTBEAT"])
    stage.open_gate(job)
    stage.succeeded(job)
    stage.expect(other.process.poll() is None, "the other worker ended")
    stage.judge()
    stage.expect(stage.story(job) == ["submitted", "claimed", "finished"], f"{stage.story(job)}")


def test_18_beats_and_a_delete_after_the_message_is_gone(stage: Stage):
    """The message is taken away under a running job: each beat, and the delete at the end, meets nothing."""
    job = stage.submit(["gate"])
    worker = stage.worker()
    stage.saw("started", job)
    stage.servers.queues.purge()
    time.sleep(3 * CLOCKS["HEARTBEAT"])
    stage.open_gate(job)
    stage.succeeded(job, stage.submit())
    stage.expect(worker.process.poll() is None, "the worker ended")
    stage.judge()


# --- 19: dead letters and redrive ---


def received_too_often(stage: Stage) -> None:
    """Receive the one message of the queue until SQS gives it up."""
    queue = SqsQueue(QUEUE)
    for _ in range(queue.queue.max_receive_count + 1):
        stage.until(lambda: stage.depth()["visible"] or stage.counted()["buried"], "the message is there")
        for message in queue.receive(1, timedelta(seconds=1)):
            queue.hide(message, timedelta(0))
    stage.expect(stage.counted()["buried"] == 1, f"it is no dead letter: {stage.counted()}")


def letters_looked_through(stage: Stage) -> None:
    consumer = stage.worker("--every", "0", role="letters")
    stage.expect(consumer.ended() == 0, "the consumer of dead letters failed")


def test_19_a_live_workers_token_among_the_dead_letters(stage: Stage):
    """SQS gave up the token of a job that runs: it goes, and the job and its worker are let alone."""
    job = stage.submit(["gate"])
    stage.worker("--slots", "1")
    stage.saw("started", job)
    stage.servers.queues.advance(HOURS_13)
    received_too_often(stage)
    letters_looked_through(stage)
    stage.expect(stage.buried() == set(), "it is still there")
    stage.expect(stage.job(job).status is JobStatus.RUNNING, f"{stage.job(job)}")
    stage.open_gate(job)
    stage.succeeded(job)
    stage.judge()
    stage.expect(stage.story(job) == ["submitted", "claimed", "finished"], f"{stage.story(job)}")


def test_19_a_waiting_jobs_token_among_the_dead_letters(stage: Stage):
    """SQS gave up the token of a job that waits: a fresh one takes its place, though nobody monitors."""
    job = stage.submit()
    received_too_often(stage)
    letters_looked_through(stage)
    stage.worker()
    stage.succeeded(job)
    stage.expect(stage.buried() == set(), "it is still there")
    stage.judge()


def test_19_a_dead_jobs_letter_sent_back_to_its_queue(stage: Stage):
    """The letter of a dead job stays where on-call looks; moved back by hand, it redrives the job once."""
    job = stage.submit(["fail"])
    worker = stage.worker()
    stage.awaited(job, JobStatus.DEAD)
    dead = SqsQueue(QUEUE, dead_letters=True)
    stage.until(lambda: stage.depth(dead.queue.dead_letter_name)["visible"] == 1, "its letter is there")
    letters_looked_through(stage)
    letter = stage.until(lambda: dead.receive(1, timedelta(seconds=1)), "the letter stays")[0]
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET params = '{\"steps\": []}' WHERE id = %s", (job,))
    for copy in range(3):
        aws.client("sqs").send_message(
            QueueUrl=SqsQueue(QUEUE).url,
            MessageBody=letter.body,
            MessageGroupId=f"copy {copy}",
            MessageDeduplicationId=f"copy {copy}",
        )
    dead.delete(letter)
    stage.awaited(job, JobStatus.SUCCEEDED)
    stage.queue_empties()
    stage.expect(worker.process.poll() is None, "the worker ended")
    stage.judge()
    stage.expect(stage.story(job)[-3:] == ["redriven", "claimed", "finished"], f"{stage.story(job)}")


def test_19_redriven_within_five_minutes(stage: Stage):
    """A dead job is queued again with all its attempts; its message is not taken for the one sent a moment ago."""
    job = stage.submit(["gate"], ["fail"])
    stage.open_gate(job)
    stage.worker()
    dead = stage.awaited(job, JobStatus.DEAD)
    stage.expect(dead.attempt == 2, f"{dead}")
    stage.until(lambda: job in stage.buried(), "its message stands in the dead-letter queue")
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET params = '{\"steps\": []}' WHERE id = %s", (job,))
        moved = control.redrive(connection, [job], "an operator")
    stage.expect(moved.moved == (job,), f"{moved}")
    stage.succeeded(job)
    stage.judge()
    stage.expect(stage.story(job)[-3:] == ["redriven", "claimed", "finished"], f"{stage.story(job)}")
