"""The compiled kernels against numpy and HiGHS, where they are kept, and when they are used."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from networx.domain.arrays import Floats
from networx.solver.location import compiling
from networx.solver.location.lagrangian import gear, solve
from networx.solver.location.lagrangian.ascent import Ascent, Effort, Node, PlainAscent, ascend
from networx.solver.location.lagrangian.flows import Shipping
from networx.solver.location.lagrangian.instance import Instance, prepare
from networx.solver.location.problem import LocationAnswer, LocationProblem, Watch
from networx.solver.outcome import Ending, Limits
from tests.core.solver.location.capacitated import random_problem
from tests.core.solver.location.test_lagrangian import GAP, assert_right_and_proven, larger_problem

PROBLEMS = int(os.environ.get("SOLVER_FUZZ") or 40)
FIRST = int(os.environ.get("SOLVER_SEED") or 0)
BATCH = 20


@pytest.fixture(scope="module", autouse=True)
def kernels() -> None:
    assert compiling.wait_for_kernels()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels from the first step on, however small the problem."""
    monkeypatch.setattr(gear, "LARGE", 0)


def solved(problem: LocationProblem, stop: Callable[[], bool] = lambda: False) -> LocationAnswer:
    return solve(problem, Limits(120.0, GAP), Watch(lambda *_: None, lambda _: None, stop))


def without_ties(instance: Instance, seed: int) -> Floats:
    """What customers might pay; no two lanes are worth the same, so that there is one answer."""
    draw = np.random.default_rng(seed)
    pays: Floats = np.partition(instance.price, 3, axis=0)[3] * instance.demand
    return pays * draw.uniform(0.97, 1.03, instance.customers)


def climbed(ascent: Ascent, node: Node, steps: int, cutoff: float) -> int:
    """How often it was visited."""
    visits: list[Node] = []
    ascend(ascent, node, Effort(steps, length=0.3, patience=5, shorter=0.7), lambda: cutoff, visits.append)
    return len(visits)


@pytest.mark.parametrize(("seed", "most"), [*((seed, 30) for seed in range(12)), (1, 14), (2, 13), (3, 12)])
def test_an_ascent_is_the_same_in_numpy_and_compiled(seed: int, most: int) -> None:
    draw = np.random.default_rng(seed)
    problem = larger_problem(seed)
    capacity = problem.capacity * draw.uniform(0.9, 1.1, len(problem.capacity))  # none is filled to the unit
    instance = prepare(replace(problem, capacity=capacity, at_most=most))
    from networx.solver.location.lagrangian.compiled import CompiledAscent

    pays, average, site = without_ties(instance, seed), draw.random(instance.sites), int(draw.integers(instance.sites))
    nodes, visits = [], []
    for ascent in (PlainAscent(instance), CompiledAscent(instance)):
        zeros = np.zeros(instance.sites)
        node = Node(instance.must.copy(), instance.must.copy(), -np.inf, pays, 0.0, average.copy(), zeros)
        root_visits = climbed(ascent, node, 12, np.inf)
        child = node.child(site, opened=bool(seed % 2))
        child_visits = climbed(ascent, child, 8, node.bound * 1.004)
        nodes.append((node, child))
        visits.append((root_visits, child_visits))
    assert visits[0] == visits[1]
    for plain, compiled in zip(*nodes, strict=True):
        assert compiled.bound == pytest.approx(plain.bound, rel=1e-9)
        assert compiled.pays == pytest.approx(plain.pays, rel=1e-7)
        assert compiled.rents == pytest.approx(plain.rents, rel=1e-6, abs=1e-7)
        assert compiled.average == pytest.approx(plain.average, abs=1e-6)
        assert (compiled.opened == plain.opened).all()
        assert (compiled.closed == plain.closed).all()
        assert compiled.settled_at == pytest.approx(plain.settled_at, rel=1e-9)
        assert [(list(step.opened), list(step.closed)) for step in compiled.steps] == [
            (list(step.opened), list(step.closed)) for step in plain.steps
        ]


def test_an_ascent_whose_steps_grew_too_short_is_visited_once_a_step() -> None:
    problem = larger_problem(1)
    instance = prepare(problem)
    from networx.solver.location.lagrangian.compiled import CompiledAscent

    pays, visits = without_ties(instance, 1), []
    for ascent in (PlainAscent(instance), CompiledAscent(instance)):
        nothing, zeros = np.zeros(instance.sites, dtype=bool), np.zeros(instance.sites)
        node = Node(nothing, nothing.copy(), -np.inf, pays, 0.0, zeros.copy(), zeros.copy())
        seen: list[Node] = []
        short = Effort(steps=100, length=1.0, patience=1, shorter=0.1)
        ascend(ascent, node, short, lambda: np.inf, seen.append)
        visits.append(len(seen))
    assert visits[0] == visits[1] < 100


@pytest.mark.parametrize("seed", range(25))
def test_flows_by_shortest_paths_are_as_cheap_as_highs_finds_them(seed: int) -> None:
    draw = np.random.default_rng(seed)
    problem = larger_problem(seed, sites=12, customers=40)
    cost = np.where(draw.random(problem.cost.shape) < 0.2, np.inf, problem.cost)
    instance = prepare(replace(problem, cost=cost))
    opened = draw.random(instance.sites) < 0.7
    rents = np.where(draw.random(instance.sites) < 0.5, 0.0, draw.uniform(0, 5, instance.sites))
    price, size = instance.price[opened], instance.size[opened]
    if not np.isfinite(price).any(axis=0).all() or size.sum() < instance.total:
        return
    from networx.solver.location.lagrangian.compiled import cheapest_flows

    truth = Shipping(instance, lambda: None).ship(opened, rents, np.inf)
    found = cheapest_flows(price, instance.demand, size, rents[opened], np.inf, lambda: None)
    if truth.flows is None:
        assert found is None
        return
    assert found is not None
    rent, flows = found
    assert flows is not None
    assert (flows >= 0).all()
    assert flows.sum(axis=0) == pytest.approx(instance.demand)
    assert (flows.sum(axis=1) <= size * (1 + 1e-9)).all()
    cost_of_flows = float((flows * np.where(flows > 0, price, 0.0)).sum()) + float(instance.fixed[opened].sum())
    assert cost_of_flows == pytest.approx(truth.flows.cost, rel=1e-9)
    bound = (price + rent[:, None]).min(axis=0) @ instance.demand - rent @ size + instance.fixed[opened].sum()
    assert bound == pytest.approx(truth.flows.cost, rel=1e-9)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("first", range(FIRST, FIRST + PROBLEMS, BATCH))
def test_compiled_it_agrees_with_highs_and_its_proof_is_confirmed(first: int) -> None:
    for seed in range(first, first + BATCH):
        assert_right_and_proven(seed)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("seed", [80, 205, 268])  # sites of no size, which saved what they cannot hold
def test_compiled_what_once_went_wrong_is_right(seed: int) -> None:
    assert_right_and_proven(seed)


@pytest.mark.usefixtures("at_once")
def test_compiled_it_is_the_same_each_time_and_stops_when_told() -> None:
    first, second = solved(larger_problem()), solved(larger_problem())
    assert first.plan is not None
    assert second.plan is not None
    assert (first.plan.cost, first.bound, first.nodes) == (second.plan.cost, second.bound, second.nodes)
    assert solved(larger_problem(), lambda: True).ending is Ending.INTERRUPTED


def test_short_searches_load_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(gear, "kernels_at_hand", lambda: asked.append(1) or False)
    solved(random_problem(5))
    assert asked == []
    monkeypatch.setattr(gear, "LONG", 10)
    assert solved(larger_problem()).ending is Ending.OPTIMAL  # and without kernels it goes on as before
    assert asked


@pytest.mark.parametrize(("problems", "asked"), [(1, False), (20, True)])
def test_problems_of_a_sweep_count_together(monkeypatch: pytest.MonkeyPatch, problems: int, asked: bool) -> None:
    problem, begun = larger_problem(), []
    monkeypatch.setattr(gear, "LARGE", 20 * problem.cost.size)
    monkeypatch.setattr(gear, "LONG", 10**9)
    at_hand = gear.kernels_at_hand
    monkeypatch.setattr(gear, "kernels_at_hand", lambda: begun.append(1) or at_hand())
    watch = Watch(lambda *_: None, lambda _: None, lambda: False)
    answer = solve(problem, Limits(120.0, GAP), watch, problems=problems)
    alone = solved(problem)
    assert bool(begun) is asked
    assert answer.ending is alone.ending is Ending.OPTIMAL
    assert answer.plan is not None
    assert alone.plan is not None
    assert answer.plan.cost == pytest.approx(alone.plan.cost, rel=2.1 * GAP)


def test_kernels_are_kept_only_where_nobody_else_writes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    monkeypatch.setattr(compiling, "_parents", lambda: (home, other))
    first = compiling._private_folder()
    assert first is not None
    assert first.parent == home
    assert first.stat().st_mode & 0o777 == 0o700
    home.chmod(0o777)
    second = compiling._private_folder()
    assert second is not None
    assert second.parent == other
    other.rename(tmp_path / "moved")
    other.symlink_to(tmp_path / "moved")
    assert compiling._private_folder() is None


def test_kernels_are_those_of_one_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """numba compiles again where a source lies elsewhere or was written since, and that must not be in a search."""

    def digest(package: Path) -> str:
        monkeypatch.setattr(compiling, "__file__", str(package / "compiling.py"))
        compiling._digest.cache_clear()
        return compiling._digest()

    original = Path(compiling.__file__).parent
    here, there = (shutil.copytree(original, tmp_path / name / "location") for name in ("here", "there"))
    first = digest(here)
    assert digest(here) == first
    assert digest(there) != first
    os.utime(here / "years" / "kernels.py", (0, 0))
    assert digest(here) != first
    compiling._digest.cache_clear()


SEARCHES = """
from networx.solver.location import compiling

assert compiling.wait_for_kernels()
from dataclasses import replace

from bench.solver.drawn import capacitated
from bench.solver.networks import on_a_map
from networx.models.transport import solve_transport
from networx.solver.location.lagrangian import engine, gear
from networx.solver.location.lagrangian.kernels import climb, flows, knapsacks, selection
from networx.solver.location.problem import Watch
from networx.solver.location.years import kernels, relaxation
from networx.solver.outcome import Limits

gear.LARGE = relaxation.LARGE = 0


def compiled():
    return {
        f"{name}{one}"
        for module in (climb, flows, knapsacks, selection, kernels)
        for name, each in vars(module).items()
        for one in getattr(each, "signatures", [])
    }


ahead = compiled()
watch = Watch(lambda *_: None, lambda _: None, lambda: False)
nodes = engine.solve(capacitated(15, 60, seed=1, ratio=3.0), Limits(60.0, 1e-6), watch).nodes
chosen = []
for lease in (2, 5):
    tables, parameters = on_a_map(8, 30, lease, rules=True, service_level=0.3)
    solve_transport(tables, replace(parameters, engine="years"), chosen=chosen.append)
print(len(ahead), nodes, *chosen, *sorted(compiled() - ahead), sep="\\n")
"""


def test_no_search_compiles_what_was_not_compiled_ahead() -> None:
    """An array of another layout or type would be compiled for within a search, for seconds that nobody counts."""
    done = subprocess.run([sys.executable, "-c", SEARCHES], capture_output=True, text=True, timeout=300, check=True)
    ahead, nodes, *chosen_and_later = done.stdout.splitlines()
    assert int(ahead) > 5
    assert int(nodes) > 0
    assert chosen_and_later == ["NetWORX Lagrangian over years"] * 2


def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling._Known, "answer", None)
    monkeypatch.setattr(compiling._Known, "compiler", None)
    monkeypatch.setattr(compiling._Known, "why", None)


def test_nobody_waits_for_the_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begun: list[Path] = []

    class Compiler:
        ended: int | None = None

        def poll(self) -> int | None:
            return self.ended

    compiler = Compiler()
    nothing_known(monkeypatch)
    monkeypatch.setattr(compiling, "_parents", lambda: (tmp_path / "home", tmp_path / "other"))
    monkeypatch.setattr(compiling, "_compiling", lambda folder: begun.append(folder) or compiler)
    monkeypatch.setattr(compiling, "_loads", lambda _: True)
    assert not compiling.kernels_at_hand()
    assert not compiling.kernels_at_hand()
    assert len(begun) == 1  # one compiler, however often it is asked
    (begun[0] / compiling.COMPLETE).touch()
    assert compiling.kernels_at_hand()
    monkeypatch.setattr(compiling._Known, "answer", None)
    (begun[0] / compiling.COMPLETE).unlink()
    compiler.ended = 1
    (begun[0] / compiling.FAILED).write_text("OSError: No space left on device")
    assert compiling.without_kernels() is None  # nobody knows yet
    assert not compiling.kernels_at_hand()
    assert compiling._Known.answer is False  # it failed: numpy from here on, and nobody asks again
    assert compiling.without_kernels() == "compiling failed: OSError: No space left on device"


@pytest.mark.parametrize("lacking", [FileNotFoundError("no folder"), PackageNotFoundError("numba")], ids=repr)
def test_where_nothing_can_be_compiled_searches_go_on(monkeypatch: pytest.MonkeyPatch, lacking: Exception) -> None:
    def refuse(*_: object) -> None:
        raise lacking

    nothing_known(monkeypatch)
    monkeypatch.setattr(compiling, "_digest", lambda: "0")
    monkeypatch.setattr(compiling, "_parents" if isinstance(lacking, OSError) else "_digest", refuse)
    assert not compiling.kernels_at_hand()
    why = compiling.without_kernels()
    assert why is not None
    assert type(lacking).__name__ in why


def test_without_a_folder_of_ones_own_it_is_said_which_were_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nothing_known(monkeypatch)
    (tmp_path / "a file").touch()
    monkeypatch.setattr(compiling, "_parents", lambda: (tmp_path / "a file",))
    assert not compiling.kernels_at_hand()
    assert f"this user alone may write to: {tmp_path / 'a file'}" in str(compiling.without_kernels())


def test_without_a_process_to_compile_in_searches_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nothing_known(monkeypatch)
    monkeypatch.setattr(compiling, "_parents", lambda: (tmp_path / "home",))
    monkeypatch.setattr(compiling.sys, "executable", str(tmp_path / "none"))
    assert not compiling.kernels_at_hand()
    assert compiling._Known.answer is False


def test_many_searches_compile_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loaded: list[Path] = []
    monkeypatch.setattr(compiling, "_loads", lambda folder: loaded.append(folder) or len(loaded) > 1)
    assert not compiling.compile_into(tmp_path)  # what fails leaves no word that it is complete
    assert compiling.compile_into(tmp_path)
    assert compiling.compile_into(tmp_path)
    assert len(loaded) == 2
    assert not (tmp_path / compiling.FAILED).exists()


def test_kernels_of_other_versions_go_when_nobody_has_used_them_for_a_month(tmp_path: Path) -> None:
    now = time.time()
    long_ago = now - compiling.UNUSED_SECONDS - 60
    names = ("ours", "unused", "used", "never complete", "being compiled", "of others")
    folders = {name: tmp_path / f"kernels-{at:016x}" for at, name in enumerate(names)}
    for name, folder in folders.items():
        folder.mkdir(mode=0o777 if name == "of others" else 0o700)
        (folder / "a kernel").touch()
        if name != "never complete":
            (folder / compiling.COMPLETE).touch()
            os.utime(folder / compiling.COMPLETE, (now, now if name == "used" else long_ago))
        os.utime(folder, (long_ago, long_ago))
    folders["of others"].chmod(0o777)
    (tmp_path / "kernels-of-mine").mkdir()
    (tmp_path / "kernels-0123456789abcdef").symlink_to(folders["unused"])
    with (folders["being compiled"] / "lock").open("w") as lock:
        os.utime(folders["being compiled"], (long_ago, long_ago))
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert compiling.compile_into(folders["ours"])
    gone = {"unused", "never complete"}
    assert {name for name, folder in folders.items() if not folder.exists()} == gone
    assert (tmp_path / "kernels-of-mine").exists()
