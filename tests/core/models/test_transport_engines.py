"""Which engine solves a scenario, that all give the same answer, and that what they prove is recomputed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.location_proof import LocationProof
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Outcome, ResultStatus
from networx.domain.single_source_proof import SingleSourceProof
from networx.errors import RefusedInput
from networx.models.transport import Start, solve_transport
from networx.results.proof import inside, read_transport_proof, result_bytes, transport_proof
from networx.verify.transport import certify
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, network, parameters, random_network, spread_network
from tests.core.models.test_transport_plans import assert_certified

MAP = {"cost_per_unit_mile": 0.01, "circuity": 1.2}
SPREAD = spread_network(20, 60, 1, tightness=3.0)
WHOLE = spread_network(8, 16, 1, tightness=3.0)


def stated(engine: str = "auto", **asked: Any) -> TransportParameters:
    return parameters(**MAP, engine=engine, **asked)


def unlimited(tables: NetworkTables) -> NetworkTables:
    capacity = np.full(len(tables.facilities), UNLIMITED)
    return replace(
        tables,
        facilities=replace(tables.facilities, capacity_units=capacity),
        facility_years=network([], []).facility_years,
    )


def in_years(tables: NetworkTables, *factors: float) -> NetworkTables:
    """The same network over years in which demand and capacity are these times as large."""
    sites = range(len(tables.facilities))
    years = [(2026 + at, factor) for at, factor in enumerate(factors)]
    base = tables.destinations.demand_units
    changes = [
        (site, year, NOT_STATED, tables.facilities.capacity_units[site] * factor)
        for year, factor in years
        for site in sites
    ]
    return replace(
        tables,
        demand=network([], [], demand=[(j, year, base[j] * f) for year, f in years for j in range(len(base))]).demand,
        facility_years=network([], [], facility_years=changes).facility_years,
    )


def certificate(
    tables: NetworkTables,
    given: TransportParameters,
    outcome: Outcome,
    proof: LocationProof | None = None,
    **claims: Any,
) -> Certificate:
    told: dict[str, Any] = {
        "objective": outcome.objective,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "status": outcome.status,
        "bound_source": outcome.bound_source,
        "dataset_sha256": tables.sha256(),
        "proof": proof or outcome.proof,
    }
    assert outcome.plan is not None
    return certify(tables, given, outcome.plan, **{**told, **claims})


def failed(result: Certificate) -> set[str]:
    return {check.name for check in result.checks if not check.passed}


@pytest.fixture(scope="module")
def solved() -> Outcome:
    outcome = solve_transport(SPREAD, stated(max_facilities=14))
    assert outcome.engine == "NetWORX Lagrangian"
    return outcome


@pytest.mark.parametrize(
    ("tables", "asked", "engine"),
    [
        (SPREAD, {}, "NetWORX Lagrangian"),
        (unlimited(SPREAD), {}, "NetWORX Benders"),
        (unlimited(SPREAD), {"single_sourcing": True}, "NetWORX Benders"),
        (in_years(SPREAD, 1.0, 2.0), {}, "NetWORX Lagrangian"),
        (in_years(SPREAD, 1.0, 2.0), {"lease_years": 1}, "HiGHS"),
        (spread_network(20, 30, 2, tightness=6.0), {"max_facilities": 19}, "HiGHS"),
        (spread_network(8, 30, 1, tightness=3.0), {}, "HiGHS"),
        (SPREAD, {"engine": "highs"}, "HiGHS"),
        (SPREAD, {"single_sourcing": True}, "NetWORX single-source"),
        (in_years(SPREAD, 1.0, 2.0), {"single_sourcing": True}, "NetWORX single-source"),
        (spread_network(8, 30, 1, tightness=3.0), {"single_sourcing": True}, "HiGHS"),
        (spread_network(8, 30, 1, tightness=3.0), {"engine": "lagrangian"}, "NetWORX Lagrangian"),
        (SPREAD, {"service_level": 0.5, "max_distance_miles": 900.0}, "HiGHS"),
    ],
)
def test_the_engine_follows_from_the_structure_or_is_named(tables: NetworkTables, asked: Any, engine: str):
    given = parameters(**{**MAP, "gap": 0.2, "time_limit_seconds": 60.0, **asked})

    outcome = solve_transport(tables, given)

    assert outcome.engine.startswith(engine)
    assert outcome.status is ResultStatus.OPTIMAL
    assert outcome.bound_source == ("solver" if engine == "HiGHS" else "recomputed")
    assert certificate(tables, given, outcome).valid


@pytest.mark.parametrize(
    ("tables", "asked", "why"),
    [
        (SPREAD, {"engine": "benders"}, "capacities that can bind"),
        (SPREAD, {"engine": "lagrangian", "single_sourcing": True}, "single sourcing under capacities"),
        (SPREAD, {"engine": "single_source"}, "demand that may be split"),
        (
            unlimited(in_years(SPREAD, 1.0, 2.0)),
            {"engine": "single_source", "single_sourcing": True},
            "without capacities that bind",
        ),
        (in_years(SPREAD, 1.0, 2.0), {"engine": "lagrangian", "lease_years": 1}, "open or close over the years"),
        (spread_network(9, 30, 2, tightness=4.0), {"engine": "lagrangian"}, "several years that differ"),
        (
            SPREAD,
            {"engine": "lagrangian", "service_level": 0.5, "max_distance_miles": 900.0},
            "does not solve a service level",
        ),
    ],
)
def test_an_engine_that_cannot_is_refused_with_what_it_cannot(tables: NetworkTables, asked: Any, why: str):
    with pytest.raises(RefusedInput, match=why):
        solve_transport(tables, parameters(**{**MAP, **asked}))


@pytest.mark.parametrize("seed", range(60))
def test_all_engines_give_the_same_answer(seed: int):
    rng = np.random.default_rng(seed)
    tables = random_network(rng, sites=6, places=9, years=1)
    counts = {"min_facilities": int(rng.integers(0, 3)), "max_facilities": int(rng.integers(2, 6))}
    truth = solve_transport(tables, parameters(engine="highs", **counts))

    outcome = solve_transport(tables, parameters(engine="lagrangian", **counts))

    assert outcome.status is truth.status
    if outcome.plan is not None:
        assert outcome.objective == pytest.approx(truth.objective, rel=3e-6, abs=1e-9)
        assert certificate(tables, parameters(engine="lagrangian", **counts), outcome).valid
    else:
        assert_certified(tables, parameters(**counts), outcome)
    free = unlimited(tables)
    cheapest = solve_transport(free, parameters(engine="highs", **counts))
    if cheapest.plan is not None:
        for engine in ("benders", "lagrangian"):
            again = solve_transport(free, parameters(engine=engine, **counts))
            assert again.objective == pytest.approx(cheapest.objective, rel=3e-6, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_one_source_gives_the_same_answer_by_its_own_engine(seed: int):
    rng = np.random.default_rng(seed)
    tables = random_network(rng, sites=6, places=9, years=1)
    counts = {"min_facilities": int(rng.integers(0, 3)), "max_facilities": int(rng.integers(2, 6))}
    truth = solve_transport(tables, parameters(engine="highs", single_sourcing=True, **counts))
    given = parameters(engine="single_source", single_sourcing=True, **counts)

    outcome = solve_transport(tables, given)

    assert outcome.status is truth.status
    if outcome.plan is None:
        assert_certified(tables, given, outcome)
        return
    assert outcome.objective == pytest.approx(truth.objective, rel=3e-6, abs=1e-9)
    assert certificate(tables, given, outcome).valid


def test_a_proof_of_whole_customers_comes_back_from_the_result():
    given = stated("single_source", single_sourcing=True)
    outcome = solve_transport(WHOLE, given)

    kept = json.loads(result_bytes({"proof": inside(transport_proof(outcome))}))["proof"]
    plan, proof = read_transport_proof(kept)

    assert isinstance(proof, SingleSourceProof)
    assert certificate(WHOLE, given, replace(outcome, plan=plan, proof=proof)).valid


def test_a_proof_of_whole_customers_says_nothing_where_they_may_be_split_or_years_differ():
    """Split, a destination may be served cheaper, and over years that differ, by one facility in each."""
    given = stated("single_source", single_sourcing=True)
    outcome = solve_transport(WHOLE, given)
    assert isinstance(outcome.proof, SingleSourceProof)
    assert certificate(WHOLE, given, outcome).valid
    assert failed(certificate(WHOLE, stated(), outcome)) == {"bound is recomputed"}
    changing = in_years(WHOLE, 1.0, 2.0)
    of_both = solve_transport(changing, given)
    assert certificate(changing, given, of_both).valid
    elsewhere = replace(changing, demand=replace(changing.demand, units=changing.demand.units[::-1].copy()))
    assert "bound is recomputed" in failed(certificate(elsewhere, given, of_both))


def test_planted_faults_in_a_plan_of_whole_customers_fail_by_their_own_name():
    given = stated("single_source", single_sourcing=True)
    solved = solve_transport(WHOLE, given)
    plan, proof, cost = solved.plan, solved.proof, solved.objective
    assert plan is not None
    assert isinstance(proof, SingleSourceProof)
    assert cost is not None
    higher = {"bound": cost * (1 + 1e-4), "gap": 1e-4}
    assert "bound is recomputed" in failed(certificate(WHOLE, given, solved, **higher))
    assert failed(certificate(WHOLE, given, replace(solved, proof=None))) == {"bound is recomputed"}
    lower = replace(proof, pays=proof.pays * 0.9)
    assert failed(certificate(WHOLE, given, replace(solved, proof=lower))) == {"bound is recomputed"}
    other = int(np.flatnonzero(plan.opened[0] & (np.arange(plan.opened.shape[1]) != plan.flow_facility[0]))[0])
    halved = np.r_[plan.flow_units[0] / 2, plan.flow_units[1:], plan.flow_units[0] / 2]
    split = replace(
        plan,
        flow_year=np.r_[plan.flow_year, plan.flow_year[0]],
        flow_facility=np.r_[plan.flow_facility, other],
        flow_destination=np.r_[plan.flow_destination, plan.flow_destination[0]],
        flow_units=halved,
    )
    assert "one facility serves a destination" in failed(certificate(WHOLE, given, replace(solved, plan=split)))


def test_capacities_far_beyond_the_demand_are_no_trouble():
    """One site at 100,000 and 100 units at $1: with capacity x open as a link, solvers answer 100.01."""
    tables = network([("Big", 1e9, 100_000.0)], [("Elm", 100.0)], [(0, 0, 1.0)])
    for engine in ("lagrangian", "benders"):
        assert solve_transport(tables, parameters(engine=engine)).objective == pytest.approx(100_100.0, rel=1e-12)


def test_years_of_one_shape_are_solved_as_one_and_their_bound_is_recomputed():
    tables, given = in_years(SPREAD, 1.0, 1.5, 0.5), stated()

    outcome = solve_transport(tables, given)

    single = solve_transport(in_years(SPREAD, 3.0), given)
    assert outcome.engine == "NetWORX Lagrangian"
    assert outcome.plan is not None
    assert single.plan is not None
    # Three years' rents instead of one.
    rent = 20_000.0 * outcome.plan.opened[0].sum()
    assert outcome.objective is not None
    assert single.objective is not None
    assert outcome.objective - 3 * rent >= single.objective - 20_000.0 * single.plan.opened[0].sum() - 1.0
    assert certificate(tables, given, outcome).valid


def test_a_start_is_never_worse_and_an_earlier_bound_counts(solved: Outcome):
    given = stated(max_facilities=14)
    assert solved.plan is not None
    assert solved.objective is not None
    seen: list[float] = []
    again = solve_transport(
        SPREAD,
        given,
        incumbent=lambda _, cost, __: seen.append(cost),
        start=Start(solved.plan, solved.objective, solved.bound),
    )
    assert seen == []
    assert (again.objective, again.status) == (solved.objective, ResultStatus.OPTIMAL)
    assert again.bound_source == "earlier_attempt"
    assert again.proof is None


def test_stopped_it_gives_the_best_plan_so_far(solved: Outcome):
    seen: list[float] = []
    outcome = solve_transport(
        SPREAD, stated(max_facilities=14), incumbent=lambda _, cost, __: seen.append(cost), stop=lambda: bool(seen)
    )
    assert solved.objective is not None
    assert outcome.plan is not None
    assert outcome.objective == pytest.approx(min(seen), rel=1e-9)
    assert outcome.bound is not None
    assert outcome.bound <= solved.objective * (1 + 1e-9)
    assert certificate(SPREAD, stated(max_facilities=14), outcome).valid


def test_planted_faults_fail_by_their_own_name(solved: Outcome):
    given = stated(max_facilities=14)
    plan, proof, cost, bound = solved.plan, solved.proof, solved.objective, solved.bound
    assert plan is not None
    assert proof is not None
    assert cost is not None
    assert bound is not None
    assert certificate(SPREAD, given, solved).valid
    assert cost - bound <= 1e-6 * cost
    higher = {"bound": cost * (1 + 1e-4), "gap": 1e-4}
    lasting = {"step_case": proof.step_case[:-1], "pays": proof.pays[:-1], "size_price": proof.size_price[:-1]}
    whole = np.flatnonzero(proof.settled_step < len(proof.step_case) - 1)
    settled = {name: getattr(proof, name)[whole] for name in ("settled_step", "settled_site", "settled_opened")}

    assert "bound is recomputed" in failed(certificate(SPREAD, given, solved, **higher))
    assert failed(certificate(SPREAD, given, replace(solved, proof=None))) == {"bound is recomputed"}
    assert "bound is recomputed" in failed(certificate(SPREAD, given, solved, replace(proof, **lasting, **settled)))
    assert failed(certificate(SPREAD, given, solved, replace(proof, pays=proof.pays * 0.9))) == {"bound is recomputed"}
    dearer = {"objective": cost * (1 + 1e-4), "gap": abs(cost * (1 + 1e-4) - bound) / (cost * (1 + 1e-4))}
    assert "cost" in failed(certificate(SPREAD, given, solved, **dearer))
    unserved = replace(solved, plan=replace(plan, flow_units=np.r_[plan.flow_units[1:], 0.0]))
    assert "demand is met" in failed(certificate(SPREAD, given, unserved))
    first = int(plan.flow_facility[0])
    closed = plan.opened.copy()
    closed[:, first] = False
    assert "flows leave open facilities" in failed(
        certificate(SPREAD, given, replace(solved, plan=replace(plan, opened=closed)))
    )
    fewer = stated(max_facilities=14, min_facilities=14)
    assert "number of open facilities" in failed(certificate(SPREAD, fewer, solved))


def test_a_proof_of_one_set_says_nothing_of_facilities_that_change(solved: Outcome):
    tables = in_years(SPREAD, 1.0, 1.0)
    outcome = solve_transport(tables, stated())
    assert certificate(tables, stated(), outcome).valid
    assert "bound is recomputed" in failed(certificate(tables, stated(lease_years=1), outcome))
