"""What stands in the way of each type of scenario, before there is a job: all of it, as the job itself would refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from networx.domain.network import NetworkTables
from networx.domain.storage import StatedValues
from networx.models.readiness import readiness
from tests.core.models.small_networks import two_sites
from tests.core.models.small_warehouses import stocked, stored

COMPLETE = {"single_sourcing": "no", "lease_years": "2", "sites": "mandatory"}


def whole(**changes: str | None) -> NetworkTables:
    """Two sites with all that any type asks for but coordinates; None takes a parameter away."""
    tables = stocked()
    return replace(
        tables,
        facilities=replace(tables.facilities, status=("mandatory", "candidate")),
        parameters={name: value for name, value in (COMPLETE | changes).items() if value is not None},
        inventory=with_value(tables.inventory, assignment="job 0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"),
    )


def with_value(stated: StatedValues, facility: str | None = None, **values: str | None) -> StatedValues:
    """These values beside or in place of those stated; None takes one away."""
    there = zip(stated.name, stated.value, stated.facility, strict=True)
    rows = [row for row in there if row[0] not in values or row[2] != facility]
    rows += [(name, value, facility) for name, value in values.items() if value is not None]
    return StatedValues(*(tuple(column) for column in zip(*rows, strict=True)))


def missing(tables: NetworkTables, kind: str) -> list[str]:
    return [problem.column or problem.rule for problem in readiness(tables, kind).problems]


@pytest.mark.parametrize("kind", ["transport", "warehouse", "inventory", "integrated", "capacity"])
def test_what_lacks_nothing_is_ready(kind: str) -> None:
    assert readiness(whole(), kind).runnable, readiness(whole(), kind)


def test_a_required_value_of_the_sheet_warehouse_is_missed_where_it_is_read() -> None:
    tables = whole()
    tables = replace(tables, warehouse=with_value(tables.warehouse, days_on_hand=None, max_utilization=None))
    assert readiness(tables, "transport").runnable
    assert readiness(tables, "inventory").runnable
    assert missing(tables, "warehouse") == missing(tables, "integrated") == ["days_on_hand", "max_utilization"]


def test_what_several_sheets_lack_is_said_at_once() -> None:
    tables = replace(whole(single_sourcing=None), skus=two_sites().skus, inventory=two_sites().inventory)
    assert missing(tables, "integrated")[:3] == ["single_sourcing", "no_rows", "service_level"]
    assert missing(tables, "inventory")[:3] == ["assignment", "service_level", "lead_time_days"]
    assert missing(whole(sites=None, single_sourcing=None), "capacity") == ["sites", "single_sourcing"]


def test_what_all_facilities_lack_is_said_once_and_what_one_lacks_by_its_name() -> None:
    tables = whole()
    own = with_value(with_value(tables.inventory, demand_cv=None), "South", demand_cv="0.4")
    said = [problem.message for problem in readiness(replace(tables, inventory=own), "inventory").problems]
    assert said == ["demand_cv is missing: state it in the sheet Inventory."]
    fixed = with_value(tables.inventory, assignment="fixed")
    said = [problem.message for problem in readiness(replace(tables, inventory=fixed), "inventory").problems]
    assert said == [
        f"assignment is fixed, but {name} has no fixed row in the sheet Assignments; state exactly one."
        for name in ("Elm", "Oak")
    ]
    wrong = replace(tables, inventory=with_value(tables.inventory, "North", lead_time_days="soon"))
    (problem,) = readiness(wrong, "inventory").problems
    assert (problem.column, problem.value) == ("lead_time_days", "soon")


def test_a_sum_that_no_plan_meets_is_no_missing_value() -> None:
    tight = stored(max_facilities=0, thirdparty_cost_per_sqft=None)
    found = readiness(tight, "warehouse")
    assert found.problems == ()
    assert found.infeasibility is not None
    assert not found.runnable


def test_a_greenfield_study_asks_for_places_alone() -> None:
    tables = two_sites()
    assert missing(tables, "greenfield") == ["zip"] * len(tables.destinations)
    placed = replace(tables.destinations, latitude=np.array([40.0, 41.0]), longitude=np.array([-75.0, -76.0]))
    assert readiness(replace(tables, destinations=placed, lanes=two_sites().lanes), "greenfield").runnable


def test_rules_of_facilities_do_not_stand_in_the_way_of_a_capacity_analysis():
    tables = whole(lease_years="1", max_changes_per_year="1")
    rules = {name: np.array([np.nan, 2027.0]) for name in ("available_from_year", "forced_from_year", "forced_to_year")}
    paid = ("opening_cost", "closing_cost", "variable_cost_per_unit", "min_throughput_units", "lease_years")
    rules |= {name: np.array([np.nan, 2.0]) for name in paid}
    ruled = replace(tables, facilities=replace(tables.facilities, existing=("yes", "no"), **rules))
    assert missing(ruled, "capacity") == []
    assert missing(replace(ruled, parameters=ruled.parameters | {"sites": "North"}), "capacity") == ["sites"]
