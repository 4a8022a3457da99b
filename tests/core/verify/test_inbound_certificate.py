"""The certificate recomputes what comes in from suppliers: each planted fault fails its own check."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from networx.domain.network import NetworkTables
from networx.domain.plan import RECOMPUTED, Clash, Infeasibility, ResultStatus, TransportPlan
from networx.verify.transport import certify, certify_infeasible
from networx.verify.transport.exact import beyond_exact, check_exactly
from networx.verify.transport.inbound import least_way_in
from tests.core.models.small_networks import parameters, two_sites, with_suppliers
from tests.core.models.test_transport_inbound_lanes import three_ways
from tests.core.models.test_transport_suppliers import two_mills
from tests.core.verify import claims as claimed
from tests.core.verify.claims import ANY_PROOF

# The plan worked out at `two_mills`: West ships all, from Mill and, in 2027, 30 units from Port.
IN = [(0, 0, 0, 100.0), (1, 0, 0, 120.0), (1, 1, 0, 30.0)]
COST = 2 * 50 + 400 + 690


def codes(values: Any) -> Any:
    return np.array(values, dtype=np.int32)


def supplied(inbound: list[tuple[int, int, int, float]] = IN, units: tuple[float, float] = (100, 150)) -> TransportPlan:
    year, supplier, facility, amounts = zip(*inbound, strict=True) if inbound else ((), (), (), ())
    return TransportPlan(
        years=(2026, 2027),
        opened=np.array([[True, False]] * 2),
        flow_year=codes([0, 1]),
        flow_facility=codes([0, 0]),
        flow_destination=codes([0, 0]),
        flow_units=np.array(units, dtype=float),
        inbound_year=codes(year),
        inbound_supplier=codes(supplier),
        inbound_facility=codes(facility),
        inbound_units=np.array(amounts, dtype=float),
    )


def failed(plan: TransportPlan, cost: float = COST, tables: NetworkTables | None = None, **claims: Any) -> set[str]:
    asked, stated = two_mills()
    tables = asked if tables is None else tables
    return claimed.failed(claimed.certificate_at(cost, tables, stated, plan, **claims))


def test_the_plan_worked_out_by_hand_is_valid():
    assert failed(supplied()) == set()


@pytest.mark.parametrize(
    ("plan", "cost", "names"),
    [
        (supplied(IN[:2]), COST - 30 * 6, {"what comes in goes out"}),
        (supplied([]), COST - 100 * 3 - 120 * 3 - 30 * 6, {"what comes in goes out"}),
        (supplied([*IN, (1, 1, 1, 5.0)]), COST + 5 * 4, {"what comes in goes out"}),
        (supplied([(0, 0, 0, 100 + 2e-5), *IN[1:]]), COST + 6e-5, {"what comes in goes out"}),
        # Mill has 120 units.
        (supplied([IN[0], (1, 0, 0, 150.0)]), COST - 30 * 3, {"supply holds"}),
        (supplied([IN[0], (1, 0, 0, 120.001), (1, 1, 0, 29.999)]), COST - 0.003, {"supply holds"}),
        (supplied(), COST - 1e-4, {"cost"}),
        (supplied([(0, 1, 0, 100.0), *IN[1:]]), COST, {"cost"}),
        (
            supplied([*IN, (0, 0, 0, -1.0), (0, 0, 0, 1.0)]),
            COST,
            {"what comes in is 0 or more"},
        ),
        (
            supplied([(0, 0, 0, float("nan")), *IN[1:]]),
            COST,
            {"what comes in is 0 or more", "what comes in goes out", "supply holds", "cost"},
        ),
        (supplied([(0, 2, 0, 100.0), *IN[1:]]), COST, {"indices of what comes in"}),
        (supplied([(2, 0, 0, 100.0), *IN[1:]]), COST, {"indices of what comes in"}),
        (supplied([(0, 0, -1, 100.0), *IN[1:]]), COST, {"indices of what comes in"}),
        (replace(supplied(), inbound_units=np.ones(2)), COST, {"columns of what comes in"}),
    ],
)
def test_a_fault_in_what_comes_in_fails_its_own_check(plan, cost, names):
    assert failed(plan, cost) == names


def test_a_lane_that_is_not_in_the_data_is_refused():
    tables, _ = two_mills()
    rows = tables.inbound_lanes
    listed = {part.name: getattr(rows, part.name)[:2] for part in fields(rows)}

    assert failed(supplied(), tables=replace(tables, inbound_lanes=replace(rows, **listed))) == {
        "what comes in uses lanes of the data",
        "cost",
    }


def by_mode(*flows: tuple[int, str, float]) -> TransportPlan:
    """What comes in to West from Mill in the network of `three_ways`, as (year, mode, units)."""
    modes = ("ltl", "rail", "tl", "air")
    plan = supplied([(year, 0, 0, units) for year, _, units in flows])
    mode = codes([modes.index(mode) for _, mode, _ in flows])
    one_site = np.array([[True]] * 2)
    return replace(plan, opened=one_site, tiers=codes([[0]] * 2), inbound_mode=mode, inbound_modes=modes)


BY_HAND = [(0, "rail", 60.0), (0, "ltl", 40.0), (1, "rail", 60.0), (1, "ltl", 90.0)]


@pytest.mark.parametrize(
    ("flows", "cost", "names"),
    [
        (BY_HAND, 1685, set()),
        # Rail brings at most 60 a year; in 2027 a unit by ltl costs 5.5 with what Mill asks.
        ([*BY_HAND[:2], (1, "rail", 61.0), (1, "ltl", 89.0)], 1684.5, {"capacities of what comes in hold"}),
        ([*BY_HAND[:2], (1, "rail", 60.0), (1, "tl", 90.0)], 1685, {"cost"}),
        ([(0, "rail", 60.0), (0, "air", 40.0), *BY_HAND[2:]], 1685, {"what comes in uses lanes of the data", "cost"}),
        (BY_HAND, 1685 - 45, {"cost"}),
    ],
)
def test_modes_of_what_comes_in_are_checked_and_priced(flows, cost, names):
    tables, given = three_ways()

    assert claimed.failed(claimed.certificate_at(cost, tables, given, by_mode(*flows))) == names
    if not names:
        found = check_exactly(tables, given, by_mode(*flows), cost)
        # The flow by ltl in 2026 has its price from Rates.
        assert (found.cost, found.from_miles, {check.passed for check in found.checks}) == (1685, 1, {True})
    if names == {"capacities of what comes in hold"}:
        wrong = check_exactly(tables, given, by_mode(*flows), cost)
        failing = [check.name for check in wrong.checks if not check.passed]
        assert failing == ["exactly: capacities of what comes in hold"]


def test_in_fractions_the_sums_are_the_same_to_the_last_digit():
    tables, stated = two_mills()

    assert beyond_exact(tables, stated) == []
    found = check_exactly(tables, stated, supplied(), COST)
    assert (found.cost, found.from_miles, {check.passed for check in found.checks}) == (COST, 0, {True})
    wrong = check_exactly(tables, stated, supplied([IN[0], (1, 0, 0, 150.0)]), COST - 30 * 3)
    assert {check.name for check in wrong.checks if not check.passed} == {"exactly: supply holds"}
    wrong = check_exactly(tables, stated, supplied(IN[:2]), COST)
    assert {check.name for check in wrong.checks if not check.passed} == {
        "exactly: what comes in goes out",
        "exactly: cost",
    }


def test_nothing_comes_in_where_there_are_no_suppliers():
    plan = replace(supplied(), opened=np.array([[True, True]] * 2))
    tables = two_sites()

    result = certify(
        tables,
        parameters(),
        plan,
        objective=0.0,
        bound=None,
        gap=None,
        status=ResultStatus.FEASIBLE,
        bound_source="solver",
        dataset_sha256=tables.sha256(),
    )

    assert "indices of what comes in" in {check.name for check in result.checks if not check.passed}


def test_a_bound_that_a_proof_without_suppliers_is_said_to_give_is_refused():
    assert failed(supplied(), bound_source=RECOMPUTED, proof=ANY_PROOF) == {"bound is recomputed"}


def test_a_plan_stored_before_there_were_suppliers_has_nothing_coming_in():
    arrays = {name: part for name, part in supplied().arrays().items() if not name.startswith("inbound")}

    assert len(TransportPlan.from_arrays(arrays).inbound_units) == 0
    without_modes = {name: part for name, part in supplied().arrays().items() if not name.startswith("inbound_mode")}
    assert TransportPlan.from_arrays(without_modes).inbound_mode.tolist() == [-1, -1, -1]
    told = TransportPlan.from_arrays(by_mode(*BY_HAND).arrays())
    assert (told.inbound_mode.tolist(), told.inbound_modes) == ([1, 0, 1, 0], ("ltl", "rail", "tl", "air"))
    assert TransportPlan.from_arrays(supplied().arrays()).inbound_units.tolist() == [100, 120, 30]


@pytest.mark.parametrize(("short", "valid"), [(20.0, True), (30.0, False)])
def test_a_shortage_of_supply_is_recomputed(short, valid):
    tables, stated = two_mills()
    tables = replace(tables, suppliers=replace(tables.suppliers, supply_units=np.array([120.0, 10.0])))
    told = Infeasibility("closed_form", (Clash("supply_units", "Too little.", short, "units", 2027),))

    assert certify_infeasible(tables, stated, told, tables.sha256()).valid is valid


def test_a_way_in_without_a_price_makes_no_bound_higher():
    tables = with_suppliers(two_sites(), [("East", 500.0), ("West", 500.0)], [(0, 0, 2.0), (1, 0, np.nan), (0, 1, 3.0)])
    least = least_way_in(tables, parameters(), 2026)
    # Nobody knows what the way from West costs; that from East stands all the same.
    assert least.tolist() == [0.0, 3.0]
