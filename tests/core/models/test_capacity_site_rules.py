"""Capacity analyses of networks whose sites have rules of their own: what each costs and forbids, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.network import Assignments, NetworkTables
from networx.domain.plan import ResultStatus
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, network
from tests.core.models.test_capacity_rules import analysed


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
