"""The certificate of an analysis whose units come in over lanes with modes, capacities and years of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.capacity import CapacityOutcome
from networx.domain.capacity_answer import INBOUND, Place
from networx.domain.network import NetworkTables
from networx.domain.parameters import CapacityParameters, SitesAsked
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.verify.capacity import certify_capacity
from tests.core.models.lane_networks import with_lanes_in
from tests.core.models.small_networks import network, parameters, with_suppliers

GIVEN = parameters(lease_years=None)


def tables() -> NetworkTables:
    """Mill brings 60 of North's 100 by rail at $1, the rest by road at $4; in 2027 by road at $5."""
    lanes, years = [(0, 0, 2)], [(2026, 100), (2027, 100)]
    found = network([("North", 200, 100, "mandatory")], [("Elm", 100)], lanes, forecast=years)
    rows: list[dict[str, Any]] = [
        {"mode": "rail", "cost": 1.0, "most": 60.0},
        {"mode": "road", "cost": 4.0},
        {"mode": "road", "cost": 5.0, "year": 2027.0},
    ]
    return with_lanes_in(with_suppliers(found, [("Mill", 300)]), [{"at": (0, 0), **row} for row in rows])


@pytest.fixture(scope="module")
def outcome() -> CapacityOutcome:
    return analyse_capacity(tables(), GIVEN, CapacityParameters(SitesAsked()), chosen_sites(tables(), GIVEN, None))


def failed(outcome: CapacityOutcome) -> set[str]:
    certificate = certify_capacity(tables(), GIVEN, outcome.sites, outcome, tables().sha256())
    return {check.name for check in certificate.checks if not check.passed}


def first(**changes: Any) -> Callable[[CapacityOutcome], CapacityOutcome]:
    return lambda outcome: replace(outcome, base=(replace(outcome.base[0], **changes), *outcome.base[1:]))


def proof(**changes: Any) -> Callable[[CapacityOutcome], CapacityOutcome]:
    def changed(outcome: CapacityOutcome) -> CapacityOutcome:
        least = outcome.base[0].least_cost
        assert least is not None
        return first(least_cost=replace(least, **changes))(outcome)

    return changed


def test_a_right_analysis_passes(outcome: CapacityOutcome):
    assert failed(outcome) == set()
    assert [answer.inbound_cost for answer in outcome.base] == pytest.approx([60 + 160, 60 + 200])
    assert [one.price for one in outcome.bottlenecks] == pytest.approx([4, 3])
    assert failed(CapacityOutcome.from_dict(outcome.as_dict())) == set()


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (first(inbound_units=np.array([70.0, 30.0]), inbound_cost=190.0, cost=390.0), "capacities of suppliers' lanes"),
        (first(inbound_mode=np.array([1, 1], dtype=np.int32)), "cost"),
        (first(inbound_mode=np.array([0, -1], dtype=np.int32)), "what comes in"),
        (first(inbound_mode=np.array([0, 7], dtype=np.int32)), "shape"),
        (first(inbound_cost=210.0, cost=410.0), "cost"),
        (proof(inbound_price=np.array([-2.0])), "least cost is proven"),
        (proof(inbound_price=np.array([3.0])), "least cost is proven"),
        (proof(inbound=np.zeros((0, 3), dtype=np.int32), inbound_price=np.zeros(0)), "least cost is proven"),
        (proof(inbound=np.array([[0, 0, -1]], dtype=np.int32)), "least cost is proven"),
    ],
    ids=[
        "too much",
        "another mode",
        "no mode",
        "a mode that is none",
        "cheaper",
        "price",
        "sign",
        "no price",
        "no lane",
    ],
)
def test_what_is_wrong_is_named(outcome: CapacityOutcome, change: Any, check: str):
    assert f"as it is: {check}" in failed(change(outcome))


def test_a_price_of_another_lane_is_named(outcome: CapacityOutcome):
    one = outcome.bottlenecks[0]
    wrong = replace(one, place=Place(INBOUND, supplier=0, facility=0, mode=1))
    assert "bottlenecks: price" in failed(replace(outcome, bottlenecks=(wrong,)))


def test_what_comes_in_without_its_mode_as_earlier_versions_told_it_still_passes():
    lanes = [{"at": (0, 0), "mode": "rail", "cost": 1.0}, {"at": (0, 0), "mode": "road", "cost": 4.0}]
    found = network([("North", 200, 100, "mandatory")], [("Elm", 100)], [(0, 0, 2)])
    data = with_lanes_in(with_suppliers(found, [("Mill", 300)]), lanes)
    sites = chosen_sites(data, GIVEN, None)
    stated = analyse_capacity(data, GIVEN, CapacityParameters(SitesAsked()), sites).as_dict()
    del stated["inbound_modes"], stated["missed"]
    for answer in stated["base"]:
        for name in ("inbound_mode", "missed", "least_missed"):
            del answer[name]
        for name in ("least", "inbound", "inbound_price"):
            del answer["least_cost"][name]
    assert certify_capacity(data, GIVEN, sites, CapacityOutcome.from_dict(stated), data.sha256()).valid
