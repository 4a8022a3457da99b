"""A network in a request's body: taken over cell by cell, or refused by the path of every fault."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from networx.errors import RefusedInput
from networx.ingest.inline import read_inline
from networx.topology import TOPOLOGY

Change = Callable[[dict[str, Any]], Any]
UNSTATED = (None,) * 13  # of a facility's optional columns


def body() -> dict[str, Any]:
    """Three sites, two places, two years; every field that has a meaning."""
    return {
        "config": {
            "transportation": {
                "fixed_cost_per_facility": 1000,
                "max_capacity_per_facility": 500,
                "mandatory_facilities": ["Reno, NV"],
                "required_facilities": 1,
                "max_facilities": 3,
                "lease_years": 7,
                "single_sourcing": "no",
                "service_level_requirement": 0.5,
                "max_distance_miles": 800,
            },
            "optimization": {"time_limit_seconds": 60, "gap_tolerance": 0.001},
        },
        "forecast": [{"year": 2026, "annual_units": 300}, {"year": 2027, "annual_units": 330}],
        "costMatrix": {
            "rows": ["St. Louis, MO", "Reno, NV", "Atlanta, GA"],
            "cols": ["Seattle, WA", "Dallas, TX"],
            "cost": [[6.2, 3.1], [2.7, 4.6], [6.5, 2.3]],
            "distance": [[2100, 630], [700, 1650], [2600, 780]],
        },
        "demand": {"Seattle, WA": 100, "Dallas, TX": 200},
        "capacity": {"St. Louis, MO": 400, "Reno, NV": "unlimited", "Atlanta, GA": 900},
    }


def changed(change: Change) -> dict[str, Any]:
    made = copy.deepcopy(body())
    change(made)
    return made


def transportation(**fields: Any) -> Change:
    """Sets fields of config.transportation; None takes one away."""

    def change(made: dict[str, Any]) -> None:
        section = made["config"]["transportation"]
        section.update(fields)
        for name in [name for name, value in fields.items() if value is None]:
            del section[name]

    return change


def top(**fields: Any) -> Change:
    return lambda made: made.update(fields)


def matrix(**fields: Any) -> Change:
    return lambda made: made["costMatrix"].update(fields)


def refused(stated: dict[str, Any]) -> dict[str, str]:
    """The rules that were broken, by path."""
    with pytest.raises(RefusedInput) as caught:
        read_inline(stated)
    return {str(problem.column): problem.rule for problem in caught.value.problems}


def test_every_cell_becomes_the_networks():
    network = read_inline(body())
    assert network.rows["facilities"] == [
        ("St. Louis, MO", None, None, None, None, None, 400, 1000, "candidate", *UNSTATED),
        ("Reno, NV", None, None, None, None, None, 500, 1000, "mandatory", *UNSTATED),
        ("Atlanta, GA", None, None, None, None, None, 500, 1000, "candidate", *UNSTATED),
    ]
    assert network.rows["destinations"] == [
        ("Seattle, WA", None, None, None, None, None, 100),
        ("Dallas, TX", None, None, None, None, None, 200),
    ]
    assert network.rows["forecast"] == [(2026, 300), (2027, 330)]
    assert [row[:4] for row in network.rows["lanes"]] == [
        (0, 0, 6.2, 2100), (0, 1, 3.1, 630), (1, 0, 2.7, 700), (1, 1, 4.6, 1650), (2, 0, 6.5, 2600), (2, 1, 2.3, 780),
    ]  # fmt: skip
    assert {cell for row in network.rows["lanes"] for cell in row[4:]} == {None}
    assert dict(network.rows["parameters"]) == {
        "single_sourcing": "no",
        "lease_years": "7",
        "min_facilities": "1",
        "max_facilities": "3",
        "service_level": "0.5",
        "max_distance_miles": "800",
        "time_limit_seconds": "60",
        "gap": "0.001",
    }
    assert network.ignored == ()


def test_without_forecast_distances_and_a_common_capacity_nothing_is_filled_in():
    made = changed(
        transportation(max_capacity_per_facility=None, service_level_requirement=None, max_distance_miles=None)
    )
    del made["forecast"], made["costMatrix"]["distance"]
    network = read_inline(made)
    assert network.rows["forecast"] == []
    assert {row[3] for row in network.rows["lanes"]} == {None}
    assert [row[6] for row in network.rows["facilities"]] == [400, "inf", 900]


def test_a_common_capacity_stands_in_for_facilities_without_their_own():
    network = read_inline(changed(top(capacity={"Reno, NV": 100})))
    assert [row[6] for row in network.rows["facilities"]] == [500, 100, 500]


@pytest.mark.parametrize(("stated", "meant"), [(True, "yes"), (False, "no"), ("No", "No")])
def test_single_sourcing_may_be_a_word_or_a_boolean(stated, meant):
    made = changed(transportation(single_sourcing=stated))
    assert dict(read_inline(made).rows["parameters"])["single_sourcing"] == meant


def test_the_same_body_has_the_same_digest_whatever_its_order():
    one, other = body(), dict(reversed(list(body().items())))
    other["demand"] = dict(reversed(list(other["demand"].items())))
    assert read_inline(one).sha256 == read_inline(other).sha256
    assert json.loads(read_inline(one).content) == one
    assert read_inline(changed(top(demand={"Seattle, WA": 100, "Dallas, TX": 201}))).sha256 != read_inline(one).sha256


def test_what_has_no_meaning_is_checked_and_listed_with_the_reason():
    made = changed(transportation(cost_per_mile=2.5, weights={"cost": 1, "service_level": 0}))
    made["config"]["optimization"] |= {"solver": "JSLP_SOLVER", "weights": {"cost": 0.6}}
    made["skus"] = [{"sku": "A", "annual_volume": 10, "units_per_case": 2, "cases_per_pallet": 3}]
    made["candidateFacilities"] = ["Atlanta, GA", "Reno, NV", "St. Louis, MO"]
    network = read_inline(made)
    assert [field["field"] for field in network.ignored] == [
        "skus",
        "config.transportation.cost_per_mile",
        "config.optimization.solver",
        "config.transportation.weights",
        "config.optimization.weights",
    ]
    assert all(field["why"] for field in network.ignored)


BAD: list[tuple[Change, dict[str, str]]] = [
    (lambda made: made.pop("costMatrix"), {"costMatrix": "required"}),
    (lambda made: made.pop("demand"), {"demand": "required"}),
    (top(costMatrix=[[1]]), {"costMatrix": "object"}),
    (lambda made: made.pop("capacity") and transportation(max_capacity_per_facility=None)(made), {
        "capacity.St. Louis, MO": "required", "capacity.Reno, NV": "required", "capacity.Atlanta, GA": "required"}),
    (lambda made: made["costMatrix"].pop("cost"), {"costMatrix.cost": "required"}),
    (matrix(rows=[]), {"costMatrix.rows": "required"}),
    (matrix(cols="Seattle"), {"costMatrix.cols": "list"}),
    (matrix(rows=["A", "A", "B"]), {"costMatrix.rows[1]": "duplicate_name"}),
    (matrix(rows=["A b", "AB", "C"]), {"costMatrix.rows[1]": "duplicate_name"}),
    (matrix(rows=["A", None, {}]), {"costMatrix.rows[1]": "required", "costMatrix.rows[2]": "text"}),
    (matrix(rows=["A", "B\n", "C\x00"]), {"costMatrix.rows[2]": "text"}),
    (matrix(cost=[[1, 2], [1, 2]]), {"costMatrix.cost": "shape"}),
    (matrix(cost=[[1, 2], [1], "x"]), {"costMatrix.cost[1]": "shape", "costMatrix.cost[2]": "shape"}),
    (matrix(cost=[[None, -1], ["x", True], ["$5", 1e300]]), {
        "costMatrix.cost[0][0]": "required", "costMatrix.cost[0][1]": "not_negative", "costMatrix.cost[1][0]": "number",
        "costMatrix.cost[1][1]": "number", "costMatrix.cost[2][0]": "number", "costMatrix.cost[2][1]": "number"}),
    (matrix(distance=[[1, 2], [1, 2], [1, None]]), {"costMatrix.distance[2][1]": "required"}),
    (matrix(unit="kg"), {"costMatrix.unit": "unknown_field"}),
    (top(demand={"Seattle, WA": 1}), {"demand.Dallas, TX": "required"}),
    (top(demand={"Seattle, WA": 1, "Dallas, TX": 2, "Dalas, TX": 3}), {"demand.Dalas, TX": "unknown_name"}),
    (top(demand={"Seattle, WA": None, "Dallas, TX": {"2026": 2}}), {
        "demand.Seattle, WA": "required", "demand.Dallas, TX": "number"}),
    (top(demand={"Seattle, WA": 0, "Dallas, TX": 0}), {"demand": "not_scalable"}),
    (top(demand=[1, 2]), {"demand": "object"}),
    (top(demand={"\ud800": 1, "Seattle, WA": 1, "Dallas, TX": 2}), {"demand.?": "unknown_name"}),
    (top(capacity={"Reno": 1}), {"capacity.Reno": "unknown_name"}),
    (top(capacity={"Reno, NV": "plenty"}), {"capacity.Reno, NV": "capacity"}),
    (top(forecast={"2026": 1}), {"forecast": "list"}),
    (top(forecast=[1]), {"forecast[0]": "object"}),
    (top(forecast=[{"year": 2026, "annual_units": 1}, {"year": 2028, "annual_units": 1}]), {
        "forecast[1].year": "year_gap"}),
    (top(forecast=[{"year": 2026, "annual_units": 1}] * 2), {"forecast[1].year": "duplicate_row"}),
    (top(forecast=[{"year": "next", "annual_units": None, "growth": 2}]), {
        "forecast[0].year": "number", "forecast[0].annual_units": "required", "forecast[0].growth": "unknown_field"}),
    (top(config={}), {
        "config.transportation.fixed_cost_per_facility": "required",
        "config.transportation.single_sourcing": "required", "config.transportation.lease_years": "required"}),
    (lambda made: made["config"].update(warehouse={"DOH": 10}), {"config.warehouse": "not_supported"}),
    (lambda made: made["config"].update(budget=1), {"config.budget": "unknown_field"}),
    (transportation(single_sourcing=None), {"config.transportation.single_sourcing": "required"}),
    (transportation(single_sourcing="maybe"), {"config.transportation.single_sourcing": "parameter"}),
    (transportation(lease_years=0), {"config.transportation.lease_years": "parameter"}),
    (transportation(lease_years=1.5), {"config.transportation.lease_years": "parameter"}),
    (transportation(lease_years=[7]), {"config.transportation.lease_years": "text"}),
    (transportation(max_distance_miles=None), {"config.transportation.max_distance_miles": "required"}),
    (transportation(service_level_requirement=95), {"config.transportation.service_level_requirement": "parameter"}),
    (transportation(mandatory_facilities=["Boston, MA"]), {
        "config.transportation.mandatory_facilities[0]": "unknown_name"}),
    (transportation(mandatory_facilities="Reno, NV"), {"config.transportation.mandatory_facilities": "list"}),
    (transportation(weights={"cost": 0.6, "service_level": 0.4}), {
        "config.transportation.weights": "not_supported"}),
    (transportation(fixed_cost_per_facility="free"), {"config.transportation.fixed_cost_per_facility": "number"}),
    (lambda made: made["costMatrix"].pop("distance"), {
        "config.transportation.service_level_requirement": "required",
        "config.transportation.max_distance_miles": "required"}),
    (top(skus=[{"sku": "A", "annual_volume": -1, "units_per_case": 2}]), {
        "skus[0].annual_volume": "not_negative", "skus[0].cases_per_pallet": "required"}),
    (top(candidateFacilities=["Reno, NV"]), {"candidateFacilities": "unknown_name"}),
    (top(destinations=["Seattle, WA", "Dallas, TX", "Miami, FL"]), {"destinations[2]": "unknown_name"}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), BAD)
def test_every_fault_is_named_by_its_path(change: Change, expected: dict[str, str]):
    assert refused(changed(change)) == expected


def test_several_faults_are_named_at_once():
    made = changed(transportation(single_sourcing=None, fixed_cost_per_facility=None))
    made["demand"].pop("Dallas, TX")
    assert set(refused(made)) == {
        "config.transportation.single_sourcing",
        "config.transportation.fixed_cost_per_facility",
        "demand.Dallas, TX",
    }


def test_a_likely_name_is_said_and_never_taken():
    with pytest.raises(RefusedInput, match=r"did you mean Dallas, TX\?"):
        read_inline(changed(top(demand={"Seattle, WA": 1, "Dallas, TX": 2, "Dalas, TX": 3})))


def test_more_cells_than_a_request_may_hold_are_refused_before_they_are_read():
    rows = [f"site {number}" for number in range(600)]
    cols = [f"place {number}" for number in range(TOPOLOGY.limits.inline_lanes // 600 + 1)]
    made = changed(matrix(rows=rows, cols=cols, cost=[]))
    made["demand"], made["capacity"] = dict.fromkeys(cols, 1), dict.fromkeys(rows, 1)
    made["config"]["transportation"]["mandatory_facilities"] = []
    assert refused(made) == {"costMatrix.cost": "too_many_pairs"}


def test_of_very_many_faults_the_first_are_named_and_all_counted():
    rows = [f"site {number}" for number in range(100)]
    cols = [f"place {number}" for number in range(100)]
    made = changed(matrix(rows=rows, cols=cols, cost=[["x"] * 100] * 100))
    del made["costMatrix"]["distance"]
    made["demand"], made["capacity"] = dict.fromkeys(cols, 1), dict.fromkeys(rows, 1)
    made["config"]["transportation"] = {"fixed_cost_per_facility": 1, "single_sourcing": "no", "lease_years": 9}
    with pytest.raises(RefusedInput, match=r"and 9999 more") as caught:
        read_inline(made)
    assert len(caught.value.problems) == 1000
