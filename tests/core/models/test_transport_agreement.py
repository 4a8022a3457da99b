"""Whole solves against HiGHS on the plain model, in any order and any units; and answers that are wrong on purpose.

SOLVER_FUZZ=2000 asks so many, SOLVER_SEED= others (`make fuzz-solver`).
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import BENDERS, HIGHS, LAGRANGIAN, TransportParameters
from networx.domain.plan import Certificate, Clash, Infeasibility, Outcome, ResultStatus
from networx.errors import RefusedInput, SolverFault
from networx.models.transport import run as running
from networx.models.transport import solve_transport
from networx.solver.location.problem import LocationProblem
from networx.solver.outcome import Ending, Solution
from networx.verify.transport import certify, certify_infeasible
from tests.core.models.small_networks import network, parameters
from tests.core.solver.location.capacitated import by_highs, random_problem

PROBLEMS = int(os.environ.get("SOLVER_FUZZ") or 24)
FIRST = int(os.environ.get("SOLVER_SEED") or 0)
BLOCKS = 4
ENGINES = (HIGHS, LAGRANGIAN, BENDERS)
CLOSE = 3e-6  # of the cost: each side has proven it to 1e-6


def tables_of(problem: LocationProblem, order: np.random.Generator, *, units: float, dollars: float) -> NetworkTables:
    """The problem as a network, its rows in a random order, its amounts in other units."""
    sites, customers = problem.cost.shape
    site, customer = order.permutation(sites), order.permutation(customers)
    facilities = [
        (
            f"S{i}",
            problem.capacity[i] * units,
            problem.fixed[i] * dollars,
            "mandatory" if problem.must[i] else "candidate",
        )
        for i in site
    ]
    price = problem.cost[np.ix_(site, customer)] / problem.demand[customer] * dollars / units
    lanes = [(i, j, float(price[i, j])) for i, j in zip(*np.nonzero(np.isfinite(price)), strict=True)]
    destinations = [(f"C{j}", problem.demand[j] * units) for j in customer]
    return network(facilities, destinations, [lanes[k] for k in order.permutation(len(lanes))])


def certificate(tables: NetworkTables, given: TransportParameters, outcome: Outcome, **claims: Any) -> Certificate:
    sha256 = tables.sha256()
    if outcome.plan is None:
        assert outcome.infeasibility is not None
        return certify_infeasible(tables, given, outcome.infeasibility, sha256)
    claimed = {
        name: getattr(outcome, name) for name in ("objective", "bound", "gap", "status", "bound_source", "proof")
    }
    return certify(tables, given, outcome.plan, **{**claimed, "dataset_sha256": sha256, **claims})


def disagreement(seed: int) -> str | None:
    """What is wrong with the answers to one problem, if anything is."""
    problem = random_problem(seed)
    truth, lots = by_highs(problem), np.random.default_rng(seed)
    for engine in ENGINES:
        units, dollars = 10.0 ** lots.integers(-3, 4), 10.0 ** lots.integers(-3, 4)
        tables = tables_of(problem, lots, units=units, dollars=dollars)
        given = parameters(engine=engine, min_facilities=problem.at_least, max_facilities=problem.at_most)
        try:
            outcome = solve_transport(tables, given)
        except RefusedInput as refused:
            # An engine that is not made for it, or a network without a single lane.
            if "does not solve" in str(refused) or not np.isfinite(problem.cost).any():
                continue
            return f"{engine}: {refused}"
        if (outcome.plan is None) != (truth is None):
            return f"{engine}: {outcome.status}, though the cost is {truth}"
        if not certificate(tables, given, outcome).valid:
            return f"{engine}: its certificate is not valid"
        if truth is not None and (
            outcome.status is not ResultStatus.OPTIMAL
            or abs(outcome.objective - truth * dollars) > CLOSE * max(truth * dollars, 1e-9)
        ):
            return f"{engine}: {outcome.objective}, not {truth * dollars}"
    return None


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_engine_agrees_with_the_plain_model_in_any_order_and_units(block: int):
    found = {seed: disagreement(seed) for seed in range(FIRST + block, FIRST + PROBLEMS, BLOCKS)}
    assert {seed: wrong for seed, wrong in found.items() if wrong} == {}


# --- wrong on purpose ---

WAYS = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 0)]
SMALL = network(
    [(f"S{i}", 25.0 + 5 * i, 40.0 + 7 * i) for i in range(4)],
    [(f"C{j}", 10.0) for j in range(4)],
    [(i, j, float(1 + (3 * i + 5 * j) % 7)) for i, j in WAYS],
)


@pytest.fixture(scope="module", params=[HIGHS, LAGRANGIAN])
def answered(request: pytest.FixtureRequest) -> tuple[TransportParameters, Outcome]:
    given = parameters(engine=request.param)
    outcome = solve_transport(SMALL, given)
    assert certificate(SMALL, given, outcome).valid
    return given, outcome


@pytest.mark.parametrize("off", [-1e-4, 1e-4])
def test_a_cost_that_is_off_by_a_ten_thousandth_is_refused(answered, off: float):
    given, outcome = answered
    cost = outcome.objective + off
    bound = min(outcome.bound, cost)
    assert not certificate(SMALL, given, outcome, objective=cost, bound=bound, gap=(cost - bound) / cost).valid


def test_a_destination_that_is_not_served_is_refused(answered):
    given, outcome = answered
    plan = outcome.plan
    served = plan.flow_destination != plan.flow_destination[0]
    parts = {
        name: getattr(plan, name)[served] for name in ("flow_year", "flow_facility", "flow_destination", "flow_units")
    }
    assert not certificate(SMALL, given, replace(outcome, plan=replace(plan, **parts))).valid


def test_a_closed_facility_that_serves_is_refused(answered):
    given, outcome = answered
    opened = outcome.plan.opened.copy()
    opened[:, outcome.plan.flow_facility[0]] = False
    assert not certificate(SMALL, given, replace(outcome, plan=replace(outcome.plan, opened=opened))).valid


def test_a_bound_that_can_be_recomputed_and_is_too_high_is_refused():
    """It is below the cost: nothing but the recomputation can tell."""
    given = parameters(engine=LAGRANGIAN)
    outcome = solve_transport(SMALL, given)
    weaker = replace(outcome.proof, pays=outcome.proof.pays * 0.5, size_price=outcome.proof.size_price * 0.0)
    assert not certificate(SMALL, given, replace(outcome, proof=weaker)).valid


@pytest.mark.parametrize("evidence", ["closed_form", "elastic_model"])
def test_a_false_shortage_is_refused(evidence: str):
    """What a sum can show wrong is refused, and a solver's word that names no shortage."""
    clash = Clash("capacity", "12 units short", 12.0 if evidence == "closed_form" else 0.0, "units", 1)
    assert not certify_infeasible(SMALL, parameters(), Infeasibility(evidence, (clash,)), SMALL.sha256()).valid


def test_an_engine_that_finds_no_plan_where_there_is_one_is_contradicted(monkeypatch: pytest.MonkeyPatch):
    nothing = Solution(Ending.INFEASIBLE, None, None, None, 0, 0.0)
    monkeypatch.setattr(running, "solve", lambda *_, **__: nothing)
    with pytest.raises(SolverFault):
        solve_transport(SMALL, parameters(engine=HIGHS))


# --- capacities that are as good as none ---


@pytest.mark.parametrize("single", [False, True], ids=["split", "single source"])
@pytest.mark.parametrize("capacity", [1e8, 1e9, 1e12, 1e15])
def test_a_huge_capacity_opens_no_sliver_of_a_facility(capacity: float, single: bool):
    """100 units at $1 from a site at 100,000; a second site costs as much and stays closed."""
    sites = [("A", capacity, 100_000.0), ("B", capacity, 100_000.0)]
    tables = network(sites, [("X", 99.0), ("Y", 1.0)], [(i, j, 1.0) for i in range(2) for j in range(2)])
    for engine in (HIGHS,) if single else ENGINES:
        given = parameters(engine=engine, single_sourcing=single)
        outcome = solve_transport(tables, given)
        assert (outcome.status, outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(100_100.0, rel=1e-12))
        assert certificate(tables, given, outcome).valid
