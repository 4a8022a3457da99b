"""Networks that mix everything transport reads: by every engine that takes them, against a model built otherwise.

SOLVER_FUZZ=2000 asks so many, SOLVER_SEED= others (`make fuzz-solver`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import BENDERS, HIGHS, LAGRANGIAN, SINGLE_SOURCE, YEARS, TransportParameters
from networx.domain.plan import RECOMPUTED, Outcome, ResultStatus
from networx.errors import RefusedInput
from networx.models.transport import first_plan, prepare, solve_transport
from networx.models.transport.extract import extract
from networx.models.transport.periods import merged_years
from networx.models.transport.start import Start, values_of
from networx.verify.transport.exact import beyond_exact, check_exactly
from tests.core.models.lane_networks import with_lanes
from tests.core.models.mixed_networks import Mixed, in_other_units, random_mixed_case
from tests.core.models.small_networks import expansions, network, parameters
from tests.core.models.test_transport_plans import assert_certified
from tests.core.random_problems import seeds

SEEDS = seeds(24)
ENGINES = (LAGRANGIAN, BENDERS, SINGLE_SOURCE, YEARS)
GAP = 1e-7  # what an engine is asked for


PLACES = [("North", 90, 100), ("South", 80, 70)], [("Elm", 40), ("Oak", 30)]


def solved_by(engine: str, tables: NetworkTables) -> Outcome:
    """With certificate."""
    given = parameters(engine=engine, lease_years=1, single_sourcing=engine == SINGLE_SOURCE)
    outcome = solve_transport(tables, given)
    assert_certified(tables, given, outcome)
    return outcome


@pytest.mark.parametrize("engine", [LAGRANGIAN, SINGLE_SOURCE, YEARS])
def test_a_bound_is_recomputed_with_the_row_of_the_only_year(engine: str):
    # The row of 2026 stands in place of the cheap one: from North alone 100 + 40 x 6 + 30 x 4 = 460; from South
    # alone 70 + 40 x 5 + 30 x 1 = 300; from both 170 + 200 + 30.
    rows = [
        {"at": (0, 0), "cost": 6}, {"at": (0, 1), "cost": 4}, {"at": (1, 0), "cost": 1}, {"at": (1, 1), "cost": 1},
        {"at": (1, 0), "cost": 5, "year": 2026},
    ]  # fmt: skip

    outcome = solved_by(engine, with_lanes(network(*PLACES, forecast=[(2026, 70)]), rows))

    assert (outcome.objective, outcome.bound_source) == (pytest.approx(300), RECOMPUTED)


@pytest.mark.parametrize("engine", [LAGRANGIAN, SINGLE_SOURCE, YEARS])
def test_a_bound_is_recomputed_though_a_facility_that_may_never_be_open_could_grow(engine: str):
    lanes = [(0, 0, 6), (0, 1, 4), (1, 0, 5), (1, 1, 1), (2, 0, 1), (2, 1, 1)]
    tables = network([*PLACES[0], ("East", 10, 0, "forbidden")], PLACES[1], lanes)

    outcome = solved_by(engine, replace(tables, expansions=expansions([(2, 1, 90, 0, 0)])))

    assert (outcome.objective, outcome.bound_source) == (pytest.approx(300), RECOMPUTED)


@pytest.mark.parametrize("begun", [False, True])
def test_a_bound_is_recomputed_without_the_size_of_a_site_too_small_for_every_destination_it_reaches(begun: bool):
    # North reaches Elm alone, and Elm is larger than North: everything comes from South.
    tables = network(
        [("North", 28, 125), ("South", 90, 257)], [("Elm", 31), ("Oak", 4)], [(0, 0, 20), (1, 0, 18), (1, 1, 5)]
    )
    given = parameters(engine=SINGLE_SOURCE, single_sourcing=True, gap=GAP)
    plan = solve_transport(tables, given).plan
    assert plan is not None

    outcome = solve_transport(tables, given, start=Start(plan, 835.0) if begun else None)

    assert (outcome.objective, outcome.bound_source) == (257 + 31 * 18 + 4 * 5, RECOMPUTED)
    assert_certified(tables, given, outcome)


def answers_rightly(
    tables: NetworkTables, given: TransportParameters, expected: float | None, outcome: Outcome
) -> None:
    assert_certified(tables, given, outcome)
    if expected is None:
        assert outcome.status is ResultStatus.INFEASIBLE
        return
    assert outcome.status is ResultStatus.OPTIMAL, (outcome.status, outcome.gap, expected)
    assert outcome.objective == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert outcome.plan is not None
    assert beyond_exact(tables, given) == []
    exactly = check_exactly(tables, given, outcome.plan, outcome.objective)
    assert all(check.passed for check in exactly.checks), exactly.checks


@pytest.mark.parametrize("seed", SEEDS[::2])
def test_other_units_change_nothing(seed: int):
    tables, given = random_mixed_case(seed)
    draw = np.random.default_rng(seed)
    units, dollars = 10.0 ** draw.integers(-3, 7), 10.0 ** draw.integers(-3, 7)
    if len(tables.rates) or len(tables.fitted_rates):
        pytest.skip("Rates speak of pounds and packages, whose sizes would change")
    expected = Mixed(tables, given).optimum()
    other, stated = in_other_units(tables, replace(given, gap=GAP), units=units, dollars=dollars)

    outcome = solve_transport(other, stated)

    assert_certified(other, stated, outcome)
    if expected is None:
        assert outcome.status is ResultStatus.INFEASIBLE
    else:
        assert outcome.objective == pytest.approx(expected * dollars, rel=1e-6, abs=1e-6 * dollars)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_engine_agrees_with_a_model_built_otherwise(seed: int, monkeypatch: pytest.MonkeyPatch):
    tables, given = random_mixed_case(seed)
    expected = Mixed(tables, given).optimum()
    if seed % 4 == 3:
        monkeypatch.setattr(first_plan, "FEWEST_COLUMNS", 0)

    outcome = solve_transport(tables, given)

    answers_rightly(tables, given, expected, outcome)
    taken = [HIGHS]
    for engine in ENGINES:
        asked = replace(given, engine=engine, gap=GAP)
        try:
            by_engine = solve_transport(tables, asked)
        except RefusedInput as refused:
            if "does not solve" not in str(refused):
                raise
            continue
        answers_rightly(tables, asked, expected, by_engine)
        taken.append(engine)
    if outcome.plan is None or outcome.objective is None:
        return
    for engine in taken:
        asked = replace(given, engine=engine, gap=GAP)
        answers_rightly(tables, asked, expected, solve_transport(tables, asked, start=Start(outcome.plan, expected)))
    instance = prepare(tables, given)
    periods = merged_years(instance)
    plan, cost = extract(instance, periods, values_of(instance, periods, outcome.plan))
    assert cost == pytest.approx(outcome.objective, rel=1e-9, abs=1e-9)
    assert np.array_equal(plan.opened, outcome.plan.opened)
