"""What the transport model refuses to work with: each by sheet and row, with the cure in the message."""

from __future__ import annotations

import numpy as np
import pytest

from networx.domain.parameters import TransportParameters
from networx.errors import RefusedInput
from networx.models.transport import prepare
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, network, parameters, two_sites

ON_THE_MAP = [("North", 110, 100, "candidate", 40.0, -80.0), ("South", 40, 50, "candidate", 35.0, -80.0)]


@pytest.mark.parametrize(
    ("changes", "stated", "rule", "sheet", "row", "cure"),
    [
        ({"lanes": []}, {}, "missing_lanes", "Lanes", None, "cost_per_unit_mile"),
        ({"facilities": []}, {}, "empty", "Facilities", None, "at least one"),
        ({"facilities": [("A", NOT_STATED, 1), ("B", 1, 1)]}, {}, "number", "Facilities", 2, "0 or more"),
        ({"facilities": [("A", 1, 1), ("B", -1, 1)]}, {}, "number", "Facilities", 3, "0 or more"),
        ({"facilities": [("A", 1, 1), ("B", 1, UNLIMITED)]}, {}, "number", "Facilities", 3, "0 or more"),
        ({"destinations": [("Elm", 40), ("Oak", -3)]}, {}, "number", "Destinations", 3, "0 or more"),
        ({"lanes": [(0, 0, 1), (0, 1, NOT_STATED)]}, {}, "number", "Lanes", 3, "0 or more"),
        ({"lanes": [(0, 0, 1), (0, 1, 2), (0, 0, 3)]}, {}, "repeated", "Lanes", 4, "North to Elm"),
        ({"forecast": [(2026, 1), (2026, 2)]}, {}, "repeated", "Forecast", 3, "keep one"),
        ({"demand": [(0, 2026, 1), (1, 2026, 1), (0, 2026, 2)]}, {}, "repeated", "Demand", 4, "Elm"),
        ({"demand": [(0, 2030, 1)]}, {}, "missing_demand", "Demand", None, "Oak has no demand for 2030"),
        ({"destinations": [("Elm", 0), ("Oak", 0)]}, {}, "forecast_without_base", "Forecast", 2, "state demand_units"),
        ({"facility_years": [(1, 2035, 1, 1)]}, {}, "unknown_year", "FacilityYears", 2, "2026 to 2027"),
        ({"facility_years": [(1, 2026, 1, 1), (1, 2026, 2, 2)]}, {}, "repeated", "FacilityYears", 3, "South"),
        (
            {"facilities": [*ON_THE_MAP[:1], ("South", 40, 50)], "lanes": []},
            {"cost_per_unit_mile": 1.0, "circuity": 1.2},
            "missing_coordinates",
            "Facilities",
            3,
            "South has lanes to be priced by the mile",
        ),
        (
            {"facilities": ON_THE_MAP, "lanes": [], "destinations": [("Elm", 40, 39.0, -80.0), ("Oak", 30)]},
            {"cost_per_unit_mile": 1.0, "circuity": 1.2},
            "missing_coordinates",
            "Destinations",
            3,
            "Oak",
        ),
        (
            {"lanes": [(0, 0, 1, 10), (0, 1, 4), (1, 0, 3), (1, 1, 1, 20)]},
            {"service_level": 0.9, "max_distance_miles": 100.0},
            "missing_distance",
            "Lanes",
            3,
            "North to Oak, one of 2 lanes",
        ),
    ],
)
def test_what_is_missing_or_contradicts_itself_is_named(changes, stated, rule, sheet, row, cure):
    with pytest.raises(RefusedInput) as refusal:
        prepare(two_sites(**changes), parameters(**stated))

    problem = refusal.value.problems[0]
    assert (problem.rule, problem.sheet, problem.row) == (rule, sheet, row)
    assert cure in problem.message


@pytest.mark.parametrize(
    ("given", "column"),
    [
        (TransportParameters(lease_years=2), "single_sourcing"),
        (TransportParameters(single_sourcing=True, lease_years=2), "single_sourcing"),
        (TransportParameters(single_sourcing=False), "lease_years"),
        (TransportParameters(single_sourcing=False, lease_years=1), "lease_years"),
    ],
)
def test_parameters_of_later_forms_are_refused_by_name(given, column):
    with pytest.raises(RefusedInput) as refusal:
        prepare(two_sites(), given)

    assert [problem.column for problem in refusal.value.problems] == [column]


def test_after_the_first_twenty_rows_the_rest_is_counted():
    places = [(f"D{j}", -1.0) for j in range(50)]

    with pytest.raises(RefusedInput) as refusal:
        prepare(network([("A", 1, 1)], places, [(0, 0, 1)]), parameters())

    assert len(refusal.value.problems) == 21
    assert refusal.value.problems[-1].message.startswith("30 more")


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
