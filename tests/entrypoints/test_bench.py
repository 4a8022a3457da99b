"""The benchmark of jobs measures what it says, on a small scale and without the peers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bench.jobs import growth, latency, processor, servers, throughput, witness
from bench.jobs.latency import Spread
from bench.jobs.systems import Ours, Run


@pytest.fixture(scope="module")
def running() -> Iterator[servers.Servers]:
    with servers.running() as made:
        yield made


@pytest.mark.parametrize("queue", ["memory", "emulator"])
def test_every_job_of_a_round_is_done_and_timed(running, queue):
    run = Run(running)
    rate = throughput.measure(run, Ours("NetWORX", 2, queue), 40, patience=60)
    assert sorted(number for number, _ in witness.read(run.started)) == list(range(40))
    assert rate.per_second > 0
    assert rate.worker_ms > 0
    with running.master() as master:
        ended = master.execute("SELECT count(*) FROM networx.jobs WHERE status = 'succeeded'").fetchone()
    assert ended == (40,)


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
    spinning = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\ntime.sleep(30)"
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
