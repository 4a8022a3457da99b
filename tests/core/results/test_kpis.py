"""The result object, against figures worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Check, Outcome, TransportPlan
from networx.errors import SolverFault
from networx.results.flow_costs import flow_costs
from networx.results.kpis import transport_result

# On the equator a degree is R x pi / 180; North's neighbour is half a degree from Alpha, two from Beta, by road x 1.2.
ROAD_MILES_A_DEGREE = 3958.7613 * math.pi / 180 * 1.2
COMPUTED_LANE_COST = 20 * 0.1 * 0.5 * ROAD_MILES_A_DEGREE
TRANSPORT_2026 = 80 * 2 + 30 * 3 + 50 * 5 + COMPUTED_LANE_COST
TRANSPORT_2027 = 110 * 2 + 40 * 4 + 60 * 5


def test_each_year_adds_up_from_lanes_and_facilities(result: dict[str, Any]) -> None:
    first, second = result["years"]
    assert first["year"] == 2026
    assert first["units"] == 180
    assert first["transport_cost"] == pytest.approx(TRANSPORT_2026, rel=1e-12)
    assert first["fixed_cost"] == 1000 + 500
    assert first["cost_per_unit"] == pytest.approx((TRANSPORT_2026 + 1500) / 180, rel=1e-12)
    assert second["transport_cost"] == pytest.approx(TRANSPORT_2027, rel=1e-12)
    assert second["fixed_cost"] == 1200 + 500
    assert second["total_cost"] == pytest.approx(TRANSPORT_2027 + 1700, rel=1e-12)


def test_the_kpis_are_the_sum_of_the_years(result: dict[str, Any]) -> None:
    kpis = result["kpis"]
    assert kpis["total_cost"] == pytest.approx(TRANSPORT_2026 + TRANSPORT_2027 + 3200, rel=1e-12)
    assert kpis["total_units"] == 390
    assert kpis["facilities_open"] == 2
    assert kpis["cost_per_unit"] == pytest.approx(kpis["total_cost"] / 390, rel=1e-12)


def test_service_is_the_lowest_year_and_distance_the_weighted_mean(result: dict[str, Any]) -> None:
    assert result["years"][0]["service_level"] == pytest.approx((80 + 20 + 50) / 180)
    assert result["years"][1]["service_level"] == pytest.approx((110 + 60) / 210)
    assert result["kpis"]["service_level"] == pytest.approx(170 / 210)
    assert result["kpis"]["weighted_service_level"] == pytest.approx((150 + 170) / 390)
    mile_units = 80 * 100 + 30 * 300 + 50 * 50 + 20 * 0.5 * ROAD_MILES_A_DEGREE
    assert result["years"][0]["weighted_distance_miles"] == pytest.approx(mile_units / 180, rel=1e-12)


def test_a_year_of_its_own_replaces_a_facilitys_cost_and_capacity(result: dict[str, Any]) -> None:
    north, neighbour, _ = result["facilities"]
    assert [year["capacity_units"] for year in north["years"]] == [120, 110]
    assert [year["utilization"] for year in north["years"]] == [pytest.approx(110 / 120), 1.0]
    assert [year["capacity_units"] for year in neighbour["years"]] == [None, 200]
    assert [year["utilization"] for year in neighbour["years"]] == [None, 0.5]
    assert [year["fixed_cost"] for year in neighbour["years"]] == [500, 500]
    assert north["transport_cost"] == pytest.approx(80 * 2 + 30 * 3 + 110 * 2)


def test_a_closed_facility_costs_nothing_and_has_no_years(result: dict[str, Any]) -> None:
    closed = result["facilities"][2]
    assert (closed["open"], closed["fixed_cost"], closed["transport_cost"], closed["years"]) == (False, 0.0, 0.0, [])
    assert closed["latitude"] is None


def test_the_result_is_json_without_nan(result: dict[str, Any]) -> None:
    assert orjson.loads(orjson.dumps(result)) == result
    assert result["schema"] == "networx.result/1"
    assert result["job_id"] == "job-1"


def test_only_limits_left_alone_are_called_engineering_defaults(result: dict[str, Any]) -> None:
    stated = result["parameters"]
    assert stated["gap"]["source"] == "given"
    assert stated["time_limit_seconds"] == {"value": 300.0, "unit": "seconds", "source": "engineering default"}
    assert stated["circuity"] == {"value": 1.2, "unit": "ratio", "source": "given"}
    assert "max_facilities" not in stated


def test_without_a_distance_nothing_is_said_about_service(
    tables: NetworkTables, plan: TransportPlan, outcome: Outcome, certificate: Certificate
) -> None:
    lanes = replace(tables.lanes, distance_miles=np.full(4, np.nan))
    listed_only = np.array([flow != 2 for flow in range(7)])
    served = replace(
        plan,
        flow_year=plan.flow_year[listed_only],
        flow_facility=plan.flow_facility[listed_only],
        flow_destination=plan.flow_destination[listed_only],
        flow_units=plan.flow_units[listed_only],
    )
    asked = TransportParameters(single_sourcing=False, max_distance_miles=150.0)
    result = transport_result(
        replace(tables, lanes=lanes), asked, replace(outcome, plan=served), certificate, identity={}
    )
    assert result["kpis"]["service_level"] is None
    assert result["kpis"]["weighted_service_level"] is None
    assert result["kpis"]["weighted_distance_miles"] is None
    assert result["kpis"]["transport_cost"] == pytest.approx(80 * 2 + 30 * 3 + 50 * 5 + TRANSPORT_2027)


def test_units_whose_distance_is_not_known_do_not_count_as_served_within_it(
    tables: NetworkTables, parameters: TransportParameters, outcome: Outcome, certificate: Certificate
) -> None:
    lanes = replace(tables.lanes, distance_miles=np.array([np.nan, 300, np.nan, 100]))
    result = transport_result(replace(tables, lanes=lanes), parameters, outcome, certificate, identity={})
    assert result["years"][0]["service_level"] == pytest.approx((80 + 20) / 180)
    assert result["years"][0]["weighted_distance_miles"] is None


def test_a_plan_on_a_lane_without_a_price_is_a_fault_named_by_its_ends(
    tables: NetworkTables, plan: TransportPlan
) -> None:
    with pytest.raises(SolverFault, match=r"script> -> Alpha, which has no price"):
        flow_costs(tables, TransportParameters(single_sourcing=False), plan)


def test_an_infeasible_scenario_has_clashes_and_no_figures(infeasible_result: dict[str, Any]) -> None:
    assert infeasible_result["status"] == "infeasible"
    assert infeasible_result["kpis"] is None
    assert infeasible_result["years"] == []
    assert infeasible_result["facilities"] == []
    assert infeasible_result["infeasibility"]["clashes"][0]["short_by"] == 80.0


def test_an_endless_violation_in_a_certificate_is_written_as_not_known(
    tables: NetworkTables, parameters: TransportParameters, outcome: Outcome, certificate: Certificate
) -> None:
    broken = replace(certificate, valid=False, checks=(Check("cost", math.inf, 1e-9, False, "everywhere"),))
    result = transport_result(tables, parameters, outcome, broken, identity={}, partial=True)
    assert result["certificate"]["checks"][0]["worst"] is None
    assert result["partial"] is True
