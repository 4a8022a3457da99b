"""What the transport model refuses to work with: each by sheet and name, with the cure in the message."""

from __future__ import annotations

import numpy as np
import pytest

from networx.domain.parameters import TransportParameters
from networx.errors import RefusedInput
from networx.models.transport import prepare
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, network, parameters, two_sites

ON_THE_MAP = [("North", 110, 100, "candidate", 40.0, -80.0), ("South", 40, 50, "candidate", 35.0, -80.0)]


@pytest.mark.parametrize(
    ("changes", "stated", "rule", "sheet", "said"),
    [
        ({"lanes": []}, {}, "missing_lanes", "Lanes", "cost_per_unit_mile"),
        ({"facilities": []}, {}, "empty", "Facilities", "at least one"),
        ({"facilities": [("A", NOT_STATED, 1), ("B", 1, 1)]}, {}, "number", "Facilities", "capacity_units of A must"),
        ({"demand": [(1, 2026, -1)]}, {}, "number", "Demand", "units of Oak in 2026"),
        ({"forecast": [(2026, -1)]}, {}, "number", "Forecast", "annual_units of 2026"),
        ({"facility_years": [(1, 2026, -1, 1)]}, {}, "number", "FacilityYears", "fixed_cost of South in 2026"),
        ({"facilities": [("A", 1, 1), ("B", -1, 1)]}, {}, "number", "Facilities", "of B must be a number, 0 or more"),
        ({"facilities": [("A", 1, 1), ("B", 1, UNLIMITED)]}, {}, "number", "Facilities", "fixed_cost_per_year of B"),
        ({"destinations": [("Elm", 40), ("Oak", -3)]}, {}, "number", "Destinations", "demand_units of Oak"),
        ({"lanes": [(0, 0, 1), (0, 1, -1)]}, {}, "number", "Lanes", "of the lane from North to Oak must"),
        ({"lanes": [(0, 0, 1), (0, 1, NOT_STATED)]}, {}, "missing_price", "Lanes", "North to Oak has no cost_per_unit"),
        ({"lanes": [(0, 0, 1), (0, 1, 2), (0, 0, 3)]}, {}, "repeated", "Lanes", "The lane from North to Elm is listed"),
        (
            {"forecast": [(2026, 1), (2026, 2)]},
            {},
            "repeated",
            "Forecast",
            "2026 is stated more than once; keep one row",
        ),
        ({"demand": [(0, 2026, 1), (1, 2026, 1), (0, 2026, 2)]}, {}, "repeated", "Demand", "Elm in 2026"),
        ({"demand": [(0, 2030, 1)]}, {}, "missing_demand", "Demand", "Oak has no demand for 2030"),
        ({"destinations": [("Elm", 0), ("Oak", 0)]}, {}, "forecast_without_base", "Forecast", "forecast for 2026"),
        (
            {"facility_years": [(1, 2035, 1, 1)]},
            {},
            "unknown_year",
            "FacilityYears",
            "South in 2035: 2035 is not a year of the plan (2026 and 2027)",
        ),
        (
            {"facility_years": [(1, 2026, 1, 1), (1, 2026, 2, 2)]},
            {},
            "repeated",
            "FacilityYears",
            "South in 2026 is stated",
        ),
        (
            {"facilities": [*ON_THE_MAP[:1], ("South", 40, 50)], "lanes": []},
            {"cost_per_unit_mile": 1.0, "circuity": 1.2},
            "missing_coordinates",
            "Facilities",
            "South has lanes to be priced by the mile",
        ),
        (
            {"facilities": ON_THE_MAP, "lanes": [], "destinations": [("Elm", 40, 39.0, -80.0), ("Oak", 30)]},
            {"cost_per_unit_mile": 1.0, "circuity": 1.2},
            "missing_coordinates",
            "Destinations",
            "Oak",
        ),
        (
            {"lanes": [(0, 0, 1, 10), (0, 1, 4), (1, 0, 3), (1, 1, 1, 20)]},
            {"service_level": 0.9, "max_distance_miles": 100.0},
            "missing_distance",
            "Lanes",
            "which the lane from North to Oak lacks (1 other lane also); state distance_miles",
        ),
    ],
)
def test_what_is_missing_or_contradicts_itself_is_named(changes, stated, rule, sheet, said):
    with pytest.raises(RefusedInput) as refusal:
        prepare(two_sites(**changes), parameters(**stated))

    problem = refusal.value.problems[0]
    assert (problem.rule, problem.sheet, problem.row) == (rule, sheet, None)
    assert said in problem.message


@pytest.mark.parametrize(
    ("given", "column"),
    [
        (TransportParameters(lease_years=2), "single_sourcing"),
        (TransportParameters(single_sourcing=False), "lease_years"),
    ],
)
def test_what_a_plan_has_to_state_is_asked_for_by_name(given, column):
    with pytest.raises(RefusedInput) as refusal:
        prepare(two_sites(), given)

    assert [problem.column for problem in refusal.value.problems] == [column]


def test_after_the_first_twenty_rows_the_rest_is_counted():
    places = [(f"D{j}", -1.0) for j in range(50)]

    with pytest.raises(RefusedInput) as refusal:
        prepare(network([("A", 1, 1)], places, [(0, 0, 1)]), parameters())

    assert len(refusal.value.problems) == 21
    assert refusal.value.problems[-1].message == "30 more rows have the same problem."


def test_one_row_beyond_the_first_twenty_is_counted_in_the_singular():
    places = [(f"D{j}", -1.0) for j in range(21)]

    with pytest.raises(RefusedInput) as refusal:
        prepare(network([("A", 1, 1)], places, [(0, 0, 1)]), parameters())

    assert refusal.value.problems[-1].message == "1 more row has the same problem."


def test_a_bad_number_is_shown_with_the_place_it_belongs_to():
    with pytest.raises(RefusedInput) as refusal:
        prepare(two_sites(destinations=[("Elm", 40), ("Oak", -3)]), parameters())

    assert str(refusal.value) == (
        'Destinations, column demand_units: demand_units of Oak must be a number, 0 or more (found "-3").'
    )


def test_parameters_and_prices_that_are_missing_are_named_together():
    with pytest.raises(RefusedInput) as refusal:
        prepare(two_sites(lanes=[]), TransportParameters())

    assert [problem.rule for problem in refusal.value.problems] == ["required", "required", "missing_lanes"]


def test_places_need_no_coordinates_where_lanes_price_and_measure_everything():
    prepare(two_sites(), parameters(service_level=0.9, max_distance_miles=100.0))


def test_a_facility_whose_lanes_are_all_listed_needs_no_coordinates():
    tables = two_sites(
        facilities=[("North", 110, 100), ON_THE_MAP[1]],
        destinations=[("Elm", 40, 39.0, -80.0), ("Oak", 30, 38.0, -80.0)],
        lanes=[(0, 0, 1), (0, 1, 4)],
    )

    instance = prepare(tables, parameters(cost_per_unit_mile=1.0, circuity=1.2))

    assert len(instance.lanes) == 4
    assert np.isfinite(instance.lanes.cost_per_unit).all()


def test_a_forbidden_facility_needs_no_coordinates():
    tables = two_sites(
        facilities=[ON_THE_MAP[0], ("South", 40, 50, "forbidden")],
        destinations=[("Elm", 40, 39.0, -80.0), ("Oak", 30, 38.0, -80.0)],
        lanes=[],
    )

    instance = prepare(tables, parameters(cost_per_unit_mile=1.0, circuity=1.2))

    assert set(instance.lanes.facility.tolist()) == {0}


def test_a_stated_distance_wins_over_coordinates_and_the_rest_is_computed():
    tables = two_sites(
        facilities=ON_THE_MAP,
        destinations=[("Elm", 40, 40.0, -80.0), ("Oak", 30, 36.0, -80.0)],
        lanes=[(0, 0, 1, 77.0), (1, 1, 1)],
    )
    given = parameters(circuity=2.0, service_level=0.1, max_distance_miles=1.0)

    miles = prepare(tables, given).lanes.miles

    # One degree of latitude is 69.0934 miles; twice that by road.
    assert miles == pytest.approx([77.0, 2 * 3958.7613 * np.pi / 180])
