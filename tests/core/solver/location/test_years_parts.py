"""Parts of the engine for years: compiled knapsacks beside plain ones, rounding that learns, short and full proofs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from networx.domain.parameters import TransportParameters
from networx.models.transport import prepare, solve_transport
from networx.models.transport.years import YearsLocation
from networx.solver.location.compiling import wait_for_kernels
from networx.solver.location.lagrangian.control import Control, Halt
from networx.solver.location.years import proof, tree
from networx.solver.location.years.flows import Shipped
from networx.solver.location.years.instance import Instance
from networx.solver.location.years.instance import prepare as prepared
from networx.solver.location.years.knapsacks import PlainKnapsacks
from networx.solver.location.years.node import Node
from networx.solver.location.years.patterns import patterns_of
from networx.solver.location.years.relaxation import Multipliers
from networx.solver.location.years.rounding import Rounding
from networx.solver.outcome import Ending
from tests.core.models.small_networks import spread_network
from tests.core.models.test_transport_plans import assert_certified
from tests.core.models.test_transport_years import random_case

TABLES = spread_network(9, 30, 3, tightness=4.0)
GIVEN = TransportParameters(
    single_sourcing=False, lease_years=2, cost_per_unit_mile=0.01, circuity=1.2, engine="years", gap=1e-6
)


@pytest.fixture(scope="module")
def instance() -> Instance:
    return prepared(YearsLocation.of(prepare(TABLES, GIVEN)).problem)


@pytest.mark.parametrize("with_rules", [False, True], ids=["plain", "with minima and service"])
def test_compiled_knapsacks_are_the_plain_ones(instance: Instance, with_rules: bool):
    if not wait_for_kernels():
        pytest.skip("numba is not here, or has no folder to compile into")
    from networx.solver.location.years.compiled import CompiledKnapsacks, lanes_of

    draw = np.random.default_rng(5)
    if with_rules:
        problem = instance.problem
        level, near = np.full(problem.years, 0.5), draw.random(problem.near.shape) < 0.4
        least = 0.3 * instance.size.min(axis=0)
        least[2] = 0.0
        instance = prepared(replace(problem, least=least, near=near, level=level))
    of_no_size = instance.size.copy()
    of_no_size[1, 2] = 0.0
    instance = replace(instance, size=of_no_size)
    problem = instance.problem
    year, site = np.nonzero(~instance.all.closed)
    unit, reward = np.sort(problem.price, axis=1)[:, 2] + 1.0, np.zeros(problem.years)
    plain = PlainKnapsacks(instance, year, site, unit, reward)
    compiled = CompiledKnapsacks(instance, lanes_of(problem), year, site, unit, reward, np.zeros(len(year)))
    for step in range(40):
        if step == 25:
            left = draw.random(len(year)) < 0.7
            plain.keep(left)
            compiled.keep(left)
        here, there = plain.fill(unit, reward), compiled.fill(unit, reward)
        open_rows = draw.random(len(plain.year)) < 0.5
        np.testing.assert_allclose(there.saved, here.saved, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(there.rent, here.rent, rtol=1e-9, atol=1e-9)
        for ours, theirs in zip(there.served(open_rows), here.served(open_rows), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-6)
        unit = unit * draw.normal(1.0, 0.1, unit.shape)
        reward = np.maximum(reward + draw.normal(0.2, 1.0, problem.years), 0.0) if with_rules else reward


def test_rounding_learns_from_several_years_without_flows(instance: Instance):
    problem = instance.problem
    rounding = Rounding(instance, patterns_of(problem), lambda: False)
    for year in range(2):
        pays = problem.demand[year].copy()
        rounding.learn(year, Shipped(np.inf, np.zeros(problem.sites), pays, 0.0, endless=True))
    opened = rounding.nearest(np.ones(instance.size.shape), instance.all)
    assert opened is not None
    held = np.where(opened, instance.size, 0.0).sum(axis=1)
    assert (held >= instance.total * (1 - 1e-9)).all()


def test_a_proof_that_stops_growing_still_shows_its_bound(monkeypatch: pytest.MonkeyPatch):
    tables, given = random_case(70)  # which takes a tree
    given = replace(given, engine="years", single_sourcing=False, gap=1e-7)
    kept: list[float] = []
    keep, look = tree.Tree._keep_proof, Control.look

    def keeping(searched: tree.Tree) -> None:
        keep(searched)
        kept.append(searched.proven)

    def looking(control: Control) -> None:
        look(control)
        if len(kept) >= 1 and stopping:
            raise Halt(Ending.INTERRUPTED)

    monkeypatch.setattr(proof.ProofLog, "full", lambda *_: True)
    monkeypatch.setattr(tree.Tree, "_keep_proof", keeping)
    monkeypatch.setattr(Control, "look", looking)
    stopping = False
    done = solve_transport(tables, given)
    assert done.bound_source == "solver", "it went on to the optimum, beyond what the proof shows"
    kept.clear()
    stopping = True
    stopped = solve_transport(tables, given)
    assert stopped.bound_source == "recomputed"
    assert stopped.bound == pytest.approx(kept[0])
    assert done.bound is not None
    assert kept[0] < done.bound
    assert_certified(tables, given, stopped)


def a_node(instance: Instance) -> Node:
    """With two steps: the first closed site 0 in year 0 and opened 1 in it, the second opened 2 in year 1."""
    nothing = np.zeros(instance.problem.years)
    prices = Multipliers(np.zeros(instance.problem.demand.shape), nothing, nothing, nothing, nothing)
    states, rents = np.zeros((2, *instance.size.shape))
    node = Node(instance.all, 90.0, prices, states, rents, shown=prices)
    low = np.zeros(instance.size.shape)
    if_open, if_closed = low.copy(), low.copy()
    if_open[0, 0] = if_closed[0, 1] = 101.0
    assert node.settle(prices, if_open, if_closed, 100.0)
    if_closed = low.copy()
    if_closed[1, 2] = 102.0
    assert node.settle(prices, low, if_closed, 100.0)
    return node


def test_one_step_gathers_what_it_can_and_the_rest_stays_where_it_was(instance: Instance):
    node = a_node(instance)
    part = node.part
    if_open, if_closed = np.zeros((2, *instance.size.shape))
    if_closed[0, 1] = if_closed[1, 2] = 100.5
    if_open[1, 2] = if_open[1, 3] = 105.0  # never settled so, and not to be

    node.gather(0, instance.all, 89.0, if_open, if_closed, 100.0)

    told = [[[list(axis) for axis in step.opened], [list(axis) for axis in step.closed]] for step in node.steps]
    assert told == [[[[0, 1], [1, 2]], [[], []]], [[[], []], [[0], [0]]]]
    assert node.part is part
    assert node.settled_at == 100.5


def test_a_bound_that_the_last_step_shows_is_not_written_twice(instance: Instance):
    node = a_node(instance)
    node.conclude()
    assert len(node.steps) == 2
    node.bound = 91.0  # of the parent, say
    node.conclude()
    assert len(node.steps) == 3
