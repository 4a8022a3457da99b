"""The certificate of warehouse space accepts what the model finds and refuses every planted wrong answer.

SOLVER_FUZZ=2000 asks so many random problems, SOLVER_SEED= others (`make fuzz-solver`).
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import Any

import pytest

from networx.domain.plan import ResultStatus
from networx.domain.warehouse import SpaceYear
from networx.errors import RefusedInput
from networx.models.warehouse import network_units, plan_warehouse
from networx.verify.warehouse import certify_warehouse
from tests.core.models.small_networks import two_sites
from tests.core.models.small_warehouses import asked, stored

PROBLEMS = int(os.environ.get("SOLVER_FUZZ") or 40)
SEED = int(os.environ.get("SOLVER_SEED") or 0)


def solved(**changes: Any) -> tuple[Any, Any, Any]:
    tables = stored(**changes)
    return tables, asked(**changes), plan_warehouse(tables, asked(**changes), *network_units(tables))


def failed(tables: Any, parameters: Any, outcome: Any) -> set[str]:
    certificate = certify_warehouse(tables, parameters, outcome, tables.sha256())
    names = {line.name for line in certificate.checks if not line.passed}
    assert certificate.valid is (not names)
    return names


def drawn(draw: random.Random) -> tuple[Any, dict[str, Any]]:
    """A forecast and parameters over many orders of size; what is drawn as None is not stated."""

    def size(least: float, most: float) -> float:
        return 10 ** draw.uniform(least, most)

    changes = {
        "initial_facility_area": draw.choice([0, size(0, 7)]),
        "facility_design_area": size(1, 6),
        "max_facilities": draw.choice([None, 0, 1, 3, 20]),
        "facility_fixed_cost_annual": draw.choice([None, 0, size(0, 9)]),
        "facility_opening_cost": draw.choice([None, size(0, 10)]),
        "thirdparty_cost_per_sqft": draw.choice([None, 0, size(-4, 4)]),
        "cost_per_sqft_annual": draw.choice([0, size(-4, 4)]),
        "days_on_hand": draw.choice([0, 30, size(0, 4)]),
        "max_outbound_doors": draw.choice([None, None, None, 5]),
        "aisle_factor": size(0, 2),
        "max_utilization": draw.uniform(0.01, 1),
    }
    years = draw.choice([1, 2, 5, 12])
    return [(2026 + year, draw.choice([0, size(0, 5), 70])) for year in range(years)], changes


def test_what_the_model_finds_is_proven_by_another_way():
    verdicts = set()
    for problem in range(PROBLEMS):
        forecast, changes = drawn(random.Random(SEED + problem))
        tables = stored(two_sites(forecast=forecast), **changes)
        try:
            outcome = plan_warehouse(tables, asked(**changes), *network_units(tables))
        except RefusedInput:  # more buildings than anyone has
            continue
        assert failed(tables, asked(**changes), outcome) == set(), problem
        verdicts.add(outcome.status)
    assert verdicts == {ResultStatus.OPTIMAL, ResultStatus.INFEASIBLE}


def test_another_dataset_is_noticed():
    tables, parameters, outcome = solved()
    assert not certify_warehouse(tables, parameters, outcome, "0" * 64).valid


def year(outcome: Any, **changes: Any) -> Any:
    """The second year's space with something else in it."""
    return replace(outcome, space=(outcome.space[0], replace(outcome.space[1], **changes)))


def need(outcome: Any, **changes: Any) -> Any:
    return replace(outcome, needs=(replace(outcome.needs[0], **changes), outcome.needs[1]))


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (lambda one: replace(one, objective=one.objective * (1 - 1e-4)), "objective"),
        (lambda one: replace(one, bound=one.bound * (1 + 1e-4)), "bound"),
        (lambda one: replace(one, levels=6), "rack levels"),
        (lambda one: replace(one, space=one.space[:1]), "space"),
        (lambda one: year(one, hired_area=0.0, hired_cost=0.0), "space"),
        (lambda one: year(one, own_area=6_000.0), "space"),
        (lambda one: year(one, buildings=1), "space"),
        (lambda one: year(one, hired_cost=one.space[1].hired_cost - 1), "yearly costs"),
        (lambda one: need(one, outbound_doors=2), "positions and doors"),
        (lambda one: need(one, floor_positions=33), "positions and doors"),
        (lambda one: need(one, gross_area=one.needs[0].gross_area - 1), "gross area"),
        (lambda one: need(one, stock_pallets=167.0), "stock"),
        (lambda one: need(one, units=69.0), "units"),
        (lambda one: replace(one, status=ResultStatus.INFEASIBLE, space=(), objective=None), "what clashes"),
    ],
)
def test_a_planted_wrong_answer_is_refused(spoil: Any, name: str):
    tables, parameters, outcome = solved()
    assert name in failed(tables, parameters, spoil(outcome))


def test_a_dearer_plan_is_not_proven_cheapest():
    tables, parameters, outcome = solved()
    built = SpaceYear(1, 1, 3_500.0, 0.0, 28_000.0, 1_000.0, 2_000.0, 0.0)
    kept = SpaceYear(1, 0, 3_500.0, 1_500.0, 28_000.0, 1_000.0, 0.0, 18_000.0)
    dearer = replace(
        outcome,
        space=(built, kept),
        objective=78_000.0,
        bound=77_000.0,
    )
    assert failed(tables, parameters, dearer) == {"proven cheapest"}
    assert failed(tables, parameters, replace(dearer, status=ResultStatus.FEASIBLE)) == set()


def test_a_false_infeasible_is_refused():
    changes = {"thirdparty_cost_per_sqft": None}
    tables, parameters, outcome = solved(**changes)
    assert failed(tables, parameters, outcome) == set()
    assert outcome.status is ResultStatus.INFEASIBLE
    # The same clash where space can be hired, or by another amount, is none.
    assert failed(tables, asked(), outcome) == {"what clashes"}
    clash = replace(outcome.infeasibility.clashes[0], short_by=499.0)
    wrong = replace(outcome, infeasibility=replace(outcome.infeasibility, clashes=(clash,)))
    assert failed(tables, parameters, wrong) == {"what clashes"}
