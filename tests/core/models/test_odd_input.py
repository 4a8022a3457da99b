"""Odd numbers and names: each ends in a clear outcome, under every engine that takes it.

Elsewhere: ways to be infeasible in test_transport_infeasible.py, refusals by place in test_transport_refusals.py and
tests/core/ingest, broken and too large files in test_model_files.py, huge capacities and wrong answers in
test_transport_agreement.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from networx.domain.json_model_reading import read_json_model
from networx.domain.parameters import BENDERS, HIGHS, LAGRANGIAN
from networx.domain.plan import ResultStatus
from networx.errors import RefusedInput
from networx.models.generic import solve_json
from networx.models.transport import solve_transport
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, network, parameters
from tests.core.models.test_transport_plans import assert_certified

ENGINES = (HIGHS, LAGRANGIAN, BENDERS)
SITES = [("A", UNLIMITED, 50.0), ("B", UNLIMITED, 60.0)]
PLACES = [("X", 10.0), ("Y", 20.0)]
LANES = [(0, 0, 1.0), (0, 1, 2.0), (1, 0, 2.0), (1, 1, 3.0)]

# What is odd, and what it costs; worked out by hand.
ODD: dict[str, tuple[dict[str, Any], float]] = {
    "a destination asks for nothing": ({"destinations": [("X", 0.0), ("Y", 20.0)]}, 50 + 40),
    "one site": ({"facilities": SITES[:1], "lanes": LANES[:2]}, 50 + 10 + 40),
    "one site and one destination": (
        {"facilities": SITES[:1], "lanes": LANES[:1], "destinations": PLACES[:1]},
        50 + 10,
    ),
    "some pairs have no lane": ({"lanes": [(0, 0, 1.0), (1, 1, 3.0)]}, 110 + 10 + 60),
    "everything costs nothing": (
        {"facilities": [("A", UNLIMITED, 0.0), ("B", UNLIMITED, 0.0)], "lanes": [(i, j, 0.0) for i, j, _ in LANES]},
        0.0,
    ),
    "everything costs 1e12 times as much": (
        {
            "facilities": [(name, capacity, cost * 1e12) for name, capacity, cost in SITES],
            "lanes": [(i, j, price * 1e12) for i, j, price in LANES],
        },
        100e12,
    ),
    "a site costs 1e12 and a lane a dollar": ({"facilities": [("A", UNLIMITED, 1e12), ("B", UNLIMITED, 2e12)]}, 1e12),
}


def built(**changes: Any) -> Any:
    return network(**{"facilities": SITES, "destinations": PLACES, "lanes": LANES, **changes})


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_has_its_answer(odd: str, engine: str):
    changes, cost = ODD[odd]
    tables, given = built(**changes), parameters(engine=engine)
    outcome = solve_transport(tables, given)
    assert (outcome.status, outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(cost, rel=1e-9, abs=1e-9))
    assert_certified(tables, given, outcome)


@pytest.mark.parametrize("engine", [HIGHS, LAGRANGIAN])
def test_a_site_without_capacity_serves_nobody(engine: str):
    tables, given = built(facilities=[("A", 0.0, 50.0), ("B", 100.0, 60.0)]), parameters(engine=engine)
    outcome = solve_transport(tables, given)
    assert (outcome.objective, outcome.plan and outcome.plan.open) == (pytest.approx(140.0), (False, True))
    assert_certified(tables, given, outcome)


def test_sites_without_any_capacity_are_infeasible_by_a_sum():
    outcome = solve_transport(built(facilities=[("A", 0.0, 50.0), ("B", 0.0, 60.0)]), parameters())
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.infeasibility is not None
    assert outcome.infeasibility.clashes[0].short_by == 30


def test_nobody_asking_for_anything_costs_nothing_and_is_no_work_for_a_location_engine():
    nobody = built(destinations=[("X", 0.0), ("Y", 0.0)])
    assert solve_transport(nobody, parameters()).objective == 0
    for engine in (LAGRANGIAN, BENDERS):
        with pytest.raises(RefusedInput, match="a plan without demand"):
            solve_transport(nobody, parameters(engine=engine))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lanes": []}, "There are no Lanes and no cost_per_unit_mile"),
        ({"facilities": [], "lanes": []}, "Facilities has no rows"),
        ({"destinations": [], "lanes": []}, "Destinations has no rows"),
        # A delivery that earns, or a site, belongs into a model of one's own.
        ({"lanes": [(0, 0, -1.0), *LANES[1:]]}, "cost_per_unit of the lane from A to X must be a number, 0 or more"),
        ({"facilities": [("A", 9.0, -5.0), SITES[1]]}, "fixed_cost_per_year of A must be a number, 0 or more"),
        ({"lanes": [(0, 0, NOT_STATED), *LANES[1:]]}, "The lane from A to X has no cost_per_unit"),
        ({"lanes": [(0, 0, UNLIMITED), *LANES[1:]]}, "cost_per_unit of the lane from A to X must be a number"),
        ({"destinations": [("X", NOT_STATED), PLACES[1]]}, "demand_units of X must be a number, 0 or more"),
    ],
)
def test_what_is_no_number_or_nothing_at_all_is_refused_by_its_place(changes: dict[str, Any], said: str):
    with pytest.raises(RefusedInput, match=said):
        solve_transport(built(**changes), parameters())


# --- models of one's own ---

MODEL = {
    "optimize": "cost",
    "opType": "min",
    "constraints": {"wood": {"min": 1}},
    "variables": {"table": {"cost": 1, "wood": 1}},
}


@pytest.mark.parametrize(
    ("changes", "status", "objective"),
    [
        # Names of variables, attributes and the objective are three worlds, and may form any circle.
        ({"variables": {"wood": {"cost": 1, "wood": 1}}}, ResultStatus.OPTIMAL, 1),
        ({"variables": {"cost": {"cost": 1, "wood": 1}}}, ResultStatus.OPTIMAL, 1),
        ({"optimize": "table"}, ResultStatus.OPTIMAL, 0),
        (
            {
                "variables": {"a": {"cost": 1, "b": 1, "wood": 1}, "b": {"cost": 1, "a": 1}},
                "constraints": {"a": {"min": 1}, "b": {"max": 3}, "wood": {"min": 1}},
            },
            ResultStatus.OPTIMAL,
            2,
        ),
        ({"variables": {"table": {"cost": 1e12, "wood": 1}}}, ResultStatus.OPTIMAL, 1e12),
        # What earns without an end is unbounded; with one it is an answer.
        ({"variables": {"table": {"cost": -1, "wood": 1}}}, ResultStatus.UNBOUNDED, None),
        (
            {"variables": {"table": {"cost": -1, "wood": 1}}, "constraints": {"wood": {"min": 1, "max": 5}}},
            ResultStatus.OPTIMAL,
            -5,
        ),
    ],
)
def test_a_model_with_odd_names_or_numbers_has_its_answer(
    changes: dict[str, Any], status: ResultStatus, objective: float | None
):
    ((_, outcome),) = solve_json(read_json_model({**MODEL, **changes}), lambda _: None, None)
    assert (outcome.status, outcome.objective) == (status, objective if objective is None else pytest.approx(objective))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"constraints": {"wood": {"min": {"wood": 1}}}}, "constraints.wood.min must be a number"),
        ({"variables": {"table": {"cost": "table", "wood": 1}}}, "variables.table.cost must be a number"),
        ({"variables": {"table": {"cost": float("nan")}}}, "must be a finite number"),
        ({"variables": {"table": {"cost": 1e300}}}, "must be a finite number of at most"),
        ({"ints": {"chair": 1}}, "ints.chair names no variable"),
        ({"variables": {}}, "a model needs at least one"),
    ],
)
def test_a_model_that_says_nothing_that_can_be_solved_is_refused_by_its_place(changes: dict[str, Any], said: str):
    with pytest.raises(RefusedInput, match=said):
        read_json_model({**MODEL, **changes})
