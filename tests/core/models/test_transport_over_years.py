"""The engine for years that differ: against enumeration and HiGHS, its certificate, and planted wrong proofs."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from networx.domain.bound_proofs import bound_proof, kind_of
from networx.domain.network import Assignments, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome, ResultStatus
from networx.domain.years_proof import YearsProof
from networx.errors import RefusedInput
from networx.models.transport import Start, prepare, solve_transport
from networx.models.transport.years import YearsLocation, beyond_years
from networx.results.proof import inside, read_transport_proof, transport_proof
from networx.solver.location.years.schedules import Schedules
from tests.core.models.small_networks import network, parameters, random_network, spread_network
from tests.core.models.test_transport_engines import certificate, failed
from tests.core.models.test_transport_plans import assert_certified
from tests.core.models.test_transport_years import Plainly, random_case, stated_by, with_rules

NAME = "NetWORX Lagrangian over years"
GAP = 1e-7
MAP = {"cost_per_unit_mile": 0.01, "circuity": 1.2}
LEASED = spread_network(9, 30, 3, tightness=4.0)
FUZZED = int(os.environ.get("SOLVER_FUZZ") or 4)
FIRST = int(os.environ.get("SOLVER_SEED") or 0)


def split(seed: int) -> tuple[NetworkTables, TransportParameters]:
    """One of the random networks of every combination of rules, with demand that may be split."""
    tables, given = random_case(seed)
    return tables, replace(given, engine="years", single_sourcing=False, gap=GAP)


def is_taken(tables: NetworkTables, given: TransportParameters) -> bool:
    return not beyond_years(prepare(tables, given))


CHANGING = (45, 55, 64, 98, 119, 139, 143, 246, 270, 298, 346, 396)  # their best plans open or close facilities
BRANCHING = (70, 1742)
APART = (1753, 1906)  # bounds of single years close them; in the second with a tree
OTHERS = (3, 40, 62, 134, 153, 245, 328, 367)  # minimum throughputs, service levels, budgets of changes
HOPELESS = (21, 217, 399)


@pytest.mark.parametrize("seed", [*CHANGING, *BRANCHING, *APART, *OTHERS, *HOPELESS])
def test_small_random_networks_agree_with_enumeration(seed: int):
    tables, given = split(seed)
    assert is_taken(tables, given)

    outcome = solve_transport(tables, given)

    expected = Plainly(tables, given).optimum()
    if expected is None:
        assert outcome.status is ResultStatus.INFEASIBLE
    else:
        assert (outcome.status, outcome.engine, outcome.bound_source) == (ResultStatus.OPTIMAL, NAME, "recomputed")
        assert outcome.objective == pytest.approx(expected, rel=2 * GAP, abs=1e-6)
    assert_certified(tables, given, outcome)


def larger(seed: int) -> tuple[NetworkTables, TransportParameters]:
    rng = np.random.default_rng(seed)
    tables = random_network(rng, int(rng.integers(4, 9)), int(rng.integers(5, 15)), int(rng.integers(2, 6)))
    stated = {**stated_by(rng), "single_sourcing": False, "max_facilities": int(rng.integers(3, 8))}
    if seed % 2 and prepare(tables, parameters(**stated)).years != (1,):
        tables = replace(with_rules(rng, tables), assignments=Assignments())
    return tables, parameters(gap=1e-6, **stated)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("block", range(4))
def test_it_agrees_with_highs(block: int):
    wrong = [seed for seed in range(FIRST + block, FIRST + FUZZED, 4) if not agrees(seed)]

    assert wrong == []


def agrees(seed: int) -> bool:
    tables, given = larger(seed)
    theirs = solve_transport(tables, replace(given, engine="highs"))
    if not is_taken(tables, given):
        return True
    ours = solve_transport(tables, replace(given, engine="years"))
    assert_certified(tables, given, ours)
    if theirs.objective is None or ours.objective is None:
        return theirs.status is ours.status
    return abs(ours.objective - theirs.objective) <= 3e-6 * max(abs(theirs.objective), 1.0)


def test_a_problem_whose_certificate_once_refused_the_bound_is_proven():
    assert agrees(70040)


def leased(**asked: Any) -> TransportParameters:
    return parameters(**{**MAP, "lease_years": 2, "engine": "years", "gap": 1e-3, **asked})


@pytest.fixture(scope="module")
def solved() -> Outcome:
    outcome = solve_transport(LEASED, leased())
    assert (outcome.status, outcome.engine) == (ResultStatus.OPTIMAL, NAME)
    return outcome


def test_the_proof_survives_its_way_through_files_and_results(solved: Outcome):
    assert isinstance(solved.proof, YearsProof)
    stated = orjson.loads(orjson.dumps(inside(transport_proof(solved))))
    from_result = read_transport_proof(stated)[1]
    assert kind_of(solved.proof) == "years"
    for again in (bound_proof(solved.proof.arrays()), from_result):
        assert isinstance(again, YearsProof)
        assert certificate(LEASED, leased(), replace(solved, proof=again)).valid


def test_planted_faults_are_refused(solved: Outcome):
    proof, cost = solved.proof, solved.objective
    assert isinstance(proof, YearsProof)
    assert cost is not None
    shared = ("size_price", "count_price", "change_price", "service_price")
    first = {name: getattr(proof, name)[:1] for name in ("step_case", "pays", *shared)}
    of_first = proof.settled_step == 0
    first |= {f"settled_{name}": getattr(proof, f"settled_{name}")[of_first] for name in STATES}
    pays = proof.pays.copy()
    pays[:, ::2] *= 1.05
    unpriced = replace(proof, change_price=proof.change_price + 1.0)
    faults = {
        "only the first step is left": replace(proof, **first),
        "customers pay too little": replace(proof, pays=proof.pays * 0.9),
        "some customers pay too much": replace(proof, pays=pays),
        "a number is not finite": replace(proof, pays=np.where(proof.pays == proof.pays.max(), np.nan, proof.pays)),
        "a price is below 0": replace(proof, size_price=proof.size_price - 1.0),
        "changes have a price that nobody counts": unpriced,
        "the first case is impossible": replace(proof, impossible=np.ones_like(proof.impossible)),
        "a site that may be open is closed": closed_at_once(proof, solved),
    }
    for what, wrong in faults.items():
        assert failed(certificate(LEASED, leased(), solved, wrong)) == {"bound is recomputed"}, what
    higher = {"bound": cost * (1 + 1e-4), "gap": 1e-4}
    assert "bound is recomputed" in failed(certificate(LEASED, leased(), solved, **higher))
    assert failed(certificate(LEASED, leased(), replace(solved, proof=None))) == {"bound is recomputed"}


STATES = ("step", "year", "site", "opened")
CASES = ("parent", "year", "site", "count", "opened", "impossible")


def closed_at_once(proof: YearsProof, solved: Outcome) -> YearsProof:
    """The first step also settles that the plan's first site is closed in the first year."""
    assert solved.plan is not None
    added = (0, 0, int(np.flatnonzero(solved.plan.opened[0])[0]), False)
    columns = {
        f"settled_{name}": np.append(value, getattr(proof, f"settled_{name}"))
        for name, value in zip(STATES, added, strict=True)
    }
    already = (columns["settled_step"][1:] == 0) & (columns["settled_year"][1:] == 0)
    already &= columns["settled_site"][1:] == added[2]
    kept = np.append(True, ~already)
    return replace(proof, **{name: column[kept].astype(getattr(proof, name).dtype) for name, column in columns.items()})


def test_half_of_a_split_is_refused():
    tables, given = split(1742)
    outcome = solve_transport(tables, given)
    proof = outcome.proof
    assert isinstance(proof, YearsProof)
    last = len(proof.parent) - 1
    assert last > 0
    steps = proof.step_case < last
    settled = proof.settled_step < int(steps.sum())
    shared = ("step_case", "pays", "size_price", "count_price", "change_price", "service_price")
    columns = {name: getattr(proof, name)[:last] for name in CASES}
    columns |= {name: getattr(proof, name)[steps] for name in shared}
    columns |= {f"settled_{name}": getattr(proof, f"settled_{name}")[settled] for name in STATES}

    result = certificate(tables, given, outcome, replace(proof, **columns))

    assert [check.where for check in result.checks if not check.passed] == ["a case is missing"]


@pytest.fixture(scope="module")
def apart() -> tuple[NetworkTables, TransportParameters, Outcome]:
    """A network whose bound rests on bounds of single years."""
    tables, given = split(1753)
    return tables, given, solve_transport(tables, given)


def test_bounds_of_years_survive_their_way_through_files_and_results(
    apart: tuple[NetworkTables, TransportParameters, Outcome],
):
    tables, given, outcome = apart
    assert isinstance(outcome.proof, YearsProof)
    assert len(outcome.proof.apart.step) > 0
    stated = orjson.loads(orjson.dumps(inside(transport_proof(outcome))))
    for again in (bound_proof(outcome.proof.arrays()), read_transport_proof(stated)[1]):
        assert isinstance(again, YearsProof)
        assert certificate(tables, given, replace(outcome, proof=again)).valid


def test_planted_faults_in_bounds_of_years_are_refused(apart: tuple[NetworkTables, TransportParameters, Outcome]):
    tables, given, outcome = apart
    proof = outcome.proof
    assert isinstance(proof, YearsProof)
    own = proof.apart
    faults = {
        "customers of a year pay too little": replace(own, own_pays=own.own_pays * 0.9),
        "a year's sites pay other rents": replace(own, apart_rents=own.apart_rents * 0.5),
        "years are exchanged": replace(own, step_bound=own.step_bound[:, ::-1]),
        "a bound is of a case that is none": replace(own, apart_case=own.apart_case + len(proof.parent)),
        "a bound is said to hold after more steps than there are": replace(own, apart_after=own.apart_after + 99),
        "a year's proof has more steps than it says": replace(own, apart_steps=own.apart_steps - 1),
        "a year's customers are short of a number": replace(own, own_pays=own.own_pays[:-1]),
        "a year's proof is of no case": replace(own, own_impossible=np.ones_like(own.own_impossible)),
        "a rent is not finite": replace(own, apart_rents=np.full_like(own.apart_rents, np.nan)),
        "a bound does not exist": replace(own, step_bound=own.step_bound + len(own.apart_year)),
        "the bounds are missing": type(own).none(),
    }
    for what, wrong in faults.items():
        changed = certificate(tables, given, outcome, replace(proof, apart=wrong))
        assert failed(changed) == {"bound is recomputed"}, what


def test_proofs_from_before_there_were_bounds_of_years_can_be_read(solved: Outcome):
    assert isinstance(solved.proof, YearsProof)
    added = solved.proof.apart.arrays()
    before = {name: array for name, array in solved.proof.arrays().items() if name not in added}

    again = bound_proof(before)

    assert isinstance(again, YearsProof)
    assert len(again.apart.step) == 0
    assert np.array_equal(again.pays, solved.proof.pays)


def test_it_starts_from_a_plan_and_is_never_worse(solved: Outcome):
    assert solved.plan is not None
    assert solved.objective is not None
    told: list[float] = []
    again = solve_transport(
        LEASED,
        leased(),
        incumbent=lambda _, cost, __: told.append(cost),
        stop=lambda: True,
        start=Start(solved.plan, solved.objective),
    )
    assert (again.objective, told) == (solved.objective, [])


def test_it_tells_incumbent_and_bound_and_stops_when_told():
    seen: list[Any] = []
    outcome = solve_transport(
        LEASED,
        leased(gap=0.0),
        seen.append,
        stop=lambda: any(now.incumbent is not None and now.bound is not None for now in seen),
    )
    assert outcome.plan is not None
    assert outcome.bound is not None
    assert outcome.objective is not None
    assert 0 < outcome.bound <= outcome.objective
    assert certificate(LEASED, leased(gap=0.0), outcome).valid


def test_the_same_question_has_the_same_answer(solved: Outcome):
    again = solve_transport(LEASED, leased())
    assert (again.objective, again.bound) == (solved.objective, solved.bound)


@pytest.mark.parametrize(
    ("asked", "why"),
    [({"single_sourcing": True}, "single sourcing"), ({}, "lane capacities that can bind")],
)
def test_what_it_does_not_solve_is_refused_by_name(asked: dict[str, Any], why: str):
    tables = LEASED
    if not asked:
        ways = [(0, 0, 1), (1, 0, 2)]
        tables = network([("A", 99, 1), ("B", 99, 1)], [("X", 5)], ways, forecast=[(2026, 5), (2027, 9)])
        tables = replace(tables, lanes=replace(tables.lanes, capacity_units=np.array([8.0, np.inf])))
    with pytest.raises(RefusedInput, match=why):
        solve_transport(tables, leased(**asked))


def test_a_schedule_that_breaks_a_lease_is_none():
    """What was open most on the way need not keep leases: shipped as a plan, it cost less than any plan does."""
    schedules = Schedules(YearsLocation.of(prepare(LEASED, leased())).problem)
    opened = np.zeros((3, 9), dtype=bool)
    assert schedules.allow(opened)
    opened[1:, 0] = True
    assert schedules.allow(opened)
    opened[2, 0] = False

    assert not schedules.allow(opened)


def test_networks_of_some_size_whose_years_differ_go_to_it_by_themselves():
    tables = spread_network(16, 110, 3, tightness=4.0)
    for asked in ({"lease_years": 2}, {"lease_years": 3}):
        outcome = solve_transport(tables, parameters(**MAP, **asked, gap=0.5))
        assert (outcome.engine, outcome.bound_source) == (NAME, "recomputed")
        assert outcome.plan is not None
        given = parameters(**MAP, **asked, gap=0.5)
        assert_certified(tables, given, outcome)


def test_a_site_that_was_open_and_may_not_stay_closes_and_counts_as_a_change():
    tables = network(
        [("Old", 9, 1, "forbidden"), ("New", 9, 5)], [("X", 5)], [(0, 0, 1), (1, 0, 1)], forecast=[(2026, 5), (2027, 9)]
    )
    sites = replace(tables.facilities, existing=("yes", "no"), closing_cost=np.array([7.0, 0.0]))
    tables = replace(tables, facilities=sites)

    outcome = solve_transport(tables, parameters(engine="years", lease_years=1, gap=GAP))

    # Old closes for $7; New costs $5 in each of two years and $1 for each of 14 units.
    assert outcome.objective == pytest.approx(7 + 2 * 5 + 14)
    assert outcome.bound == pytest.approx(7 + 2 * 5 + 14, rel=GAP)
    assert_certified(tables, parameters(engine="years", lease_years=1, gap=GAP), outcome)
