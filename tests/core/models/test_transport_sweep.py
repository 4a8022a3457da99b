"""All numbers of facilities of one scenario in one process: each as if it had been asked alone, and certified."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from networx.domain.network import NetworkTables
from networx.domain.plan import ResultStatus
from networx.domain.sweep import with_exactly
from networx.models.transport import ENGINE, solve_transport
from networx.models.transport.sweep import TransportSweep
from networx.solver.location.lagrangian import gear
from networx.verify.transport import Reading, certify_outcome
from tests.core.models.small_networks import network, parameters, spread_network
from tests.core.models.test_transport_engines import MAP, SPREAD, unlimited


@pytest.mark.parametrize(
    ("tables", "asked", "counts", "engine"),
    [
        (unlimited(SPREAD), {}, (2, 5, 4), "NetWORX Benders"),
        (SPREAD, {}, (12, 11), "NetWORX Lagrangian"),
        (SPREAD, {"single_sourcing": True, "gap": 0.02}, (14, 13), "NetWORX single-source"),
        (spread_network(5, 8, 1, tightness=4.0), {}, (4, 3), ENGINE),
    ],
)
def test_every_number_costs_what_it_costs_alone(
    tables: NetworkTables, asked: Any, counts: tuple[int, ...], engine: str
):
    given = parameters(**{**MAP, "time_limit_seconds": 60.0, "gap": 1e-4, **asked})
    sweep, reading = TransportSweep(tables, given, least=min(counts), most=max(counts)), Reading(tables)
    engines: list[str] = []

    for nodes in counts:
        alone = with_exactly(given, nodes)
        together, by_itself = sweep.solve(nodes, chosen=engines.append), solve_transport(tables, alone)

        assert together.objective == pytest.approx(by_itself.objective, rel=2 * given.gap)
        assert together.plan.opened.sum() == nodes * len(together.plan.years)
        certificate = certify_outcome(tables, alone, together, reading.sha256, reading)
        assert certificate.valid
        assert certificate == certify_outcome(tables, alone, together, tables.sha256())
    assert set(engines) == {engine}


@pytest.mark.parametrize(("least", "asks"), [(12, False), (9, True)])
def test_numbers_with_capacities_count_together_for_kernels(monkeypatch: pytest.MonkeyPatch, least: int, asks: bool):
    """Four numbers are as many lanes as make kernels worth it here; one is not."""
    asked: list[object] = []
    monkeypatch.setattr(gear, "LARGE", 4 * len(SPREAD.facilities.status) * 60)  # 60 destinations
    monkeypatch.setattr(gear, "LONG", 10**9)
    monkeypatch.setattr(gear, "kernels_at_hand", lambda: asked.append(1) or False)
    given = parameters(**{**MAP, "time_limit_seconds": 60.0, "gap": 1e-4})

    assert TransportSweep(SPREAD, given, least=least, most=12).solve(12).status is ResultStatus.OPTIMAL
    assert bool(asked) is asks


def test_a_number_that_cannot_be_is_said_and_the_next_is_solved():
    tables = unlimited(spread_network(20, 60, 1, tightness=3.0))
    status = ("mandatory", "mandatory", *tables.facilities.status[2:])
    sweep = TransportSweep(
        replace(tables, facilities=replace(tables.facilities, status=status)), parameters(**MAP), least=1, most=3
    )

    assert sweep.solve(1).status is ResultStatus.INFEASIBLE
    assert sweep.solve(2).plan.opened[0].nonzero()[0].tolist() == [0, 1]


def test_what_was_read_for_one_number_does_not_pass_a_plan_of_another():
    tables = network(
        [("A", 50, 10), ("B", 50, 10), ("C", 50, 10)], [("X", 20)], [(0, 0, 1.0), (1, 0, 2.0), (2, 0, 3.0)]
    )
    given, reading = parameters(), Reading(tables)
    outcomes = {nodes: TransportSweep(tables, given, least=1, most=2).solve(nodes) for nodes in (1, 2)}
    for nodes, outcome in outcomes.items():
        assert certify_outcome(tables, with_exactly(given, nodes), outcome, reading.sha256, reading).valid

    other = certify_outcome(tables, with_exactly(given, 2), outcomes[1], reading.sha256, reading)

    assert [check.name for check in other.checks if not check.passed] == ["number of open facilities"]
