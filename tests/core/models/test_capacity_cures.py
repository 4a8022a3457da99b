"""What cures a shortage that no candidate relieves, in words, by hand: capacity and where, or something else."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from networx.domain.network import NetworkTables, ServiceYears
from networx.domain.parameters import TransportParameters
from networx.domain.plan import ResultStatus
from tests.core.models.lane_networks import with_lanes
from tests.core.models.small_networks import UNLIMITED, network, parameters
from tests.core.models.test_capacity_rules import GIVEN, analysed
from tests.core.models.test_capacity_site_rules import over_years, with_columns


def cure_of(tables: NetworkTables, stated: TransportParameters) -> tuple[str, str, str]:
    """Requirement, message and cure of the one clash of a network that nothing relieves."""
    outcome = analysed(tables, stated)
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.infeasibility is not None
    (clash,) = outcome.infeasibility.clashes
    return clash.requirement, clash.message, clash.cure or ""


def near_and_far(near: float, far: float = UNLIMITED) -> NetworkTables:
    """South, which is near Elm and holds `near` units of the 100, and North, which is far from it and holds `far`."""
    return network(
        [("North", far, 0, "mandatory"), ("South", near, 0, "mandatory")],
        [("Elm", 100)],
        [(0, 0, 2, 300), (1, 0, 1, 9)],
    )


ASKED = parameters(lease_years=None, service_level=0.8, max_distance_miles=50.0)
NEAR_ELM = "that can reach the destination that is short within 50 miles"


def test_a_level_that_no_facility_is_near_enough_for_is_told_as_such_and_what_it_may_be():
    """North holds all of Elm's 100, from too far away: 80 of them go without, and no capacity elsewhere helps."""
    tables = network([("North", UNLIMITED, 0, "mandatory")], [("Elm", 100)], [(0, 0, 2, 300)])
    requirement, message, cure = cure_of(tables, ASKED)
    assert requirement == "service_level"
    assert message.endswith("80 units of 100 units stay unserved at service_level 0.8 within 50 miles.")
    assert cure == f"Add 80 units of capacity {NEAR_ELM}, or lower service_level to 0."


def test_capacity_that_a_level_asks_for_has_to_be_near_enough():
    """South's 40 are all that is near: 40 of the 80 lack, and North has room for any that may come from afar."""
    requirement, _, cure = cure_of(near_and_far(40), ASKED)
    assert requirement == "capacity"
    assert cure == f"Add 40 units of capacity {NEAR_ELM}, or lower service_level to 0.4."


def test_a_lower_level_is_no_cure_where_all_facilities_are_full():
    """40 near and 10 far hold half of the 100, whatever is asked of them; 10 of 50 may come from afar."""
    requirement, _, cure = cure_of(near_and_far(40, 10), ASKED)
    assert requirement == "capacity"
    assert cure == f"Add 50 units of capacity {NEAR_ELM}, or plan for that much less demand."


def test_where_the_level_is_reached_all_the_same_capacity_may_be_anywhere():
    """South serves the 80 that are asked near, North 10 of the others."""
    requirement, message, cure = cure_of(near_and_far(80, 10), ASKED)
    assert requirement == "capacity"
    assert message == "Even with all 2 allowed facilities open, 10 units of 100 units stay unserved."
    assert cure.startswith("Add 10 units of capacity that can reach the destination that is short, or plan for")


def test_the_row_in_which_a_level_stands_is_named_with_its_cure():
    years = ServiceYears(np.array([2027]), np.array([0.8]), np.array([50.0]))
    tables = network(
        [("North", UNLIMITED, 0, "mandatory")], [("Elm", 100)], [(0, 0, 2, 300)], forecast=[(2026, 100), (2027, 100)]
    )
    _, _, cure = cure_of(replace(tables, service_years=years), GIVEN)
    assert cure.endswith("or lower service_level to 0 in the row of 2027 in the sheet ServiceYears.")


def test_enlarging_is_a_cure_beside_a_count_only_where_something_is_full():
    """West is Oak's only way, and no place is left for it; a larger North serves no more, unless it reaches Oak."""
    tables = network([("North", 100, 0, "mandatory"), ("West", 100, 5)], [("Elm", 60), ("Oak", 60)])
    one = replace(GIVEN, max_facilities=1)
    apart = with_lanes(tables, [{"at": (0, 0), "cost": 1.0}, {"at": (1, 1), "cost": 1.0}])
    assert cure_of(apart, one)[::2] == ("max_facilities", "Raise max_facilities to 2.")
    together = with_lanes(tables, [{"at": at, "cost": 1.0} for at in ((0, 0), (0, 1), (1, 1))])
    assert cure_of(together, one)[::2] == (
        "max_facilities",
        "Raise max_facilities to 2, or enlarge North by 20 units.",
    )


def test_every_requirement_that_would_do_alone_is_named_with_its_number():
    """Both West and Hut have to open in 2027. One more has to be open, and one more to change."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 20, 30), ("West", 20, 31), forecast=(50, 110))
    tables = with_columns(tables, existing=("yes", "no", "no"), available_from_year=(None, 2027, 2027))
    _, message, cure = cure_of(tables, replace(GIVEN, max_facilities=2, max_changes_per_year=1))
    assert message.startswith("At most 2 facilities may be open in a year and at most 1 facility may open or close")
    changes = replace(GIVEN, max_facilities=3, max_changes_per_year=2)
    assert relieved(tables, changes)
    assert not relieved(tables, replace(changes, max_changes_per_year=1))
    assert not relieved(tables, replace(changes, max_facilities=2))
    first, second = cure.removesuffix(".").split(", or ")
    assert first == "Raise max_facilities to 3 and raise max_changes_per_year to 2"
    site, units = re.fullmatch(r"enlarge (\w+) by (\d+) units", second).groups()
    stated = replace(GIVEN, max_facilities=2, max_changes_per_year=1)
    assert (units, relieved(grown(tables, site, 10), stated), relieved(grown(tables, site, 9.9), stated)) == (
        "10",
        True,
        False,
    )


def test_a_requirement_that_does_not_forbid_is_no_cure():
    """Two may change in a year, and one is left to open."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 20, 30), ("West", 20, 31), forecast=(50, 110))
    tables = with_columns(tables, existing=("yes", "no", "no"), available_from_year=(None, 2027, 2027))
    requirement, _, cure = cure_of(tables, replace(GIVEN, max_facilities=2, max_changes_per_year=2))
    assert requirement == "max_facilities"
    assert cure.startswith("Raise max_facilities to 3, or enlarge ")
    requirement, _, cure = cure_of(tables, replace(GIVEN, max_facilities=3, max_changes_per_year=1))
    assert requirement == "max_changes_per_year"
    assert cure.startswith("Raise max_changes_per_year to 2, or enlarge ")


def test_a_minimum_that_forbids_a_relief_is_told_with_what_it_may_be():
    """10 lack in 2027 and 2028. Hut has to ship 95 of the 90."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 99, 30))
    requirement, _, cure = cure_of(with_columns(tables, min_throughput_units=(None, 95)), GIVEN)
    assert requirement == "min_throughput_units"
    assert cure.split(", or ")[0].removesuffix(".") == "Lower min_throughput_units of Hut by 5 units"
    assert relieved(with_columns(tables, min_throughput_units=(None, 90)), GIVEN)
    assert not relieved(with_columns(tables, min_throughput_units=(None, 90.1)), GIVEN)


def relieved(tables: NetworkTables, stated: TransportParameters) -> bool:
    return analysed(tables, stated).status is ResultStatus.OPTIMAL


def grown(tables: NetworkTables, name: str, units: float) -> NetworkTables:
    one = np.array(tables.facilities.name, dtype=object) == name
    return replace(
        tables, facilities=replace(tables.facilities, capacity_units=tables.facilities.capacity_units + one * units)
    )
