"""What the solving child tells of the plans it finds on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from networx.domain.plan import Outcome, Progress, ResultStatus, TransportPlan
from networx.work import solve_child
from tests.core.models.small_networks import parameters, two_sites

NOTHING = np.array([], dtype=np.int32)
PLAN = TransportPlan((2026,), (True, False), NOTHING, NOTHING, NOTHING, np.array([]))

Step = tuple[str, Any]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[tuple[float, float | None]]]:
    """Plays a solver that finds plans (cost, bound) and bounds; the (cost, bound) that the parent hears of."""
    monkeypatch.setattr(solve_child, "FIRST_INCUMBENT_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(solve_child, "INCUMBENT_EVERY_SECONDS", 0.0)

    def play(*steps: Step) -> list[tuple[float, float | None]]:
        def solver(_tables: Any, _parameters: Any, progress: Any, incumbent: Any) -> Outcome:
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
        solve_child.run({"instance": str(tmp_path / "instance"), "plans": str(tmp_path)}, said.append)
        assert "outcome" in said[-1]
        found = [message["incumbent"] for message in said if "incumbent" in message]
        assert all(Path(one["plan"]).exists() for one in found)
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
