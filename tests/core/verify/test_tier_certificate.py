"""The certificate recomputes tiers: each planted fault fails its own check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.plan import RECOMPUTED, Clash, Infeasibility, TransportPlan
from networx.verify.transport import certify_infeasible
from networx.verify.transport.exact import beyond_exact, check_exactly
from tests.core.models.small_networks import NOT_STATED, expansions
from tests.core.models.test_transport_tiers import growing_town
from tests.core.verify import claims as claimed
from tests.core.verify.claims import ANY_PROOF

# The plan worked out at `growing_town`, year by year: nothing, tier 1, tiers 1 and 2.
COST = 60 + (90 + 35) + (120 + 20 + 30)


def grown(tiers: list[list[int]] | None = None, **changes: Any) -> TransportPlan:
    told: dict[str, Any] = {
        "years": (2026, 2027, 2028),
        "opened": np.array([[True, False]] * 3),
        "flow_year": np.arange(3, dtype=np.int32),
        "flow_facility": np.zeros(3, dtype=np.int32),
        "flow_destination": np.zeros(3, dtype=np.int32),
        "flow_units": np.array([60.0, 90.0, 120.0]),
        "tiers": np.array([[0, 0], [1, 0], [2, 0]] if tiers is None else tiers, dtype=np.int32),
    }
    return TransportPlan(**{**told, **changes})


def failed(plan: TransportPlan, cost: float = COST, lease: int = 1, **claims: Any) -> set[str]:
    tables, stated = growing_town(lease_years=lease)
    return claimed.failed(claimed.certificate_at(cost, tables, stated, plan, **claims))


def test_the_plan_worked_out_by_hand_is_valid():
    assert failed(grown()) == set()


@pytest.mark.parametrize(
    ("plan", "cost", "names"),
    [
        # 120 units in 2028 with tier 1 alone: 100 fit.
        (grown([[0, 0], [1, 0], [1, 0]]), COST - 30, {"capacities hold"}),
        (grown([[0, 0], [0, 0], [2, 0]]), COST - 20, {"capacities hold"}),
        # A tier paid for and not counted, or counted and not paid for.
        (grown([[1, 0], [1, 0], [2, 0]]), COST, {"cost"}),
        (grown(), COST - 15, {"cost"}),
        (grown(), COST - 30, {"cost"}),
        # A third tier is not in the data.
        (grown([[0, 0], [1, 0], [3, 0]]), COST, {"tiers are those of the data"}),
        (grown([[-1, 0], [1, 0], [2, 0]]), COST, {"tiers are those of the data"}),
        (
            grown([[0, 1], [1, 0], [2, 0]]),
            COST,
            {"tiers are those of the data", "tiers are in use at open facilities alone"},
        ),
        # Taken, given up, and taken again: both are paid twice, and it may not be.
        (grown([[2, 0], [1, 0], [2, 0]]), COST + 50 + 15 - 15, {"tiers stay while their facility is open"}),
        (replace(grown(), tiers=np.zeros((2, 2), dtype=np.int32)), COST, {"tiers"}),
    ],
)
def test_a_fault_in_the_tiers_fails_its_own_check(plan, cost, names):
    assert failed(plan, cost) == names


def test_in_fractions_the_sums_are_the_same_to_the_last_digit():
    tables, stated = growing_town(lease_years=1)

    assert beyond_exact(tables, stated) == []
    found = check_exactly(tables, stated, grown(), COST)
    assert (found.cost, {check.passed for check in found.checks}) == (COST, {True})
    wrong = check_exactly(tables, stated, grown([[0, 0], [1, 0], [1, 0]]), COST)
    assert {check.name for check in wrong.checks if not check.passed} == {"exactly: capacities hold", "exactly: cost"}


def test_one_set_of_facilities_has_one_number_of_tiers_in_all_years():
    assert failed(grown(), lease=3) == {"tiers stay while their facility is open"}
    assert failed(grown([[2, 0]] * 3), 60 + 90 + 120 + 3 * 50 + 15, lease=3) == set()


def test_a_bound_that_a_proof_without_tiers_is_said_to_give_is_refused():
    assert failed(grown(), bound_source=RECOMPUTED, proof=ANY_PROOF) == {"bound is recomputed"}


def test_a_plan_stored_before_there_were_tiers_has_none():
    arrays = grown().arrays()
    del arrays["tiers"]

    plan = TransportPlan.from_arrays(arrays)

    assert plan.tiers.tolist() == [[0, 0]] * 3
    assert TransportPlan.from_arrays(grown().arrays()).tiers.tolist() == [[0, 0], [1, 0], [2, 0]]


@pytest.mark.parametrize(("short", "valid"), [(20.0, True), (50.0, False), (20.01, False)])
def test_a_shortage_of_capacity_counts_every_tier(short, valid):
    # 70 + 30 of 120 units in 2028.
    tables, stated = growing_town()
    sites = replace(tables.facilities, status=("candidate", "forbidden"))
    tables = replace(tables, facilities=sites, expansions=expansions([(0, 1, 30, 1, NOT_STATED)]))
    told = Infeasibility("closed_form", (Clash("capacity", "Too little.", short, "units", 2028),))

    assert certify_infeasible(tables, stated, told, tables.sha256()).valid is valid
