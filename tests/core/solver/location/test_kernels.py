"""The compiled kernels against numpy and HiGHS, where they are kept, and when they are used."""

from __future__ import annotations

import os
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


def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling._Known, "answer", None)
    monkeypatch.setattr(compiling._Known, "compiler", None)


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
    assert not compiling.kernels_at_hand()
    assert compiling._Known.answer is False  # it failed: numpy from here on, and nobody asks again


@pytest.mark.parametrize("lacking", [FileNotFoundError("no folder"), PackageNotFoundError("numba")], ids=repr)
def test_where_nothing_can_be_compiled_searches_go_on(monkeypatch: pytest.MonkeyPatch, lacking: Exception) -> None:
    def refuse(*_: object) -> None:
        raise lacking

    nothing_known(monkeypatch)
    monkeypatch.setattr(compiling, "_digest", lambda: "0")
    monkeypatch.setattr(compiling, "_parents" if isinstance(lacking, OSError) else "_digest", refuse)
    assert not compiling.kernels_at_hand()
    assert compiling._Known.answer is False


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
