"""Messages that are not ours, and requests that come too late: refused or dropped, and nothing is harmed."""

from __future__ import annotations

from uuid import uuid4

import orjson
import pytest

from networx.db import pool
from networx.jobs import control
from networx.jobs.job import JobStatus
from networx.jobs.sqs import SqsQueue
from networx.resilience import aws
from tests.chaos.stage import QUEUE, Stage

BAD_BODIES = {
    "no JSON": "these are not the droids",
    "JSON, and no object": "[1, 2, 3]",
    "an object of another kind": '{"Records": []}',
    "a job that nobody has": orjson.dumps({"job_id": str(uuid4()), "fence": 1}).decode(),
    "an id that is none": '{"job_id": "1; DROP TABLE jobs", "fence": -1}',
    "as large as SQS takes": "x" * 1024**2,
    "nested deeper than a parser likes": "[" * 100_000,
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_message_that_is_not_ours_harms_nothing(stage: Stage, body: str):
    """It is taken off the queue; the worker goes on, and the jobs beside it are done."""
    queue = SqsQueue(QUEUE)
    worker = stage.started(stage.worker())
    aws.client("sqs").send_message(
        QueueUrl=queue.url, MessageBody=body, MessageGroupId="stranger", MessageDeduplicationId=str(uuid4())
    )
    stage.succeeded(*[stage.submit() for _ in range(3)])
    stage.queue_empties()
    stage.expect(worker.process.poll() is None, "the worker ended")
    stage.expect(not stage.buried(), "something stands in the dead-letter queue")
    stage.judge()


def test_a_redrive_of_what_runs_or_is_done_is_refused_with_its_state(stage: Stage):
    done = stage.submit()
    stage.worker()
    stage.succeeded(done)
    running, nowhere = stage.submit(["gate"]), uuid4()
    stage.saw("started", running)
    with pool.system() as connection:
        answer = control.redrive(connection, [done, running, nowhere], "an operator")
    stage.expect(answer.moved == (), f"{answer}")
    stage.expect(answer.refused == {done: JobStatus.SUCCEEDED, running: JobStatus.RUNNING}, f"{answer}")
    stage.open_gate(running)
    stage.succeeded(running)
    stage.judge()


def test_a_cancel_of_what_has_ended_says_so_and_changes_nothing(stage: Stage):
    jobs = {stage.submit(): JobStatus.SUCCEEDED, stage.submit(["refuse"]): JobStatus.FAILED}
    stage.worker()
    for job_id, status in jobs.items():
        before = stage.awaited(job_id, status)
        stage.expect(stage.cancel(job_id) == before, f"the cancel changed {before}")
    stage.judge()
