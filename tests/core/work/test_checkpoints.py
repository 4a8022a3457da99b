"""A solve that was handed back, retried or taken over starts from the best plan found before, if it still holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from psycopg.types.json import Jsonb

from local.resources import Emulator
from networx import settings
from networx.api.batch_view import batch_result
from networx.db import pool
from networx.domain.parameters import DEFAULT_TIME_LIMIT_SECONDS
from networx.domain.plan import Progress
from networx.domain.sweep import Sweep, exactly
from networx.errors import ObjectStoreUnavailable
from networx.ingest.datasets import get_dataset
from networx.jobs import claims, endings, progress, store
from networx.jobs.batches import member_results
from networx.jobs.context import JobContext
from networx.jobs.job import BATCH_KIND, Job, JobStatus
from networx.models.transport import solve_transport
from networx.resilience import objects
from networx.resilience.confine import Confinement, Stopped
from networx.work import checkpoints, on_time, patience
from networx.work.checkpoints import Checkpoint, restore, store_plan
from networx.work.on_time import LEAST_SECONDS
from networx.work.publish import Solved
from networx.work.solve_child import read_instance, write_plan
from networx.work.solve_transport import Attempt, TransportSolve
from tests.core.jobs.steps import claimed, current, told
from tests.core.models.small_networks import parameters, spread_network, two_sites
from tests.core.work.steps import checkpoint_of, ended, load, result_of, story, submit

ROOT = Path(__file__).resolve().parents[3]


def awaited(condition: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Scripted(TransportSolve):
    """The handler with a child of these tests; `context` is that of its newest attempt."""

    context: JobContext

    def __init__(self, child: str) -> None:
        self.confinement = Confinement(f"tests.core.work.solving_children:{child}", memory_mib=1500)

    def __call__(self, context: JobContext) -> None:
        self.context = context
        super().__call__(context)


# --- whole jobs ---


def test_a_drain_hands_back_the_best_plan_although_it_was_not_due_and_the_next_worker_starts_from_it(quick, working):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": Scripted("two_plans_and_again")}):
        awaited(lambda: checkpoint_of(job))
    released = current(job)
    kept = checkpoint_of(job)
    assert (released.status, released.attempt) == (JobStatus.QUEUED, 0)
    assert kept is not None
    # The child told of the plan that costs 600; the one of 490 was found and not told yet.
    assert (kept["objective"], kept["bound"]) == (pytest.approx(490), 450.0)

    with working("optimization", {"transport": Scripted("two_plans_and_again")}):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 1)
    assert told(job) == ["submitted", "claimed", "released", "claimed", "resumed", "finished"]
    resumed = story(job)[4]
    assert resumed["reason"] == "from the incumbent of attempt 1: $490.00, bound $450.00"
    assert (resumed["from_status"], resumed["to_status"], resumed["fence"]) == ("running", "running", done.fence)
    result = result_of(job)
    assert result is not None
    assert (result["status"], result["objective"]) == ("optimal", pytest.approx(490))
    assert result["seconds"] > kept["seconds"]


def test_a_child_that_is_lost_leaves_its_best_plan_to_the_next_attempt(quick, working):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    handler = Scripted("two_plans_and_again")
    with working("optimization", {"transport": handler}):
        awaited(lambda: checkpoint_of(job))
        os.kill(handler.context.child.pid, signal.SIGKILL)
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 2)
    assert told(job) == ["submitted", "claimed", "retried", "claimed", "resumed", "finished"]
    assert story(job)[4]["reason"] == "from the incumbent of attempt 1: $490.00, bound $450.00"


def test_a_cancel_right_after_the_start_keeps_what_was_found_before(quick, working):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": Scripted("two_plans_and_on")}):
        awaited(lambda: checkpoint_of(job))
    with working("optimization", {"transport": Scripted("two_plans_and_on")}):
        awaited(lambda: "resumed" in told(job))
        at_once = Progress("starting again", None, incumbent=490.0, bound=450.0, gap=round(40 / 490, 6))
        awaited(lambda: shown(job) == at_once.as_dict())
        with pool.tenant(quick.tenant_id) as connection:
            cancelled = store.cancel(connection, job.id, "a person")
    result = result_of(job)
    assert (cancelled.status, cancelled.partial) == (JobStatus.CANCELLED, True)
    assert result is not None
    assert (result["status"], result["objective"], result["bound"]) == ("feasible", pytest.approx(490), 450.0)


def shown(job: Job) -> dict[str, Any] | None:
    """What a client sees of a job's progress, its cost to the cent."""
    now = progress.read(job.id)
    if now is None or now.get("incumbent") is None:
        return None
    return {**now, "incumbent": round(now["incumbent"], 2), "gap": round(now["gap"], 6)}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch, quick) -> Any:
    """Workers whose leases end soon after they are killed, and not while they are only slow on a busy machine."""
    for name, seconds in {"LEASE": 7, "HEARTBEAT": 0.5, "SELF_FENCE": 6}.items():
        monkeypatch.setenv(f"NETWORX_{name}_SECONDS", str(seconds))
    settings.current.cache_clear()
    return quick


@pytest.fixture
def worker_process(patient) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "networx.work.serve", "--worker", "optimization"], cwd=ROOT)
    yield process
    process.kill()
    process.wait()


def test_a_worker_that_is_killed_in_the_middle_of_a_sweep_leaves_its_plan_to_whoever_takes_over(
    patient, worker_process, working, monkeypatch
):
    monkeypatch.setattr(on_time, "LEAST_SECONDS", 1.0)  # the second attempt has what the first left
    dataset_id = load(patient.tenant_id, spread_network(40, 200, 3, tightness=4.0))
    with pool.tenant(patient.tenant_id) as connection:
        stated = {"sweep": Sweep(1, 9).as_dict()}
        parent = store.submit(connection, tenant_id=patient.tenant_id, kind=BATCH_KIND, params=stated)
    small = load(patient.tenant_id, two_sites())
    before = submit(patient, small, exactly(2), parent_id=parent.id)
    awaited(lambda: result_of(before))
    job = submit(
        patient,
        dataset_id,
        exactly(9),
        parent_id=parent.id,
        lease_years=3,
        cost_per_unit_mile=0.01,
        circuity=1.2,
        service_level=0.8,
        max_distance_miles=600,
        engine="highs",
        gap=0,
    )
    awaited(lambda: checkpoint_of(job))
    worker_process.kill()
    worker_process.wait()
    kept = checkpoint_of(job)
    assert kept is not None
    # As if it had been killed near its limit: until the first plan a machine takes as long as it takes.
    with pool.system() as connection:
        connection.execute(
            "UPDATE incumbents SET checkpoint = checkpoint || %s WHERE job_id = %s",
            (Jsonb({"seconds": DEFAULT_TIME_LIMIT_SECONDS - 2.0}), job.id),
        )
    after = submit(patient, small, exactly(1), parent_id=parent.id)
    with working("optimization", {"transport": TransportSolve()}):
        done = ended(job, seconds=90)
        ended(after)
    result = result_of(job)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 2)
    assert told(job) == ["submitted", "claimed", "taken over", "resumed", "finished"]
    assert result is not None
    assert result["objective"] <= kept["objective"]
    assert kept["bound"] is None or result["bound"] >= kept["bound"]
    assert result["certificate"]["valid"] is True
    # HiGHS does not prove it in minutes: the limit ended the second attempt, and the answer is the best.
    assert (result["status"], result["gap"] > 1e-6) == ("feasible", True)
    # Of the sweep each member has ended once, and is in the frontier.
    assert [told(member).count("finished") for member in (before, job, after)] == [1, 1, 1]
    with pool.tenant(patient.tenant_id) as connection:
        whole = batch_result(store.get_job(connection, parent.id), member_results(connection, parent.id))
        assert store.get_job(connection, parent.id).status is JobStatus.SUCCEEDED
    assert whole is not None
    assert [(row["nodes"], row["status"], row["certified"]) for row in whole["frontier"]] == [
        (1, "optimal", True), (2, "optimal", True), (9, "feasible", True),
    ]  # fmt: skip
    assert (whole["partial"], whole["batch_summary"]["scenarios_run"]) == (False, 3)


def test_a_plan_that_could_not_be_stored_is_only_missing_from_what_a_cancel_keeps(quick, working, monkeypatch):
    tried: list[str] = []

    def away_for_checkpoints(source: Path, key: str, content_type: str) -> None:
        if key.startswith("tmp/checkpoints/"):
            tried.append(key)
            raise ObjectStoreUnavailable
        put(source, key, content_type)

    put = objects.put_result
    monkeypatch.setattr(objects, "put_result", away_for_checkpoints)
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": Scripted("one_plan_and_the_answer")}):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 1)
    assert len(tried) == 1
    assert checkpoint_of(job) is None


def test_a_solve_that_comes_to_its_limit_of_memory_answers_with_the_best_plan_it_had(quick, working):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": Scripted("one_plan_and_too_much")}):
        done = ended(job)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED
    assert result is not None
    assert (result["status"], result["objective"]) == ("feasible", pytest.approx(600))
    assert result["certificate"]["valid"] is True


def test_a_solve_that_comes_to_its_limit_before_its_first_plan_fails(quick, working):
    job = submit(quick, load(quick.tenant_id, two_sites()))
    with working("optimization", {"transport": Scripted("too_much")}):
        done = ended(job)
    assert (done.status, done.attempt) == (JobStatus.FAILED, 1)
    assert done.error is not None
    assert done.error["code"] == "LIMIT_EXCEEDED"


# --- what is used, and what is passed over ---


@dataclass
class Begun:
    """A job that runs, and what an earlier attempt at it left: the plan with only North open, which costs 600."""

    context: JobContext
    solved: Solved
    checkpoint: Checkpoint
    target: Path

    def keep(self, checkpoint: dict[str, Any]) -> None:
        with pool.system() as connection:
            connection.execute("UPDATE incumbents SET checkpoint = %s", (Jsonb(checkpoint),))

    def restored(self) -> checkpoints.Restored | None:
        return restore(self.context, self.solved, self.target)


@pytest.fixture
def begun(quick, tmp_path: Path) -> Begun:
    dataset_id = load(quick.tenant_id, two_sites())
    submit(quick, dataset_id)
    job = claimed()
    with pool.tenant(quick.tenant_id) as connection:
        dataset = get_dataset(connection, dataset_id)
    solved = Solved(job, "Two sites", dataset, two_sites(), parameters(lease_years=2))
    found = solve_transport(solved.tables, replace(solved.parameters, max_facilities=1))
    assert found.plan is not None
    assert found.objective is not None
    path = write_plan(tmp_path / "incumbent-1.npz", found.plan, found.objective)
    checkpoint = store_plan(solved, path, objective=found.objective, bound=450.0, seconds=7.5)
    context = JobContext(job, None, tmp_path, settings.current().leases)
    context.store_incumbent({"objective": found.objective}, asdict(checkpoint))
    return Begun(context, solved, checkpoint, tmp_path / "incumbent-0.npz")


def test_a_checkpoint_of_the_same_problem_is_restored_and_said_in_the_story(begun):
    restored = begun.restored()
    assert restored is not None
    assert (restored.objective, restored.bound, restored.seconds) == (pytest.approx(600), 450.0, 7.5)
    assert restored.path.exists()
    assert told(begun.context.job)[-1] == "resumed"


def test_a_job_without_a_checkpoint_starts_from_nothing(begun):
    with pool.system() as connection:
        connection.execute("DELETE FROM incumbents")
    assert begun.restored() is None
    assert "resumed" not in told(begun.context.job)


def damage(begun: Begun, aws: Emulator) -> None:
    aws.s3.put_object(Bucket=settings.current().buckets["results"], Key=begun.checkpoint.key, Body=b"PK no plan at all")


def lose(begun: Begun, aws: Emulator) -> None:
    aws.s3.delete_object(Bucket=settings.current().buckets["results"], Key=begun.checkpoint.key)


def replaced(begun: Begun, aws: Emulator, path: Path) -> None:
    """Another file in its place, and the record knows it as the right one."""
    objects.put_result(path, begun.checkpoint.key, "application/octet-stream")
    begun.keep(asdict(replace(begun.checkpoint, sha256=checkpoints._sha256(path))))


def no_plan(begun: Begun, aws: Emulator) -> None:
    path = begun.target.with_name("other.npz")
    path.write_bytes(b"PK no plan at all")
    replaced(begun, aws, path)


def a_unit_short(begun: Begun, aws: Emulator) -> None:
    path = begun.target.with_name("other.npz")
    with np.load(begun.target.with_name("incumbent-1.npz")) as stored:
        arrays = dict(stored)
    arrays["flow_units"][0] -= 1
    np.savez(path, **arrays)
    replaced(begun, aws, path)


def a_better_cost_than_it_has(begun: Begun, aws: Emulator) -> None:
    begun.keep(asdict(replace(begun.checkpoint, objective=480.0)))


def of_another_version(begun: Begun, aws: Emulator) -> None:
    begun.keep({"key": begun.checkpoint.key, "cost": 600.0})


def for_other_parameters(begun: Begun, aws: Emulator) -> None:
    begun.solved = replace(begun.solved, parameters=replace(begun.solved.parameters, max_facilities=1))


def for_other_data(begun: Begun, aws: Emulator) -> None:
    begun.solved = replace(begun.solved, dataset=replace(begun.solved.dataset, sha256="0" * 64))


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (damage, "its file was damaged"),
        (lose, "its file is gone"),
        (no_plan, "its file is no plan"),
        (a_unit_short, "The answer failed its independent check and is not published: demand is met; cost."),
        (a_better_cost_than_it_has, "The answer failed its independent check and is not published: cost."),
        (of_another_version, "it was written by another version"),
        (for_other_parameters, "it belongs to other data or parameters"),
        (for_other_data, "it belongs to other data or parameters"),
    ],
)
def test_a_checkpoint_that_does_not_hold_is_passed_over_and_the_log_says_why(begun, aws, said, fault, why):
    fault(begun, aws)
    assert begun.restored() is None
    assert said("checkpoint.ignored") == [{"why": why}]
    assert "resumed" not in told(begun.context.job)
    assert not begun.target.exists()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[dict[str, Any]]]:
    """The fields of each warning of a name."""
    warnings: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(checkpoints.log, "warning", lambda name, **fields: warnings.append((name, fields)))
    return lambda wanted: [fields for name, fields in warnings if name == wanted]


def test_a_checkpoint_that_took_long_is_worth_a_longer_wait(begun, monkeypatch):
    monkeypatch.setattr(patience, "LONGEST_WAIT_TO_READ", timedelta(0))
    monkeypatch.setattr(patience, "OUTAGE_PAUSE_SECONDS", 0.05)
    tries: list[str] = []

    def away_at_first(key: str, target: Path) -> None:
        tries.append(key)
        if len(tries) < 3:
            raise ObjectStoreUnavailable
        fetch(key, target)

    fetch = objects.get_result
    monkeypatch.setattr(objects, "get_result", away_at_first)
    # It took 7.5 s until there, which is as long as the store may be away.
    assert begun.restored() is not None
    assert len(tries) == 3


def test_a_file_store_that_is_away_at_the_start_is_waited_for_a_while(begun, said, monkeypatch):
    monkeypatch.setattr(patience, "to_go_on", lambda seconds: timedelta(seconds=0.2))
    monkeypatch.setattr(patience, "OUTAGE_PAUSE_SECONDS", 0.05)
    tries: list[str] = []

    def away(key: str, target: Path) -> None:
        tries.append(key)
        raise ObjectStoreUnavailable

    monkeypatch.setattr(objects, "get_result", away)
    assert begun.restored() is None
    assert len(tries) > 1
    assert said("checkpoint.ignored") == [{"why": "the file store is away"}]


def test_a_bound_of_another_solver_or_model_has_to_be_proven_again(begun):
    begun.keep(asdict(replace(begun.checkpoint, prover="NetWORX 0.0.9, HiGHS 1.14.0")))
    restored = begun.restored()
    assert restored is not None
    assert (restored.objective, restored.bound) == (pytest.approx(600), None)


@pytest.mark.parametrize(
    ("used", "left"), [(0.0, 300.0), (120.0, 180.0), (299.0, LEAST_SECONDS), (900.0, LEAST_SECONDS)]
)
def test_a_later_attempt_has_the_rest_of_the_time(begun, used: float, left: float):
    begun.keep(asdict(replace(begun.checkpoint, seconds=used)))
    request = Attempt(begun.context, begun.solved)._request()
    _, given = read_instance(Path(request["instance"]))
    assert given.time_limit_seconds == left
    assert given == replace(begun.solved.parameters, time_limit_seconds=left)
    assert request["start"] == {
        "plan": str(begun.context.scratch / "plans" / "incumbent-0.npz"),
        "objective": begun.checkpoint.objective,
        "bound": 450.0,
    }


def test_a_time_limit_shorter_than_the_least_is_given_in_full(begun):
    asked = replace(begun.solved, parameters=replace(begun.solved.parameters, time_limit_seconds=4.0))
    begun.keep(asdict(replace(begun.checkpoint, seconds=900.0, problem=checkpoints.problem_of(asked))))
    _, given = read_instance(Path(Attempt(begun.context, asked)._request()["instance"]))
    assert given.time_limit_seconds == 4.0


# --- the record ---


def stored(begun: Begun, objective: float, **changes: Any) -> bool:
    """Keep an answer of this cost; whether it was kept."""
    checkpoint = asdict(replace(begun.checkpoint, objective=objective, **changes))
    with pool.system() as connection:
        return claims.store_incumbent(connection, begun.context.job, {"objective": objective}, checkpoint)


def test_a_worse_answer_to_the_same_problem_never_replaces_a_better_one(begun):
    assert not stored(begun, 601.0)
    assert begun.context.checkpoint()["objective"] == pytest.approx(600)
    assert stored(begun, 590.0)
    assert stored(begun, 590.0, bound=470.0)
    assert begun.context.checkpoint()["bound"] == 470.0


def test_an_answer_to_another_problem_replaces_what_was_kept(begun):
    assert stored(begun, 700.0, problem="another")
    assert begun.context.checkpoint()["objective"] == 700.0


def test_whoever_lost_the_job_neither_keeps_an_answer_nor_tells_a_story(begun):
    with pool.system() as connection:
        assert endings.release(connection, begun.context.job, "a test")
    assert not stored(begun, 500.0)
    begun.context.resumed("from nowhere")
    assert told(begun.context.job)[-1] == "released"
    assert not begun.context.owned()


# --- waiting for the file store ---


def test_what_took_long_is_waited_for_as_long(monkeypatch):
    assert patience.to_keep(1.0) == timedelta(minutes=15)
    assert patience.to_go_on(1.0) == timedelta(minutes=1)
    assert patience.to_keep(7200.0) == patience.to_go_on(7200.0) == timedelta(hours=2)


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "OUTAGE_PAUSE_SECONDS", 0.01)


def away() -> None:
    raise ObjectStoreUnavailable


def test_an_outage_longer_than_any_wait_is_a_fault(begun, no_pause):
    with pytest.raises(ObjectStoreUnavailable):
        patience.patiently(begun.context, away, longest=timedelta(seconds=0.1))


def test_who_waits_for_the_file_store_stops_when_told(begun, no_pause):
    begun.context.stop()
    with pytest.raises(Stopped):
        patience.patiently(begun.context, away)
