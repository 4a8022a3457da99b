"""Dead letters, over a real record and real queues: what goes, what stays, and what is sent back by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from networx import settings
from networx.db import pool
from networx.errors import DatabaseUnavailable
from networx.jobs import control, endings, relay, store
from networx.jobs.context import JobContext
from networx.jobs.job import Job, JobStatus
from networx.jobs.queue import Hint
from networx.jobs.sqs import SqsQueue
from networx.topology import TOPOLOGY
from networx.work import consume_dead_letters
from networx.work.consume_dead_letters import tick
from tests.core.jobs.steps import QUEUE, claimed, complete, current, hints, spend_hints, submit, told

ERROR = {"code": "CHILD_LOST", "message": "gone"}
NONE = {"dead job": 0, "not ours": 0, "replaced": 0, "settled": 0}


@pytest.fixture(autouse=True)
def quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that was just started, over an emulator that knows at once what it holds."""
    monkeypatch.setattr(consume_dead_letters, "_WAIT", timedelta(0))
    consume_dead_letters._reported.clear()


def url(*, dead: bool) -> str:
    configured = settings.current()
    return (configured.dead_letter_urls if dead else configured.queue_urls)[QUEUE]


def send(aws, body: str, *, dead: bool = True) -> None:
    aws.sqs.send_message(
        QueueUrl=url(dead=dead), MessageBody=body, MessageGroupId=str(uuid4()), MessageDeduplicationId=str(uuid4())
    )


def standing(aws, *, dead: bool = True) -> list[dict[str, Any]]:
    """The bodies that anybody could receive now; they are given back."""
    queue = SqsQueue(QUEUE, dead_letters=dead)
    found = []
    while messages := queue.receive(10, timedelta(0)):
        found += messages
    for message in found:
        queue.hide(message, timedelta(0))
    return [json.loads(message.body) for message in found]


def died(record) -> Job:
    """A job that died, its letter in the dead-letter queue."""
    job = submit(record.tenant_id)
    spend_hints()
    mine = claimed()
    assert mine.id == job.id
    with pool.system() as connection:
        assert endings.end(connection, mine, JobStatus.DEAD, ERROR)
    relay.send_due()
    return current(job)


def token_of(job: Job) -> str:
    return Hint(job.id, job.fence).body()


def sent_back(aws) -> int:
    """What the console's redrive does: every dead letter goes to its queue again, under the id it had."""
    moved = 0
    while messages := aws.sqs.receive_message(
        QueueUrl=url(dead=True), MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        for message in messages:
            attributes = message["Attributes"]
            aws.sqs.send_message(
                QueueUrl=url(dead=False),
                MessageBody=message["Body"],
                MessageGroupId=attributes["MessageGroupId"],
                MessageDeduplicationId=attributes["MessageDeduplicationId"],
            )
            aws.sqs.delete_message(QueueUrl=url(dead=True), ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


# What stays


def test_a_dead_jobs_letter_stays_with_its_history_and_is_counted(record, aws, emitted):
    job = died(record)
    for _ in range(2):
        assert tick() == {**NONE, "dead job": 1}
        (letter,) = standing(aws)
        assert letter["job_id"] == str(job.id)
        assert [event["event"] for event in letter["history"]] == ["submitted", "claimed", "died"]
    assert emitted[("DeadLetters", QUEUE, "dead job")] == 1
    assert emitted[("DeadLetters", "capacity.fifo", "dead job")] == 0
    assert current(job).status is JobStatus.DEAD
    assert current(job).fence == job.fence


NOT_OURS = {
    "no JSON": "hello",
    "cut off": '{"job_id": "',
    "a list": "[]",
    "another's": '{"order": 7}',
    "no id": '{"job_id": "seven", "fence": 1}',
    "no fence": json.dumps({"job_id": str(uuid4()), "fence": "1"}),
    "an unknown job": json.dumps({"job_id": str(uuid4()), "fence": 1}),
    "an unknown job that died": json.dumps({"job_id": str(uuid4()), "fence": 1, "history": [{}]}),
    "deep": "[" * 5_000,
    "huge": json.dumps({"job_id": "x" * 200_000, "fence": 1}),
    "no text": '{"job_id": "\\u0000", "fence": 1}',
}


@pytest.mark.parametrize("body", NOT_OURS.values(), ids=NOT_OURS)
def test_what_is_not_ours_harms_nothing_stays_and_is_reported_once(record, aws, emitted, caplog, body):
    send(aws, body)
    job = died(record)
    for _ in range(3):
        assert tick() == {**NONE, "not ours": 1, "dead job": 1}
    reports = [report for report in caplog.records if report.message == "dead_letter.not_ours"]
    assert len(reports) == 1
    assert reports[0].fields["characters"] == len(body)
    assert len(reports[0].fields["begins"]) <= 200
    assert current(job).status is JobStatus.DEAD
    held = aws.sqs.receive_message(QueueUrl=url(dead=True), MaxNumberOfMessages=10)["Messages"]
    assert body in {message["Body"] for message in held}


def test_a_queue_is_gone_through_however_many_letters_stand_in_it(record, aws, emitted):
    for _ in range(23):
        died(record)
    waiting = submit(record.tenant_id)
    spend_hints()
    send(aws, token_of(waiting))
    assert tick() == {**NONE, "dead job": 23, "replaced": 1}
    assert len(standing(aws)) == 23


# What goes


def dead_lettered(aws, job: Job) -> None:
    """Have SQS itself give the job's hint up: received too often, and never taken off."""
    relay.send_due()
    for _ in range(TOPOLOGY.queue(QUEUE).max_receive_count):
        (message,) = aws.sqs.receive_message(QueueUrl=url(dead=False), VisibilityTimeout=0)["Messages"]
        assert json.loads(message["Body"])["job_id"] == str(job.id)
    assert standing(aws, dead=False) == []


def test_a_token_that_sqs_gave_up_makes_way_for_a_fresh_one(record, aws, emitted):
    job = submit(record.tenant_id)
    dead_lettered(aws, job)
    assert [letter["job_id"] for letter in standing(aws)] == [str(job.id)]
    assert tick() == {**NONE, "replaced": 1}
    assert standing(aws) == []
    # Within the five minutes in which the same id would be swallowed.
    assert standing(aws, dead=False) == [{"job_id": str(job.id), "fence": job.fence + 1}]
    now = current(job)
    assert (now.status, now.attempt, now.fence) == (JobStatus.QUEUED, 0, job.fence + 1)
    assert claimed().id == job.id


def test_a_token_whose_job_has_another_hint_on_its_way_just_goes(record, aws, emitted):
    job = submit(record.tenant_id)
    send(aws, token_of(job))
    with pool.system() as connection:
        connection.execute("UPDATE outbox SET not_before = now() + interval '1 minute'")
    assert tick()["replaced"] == 1
    assert hints(job) == [("job.ready", job.fence)]


def test_a_retry_that_waits_for_its_time_is_not_hurried(record, aws, emitted):
    job = submit(record.tenant_id)
    spend_hints()
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET run_at = now() + interval '1 hour' WHERE id = %s", (job.id,))
    send(aws, token_of(job))
    tick()
    assert standing(aws, dead=False) == []
    with pool.system() as connection:
        due = connection.execute("SELECT not_before > now() + interval '59 minutes' FROM outbox").fetchall()
    assert due == [(True,)]


def test_the_token_of_a_job_that_runs_goes_and_its_owner_keeps_it(record, aws, emitted):
    submit(record.tenant_id)
    spend_hints()
    mine = claimed()
    send(aws, token_of(mine))
    assert tick() == {**NONE, "settled": 1}
    assert standing(aws) == []
    assert hints(mine) == []
    complete(mine)
    assert current(mine).status is JobStatus.SUCCEEDED


@pytest.mark.parametrize("ending", ["succeeded", "failed", "cancelled"])
def test_the_token_of_a_job_that_ended_goes(record, aws, emitted, ending):
    submit(record.tenant_id)
    spend_hints()
    mine = claimed()
    with pool.system() as connection:
        if ending == "succeeded":
            endings.complete(connection, mine, {"status": "optimal"})
        elif ending == "failed":
            endings.end(connection, mine, JobStatus.FAILED, ERROR)
        else:
            store.cancel(connection, mine.id, "a person")
    send(aws, token_of(mine))
    assert tick() == {**NONE, "settled": 1}
    assert current(mine).status == ending
    assert standing(aws) == []


def test_the_token_of_a_dead_job_stays_beside_its_letter(record, aws, emitted):
    job = died(record)
    send(aws, token_of(job))
    assert tick() == {**NONE, "dead job": 2}
    assert current(job).status is JobStatus.DEAD


def test_the_letter_of_a_job_that_was_redriven_otherwise_goes(record, aws, emitted):
    job = died(record)
    with pool.system() as connection:
        control.redrive(connection, [job.id], "a person")
    assert tick() == {**NONE, "settled": 1}
    assert standing(aws) == []
    assert hints(job) == [("job.ready", job.fence + 1)]


def test_of_two_deaths_the_newer_letter_stays(record, aws, emitted):
    job = died(record)
    with pool.system() as connection:
        control.redrive(connection, [job.id], "a person")
    spend_hints()
    again = claimed()
    with pool.system() as connection:
        endings.end(connection, again, JobStatus.DEAD, ERROR)
    relay.send_due()
    assert tick() == {**NONE, "settled": 1, "dead job": 1}
    (letter,) = standing(aws)
    assert letter["fence"] == again.fence > job.fence


def test_while_the_record_is_away_every_letter_stays(record, aws, emitted, monkeypatch):
    waiting = submit(record.tenant_id)
    spend_hints()
    send(aws, token_of(waiting))

    def away(*_: object) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(consume_dead_letters.dead_letters, "settle", away)
        with pytest.raises(DatabaseUnavailable):
            tick()
    assert len(standing(aws)) == 1
    assert tick() == {**NONE, "replaced": 1}


# What comes back


class Succeeding:
    """A handler that does its job in no child."""

    confinement = None

    def __call__(self, context: JobContext) -> None:
        context.complete({"status": "optimal"})


class Dying(Succeeding):
    """A handler whose every attempt fails for want of luck."""

    def __call__(self, context: JobContext) -> None:
        raise ConnectionError("no luck")


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def empty(aws) -> bool:
    """Whether the queue has no message, hidden ones included."""
    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counted = aws.sqs.get_queue_attributes(QueueUrl=url(dead=False), AttributeNames=wanted)["Attributes"]
    return all(int(count) == 0 for count in counted.values())


def test_a_dead_job_whose_letter_is_sent_back_is_redriven_at_once(record, aws, emitted, working):
    job = died(record)
    assert sent_back(aws) == 1
    with working("optimization", {"transport": Succeeding()}):
        until(lambda: current(job).status is JobStatus.SUCCEEDED)
    assert current(job).attempt == 1
    assert told(job) == ["submitted", "claimed", "died", "redriven", "claimed", "finished"]
    with pool.system() as connection:
        (event,) = [event for event in store.events(connection, job.id) if event["event"] == "redriven"]
    assert event["actor"] == "console"
    assert standing(aws) == []


def test_each_death_within_five_minutes_can_be_sent_back(record, aws, emitted, working):
    job = submit(record.tenant_id)
    with working("optimization", {"transport": Dying()}):
        for deaths in (1, 2, 3):
            until(lambda deaths=deaths: told(job).count("died") == deaths and standing(aws) != [])
            assert sent_back(aws) == 1
        until(lambda: told(job).count("redriven") == 3)


Bodies = Callable[[Job], str]
LATE: dict[str, Bodies] = {
    "a token that comes late": lambda job: Hint(job.id, job.fence).body(),
    "the letter of an earlier death": lambda job: Hint(job.id, job.fence - 1, ({"event": "died"},)).body(),
    "a letter without a job": lambda _: Hint(uuid4(), 1, ({"event": "died"},)).body(),
    "what is not ours": lambda job: json.dumps({"history": [1], "job": str(job.id)}),
    "what is no JSON": lambda _: '"history" of no queue',
}


@pytest.mark.parametrize("body", LATE.values(), ids=LATE)
def test_nothing_else_raises_the_dead(record, aws, emitted, working, body):
    job = died(record)
    send(aws, body(job), dead=False)
    with working("optimization", {"transport": Succeeding()}):
        until(lambda: empty(aws))
    assert current(job).status is JobStatus.DEAD
    assert told(job) == ["submitted", "claimed", "died"]
