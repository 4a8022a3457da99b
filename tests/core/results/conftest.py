"""A small network with a plan whose every figure was worked out by hand; the figures stand in the tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.network import Demand, Destinations, Facilities, FacilityYears, Forecast, Lanes, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Check, Clash, Infeasibility, Outcome, ResultStatus, TransportPlan
from networx.results.kpis import transport_result

HOSTILE = "=SUM(A1)<script>alert(1)</script>"
IDENTITY = {"job_id": "job-1", "scenario_id": "scenario-1", "solved_at": "2026-03-01T12:00:00Z"}


def codes(*values: int) -> Any:
    return np.array(values, dtype=np.int32)


def floats(*values: float) -> Any:
    return np.array(values, dtype=np.float64)


@pytest.fixture
def tables() -> NetworkTables:
    nan = float("nan")
    return NetworkTables(
        facilities=Facilities(
            name=("North", HOSTILE, "Closed"),
            city=("Northtown", None, None),
            state=("NT", None, None),
            zip=(None, None, None),
            latitude=floats(0, 0, nan),
            longitude=floats(0, 1, nan),
            capacity_units=floats(120, np.inf, 50),
            fixed_cost_per_year=floats(1000, 500, 9999),
            status=("candidate", "mandatory", "forbidden"),
        ),
        destinations=Destinations(
            name=("Gamma", "Alpha", "Beta"),
            city=(None, None, None),
            state=(None, None, None),
            zip=(None, None, None),
            latitude=floats(nan, 0, 0),
            longitude=floats(nan, 0.5, 3),
            demand_units=floats(50, 100, 30),
        ),
        demand=Demand(codes(), np.array([], dtype=np.int64), floats()),
        forecast=Forecast(np.array([2026, 2027], dtype=np.int64), floats(180, 210)),
        lanes=Lanes(
            facility=codes(1, 0, 1, 0),
            destination=codes(0, 2, 2, 1),
            cost_per_unit=floats(5, 3, 4, 2),
            distance_miles=floats(50, 300, nan, 100),
        ),
        facility_years=FacilityYears(
            facility=codes(0, 1, 0),
            year=np.array([2027, 2027, 2031], dtype=np.int64),
            fixed_cost=floats(1200, nan, 7777),
            capacity_units=floats(110, 200, nan),
        ),
        parameters={"single_sourcing": "no", "gap": "0.000001"},
    )


@pytest.fixture
def parameters() -> TransportParameters:
    return TransportParameters(
        single_sourcing=False, lease_years=2, max_distance_miles=150.0, cost_per_unit_mile=0.1, circuity=1.2
    )


@pytest.fixture
def plan() -> TransportPlan:
    """2026: North 80 to Alpha and 30 to Beta, the other 20 to Alpha and 50 to Gamma. 2027: 110; 40 to Beta, 60."""
    return TransportPlan(
        years=(2026, 2027),
        opened=np.array([[True, True, False], [True, True, False]]),
        flow_year=codes(1, 0, 0, 0, 0, 1, 1),
        flow_facility=codes(1, 0, 1, 0, 1, 0, 1),
        flow_destination=codes(2, 1, 1, 2, 0, 1, 0),
        flow_units=floats(40, 80, 20, 30, 50, 110, 60),
    )


@pytest.fixture
def certificate() -> Certificate:
    checks = (Check("demand met", 0.0, 1e-7, True), Check("cost", 2e-16, 1e-9, True))
    return Certificate("d" * 64, True, checks, 4462.91, 4462.91, 0.0, "solver")


@pytest.fixture
def outcome(plan: TransportPlan) -> Outcome:
    return Outcome(ResultStatus.OPTIMAL, "HiGHS 1", 0.5, objective=4462.91, bound=4462.91, gap=0.0, plan=plan)


@pytest.fixture
def result(
    tables: NetworkTables, parameters: TransportParameters, outcome: Outcome, certificate: Certificate
) -> dict[str, Any]:
    return transport_result(tables, parameters, outcome, certificate, identity=IDENTITY)


@pytest.fixture
def infeasible_result(
    tables: NetworkTables, parameters: TransportParameters, certificate: Certificate
) -> dict[str, Any]:
    clash = Clash("capacity", "Demand of 300 units is above 220.", 80.0, "units", 2027, "Add 80 units of capacity.")
    outcome = Outcome(
        ResultStatus.INFEASIBLE,
        "HiGHS 1",
        0.1,
        bound_source="closed_form",
        infeasibility=Infeasibility("closed_form", (clash,)),
    )
    nothing = replace(certificate, checks=(), objective=None, bound=None, gap=None)
    return transport_result(tables, parameters, outcome, nothing, identity=IDENTITY)
