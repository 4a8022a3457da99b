"""The commands of an operator over a real record: they show what they would do, ask, do it, and say what was done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import cli.terminal
from cli import explain, jobs, pauses, redrive, status
from cli.__main__ import app
from cli.client import Client
from cli.redrive import instant
from cli.terminal import CommandFailed, Exit
from networx.db import pool
from networx.jobs import endings
from networx.jobs.job import Job, JobStatus
from networx.observability import metrics
from networx.work.archive_jobs import archive_jobs
from tests.core.api.conftest import client_of, give_key
from tests.core.jobs import steps

LOST = {"code": "WORKER_LOST", "message": "The worker was lost."}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Nowhere:
    """A platform without processes: all that is asked of it goes to the application in this process."""

    client: Client
    url: str = "http://127.0.0.1:8080"

    class home:  # noqa: N801  # stands for an attribute
        root = "/nowhere"

        @staticmethod
        def read_state() -> dict[str, Any]:
            return {"processes": {"worker-optimization": 4711, "web": 4712}}


Run = Callable[..., Result]


@pytest.fixture
def run(record, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command; `answer` is what a person at a terminal says, None where nobody is there."""
    client = Client("http://127.0.0.1:8080", "")
    client._http = client_of(**{"X-API-Key": give_key(record.tenant_id, "operator")})
    # The application shares this process, and its metrics go where the command speaks.
    monkeypatch.setattr(metrics, "emit", lambda *_, **__: None)
    for module in (explain, jobs, pauses, redrive, status):
        monkeypatch.setattr(module, "running_platform", lambda: Nowhere(client))

    def ran(*arguments: str, answer: str | None = None) -> Result:
        with monkeypatch.context() as terminal:
            terminal.setattr(cli.terminal.out, "width", 200)
            terminal.setattr(cli.terminal, "sys", SimpleNamespace(stdin=_Person(answer)))
            return CliRunner().invoke(app, arguments)

    return ran


class _Person:
    def __init__(self, answer: str | None) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return self._answer is not None

    def readline(self) -> str:
        return f"{self._answer}\n"


def dead(record, **named: Any) -> Job:
    submitted = steps.submit(record.tenant_id, priority=0, **named)
    mine = steps.claimed("optimization@here:4711")
    assert mine.id == submitted.id
    with pool.system() as connection:
        assert endings.end(connection, mine, JobStatus.DEAD, LOST)
    return mine


def states(*jobs_: Job) -> set[str]:
    return {steps.current(job).status.value for job in jobs_}


def told(ran: Result) -> str:
    return " ".join(ran.output.split())


def refusal(ran: Result) -> CommandFailed:
    assert isinstance(ran.exception, CommandFailed), ran.output
    return ran.exception


def test_a_redrive_shows_what_it_would_do_and_asks(run: Run, record) -> None:
    first, second = dead(record), dead(record)
    no = run("redrive", "--all", answer="n")
    assert "2 jobs would be redriven" in told(no)
    assert str(first.id) in no.output
    assert (str(refusal(no)), refusal(no).code) == ("Nothing was changed.", Exit.FAILED)
    assert states(first, second) == {"dead"}
    yes = run("redrive", "--all", answer="y")
    assert "2 jobs queued again" in told(yes)
    assert states(first, second) == {"queued"}


def test_without_a_person_and_without_yes_nothing_changes(run: Run, record) -> None:
    job = dead(record)
    ran = run("redrive", str(job.id))
    assert refusal(ran).code is Exit.WRONG_USE
    assert "--yes" in str(ran.exception)
    assert states(job) == {"dead"}
    assert run("redrive", str(job.id), "--yes").exit_code == 0
    assert states(job) == {"queued"}


def test_a_redrive_of_a_running_job_is_refused_with_its_state(run: Run, record) -> None:
    job = steps.submit(record.tenant_id)
    steps.claimed()
    ran = run("redrive", str(job.id), "--yes")
    assert f"{job.id} is running: it stays as it is." in told(ran)
    assert refusal(ran).code is Exit.FAILED


def test_a_filter_and_json_for_scripts(run: Run, record) -> None:
    job = dead(record)
    none = run("redrive", "--error", "CHILD_LOST", "--yes", "--json")
    assert json.loads(none.stdout) == {"moved": [], "refused": {}, "unknown": [], "more": False}
    done = run("redrive", "--error", "WORKER_LOST", "--type", "transport", "--since", "1h", "--yes", "--json")
    assert json.loads(done.stdout)["moved"] == [str(job.id)]


@pytest.mark.parametrize("arguments", [[], ["--all", "--type", "transport"], ["some-id", "--all"]])
def test_which_jobs_must_be_said_once(run: Run, arguments: list[str]) -> None:
    assert refusal(run("redrive", *arguments)).code is Exit.WRONG_USE


def test_there_may_be_nothing_to_redrive(run: Run) -> None:
    assert run("redrive", "--all").exit_code == 0


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("30m", NOON - timedelta(minutes=30)),
        ("2h", NOON - timedelta(hours=2)),
        ("1d", NOON - timedelta(days=1)),
        ("2026-11-21T10:00Z", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("2026-11-21 10:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("2026-11-21T10:00+02:00", datetime(2026, 11, 21, 8, tzinfo=UTC)),
    ],
)
def test_since_takes_spans_and_instants(said: str, meant: datetime) -> None:
    assert instant(said, NOON) == meant


@pytest.mark.parametrize("said", ["soon", "3 weeks", "-2h", ""])
def test_since_refuses_what_is_no_time(said: str) -> None:
    with pytest.raises(CommandFailed, match="is no time"):
        instant(said, NOON)


def test_a_pause_says_what_will_wait_asks_and_is_listed(run: Run, record) -> None:
    job = steps.submit(record.tenant_id)
    asked = ("pause", "queue", "optimization.fifo", "--reason", "A new disk.")
    no = run(*asked, answer="")
    assert "1 job waiting, which will wait on; 0 running, to the end" in told(no)
    assert (str(refusal(no)), refusal(no).code) == ("Nothing was changed.", Exit.FAILED)
    assert run("pauses", "--json").stdout.strip() == "[]"
    assert "networx resume queue optimization.fifo" in told(run(*asked, answer="yes"))
    assert "queue optimization.fifo A new disk. a key" in told(run("pauses"))
    assert "queued (paused)" in run("jobs").output
    assert steps.claim() is None
    assert "goes on" in told(run("resume", "queue", "optimization.fifo", answer="y"))
    assert steps.claimed().id == job.id
    assert "is not paused" in str(refusal(run("resume", "queue", "optimization.fifo", "--yes")))


@pytest.mark.parametrize("arguments", [["queue", "none"], ["kind", "none"], ["tenant", "none"]])
def test_what_does_not_exist_cannot_be_paused(run: Run, arguments: list[str]) -> None:
    assert "There is no" in str(refusal(run("pause", *arguments, "--reason", "x", "--yes")))


def test_a_pause_needs_a_reason(run: Run) -> None:
    assert run("pause", "queue", "optimization.fifo", "--yes").exit_code == Exit.WRONG_USE


def test_status_shows_queues_workers_and_what_is_paused(run: Run, record) -> None:
    dead(record)
    steps.submit(record.tenant_id, priority=0)
    steps.claimed("optimization@here:4711")
    steps.make_older([steps.submit(record.tenant_id)], timedelta(minutes=5))
    run("pause", "kind", "file-load", "--reason", "A bad file.", "--yes")
    shown = told(run("status"))
    assert "optimization.fifo 1 5 min 0 1 1" in shown
    assert "kind file-load A bad file. a key" in shown
    assert re.search(r"worker-optimization process 4711 1 job, last heartbeat \d+ s ago", shown)
    assert "networx redrive" in shown
    assert re.search(r"compiled kernels (complete|being compiled|not compiled yet), /\S+/kernels-[0-9a-f]{16}\.", shown)
    answer = json.loads(run("status", "--json").stdout)
    assert set(answer["kernels"]) == {"state", "folder", "why", "do"}
    engine = answer["engine"]
    assert {queue["name"]: queue["queued"] for queue in engine["queues"]}["optimization.fifo"] == 1
    assert set(engine) == {"queues", "workers", "outbox", "pauses", "circuits", "unknown_kinds"}


def test_jobs_are_filtered_by_status_type_and_batch(run: Run, record) -> None:
    lost, waiting = dead(record), steps.submit(record.tenant_id)
    batch = steps.submit(record.tenant_id, kind="batch")
    member = dead(record, parent_id=batch.id)

    def ids(*arguments: str) -> set[str]:
        return {job["id"] for job in json.loads(run("jobs", "--json", *arguments).stdout)}

    assert ids() == {str(lost.id), str(waiting.id), str(batch.id)}
    assert ids("--status", "dead") == {str(lost.id), str(member.id)}
    assert ids("--status", "dead", "--status", "pending") == {str(lost.id), str(waiting.id), str(member.id)}
    assert ids("--type", "batch") == {str(batch.id)}
    assert ids("--batch", str(batch.id)) == {str(member.id)}
    assert "failed (1 of 1 failed)" in run("jobs").output
    assert "is no status" in str(refusal(run("jobs", "--status", "lost")))


def test_archived_jobs_are_listed_by_themselves(run: Run, record) -> None:
    job = dead(record)
    with pool.system() as connection:
        connection.execute("UPDATE jobs SET finished_at = finished_at - interval '91 days' WHERE id = %s", (job.id,))
    archive_jobs()
    assert json.loads(run("jobs", "--json").stdout) == []
    assert [found["id"] for found in json.loads(run("jobs", "--archived", "--json").stdout)] == [str(job.id)]
    assert str(job.id) in run("jobs", "--archived").output
    assert run("jobs", "--archived", "--status", "dead").exit_code == Exit.WRONG_USE
    assert json.loads(run("explain", str(job.id), "--json").stdout)["job"]["archived_at"] is not None


def test_explain_tells_the_story_and_what_to_do(run: Run, record) -> None:
    job = dead(record)
    shown = told(run("explain", str(job.id)))
    for words in (
        "took it up after waiting",
        "no try was left (WORKER_LOST",
        "What to do:",
        f"networx redrive {job.id}",
    ):
        assert words in shown
    story = json.loads(run("explain", str(job.id), "--json").stdout)
    assert [attempt["outcome"] for attempt in story["attempts"]] == ["died"]


def test_explaining_no_job_says_so(run: Run) -> None:
    assert "There is no job" in str(refusal(run("explain", "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11")))
