"""Which run of a sweep is best, and how sure that is: as tables."""

from __future__ import annotations

from typing import Any

import pytest

from networx.domain.plan import ResultStatus
from networx.domain.sweep import Criterion, Sweep
from networx.results.frontier import Member, efficient, standing, whole_network
from networx.results.sweep_result import sweep_result

COST, SERVICE, A_UNIT = Criterion.TOTAL_COST, Criterion.SERVICE_LEVEL, Criterion.COST_PER_UNIT
SAVINGS = Criterion.SAVINGS


def plan(nodes: int, cost: float, *, bound: float | None = None, service: float | None = 0.9, **more: Any) -> Member:
    """A run that ended with a plan; without a bound it is proven."""
    proven = bound is None
    kpis = {
        "total_cost": cost,
        "transport_cost": cost - 10,
        "facility_cost": 10.0,
        "cost_per_unit": cost / 100,
        "total_units": 100.0,
        "facilities_open": nodes,
        "service_level": service,
        "weighted_service_level": service,
        "weighted_distance_miles": more.pop("miles", None),
        "savings": more.pop("saved", None),
        "transport_savings_share": more.pop("transport_saved", None),
    }
    return Member(
        job_id=f"job-{nodes}",
        nodes=nodes,
        job_status=more.pop("job_status", "succeeded"),
        ended=True,
        status=ResultStatus.OPTIMAL if proven else ResultStatus.FEASIBLE,
        objective=cost,
        bound=cost if proven else bound,
        kpis=kpis,
        certified=True,
        **more,
    )


def without(nodes: int, job_status: str, status: ResultStatus | None = None, bound: float | None = None) -> Member:
    """A run without a plan."""
    ended = job_status not in {"queued", "running"}
    return Member(f"job-{nodes}", nodes, job_status, ended, status, bound=bound)


INFEASIBLE = without(9, "succeeded", ResultStatus.INFEASIBLE)


@pytest.mark.parametrize(
    ("members", "criterion", "best", "still_open", "proven"),
    [
        ([plan(1, 300), plan(2, 200), plan(3, 250)], COST, 2, [], True),
        ([plan(1, 300), plan(2, 200), plan(3, 250)], A_UNIT, 2, [], True),
        # Ties in cost go to the better service, then to fewer facilities; within 1e-9 it is a tie.
        ([plan(1, 200, service=0.8), plan(2, 200 * (1 + 1e-11), service=0.9)], COST, 2, [], True),
        ([plan(2, 200), plan(1, 200)], COST, 1, [], True),
        ([plan(1, 200, service=None), plan(2, 200, service=0.1)], COST, 2, [], True),
        ([plan(1, 200, service=None), plan(2, 200, service=None)], COST, 1, [], True),
        # A gap leaves open which is best only where its bound lies below the best plan.
        ([plan(1, 200), plan(2, 220, bound=190)], COST, 1, [2], False),
        ([plan(1, 200), plan(2, 220, bound=200)], COST, 1, [], True),
        ([plan(1, 200), plan(2, 220, bound=210)], COST, 1, [], True),
        ([plan(1, 200, bound=100), plan(2, 220)], COST, 1, [], True),
        ([plan(1, 200), plan(2, 220, bound=190)], A_UNIT, 1, [2], False),
        # Infeasible leaves nothing open; what failed, was stopped or still runs leaves all of it.
        ([plan(1, 200), INFEASIBLE], COST, 1, [], True),
        ([plan(1, 200), without(2, "failed")], COST, 1, [2], False),
        ([plan(1, 200), without(2, "dead")], COST, 1, [2], False),
        ([plan(1, 200), without(2, "cancelled")], COST, 1, [2], False),
        ([plan(1, 200), without(2, "running"), without(3, "queued")], COST, 1, [2, 3], False),
        ([plan(1, 200), without(2, "succeeded", ResultStatus.NO_SOLUTION)], COST, 1, [2], False),
        ([plan(1, 200), without(2, "succeeded", ResultStatus.NO_SOLUTION, bound=250)], COST, 1, [], True),
        # A stopped run keeps its best checked plan, and may be the best.
        ([plan(1, 200), plan(2, 150, bound=100, job_status="cancelled", partial=True)], COST, 2, [], True),
        ([], COST, None, [], False),
        ([INFEASIBLE], COST, None, [], False),
        ([without(1, "failed"), INFEASIBLE], COST, None, [], False),
        # By service: the highest share, then the cost. Only a share of 1 is proven to be the most.
        ([plan(1, 100, service=0.5), plan(2, 200, service=0.8)], SERVICE, 2, [1], False),
        ([plan(1, 200, service=0.8), plan(2, 150, service=0.8)], SERVICE, 2, [1], False),
        ([plan(1, 200, service=0.8)], SERVICE, 1, [], False),
        ([plan(1, 100, service=0.5), plan(2, 200, service=1.0)], SERVICE, 2, [], True),
        ([plan(1, 100, service=None), plan(2, 200, service=0.1)], SERVICE, 2, [1], False),
        ([plan(1, 100, service=None)], SERVICE, None, [], False),
        # Savings are against one baseline, here of 400; a plan whose savings are not known is never the best, and
        # leaves open what its bound does.
        ([plan(1, 300, saved=100), plan(2, 200, saved=200)], SAVINGS, 2, [], True),
        ([plan(1, 420, saved=-20), plan(2, 500, saved=-100)], SAVINGS, 1, [], True),
        ([plan(1, 300, saved=100), plan(2, 200)], SAVINGS, 1, [2], False),
        ([plan(1, 200, saved=200), plan(2, 210, bound=190, saved=190)], SAVINGS, 1, [2], False),
        ([plan(1, 200), plan(2, 210)], SAVINGS, None, [], False),
    ],
)
def test_the_best_and_what_is_open_about_it(members, criterion, best, still_open, proven):
    stands = standing(members, criterion)
    assert (stands.best.nodes if stands.best else None) == best
    assert [member.nodes for member in stands.open] == still_open
    assert stands.proven is proven


def test_the_bound_of_the_whole_is_the_lowest_and_none_where_one_is_unknown():
    assert standing([plan(1, 200), plan(2, 220, bound=190), INFEASIBLE], COST).bound == 190
    assert standing([plan(1, 200), without(2, "failed")], COST).bound is None


@pytest.mark.parametrize(
    ("members", "measure", "expected"),
    [
        ([plan(1, 100, service=0.5), plan(2, 200, service=0.8), plan(3, 250, service=0.7)], "service_level", {1, 2}),
        ([plan(1, 100, service=0.5), plan(2, 100, service=0.5)], "service_level", {1, 2}),
        ([plan(1, 100, service=0.5), plan(2, 100, service=0.6)], "service_level", {2}),
        # Not within any distance asked for: then how far units travel.
        (
            [plan(1, 100, service=None, miles=400), plan(2, 90, service=None, miles=500),
             plan(3, 95, service=None, miles=600)],
            "weighted_distance_miles",
            {1, 2},
        ),
        ([plan(1, 100, service=0.5, miles=1), plan(2, 90, service=None, miles=2)], "weighted_distance_miles", {1, 2}),
        ([plan(1, 100, service=None)], None, set()),
        ([INFEASIBLE], None, set()),
    ],
)  # fmt: skip
def test_a_plan_is_efficient_where_none_beats_it_in_cost_and_service(members, measure, expected):
    named, found = efficient(members)
    assert named == measure
    assert {nodes for nodes, good in found.items() if good} == expected


def result_of(members: list[Member], criterion: Criterion = COST) -> dict[str, Any]:
    return sweep_result(Sweep(1, 9, criterion=criterion), members)


@pytest.mark.parametrize(
    ("members", "status", "note"),
    [
        ([plan(1, 300), plan(2, 200)], "optimal", "Proven: no other"),
        ([plan(1, 200), plan(2, 220, bound=190)], "feasible", "2 facilities may still be cheaper, down to $190.00"),
        ([plan(1, 200), without(2, "failed")], "feasible", "may still be cheaper; how much is not known"),
        ([plan(2, 200), plan(1, 220, bound=190)], "feasible", "Best found: 1 facility may still be cheaper"),
        ([plan(1, 200, bound=150), plan(2, 220)], "feasible", "Proven: no other"),
        ([plan(1, 200), without(2, "running")], "feasible", "Best so far: 1 of 2 runs not ended yet."),
        ([without(1, "queued"), without(2, "running")], None, "No run has ended with a plan yet."),
        ([INFEASIBLE], "infeasible", "No number of facilities in the range"),
        ([without(1, "failed"), INFEASIBLE], "no_solution", "No run ended with a plan"),
        ([without(1, "queued"), INFEASIBLE], None, "No run has ended"),
    ],
)
def test_the_verdict_on_the_whole(members, status, note):
    result = result_of(members)
    assert result["status"] == status
    assert note in result["note"]
    assert result["partial"] is any(not member.ended for member in members)


def test_by_service_nothing_is_called_optimal():
    result = result_of([plan(1, 200, service=1.0)], SERVICE)
    assert (result["status"], result["proven"]) == ("feasible", True)
    result = result_of([plan(1, 200, service=0.8), plan(2, 210, service=0.7)], SERVICE)
    assert "a dearer one may serve more" in result["note"]


def test_every_member_stands_in_the_frontier_and_is_counted_once():
    members = [
        plan(2, 200, service=0.7),
        plan(1, 300, service=0.6),
        plan(3, 210, bound=180, service=0.8),
        without(4, "succeeded", ResultStatus.NO_SOLUTION),
        without(5, "failed"),
        without(6, "dead"),
        without(7, "cancelled"),
        without(8, "running"),
        INFEASIBLE,
    ]
    result = result_of(members)
    rows = result["frontier"]
    assert [row["nodes"] for row in rows] == list(range(1, 10))
    assert [row["status"] for row in rows] == [
        "optimal", "optimal", "feasible", "no_solution", "failed", "failed", "cancelled", "running", "infeasible",
    ]  # fmt: skip
    assert [row["best"] for row in rows].count(True) == 1
    assert [row["efficient"] for row in rows] == [False, True, True, *[None] * 6]
    assert result["batch_summary"] == {
        "scenarios_run": 9,
        "successful_scenarios": 3,
        "infeasible_scenarios": 1,
        "unsolved_scenarios": 1,
        "failed_scenarios": 2,
        "cancelled_scenarios": 1,
        "running_scenarios": 1,
        "best_scenario_nodes": 2,
        "best_scenario_cost": 200,
        "cost_range": {"min": 200, "max": 300},
    }
    assert [(left["nodes"], left["bound"]) for left in result["still_open"]] == [
        (3, 180), (4, None), (5, None), (6, None), (7, None), (8, None),
    ]  # fmt: skip


def test_the_original_names_carry_the_plans_figures_and_nothing_that_is_not_known():
    result = result_of([plan(1, 300, service=None), plan(2, 200)])
    assert result["best"] == {
        "job_id": "job-2",
        "nodes": 2,
        "status": "optimal",
        "proven": True,
        "kpis": {
            "total_network_cost_all_years": 200,
            "total_transport_cost_all_years": 190,
            "total_facility_cost_all_years": 10,
            "weighted_service_level": 0.9,
            "avg_cost_per_unit": 2,
            "facilities_opened": 2,
        },
    }
    assert [scenario["nodes"] for scenario in result["scenarios"]] == [1, 2]
    assert "weighted_service_level" not in result["scenarios"][0]["kpis"]
    assert "transport_savings_percent" not in result["scenarios"][1]["kpis"]
    saving = result_of([plan(1, 300, saved=100, transport_saved=0.25)])
    assert saving["best"]["kpis"]["transport_savings_percent"] == 25
    assert result["kpis"]["total_cost"] == result["objective"] == 200


def test_a_network_that_was_stopped_before_its_warehouses_were_planned_is_no_plan_of_the_whole():
    whole = {"status": "feasible", "objective": 900.0, "bound": 700.0, "gap": 0.2, "kpis": {"warehouse_cost": 100.0}}
    alone = {"status": "feasible", "objective": 800.0, "bound": 700.0, "gap": 0.1, "kpis": {"transport_cost": 700.0}}
    assert whole_network(whole) is whole
    assert whole_network(alone) == {
        "status": "no_solution", "objective": None, "bound": 700.0, "gap": None, "kpis": None,
    }  # fmt: skip
