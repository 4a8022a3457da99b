"""Capacity analyses of networks whose sites have rules of their own: what each costs and forbids, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.network import Assignments, FacilityYears, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import ResultStatus
from networx.errors import RefusedInput
from networx.models.capacity import chosen_sites
from tests.core.models.capacity_by_sheets import assert_as_the_sheets_say
from tests.core.models.mixed_networks import ruled
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, expansions, network
from tests.core.models.test_capacity_rules import GIVEN, analysed, case
from tests.core.random_problems import seeds


def with_columns(tables: NetworkTables, **columns: Any) -> NetworkTables:
    """The same with these columns of the sheet Facilities, None for an empty cell."""
    stated = {
        name: tuple(values)
        if name in {"existing", "status"}
        else np.array([NOT_STATED if one is None else float(one) for one in values])
        for name, values in columns.items()
    }
    return replace(tables, facilities=replace(tables.facilities, **stated))


def assigned(*rows: tuple[int, int, str]) -> Assignments:
    """(facility, destination, rule)."""
    sites, places, rules = zip(*rows, strict=True)
    return Assignments(np.array(sites, dtype=np.int32), np.array(places, dtype=np.int32), tuple(rules))


def two_sites(north: float = 60, south: float = 100, demand: float = 100) -> NetworkTables:
    """North at $1 and South at $4 a unit, both mandatory, serve Elm."""
    return network(
        [("North", north, 10, "mandatory"), ("South", south, 20, "mandatory")],
        [("Elm", demand)],
        [(0, 0, 1), (1, 0, 4)],
    )


def test_handling_is_in_the_cost_of_each_unit_and_so_in_what_capacity_saves():
    """North handles at $2: a unit costs $3 there and $4 at South, so that one more at North saves a dollar."""
    outcome = analysed(with_columns(two_sites(), variable_cost_per_unit=(2, None)))
    (answer,), (one,) = outcome.base, outcome.bottlenecks
    assert answer.cost == pytest.approx(60 * 3 + 40 * 4)
    assert one.price == pytest.approx(1)
    assert outcome.objective == pytest.approx(30 + 340)


def test_a_forbidden_assignment_leaves_a_facility_idle_and_its_destination_short():
    tables = network(
        [("North", UNLIMITED, 10, "mandatory"), ("South", 30, 20, "mandatory")],
        [("Elm", 50), ("Oak", 10)],
        [(0, 0, 1), (1, 0, 4), (0, 1, 1)],
    )
    assert analysed(tables).short is False
    outcome = analysed(replace(tables, assignments=assigned((0, 0, "forbidden"))))
    assert outcome.base[0].unserved.tolist() == pytest.approx([20, 0])
    assert [(one.place.facility, one.price) for one in outcome.bottlenecks] == [(1, pytest.approx(1))]
    assert outcome.status is ResultStatus.INFEASIBLE


def test_a_destination_fixed_to_a_candidate_is_relieved_by_opening_it():
    """Oak is West's alone: as it is, it is short; West opens though North has room for all."""
    tables = network(
        [("North", UNLIMITED, 10, "mandatory"), ("West", 40, 70), ("Hut", 40, 5)],
        [("Elm", 50), ("Oak", 30)],
        [(0, 0, 1), (0, 1, 1), (1, 1, 2), (2, 1, 1)],
    )
    outcome = analysed(replace(tables, assignments=assigned((1, 1, "fixed"))))
    assert outcome.base[0].unserved.tolist() == pytest.approx([0, 30])
    assert outcome.relief is not None
    assert outcome.relief.opened == ((1, 0),)
    assert outcome.objective == pytest.approx(10 + 70 + 50 + 60)


def over_years(*sites: tuple[Any, ...], forecast: tuple[float, ...] = (50, 90, 90)) -> NetworkTables:
    """These facilities, each $1 a unit, serve Elm from 2026 on."""
    years = [(2026 + at, units) for at, units in enumerate(forecast)]
    return network(list(sites), [("Elm", 100)], [(at, 0, 1) for at in range(len(sites))], forecast=years)


def test_a_site_serves_in_the_years_of_its_window_and_costs_in_those_alone():
    """North serves from 2027 on, and South holds all of 2026: 50 units. In 2028 South's window has closed."""
    tables = over_years(("North", 95, 10, "mandatory"), ("South", 60, 7, "mandatory"))
    outcome = analysed(with_columns(tables, available_from_year=(2027, None), available_to_year=(None, 2027)))
    assert [answer.opened.tolist() for answer in outcome.base] == [[False, True], [True, True], [True, False]]
    assert [answer.short for answer in outcome.base] == [0, 0, 0]
    assert outcome.objective == pytest.approx(10 * 2 + 7 * 2 + 230)


def test_a_year_in_which_a_site_is_forbidden_is_short():
    tables = over_years(("North", 95, 10, "mandatory"))
    changes = FacilityYears(np.array([0]), np.array([2027]), *np.full((2, 1), NOT_STATED), status=("forbidden",))
    outcome = analysed(replace(tables, facility_years=changes))
    assert [answer.short for answer in outcome.base] == pytest.approx([0, 90, 0])
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.infeasibility is not None
    assert "No facility may be open in 2027: all 90 units stay unserved." in outcome.infeasibility.clashes[0].message


def test_a_facility_that_is_forced_open_has_to_be_among_the_sites():
    tables = with_columns(
        over_years(("North", 95, 10, "mandatory"), ("South", 60, 7)),
        forced_from_year=(None, 2027),
        forced_to_year=(None, 2027),
    )
    with pytest.raises(RefusedInput, match="South has to be open in some year and so has to be among the sites"):
        chosen_sites(tables, GIVEN, ("North",))
    assert chosen_sites(tables, GIVEN, None).tolist() == [True, True]


def test_a_site_that_may_never_be_open_is_refused():
    tables = with_columns(
        over_years(("North", 95, 10, "mandatory"), ("South", 60, 7)), available_from_year=(None, 2030)
    )
    with pytest.raises(RefusedInput, match="South may be open in no year of the plan"):
        chosen_sites(tables, GIVEN, ("North", "South"))


def test_sites_that_change_more_than_allowed_are_refused():
    tables = over_years(("North", 95, 10, "mandatory"), ("South", 60, 7, "mandatory"))
    tables = with_columns(tables, available_from_year=(2027, None), available_to_year=(None, 2026))
    with pytest.raises(RefusedInput, match="2 facilities open or close in 2027, above max_changes_per_year 1"):
        chosen_sites(tables, replace(GIVEN, max_changes_per_year=1), None)


def test_the_relief_pays_for_opening_and_so_may_choose_the_dearer_by_the_year():
    """10 units lack in 2027 and 2028. Hut costs $30 a year and $100 once, West $60 a year."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 20, 30), ("West", 20, 60))
    outcome = analysed(with_columns(tables, opening_cost=(5, 100, 0), closing_cost=(900, None, None)))
    assert outcome.relief is not None
    assert outcome.relief.opened == ((2, 1),)
    assert outcome.objective == pytest.approx(5 + 3 * 10 + 2 * 60 + 230)


def test_a_lease_shorter_than_the_plan_lets_the_relief_close_again():
    """10 units lack in 2027 and 2028. West's lease is two years, Hut's the plan's; closing West costs $1 more."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 20, 30), ("West", 20, 31), forecast=(50, 90, 90, 50))
    columns = {"lease_years": (None, None, 2), "closing_cost": (None, None, 1)}
    outcome = analysed(with_columns(tables, **columns))
    assert outcome.relief is not None
    # From 2027: Hut three years at 30, West two at 31 and 1 for closing.
    assert (outcome.relief.opened, outcome.relief.closed) == (((2, 1),), ((2, 3),))
    assert outcome.objective == pytest.approx(4 * 10 + 2 * 31 + 1 + 280)
    dear = with_columns(tables, **{**columns, "closing_cost": (None, None, 40)})
    assert analysed(dear).relief.opened == ((1, 1),)  # type: ignore[union-attr]


def test_a_facility_that_is_open_already_is_kept_or_its_closing_is_paid_for():
    """Hut is open before 2026: closing it costs $50, keeping it to the end $3 x 40. From 2027 on 10 units lack."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 20, 40), ("West", 20, 35))
    outcome = analysed(with_columns(tables, existing=("no", "yes", "no"), closing_cost=(None, 50, None)))
    assert outcome.relief is not None
    # Kept: 120. Closed, and West for two years: 50 + 70.
    assert outcome.objective == pytest.approx(30 + 120 + 230)
    kept = analysed(with_columns(tables, existing=("no", "yes", "no"), closing_cost=(None, 51, None)))
    assert kept.relief is not None
    assert (kept.relief.opened, kept.relief.closed) == (((1, 0),), ())


def test_a_relief_ends_with_the_window_of_what_it_opens():
    """West may be open in 2026 and 2027, Hut in 2028: each as long as it may."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 20, 30), ("West", 20, 31))
    tables = with_columns(
        tables, available_from_year=(None, 2028, None), available_to_year=(None, None, 2027), closing_cost=(0, 0, 4)
    )
    outcome = analysed(tables)
    assert outcome.relief is not None
    assert (outcome.relief.opened, outcome.relief.closed) == (((2, 1), (1, 2)), ((2, 2),))
    assert outcome.objective == pytest.approx(30 + 31 + 4 + 30 + 230)


def test_a_budget_of_changes_that_forbids_every_relief_is_named():
    """10 lack in 2026 and 30 in 2027: both West and Hut have to open, each 20, and one a year may."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 20, 30), ("West", 20, 31), forecast=(50, 110))
    outcome = analysed(tables, replace(GIVEN, max_changes_per_year=1))
    assert outcome.relief is not None  # one opens a year early, which is no change: nothing is existing
    changed = with_columns(tables, existing=("yes", "no", "no"), available_from_year=(None, 2027, 2027))
    none = analysed(changed, replace(GIVEN, max_changes_per_year=1))
    assert none.status is ResultStatus.INFEASIBLE
    assert none.infeasibility is not None
    assert [clash.requirement for clash in none.infeasibility.clashes] == ["max_changes_per_year"]


def test_a_tier_of_what_closes_is_given_up_with_it():
    """20 lack in 2027 alone. West holds 10 and with its tier 20; its lease is a year."""
    tables = over_years(("North", 80, 10, "mandatory"), ("West", 10, 31), forecast=(50, 100, 50))
    tables = replace(with_columns(tables, lease_years=(None, 1)), expansions=expansions([(1, 1, 10, 5, 7)]))
    outcome = analysed(tables)
    assert outcome.relief is not None
    assert (outcome.relief.opened, outcome.relief.closed, outcome.relief.tiers) == (((1, 1),), ((1, 2),), ((1, 1, 1),))
    assert outcome.objective == pytest.approx(30 + 31 + 5 + 7 + 200)


def test_a_minimum_throughput_makes_the_dearer_facility_ship_and_is_in_the_cost():
    """Elm's 50 would all come from North at $1; South has to ship 20 at $4. Where North holds 29, a unit more there
    saves $3 as long as South ships more than its minimum."""
    outcome = analysed(with_columns(two_sites(north=100, demand=50), min_throughput_units=(None, 20)))
    assert (outcome.base[0].cost, outcome.bottlenecks) == (pytest.approx(30 + 80), ())
    full = analysed(with_columns(two_sites(north=29, demand=50), min_throughput_units=(None, 20)))
    (one,) = full.bottlenecks
    assert one.price == pytest.approx(3)
    assert full.resolved[one.holds_in].enlarged == pytest.approx(30)


def test_minima_that_the_sites_cannot_ship_are_told_with_the_figure():
    """2026 asks for 50: North has to ship 40 and South 30, so that 20 lack. 2027 asks for 90, which does."""
    tables = over_years(("North", 95, 10, "mandatory"), ("South", 60, 7, "mandatory"))
    outcome = analysed(with_columns(tables, min_throughput_units=(40, 30)))
    assert (outcome.status, outcome.base, outcome.objective) == (ResultStatus.INFEASIBLE, (), None)
    assert outcome.infeasibility is not None
    (clash,) = outcome.infeasibility.clashes
    assert (clash.requirement, clash.year, clash.short_by) == ("min_throughput_units", 2026, pytest.approx(20))
    assert "in 2026, whatever is served: 20 units lack at least" in clash.message


def test_a_minimum_above_what_a_facility_holds_is_told():
    outcome = analysed(with_columns(over_years(("North", 95, 10, "mandatory")), min_throughput_units=(100,)))
    assert outcome.infeasibility is not None
    assert [clash.short_by for clash in outcome.infeasibility.clashes] == pytest.approx([50, 10, 10])


def test_a_relief_opens_nothing_that_could_not_ship_its_minimum():
    """10 units lack in 2027 and 2028. Hut is cheaper, but would have to ship 95 of the 90."""
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 99, 30), ("West", 20, 60))
    outcome = analysed(with_columns(tables, min_throughput_units=(None, 95, 5)))
    assert outcome.relief is not None
    assert outcome.relief.opened == ((2, 1),)


def test_a_relief_that_minima_forbid_is_told_with_the_least_shortage():
    tables = over_years(("North", 80, 10, "mandatory"), ("Hut", 99, 30))
    outcome = analysed(with_columns(tables, min_throughput_units=(None, 95)))
    assert outcome.status is ResultStatus.INFEASIBLE
    assert outcome.infeasibility is not None
    (clash,) = outcome.infeasibility.clashes
    assert (clash.requirement, clash.short_by) == ("min_throughput_units", pytest.approx(20))
    assert clash.message.startswith("What opens has to ship its minimum throughput; whichever they are, 20 units")


def ruled_case(seed: int) -> tuple[NetworkTables, TransportParameters]:
    """A network of the other random cases whose facilities have rules of their own, each with a chance."""
    rng = np.random.default_rng([seed, 44])
    tables, given = case(seed, years=2 + seed % 2)
    years = sorted({*tables.demand.year.tolist(), *tables.forecast.year.tolist()})
    if years:
        given = replace(given, lease_years=int(rng.choice([1, 2, 9])))
        if rng.random() < 0.3:
            given = replace(given, max_changes_per_year=int(rng.integers(1, 4)))
        tables, given = ruled(rng, tables, given)
    wider = tables.facilities.capacity_units * float(rng.choice([1.0, 2.0, 5.0]))
    tables = replace(tables, facilities=replace(tables.facilities, capacity_units=wider))
    if rng.random() < 0.3:
        given = replace(given, max_facilities=int(rng.integers(2, 5)))
    return tables, given


@pytest.mark.parametrize("seed", seeds(12))
def test_random_networks_with_rules_agree_with_a_program_from_the_sheets(seed: int):
    tables, given = ruled_case(seed)
    try:
        sites = chosen_sites(tables, given, None)
    except RefusedInput:
        return  # nothing has to be open, or more than may be
    assert_as_the_sheets_say(tables, given, sites, analysed(tables, given))
