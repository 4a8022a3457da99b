"""Time limits as a script: children that say what they say at given seconds of a clock that nobody waits for."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from cli import solve_network as terminal
from networx.domain.capacity import CapacityOutcome
from networx.domain.parameters import CapacityParameters, SitesAsked
from networx.domain.plan import Progress, ResultStatus
from networx.errors import LimitExceeded
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.models.transport import ENGINE as HIGHS_ENGINE
from networx.models.transport import solve_transport
from networx.models.transport.run import EXPLAINING, LEAST_SECONDS_TO_EXPLAIN
from networx.resilience.confine import Confinement, Stopped
from networx.work import solve_child
from networx.work.capacity_run import CapacityRun
from networx.work.model_run import ModelRun
from networx.work.on_time import LATE_AFTER_SECONDS, START_SECONDS, STOPPING_SECONDS, OnTime, asked_to_stop
from networx.work.solve_child import PRICING_TODAY, write_plan
from networx.work.transport_run import OWN_TIME, TransportRun
from tests.core.models.small_networks import growing, parameters, two_sites

DAY = timedelta(days=1)
AFTER = LATE_AFTER_SECONDS + 0.01
Said = tuple[float, dict[str, Any]]


class Scripted:
    """A child by a script of (second, message), with the clock that it is timed by. It ends by itself after `ends_at`,
    or never."""

    def __init__(self, *script: Said, ends_at: float | None = None) -> None:
        self.now, self._script, self._ends_at = 0.0, script, ends_at

    def clock(self) -> float:
        return self.now

    def run(
        self, _request: dict[str, Any], *, longest: timedelta, stop: Callable[[], bool]
    ) -> Iterator[dict[str, Any]]:
        said: list[Said] = list(self._script)
        while True:
            while said and said[0][0] <= self.now:
                yield said.pop(0)[1]
            if self._ends_at is not None and self.now >= self._ends_at:
                return
            if stop():
                raise Stopped
            if self.now > longest.total_seconds():
                raise LimitExceeded(limit=f"{longest.total_seconds():g} s of running time")
            self.now += 0.1


def stage(name: str, bound: float | None = None) -> dict[str, Any]:
    return {"progress": Progress(name, bound=bound).as_dict()}


def timed(
    child: Scripted, seconds: float, stopped: Callable[[], bool] = lambda: False, stop_file: Path | None = None
) -> OnTime:
    return OnTime(seconds, stopped, most=DAY, stop_file=stop_file, clock=child.clock)


def heard(on_time: OnTime, child: Scripted) -> list[dict[str, Any]]:
    return list(on_time.messages(child, {}))  # type: ignore[arg-type]  # a child by script


def test_a_child_that_ends_by_itself_is_heard_to_its_end():
    child = Scripted((1, {"a": 1}), (6.4, {"b": 2}), ends_at=6.5)
    on_time = timed(child, 5)
    assert heard(on_time, child) == [{"a": 1}, {"b": 2}]
    assert on_time.ended_by is None


def test_a_late_child_is_ended_a_little_after_its_limit_counted_from_its_first_word():
    child = Scripted((20, {"a": 1}), (27, {"b": 2}))
    on_time = timed(child, 5)
    assert heard(on_time, child) == [{"a": 1}]
    assert on_time.ended_by == "the time limit"
    assert child.now == pytest.approx(20 + 5 + LATE_AFTER_SECONDS, abs=0.2)


def test_a_child_that_never_says_a_word_is_an_error():
    child = Scripted()
    with pytest.raises(LimitExceeded, match="to begin"):
        heard(timed(child, 5), child)
    assert child.now == pytest.approx(START_SECONDS, abs=0.2)


def test_the_longest_that_any_child_may_run_is_an_error_too():
    child = Scripted((0, {"a": 1}))
    on_time = OnTime(500, lambda: False, most=timedelta(seconds=50), clock=child.clock)
    with pytest.raises(LimitExceeded, match="50 s"):
        heard(on_time, child)
    assert on_time.ended_by is not None
    assert "50 s of running time" in on_time.ended_by


def test_what_comes_after_the_search_has_a_time_of_its_own():
    child = Scripted((0, {"a": 1}), (5, {"after": 1}))
    on_time = timed(child, 5)
    for message in on_time.messages(child, {}):  # type: ignore[arg-type]  # a child by script
        if "after" in message:
            on_time.allow(30)
    assert child.now == pytest.approx(5 + 30 + LATE_AFTER_SECONDS, abs=0.2)


def test_a_stop_ends_a_child_at_once_or_asks_it_first(tmp_path: Path):
    child = Scripted((0, {"a": 1}))
    with pytest.raises(Stopped):
        heard(timed(child, 500, lambda: child.now > 7), child)
    assert child.now == pytest.approx(7, abs=0.2)
    asked, stop_file = Scripted((0, {"a": 1})), tmp_path / "stop"
    on_time = timed(asked, 500, lambda: asked.now > 7, stop_file)
    with pytest.raises(Stopped):
        heard(on_time, asked)
    assert asked.now == pytest.approx(7 + STOPPING_SECONDS, abs=0.3)
    assert on_time.ended_by == "a stop"
    assert stop_file.exists()


def test_a_child_that_is_asked_to_stop_and_ends_in_time_is_heard(tmp_path: Path):
    child = Scripted((0, {"a": 1}), (7.4, {"b": 2}), ends_at=7.4)
    on_time = timed(child, 500, lambda: child.now > 7, tmp_path / "stop")
    assert heard(on_time, child) == [{"a": 1}, {"b": 2}]
    assert on_time.ended_by is None


def test_the_childs_side_of_a_stop(tmp_path: Path):
    assert not asked_to_stop(None)()
    assert not asked_to_stop(str(tmp_path / "stop"))()
    (tmp_path / "stop").touch()
    assert asked_to_stop(str(tmp_path / "stop"))()


# A network's plan.


def search(tmp_path: Path, child: Scripted, seconds: float = 5, flows: str | None = None) -> TransportRun:
    (tmp_path / "plans").mkdir(exist_ok=True)
    return TransportRun(tmp_path / "plans", timed(child, seconds), lambda _: None, baseline_flows=flows)


def leave_plan(tmp_path: Path) -> float:
    """The optimum of the two sites in the folder of plans; what it costs."""
    outcome = solve_transport(two_sites(), parameters())
    assert outcome.plan is not None
    assert outcome.objective is not None
    (tmp_path / "plans").mkdir()
    write_plan(tmp_path / "plans" / "incumbent-1.npz", outcome.plan, outcome.objective)
    return outcome.objective


def test_at_its_limit_a_search_without_a_plan_has_no_solution_and_its_bound(tmp_path: Path):
    child = Scripted((0, stage("preparing")), (3, {"engine": "HiGHS"}), (4, stage("solving", 450.0)))
    outcome = search(tmp_path, child).outcome(child, {})  # type: ignore[arg-type]
    assert (outcome.status, outcome.bound, outcome.engine) == (ResultStatus.NO_SOLUTION, 450.0, "HiGHS")
    assert (outcome.plan, outcome.objective) == (None, None)


def test_a_model_that_is_not_built_by_its_limit_has_no_solution_and_no_bound(tmp_path: Path):
    child = Scripted((0, stage("preparing")), (1, stage("formulating")))
    outcome = search(tmp_path, child).outcome(child, {})  # type: ignore[arg-type]
    assert (outcome.status, outcome.bound) == (ResultStatus.NO_SOLUTION, None)
    assert child.now == pytest.approx(5 + LATE_AFTER_SECONDS, abs=0.2)


def test_at_its_limit_a_search_answers_with_the_best_plan_told_or_not_and_its_bound(tmp_path: Path):
    cost = leave_plan(tmp_path)
    child = Scripted((0, stage("preparing")), (1, stage("solving", 450.0)))
    outcome = search(tmp_path, child).outcome(child, {})  # type: ignore[arg-type]
    assert (outcome.status, outcome.objective, outcome.bound) == (ResultStatus.FEASIBLE, cost, 450.0)
    assert outcome.plan is not None


def test_a_bound_above_the_plan_is_told_as_the_plans_cost(tmp_path: Path):
    cost = leave_plan(tmp_path)
    child = Scripted((0, stage("preparing")), (1, stage("settling", cost * 1.0001)))
    assert search(tmp_path, child).outcome(child, {}).bound == cost  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "seconds"), OWN_TIME.items(), ids=list(OWN_TIME))
def test_explaining_pricing_today_and_planning_stores_have_times_of_their_own(
    tmp_path: Path, name: str, seconds: float
):
    child = Scripted((0, stage("preparing")), (5, stage(name)))
    search(tmp_path, child).outcome(child, {})  # type: ignore[arg-type]
    assert child.now == pytest.approx(5 + seconds + LATE_AFTER_SECONDS, abs=0.2)


def test_what_is_not_explained_in_its_time_is_no_solution(tmp_path: Path):
    child = Scripted((0, stage("preparing")), (5, stage(EXPLAINING)), (5 + LEAST_SECONDS_TO_EXPLAIN + 9, stage("late")))
    outcome = search(tmp_path, child).outcome(child, {})  # type: ignore[arg-type]
    assert outcome.status is ResultStatus.NO_SOLUTION


def test_a_plan_stands_though_there_is_no_time_to_price_todays_network(tmp_path: Path):
    cost = leave_plan(tmp_path)
    child = Scripted((0, stage("preparing")), (4, stage(PRICING_TODAY)))
    run = search(tmp_path, child, flows="assignments")
    assert run.outcome(child, {}).objective == cost  # type: ignore[arg-type]
    assert run.baseline is not None
    assert run.baseline.why == "the time for the whole run was over before it was priced."


# A capacity analysis.


def analysis(tmp_path: Path, child: Scripted) -> CapacityRun:
    tables, stated = growing(), parameters(lease_years=None)
    question = (tables, stated, CapacityParameters(SitesAsked()), chosen_sites(tables, stated, None))
    return CapacityRun(question, tmp_path, timed(child, 5), lambda _: None)


def test_at_its_limit_an_analysis_of_which_nothing_is_known_has_no_solution(tmp_path: Path):
    child = Scripted((0, stage("preparing")))
    outcome = analysis(tmp_path, child).outcome(child)  # type: ignore[arg-type]
    assert (outcome.status, outcome.base, outcome.objective) == (ResultStatus.NO_SOLUTION, (), None)
    assert outcome.years == (2026, 2027, 2028)


def test_at_its_limit_an_analysis_keeps_what_was_known_before_the_relief(tmp_path: Path):
    known: list[CapacityOutcome] = []
    child = Scripted((0, stage("preparing")), (3, {"so_far": str(tmp_path / "so-far")}))
    run = analysis(tmp_path, child)
    analyse_capacity(*run.question, so_far=known.append)
    (tmp_path / "so-far").write_bytes(orjson.dumps(known[0].as_dict()))
    outcome = run.outcome(child)  # type: ignore[arg-type]
    assert (outcome.status, len(outcome.base), outcome.short) == (ResultStatus.NO_SOLUTION, 3, True)


# A model of one's own.

KNAPSACK = {
    "optimize": "worth",
    "opType": "max",
    "timeout": 5000,
    "constraints": {"weight": {"max": 10}},
    "variables": {"axe": {"worth": 5, "weight": 6}, "bow": {"worth": 4, "weight": 5}, "cup": {"worth": 3, "weight": 4}},
    "binaries": {"axe": 1, "bow": 1, "cup": 1},
}
BEST = {"question": {"objective": ["worth", True], "pins": []}, "values": [1.0, 0.0, 1.0], "objective": 8.0}


def model_run(tmp_path: Path, child: Scripted, monkeypatch: pytest.MonkeyPatch, model: dict[str, Any]) -> ModelRun:
    monkeypatch.setattr(
        "networx.work.model_run.OnTime", lambda seconds, stop, most: OnTime(seconds, stop, most=most, clock=child.clock)
    )
    path = tmp_path / "model.json"
    path.write_bytes(orjson.dumps(model))
    return ModelRun(path, tmp_path, lambda _: None, lambda: False)


def test_at_its_limit_a_model_without_an_answer_has_no_solution_and_its_bound(tmp_path: Path, monkeypatch):
    child = Scripted((0, stage("solving", 9.0)))
    result = model_run(tmp_path, child, monkeypatch, KNAPSACK).result(child)  # type: ignore[arg-type]
    assert (result["status"], result["objective"], result["bound"]) == ("no_solution", None, 9.0)
    assert result["partial"] is False


def test_at_its_limit_a_model_answers_with_the_best_found_told_or_not(tmp_path: Path, monkeypatch):
    child = Scripted((0, stage("solving", 9.0)))
    (tmp_path / "best.json").write_bytes(orjson.dumps(BEST))
    result = model_run(tmp_path, child, monkeypatch, KNAPSACK).result(child)  # type: ignore[arg-type]
    assert (result["status"], result["objective"], result["bound"]) == ("feasible", 8.0, 9.0)
    assert result["solution"] == {"axe": 1.0, "cup": 1.0}


def test_of_several_goals_those_that_were_not_reached_have_no_solution(tmp_path: Path, monkeypatch):
    model = {**KNAPSACK, "optimize": {"worth": "max", "weight": "min"}}
    del model["opType"]
    outcome = {"status": "no_solution", "engine": "HiGHS", "seconds": 1.0, "objective": None, "bound": None}
    outcome |= dict.fromkeys(("values", "evidence", "multipliers", "ray", "infeasibility")) | {"notes": []}
    first = {"answer": {"question": BEST["question"], "outcome": outcome}}
    child = Scripted((0, stage("solving", 9.0)), (1, first), (2, stage("solving", 0.5)))
    result = model_run(tmp_path, child, monkeypatch, model).result(child)  # type: ignore[arg-type]
    assert [one["status"] for one in result["objectives"]] == ["no_solution", "no_solution"]
    assert [one["bound"] for one in result["objectives"]] == [None, 0.5]


# The terminal.


def test_ctrl_c_keeps_the_best_plan_of_a_child_that_does_not_listen(monkeypatch: pytest.MonkeyPatch):
    """As HiGHS does in presolve and at the root: the child sleeps."""
    honest = TransportRun._show

    def interrupting(run: TransportRun, progress: Progress) -> None:
        honest(run, progress)
        if progress.bound == 450:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(TransportRun, "_show", interrupting)
    deaf = Confinement("tests.core.work.solving_children:two_plans_and_on", memory_mib=1500)
    solved = terminal.solve_network(two_sites(), parameters(time_limit_seconds=300), confinement=deaf)
    assert solved.stopped
    assert (solved.outcome.status, solved.outcome.bound) == (ResultStatus.FEASIBLE, 450)
    assert solved.outcome.objective == pytest.approx(490)
    assert solved.certificate is not None
    assert solved.certificate.valid


def test_a_long_search_without_kernels_says_so_once_in_the_log_and_beside_its_engine(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = TransportRun(tmp_path, OnTime(300.0, lambda: False, most=timedelta(hours=1)), lambda _: None)
    run.hear({"engine": "NetWORX Lagrangian"})
    assert run.best().engine == "NetWORX Lagrangian"
    sent: list[dict[str, Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve_child, "without_kernels", lambda: "OSError: No space left on device")
        tell = solve_child.telling_without_kernels(sent.append)
        tell()
        tell()
    for message in sent:
        run.hear(message)
    assert run.best().engine == "NetWORX Lagrangian in numpy, without compiled kernels"
    (line,) = [line for line in caplog.records if line.message == "solve.without_kernels"]
    assert "No space left" in str(line.__dict__)
    run.hear({"engine": HIGHS_ENGINE})
    assert run.best().engine == HIGHS_ENGINE  # it has no use for them
