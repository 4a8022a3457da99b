"""The certificate passes a right plan and fails each planted fault by its own name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Clash, Infeasibility, ResultStatus, TransportPlan
from networx.verify.transport import certify_infeasible
from networx.verify.transport.facts import facts_of
from networx.verify.transport.lanes import lane_facts
from tests.core.models.small_networks import UNLIMITED, network, parameters, two_sites
from tests.core.verify.claims import certificate_at, failed

# The optimum of `two_sites`, worked out there by hand: 490 dollars.
FLOWS = [(0, 0, 0, 40.0), (0, 1, 1, 30.0), (1, 0, 0, 60.0), (1, 0, 1, 5.0), (1, 1, 1, 40.0)]
GIVEN = parameters(service_level=0.95, max_distance_miles=100.0, min_facilities=1, max_facilities=2)


def plan_of(
    flows: list[tuple[int, int, int, float]] = FLOWS,
    opened: tuple[bool, ...] = (True, True),
    years: tuple[int, ...] = (2026, 2027),
) -> TransportPlan:
    year, facility, destination, units = zip(*flows, strict=True) if flows else ((), (), (), ())
    return TransportPlan(
        years,
        np.tile(np.array(opened, dtype=bool), (len(years), 1)),
        np.array(year, dtype=np.int32),
        np.array(facility, dtype=np.int32),
        np.array(destination, dtype=np.int32),
        np.array(units, dtype=np.float64),
    )


def certificate(
    plan: TransportPlan | None = None,
    tables: NetworkTables | None = None,
    stated: TransportParameters = GIVEN,
    **claims: Any,
) -> Certificate:
    tables = two_sites() if tables is None else tables
    return certificate_at(490.0, tables, stated, plan_of() if plan is None else plan, **claims)


def with_flow(position: int, **changes: Any) -> TransportPlan:
    names = ("year", "facility", "destination", "units")
    flow = dict(zip(names, FLOWS[position], strict=True)) | changes
    flows = [*FLOWS]
    flows[position] = tuple(flow[name] for name in names)
    return plan_of(flows)


def test_the_plan_worked_out_by_hand_is_valid():
    result = certificate()

    assert failed(result) == set()
    assert result.dataset_sha256 == two_sites().sha256()
    assert (result.objective, result.bound, result.gap, result.bound_source) == (490.0, 490.0, 0.0, "solver")


@pytest.mark.parametrize(
    ("plan", "names"),
    [
        (with_flow(0, units=39.0), {"demand is met", "cost"}),
        (with_flow(0, units=40.0 + 1e-5), {"demand is met", "cost"}),
        (
            with_flow(0, units=float("nan")),
            {"flows are 0 or more", "demand is met", "capacities hold", "service level is reached", "cost"},
        ),
        (
            plan_of([*FLOWS, (0, 0, 0, -1.0), (0, 0, 0, 1.0)]),
            {"flows are 0 or more"},
        ),
        # All of Oak's demand from South in 2027: 45 of 40 units, at $1 instead of $4 for five of them.
        (with_flow(3, facility=1), {"capacities hold", "cost"}),
        # Elm from South in 2026: 30 + 40 of 40 units, 150 miles away.
        (with_flow(0, facility=1), {"capacities hold", "service level is reached", "cost"}),
        (plan_of(opened=(True, False)), {"flows leave open facilities", "cost"}),
        (plan_of(FLOWS[1:]), {"demand is met", "service level is reached", "cost"}),
        (plan_of([]), {"demand is met", "service level is reached", "cost"}),
        (plan_of(years=(2026, 2028)), {"years"}),
        (plan_of(years=(2026,)), {"years", "facilities"}),
        (plan_of(opened=(True,)), {"facilities"}),
        (with_flow(0, year=2), {"flow indices"}),
        (with_flow(0, facility=-1), {"flow indices"}),
        (with_flow(0, destination=9), {"flow indices"}),
        (replace(plan_of(), flow_units=np.ones(3)), {"columns of the flows"}),
    ],
)
def test_a_fault_in_the_plan_fails_its_own_check(plan, names):
    assert failed(certificate(plan)) == names


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"facilities": [("North", 110, 100), ("South", 40, 50, "forbidden")]}, {"no forbidden facility is open"}),
        ({"facilities": [("North", 110, 100), ("South", 39, 50)]}, {"capacities hold"}),
        ({"facilities": [("North", 110, 101), ("South", 40, 50)]}, {"cost"}),
        ({"facility_years": [(1, 2027, 51, 40)]}, {"cost"}),
        ({"facility_years": [(1, 2027, 50, 39)]}, {"capacities hold"}),
        ({"lanes": [(0, 0, 1, 10), (1, 0, 3, 150), (1, 1, 1, 20)]}, {"flows use lanes of the data", "cost"}),
        ({"lanes": [(0, 0, 1, 10), (0, 1, 4, 200), (1, 0, 3, 150), (1, 1, 1.001, 20)]}, {"cost"}),
        ({"lanes": [(0, 0, 1, 101), (0, 1, 4, 200), (1, 0, 3, 150), (1, 1, 1, 20)]}, {"service level is reached"}),
        ({"lanes": [(0, 0, 1), (0, 1, 4), (1, 0, 3), (1, 1, 1)]}, {"service level is reached"}),
        ({"forecast": [(2026, 70), (2027, 105.01)]}, {"demand is met"}),
        ({"demand": [(1, 2027, 44)]}, {"demand is met"}),
    ],
)
def test_a_plan_of_other_data_fails_where_the_data_differ(changes, names):
    assert failed(certificate(tables=two_sites(**changes))) == names


def test_a_closed_mandatory_facility_is_found():
    tables = two_sites(facilities=[("North", 110, 100), ("South", 40, 50, "mandatory")], forecast=[(2026, 70)])
    plan = plan_of([(0, 0, 0, 40.0), (0, 0, 1, 30.0)], (True, False), (2026,))

    result = certificate(plan, tables, parameters(), objective=260.0, bound=260.0)

    assert failed(result) == {"mandatory facilities are open"}
    assert [check.where for check in result.checks if not check.passed] == ["first at South, 2026"]


@pytest.mark.parametrize("stated", [{"min_facilities": 3}, {"max_facilities": 1}])
def test_too_few_or_too_many_open_facilities_are_found(stated):
    assert failed(certificate(stated=parameters(**stated))) == {"number of open facilities"}


@pytest.mark.parametrize("stated", [{"single_sourcing": None}, {"lease_years": None}, {"lease_years": 0}])
def test_a_requirement_that_is_not_stated_is_not_certified(stated):
    assert "requirements are stated" in failed(certificate(stated=parameters(**stated)))


def test_a_destination_with_two_sources_is_found_where_one_is_asked_for():
    result = certificate(stated=parameters(single_sourcing=True))

    assert failed(result) == {"one facility serves a destination"}
    assert [check.where for check in result.checks if not check.passed] == ["first at Oak, 2027"]


def over_years(*opened: tuple[int, ...]) -> tuple[TransportPlan, NetworkTables]:
    """North serves all of four years of 70 units, South is open in some of them; it costs nothing."""
    tables = two_sites(
        facilities=[("North", 110, 0), ("South", 40, 0)], forecast=[(year, 70) for year in range(2026, 2030)]
    )
    flows = [(year, 0, place, units) for year in range(4) for place, units in ((0, 40.0), (1, 30.0))]
    plan = plan_of(flows, (True, True), (2026, 2027, 2028, 2029))
    return replace(plan, opened=np.array([[True, flag] for flag in opened], dtype=bool)), tables


@pytest.mark.parametrize(
    ("opened", "stated", "names"),
    [
        ((1, 1, 0, 1), {"lease_years": 2}, set()),
        ((0, 1, 0, 0), {"lease_years": 1}, set()),
        ((1, 0, 0, 0), {"lease_years": 2}, {"leases are kept"}),
        ((0, 1, 1, 0), {"lease_years": 3}, {"leases are kept"}),
        ((1, 0, 1, 1), {"lease_years": 2}, {"leases are kept"}),
        ((0, 0, 0, 1), {"lease_years": 4}, {"leases are kept"}),
        ((0, 0, 0, 1), {"lease_years": 3}, set()),
        ((0, 1, 0, 1), {"lease_years": 1, "max_changes_per_year": 1}, set()),
        ((0, 1, 0, 1), {"lease_years": 1, "max_changes_per_year": 0}, {"changes in a year"}),
        ((0, 1, 1, 1), {"lease_years": 2, "min_facilities": 2}, {"number of open facilities"}),
        ((1, 1, 0, 0), {"lease_years": 2, "max_facilities": 1}, {"number of open facilities"}),
    ],
)
def test_what_opens_and_closes_keeps_its_lease_and_the_budget_of_changes(opened, stated, names):
    plan, tables = over_years(*opened)
    cost = 4 * (40 * 1 + 30 * 4)

    found = certificate(plan, tables, parameters(**stated), objective=cost, bound=cost)

    assert failed(found) == names


def test_a_flow_from_a_facility_that_is_closed_in_that_year_is_found():
    opened = np.array([[True, True], [True, False]])

    result = certificate(replace(plan_of(), opened=opened), stated=replace(GIVEN, lease_years=1), objective=440.0)

    assert "flows leave open facilities" in failed(result)
    assert "cost" not in failed(result)


def test_open_and_closed_have_to_be_said_of_every_year():
    result = certificate(replace(plan_of(), opened=np.array([[True, True]])))

    assert failed(result) == {"facilities"}


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        ({"dataset_sha256": "0" * 64}, {"dataset"}),
        ({"objective": 490.001, "bound": 490.001}, {"cost"}),
        ({"objective": float("nan")}, {"cost", "bound is not above the cost"}),
        ({"bound": 490.1, "gap": 0.1 / 490}, {"bound is not above the cost", "optimal is proven"}),
        ({"bound": 480.0}, {"gap follows from cost and bound", "optimal is proven"}),
        ({"bound": 480.0, "gap": 10 / 490}, {"optimal is proven"}),
        ({"bound": None, "gap": None}, {"optimal is proven"}),
        ({"bound": None}, {"gap follows from cost and bound", "optimal is proven"}),
        ({"status": ResultStatus.INFEASIBLE}, {"status has a plan"}),
    ],
)
def test_a_false_claim_about_a_right_plan_is_found(claims, names):
    assert names <= failed(certificate(**claims))
    assert failed(certificate(**claims)) - names <= {"gap follows from cost and bound", "optimal is proven"}


@pytest.mark.parametrize(("bound", "gap"), [(480.0, 10 / 490), (None, None)])
def test_a_feasible_plan_may_leave_its_gap_open(bound, gap):
    result = certificate(bound=bound, gap=gap, status=ResultStatus.FEASIBLE)

    assert failed(result) == set()
    assert result.gap == gap


def test_the_worst_case_is_named_with_its_place_and_measure():
    (demand,) = [check for check in certificate(with_flow(2, units=57.0)).checks if check.name == "demand is met"]

    assert demand.worst == pytest.approx(0.05)
    assert demand.where == "Elm, 2027"


def test_units_sent_to_a_destination_without_demand_are_found():
    tables = two_sites(demand=[(1, 2027, 0)])
    plan = plan_of([*FLOWS[:3], (1, 1, 1, 1e-6)])

    result = certificate(plan, tables, objective=300 + 70 + 60 + 1e-6, bound=None, gap=None)

    assert "demand is met" in failed(result)


def test_a_certificate_of_numbers_gone_wrong_is_still_plain_json():
    result = certificate(with_flow(0, units=float("inf")), objective=float("nan"), bound=float("inf"))

    lines = json.loads(json.dumps([check.worst for check in result.checks], allow_nan=False))
    assert max(lines) > 1e300


INDEX = st.integers(0, 1) | st.integers(-1, 3)


@given(
    flows=st.lists(
        st.tuples(INDEX, INDEX, INDEX, st.floats(allow_nan=True, allow_infinity=True)),
        max_size=6,
    ),
    opened=st.lists(st.booleans(), min_size=2, max_size=2) | st.lists(st.booleans(), max_size=3),
    years=st.just([2026, 2027]) | st.lists(st.integers(2025, 2028), max_size=3),
    bound=st.none() | st.floats(),
    gap=st.none() | st.floats(),
)
@settings(max_examples=200, deadline=None)
def test_no_plan_makes_the_checker_raise_and_none_of_these_passes(flows, opened, years, bound, gap):
    result = certificate(plan_of(flows, tuple(opened), tuple(years)), bound=bound, gap=gap)

    assert not result.valid


def test_miles_are_those_of_the_great_circle_times_circuity():
    # A quarter of the globe: 3958.7613 x pi / 2; London to New York as published elsewhere: 3,461 miles to the mile.
    tables = network(
        [("Equator", 1, 1, "candidate", 0.0, 0.0), ("London", 1, 1, "candidate", 51.5074, -0.1278)],
        [("Pole", 1, 90.0, 0.0), ("New York", 1, 40.7128, -74.0060), ("Antipode", 1, 0.0, 180.0)],
    )
    stated = parameters(cost_per_unit_mile=2.0, circuity=1.5)

    exists, price = lane_facts(tables, stated, (1,), np.array([0, 1, 0]), np.array([0, 1, 2]))

    assert exists.all()
    assert price / (2.0 * 1.5) == pytest.approx([3958.7613 * np.pi / 2, 3461, 3958.7613 * np.pi], abs=1)


def test_demand_that_the_data_do_not_say_is_unknown():
    facts = facts_of(two_sites(demand=[(0, 2030, 5)]), GIVEN)

    assert facts.years == (2026, 2027, 2030)
    assert np.isnan(facts.demand[2, 1])
    assert facts.demand[2, 0] == 5


def test_nothing_scaled_to_something_is_unknown_and_to_nothing_is_nothing():
    facts = facts_of(two_sites(destinations=[("Elm", 0), ("Oak", 0)], forecast=[(2026, 0), (2027, 5)]), GIVEN)

    assert facts.demand[0].tolist() == [0, 0]
    assert np.isnan(facts.demand[1]).all()


SHORT_BY_150 = Clash("capacity", "150 units short", 150.0, "units", 2027)


@pytest.mark.parametrize(
    ("clash", "valid"),
    [
        (SHORT_BY_150, True),
        (replace(SHORT_BY_150, short_by=151.0), False),
        (replace(SHORT_BY_150, year=2026), False),
        (replace(SHORT_BY_150, requirement="service_level"), False),
        (replace(SHORT_BY_150, short_by=None), False),
    ],
)
def test_a_shortage_in_closed_form_is_recomputed(clash, valid):
    tables = two_sites(forecast=[(2026, 70), (2027, 300)])

    result = certify_infeasible(tables, parameters(), Infeasibility("closed_form", (clash,)), tables.sha256())

    assert result.valid is valid
    assert result.bound_source == "closed_form"


@pytest.mark.parametrize(
    ("claim", "sha256"),
    [
        (Infeasibility("closed_form", ()), None),
        (Infeasibility("elastic_model", ()), None),
        (Infeasibility("elastic_model", (replace(SHORT_BY_150, short_by=0.0),)), None),
        (Infeasibility("a feeling", (SHORT_BY_150,)), None),
        (Infeasibility("elastic_model", (SHORT_BY_150,)), "0" * 64),
    ],
)
def test_a_claim_of_infeasibility_without_its_evidence_is_refused(claim, sha256):
    tables = two_sites()

    assert not certify_infeasible(tables, parameters(), claim, sha256 or tables.sha256()).valid


def test_what_the_elastic_model_says_is_labelled_as_the_solvers_word():
    tables = two_sites()

    result = certify_infeasible(tables, parameters(), Infeasibility("elastic_model", (SHORT_BY_150,)), tables.sha256())

    assert result.valid
    assert result.bound_source == "solver"
    assert result.checks[-1].name == "capacity, 2027: by the solver's word"


def test_an_unlimited_facility_leaves_no_shortage_to_claim():
    tables = two_sites(facilities=[("North", UNLIMITED, 1), ("South", 40, 1)], forecast=[(2027, 300)])

    result = certify_infeasible(tables, parameters(), Infeasibility("closed_form", (SHORT_BY_150,)), tables.sha256())

    assert not result.valid
