"""What the solving child tells of the plans it finds on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from networx.domain.plan import Outcome, Progress, ResultStatus, TransportPlan
from networx.verify.transport import certify
from networx.work import solve_child
from tests.core.models.small_networks import parameters, two_sites

NOTHING = np.array([], dtype=np.int32)
PLAN = TransportPlan((2026,), np.array([[True, False]]), NOTHING, NOTHING, NOTHING, np.array([]))

Step = tuple[str, Any]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[tuple[float, float | None]]]:
    """Plays a solver that finds plans (cost, bound) and bounds; the (cost, bound) that the parent hears of."""
    monkeypatch.setattr(solve_child, "FIRST_INCUMBENT_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(solve_child, "INCUMBENT_EVERY_SECONDS", 0.0)

    def play(*steps: Step, known: dict[str, Any] | None = None) -> list[tuple[float, float | None]]:
        def solver(_tables: Any, _parameters: Any, progress: Any, incumbent: Any, _stop: Any, **_rest: Any) -> Outcome:
            for what, told in steps:
                if what == "plan":
                    incumbent(PLAN, *told)
                elif what == "bound":
                    progress(Progress("solving", bound=told))
                else:
                    monkeypatch.setattr(solve_child, "INCUMBENT_EVERY_SECONDS", told)
            return Outcome(ResultStatus.NO_SOLUTION, "played", 0.0)

        monkeypatch.setattr(solve_child, "solve_transport", solver)
        solve_child.write_instance(tmp_path / "instance", two_sites(), parameters())
        said: list[dict[str, Any]] = []
        request = {"instance": str(tmp_path / "instance"), "plans": str(tmp_path), "start": known}
        solve_child.run(request, said.append)
        assert "outcome" in said[-1]
        found = [message["incumbent"] for message in said if "incumbent" in message]
        assert all(solve_child.read_plan(Path(one["plan"])).opened.tolist() == PLAN.opened.tolist() for one in found)
        return [(one["objective"], one["bound"]) for one in found]

    return play


def test_a_plan_is_told_with_the_bound_that_became_known_after_it(told):
    assert told(("plan", (100.0, None)), ("bound", None), ("bound", float("-inf")), ("bound", 60.0)) == [
        (100.0, None),
        (100.0, 60.0),
    ]


def test_the_same_plan_is_told_again_only_when_its_gap_has_closed_by_a_good_part(told):
    steps: list[Step] = [("plan", (100.0, 60.0)), *(("bound", float(bound)) for bound in (61, 65, 70, 71, 80))]
    assert told(*steps) == [(100.0, 60.0), (100.0, 70.0), (100.0, 80.0)]


def test_a_better_plan_is_always_told(told):
    assert told(("plan", (100.0, 60.0)), ("plan", (99.9, 60.0))) == [(100.0, 60.0), (99.9, 60.0)]


def test_of_plans_that_come_faster_than_they_can_be_checked_the_best_is_told(told):
    steps: list[Step] = [("every", 3600.0), ("plan", (100.0, 60.0)), ("plan", (95.0, 60.0)), ("bound", 90.0)]
    assert told(*steps) == [(100.0, 60.0)]


def test_a_bound_is_never_told_above_the_plan_nor_below_nothing(told):
    assert told(("plan", (100.0, -5.0)), ("bound", 100.0000001)) == [(100.0, 0.0), (100.0, 100.0)]


def known_plan(folder: Path, objective: float, bound: float | None) -> dict[str, Any]:
    """What the parent says of a plan that an earlier attempt had reached."""
    path = solve_child.write_plan(folder / "incumbent-0.npz", PLAN, objective)
    return {"plan": str(path), "objective": objective, "bound": bound}


def test_a_plan_to_start_from_is_told_again_only_with_a_gap_that_has_closed_by_a_good_part(told, tmp_path):
    start = known_plan(tmp_path, 100.0, 60.0)
    assert told(("bound", 60.0), ("bound", 67.0), ("bound", 69.0), known=start) == [(100.0, 69.0)]


def test_a_plan_better_than_the_one_to_start_from_is_told(told, tmp_path):
    start = known_plan(tmp_path, 100.0, 60.0)
    assert told(("plan", (95.0, 60.0)), known=start) == [(95.0, 60.0)]


def test_whoever_ends_the_child_finds_the_best_plan_although_it_was_not_due_yet(told, tmp_path):
    told(("every", 3600.0), ("plan", (100.0, 60.0)), ("plan", (95.0, 60.0)), ("plan", (90.0, 60.0)))
    assert solve_child.newest_plan(tmp_path) == (tmp_path / "incumbent-3.npz", 90.0)
    # What was told may still be read by the parent; what was not is nobody's once there is a better one.
    assert {path.name for path in tmp_path.glob("incumbent-*")} == {"incumbent-1.npz", "incumbent-3.npz"}


def test_without_a_better_plan_the_best_is_the_one_to_start_from(told, tmp_path):
    told(known=known_plan(tmp_path, 100.0, None))
    assert solve_child.newest_plan(tmp_path) == (tmp_path / "incumbent-0.npz", 100.0)


def test_before_the_first_plan_there_is_none(tmp_path):
    (tmp_path / "incumbent-1.unfinished").write_bytes(b"half a pl")
    assert solve_child.newest_plan(tmp_path) is None


def test_the_proof_of_a_bound_travels_with_the_plan_and_is_recomputed_by_the_parent(tmp_path: Path):
    tables, given = two_sites(forecast=[]), parameters(engine="lagrangian")
    solve_child.write_instance(tmp_path / "instance", tables, given)
    said: list[dict[str, Any]] = []

    solve_child.run({"instance": str(tmp_path / "instance"), "plans": str(tmp_path), "start": None}, said.append)

    assert {"engine": "NetWORX Lagrangian"} in said
    told = said[-1]["outcome"]
    certificate = certify(
        tables,
        given,
        solve_child.read_plan(Path(told["plan"])),
        objective=told["objective"],
        bound=told["bound"],
        gap=told["gap"],
        status=ResultStatus(told["status"]),
        bound_source=told["bound_source"],
        dataset_sha256=tables.sha256(),
        proof=solve_child.read_proof(Path(told["proof"])),
    )
    assert (told["objective"], told["bound_source"]) == (220.0, "recomputed")
    assert certificate.valid
