"""The benchmarks measure what they say, on a small scale; that of jobs without its peers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.api import compare, load, sides, streams
from bench.jobs import growth, latency, processor, servers, throughput, witness
from bench.jobs.latency import Spread
from bench.jobs.systems import Ours, Run
from bench.resilience.__main__ import CASES, a_tenant, answering, side
from bench.solver import tables
from bench.solver.run import Outcome


@pytest.fixture(scope="module")
def running() -> Iterator[servers.Servers]:
    with servers.running() as made:
        yield made


# In memory a job takes less than a tick of the processor's clock: only many of them take any.
@pytest.mark.parametrize(("queue", "jobs"), [("memory", 400), ("emulator", 40)])
def test_every_job_of_a_round_is_done_and_timed(running, queue, jobs):
    run = Run(running)
    rate = throughput.measure(run, Ours("NetWORX", 2, queue), jobs, patience=60)
    assert sorted(number for number, _ in witness.read(run.started)) == list(range(jobs))
    assert rate.per_second > 0
    assert rate.worker_ms > 0
    with running.master() as master:
        ended = master.execute("SELECT count(*) FROM networx.jobs WHERE status = 'succeeded'").fetchone()
    assert ended == (jobs,)


def test_delays_are_those_of_the_jobs_that_were_submitted(running):
    delays = latency.measure(Run(running), Ours("NetWORX", 1, "emulator"), jobs=5, pause=0.05)
    assert 0 < delays.start.p50 <= delays.start.p99
    assert delays.finish is not None


def test_the_cost_is_measured_at_each_length_of_the_queue(running, monkeypatch):
    monkeypatch.setattr(growth, "WARM_UP", 10)
    monkeypatch.setattr(growth, "MEASURED", 20)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    costs = growth.measure(Run(running), (200, 400))
    assert [cost.waiting for cost in costs] == [200, 400]
    assert all(cost.wall_ms > 0 for cost in costs)


def test_a_worker_that_dies_ends_the_measurement(running):
    class Dying(Ours):
        def worker(self) -> tuple[str, ...]:
            return (sys.executable, "-c", "raise SystemExit('no strength')")

    with pytest.raises(TimeoutError, match="no strength"):
        throughput.measure(Run(running), Dying("dying", 1, "memory"), 10, patience=30)


def test_the_processor_time_of_a_process_is_that_of_its_children_too():
    spinning = "import time\nend = time.process_time() + 1.0\nwhile time.process_time() < end: pass\ntime.sleep(30)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spinning!r}])"
    with subprocess.Popen([sys.executable, "-c", parent]) as process:
        try:
            deadline = time.monotonic() + 30
            while processor.seconds(process.pid) < 0.5:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            child = processor.busiest(process.pid)
            assert child != process.pid
        finally:
            os.kill(child, 9)
            process.kill()


def test_a_spread_is_the_middle_and_the_worst_but_one_in_a_hundred():
    assert Spread.of([number / 1000 for number in range(101)]) == Spread(50.0, 99.0)


def test_marks_of_many_processes_are_all_kept(tmp_path):
    path = tmp_path / "marks"
    code = f"from bench.jobs.witness import Witness\nw = Witness({str(path)!r})\nfor n in range(500): w.mark(n)"
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait(30) for process in processes] == [0] * 4
    assert witness.count(path) == 2000
    assert sorted(number for number, _ in witness.read(path)) == sorted(list(range(500)) * 4)


@pytest.fixture(scope="module")
def both() -> Iterator[sides.Sides]:
    with sides.running() as made:
        yield made


@pytest.mark.parametrize("endpoint", compare.ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_an_endpoint_is_asked_of_the_platform_and_of_the_bare_peer(both, endpoint):
    ours, bare = compare.measure(both, endpoint, width=2, count=20, rounds=2)
    for figures in (ours, bare):
        assert len(figures.cpu_ms) == 2
        assert figures.middle("per_second") > 0
        assert 0 < figures.middle("p50") <= figures.middle("p99")


def test_both_write_the_same_rows(both):
    (submit,) = (endpoint for endpoint in compare.ENDPOINTS if endpoint.name == "submit")
    before = [_rows(both, database) for database in ("networx", sides.PEERS_RECORD)]
    compare.measure(both, submit, width=2, count=10, rounds=1)
    after = [_rows(both, database) for database in ("networx", sides.PEERS_RECORD)]
    # A job and its event: two requests to warm up, ten to measure.
    assert [then - now for now, then in zip(before, after, strict=True)] == [24, 24]


def _rows(both: sides.Sides, database: str) -> int:
    with both.servers.master(database) as master:
        found = master.execute(
            "SELECT (SELECT count(*) FROM networx.jobs) + (SELECT count(*) FROM networx.job_events)"
        ).fetchone()
    assert found is not None
    return int(found[0])


def test_a_refusal_is_not_measured_as_an_answer(both):
    wrong = compare.Endpoint("nothing", 200, lambda side, number: load.request("GET", "/api/nothing"))
    with pytest.raises(RuntimeError, match="each should be 200"):
        compare.measure(both, wrong, width=1, count=2, rounds=1)


def test_open_streams_hear_of_progress_and_other_requests_are_answered(both):
    found = streams.measure(both, 60, seconds=3)
    assert found.streams == 60
    assert found.events > 0
    assert 0 < found.delay.p50 <= found.delay.p99
    assert found.other.p50 > 0


def test_protection_is_measured_for_every_case(running):
    with (
        answering() as port,
        side(running, sys.executable, "bench.resilience.ours", str(port), a_tenant(running)) as ours,
    ):
        for case in CASES:
            cpu, wall = ours.run(case, 20)
            assert wall > 0, case
            assert cpu >= 0, case


def test_solvers_are_compared_in_processes_of_their_own(tmp_path):
    record = tmp_path / "record"
    asked = ["--cases", "growth-*-16x50", "--solvers", "benders", "lagrangian", "highs-strong", "--record", str(record)]
    ran = subprocess.run([sys.executable, "-m", "bench.solver", *asked], capture_output=True, text=True, timeout=250)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    outcomes = [json.loads(line) for line in record.read_text().splitlines()]
    assert len(outcomes) == 6
    for case in {outcome["case"] for outcome in outcomes}:
        ours, theirs = (outcome for outcome in outcomes if outcome["case"] == case)
        assert ours["cost"] == pytest.approx(theirs["cost"], rel=2e-6)
        assert ours["bound"] == pytest.approx(ours["cost"], rel=2e-6)


def test_proofs_that_contradict_one_another_are_named():
    one = Outcome("case", "one", "optimal", 10.0, 10.0, 0.1, 50.0, 0, right=True)
    assert tables.contradictions([one, replace(one, solver="other")]) == []
    wrong = replace(one, solver="other", cost=11.0, bound=11.0, right=False)
    assert len(tables.contradictions([one, wrong])) == 2
