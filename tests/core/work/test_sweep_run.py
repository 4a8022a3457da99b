"""All numbers of a sweep in one child: none lost with another, whatever becomes of the child."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import solve_numbers as terminal
from cli.solve_network import SolvedNetwork
from cli.watching import Watching
from networx.domain.plan import Progress, ResultStatus
from networx.domain.sweep import with_exactly
from networx.errors import ChildLost, LimitExceeded, NetworxError, Problem, RefusedInput
from networx.models.transport import solve_transport
from networx.resilience.confine import Confinement
from networx.work.solve_child import describe_outcome, write_instance, write_plan
from networx.work.sweep_child import plans_of, run
from networx.work.sweep_run import Answer, SweepRun
from tests.core.models.small_networks import parameters, two_sites
from tests.core.work.test_on_time import AFTER, Said, Scripted, timed

GIVEN = parameters(time_limit_seconds=5)


class Failing(Scripted):
    """A child by a script whose end is an error."""

    def __init__(self, error: NetworxError, *script: Said) -> None:
        super().__init__(*script, ends_at=max(second for second, _ in script))
        self._error = error

    def run(self, request: dict[str, Any], *, longest: timedelta, stop: Callable[[], bool]) -> Iterator[dict[str, Any]]:
        yield from super().run(request, longest=longest, stop=stop)
        raise self._error


def asked(folder: Path, *children: Scripted, stopped: Callable[[], bool] = lambda: False) -> SweepRun:
    left = list(children)

    def next_child() -> Any:
        return left.pop(0)

    return SweepRun(folder, next_child, lambda: timed(left[0], 5, stopped), lambda *_: None, stopped)


def solved(folder: Path, nodes: int, second: float) -> list[Said]:
    """What a child tells of a number within this second."""
    within = plans_of(folder, nodes)
    within.mkdir()
    outcome = solve_transport(two_sites(), with_exactly(GIVEN, nodes))
    told = [{"member": nodes}, {"outcome": describe_outcome(outcome, within)}, {"answered": nodes}]
    return [(second, message) for message in told]


def left_plan(folder: Path, nodes: int) -> float:
    """A plan in the folder of a number, of which nothing was told; its cost."""
    outcome = solve_transport(two_sites(), with_exactly(GIVEN, nodes))
    assert outcome.plan is not None
    assert outcome.objective is not None
    plans_of(folder, nodes).mkdir()
    write_plan(plans_of(folder, nodes) / "incumbent-1.npz", outcome.plan, outcome.objective)
    return outcome.objective


def costs(answers: list[Answer]) -> dict[int, float | None]:
    return {one.nodes: None if one.outcome is None else one.outcome.objective for one in answers}


def test_a_number_that_is_late_has_the_best_it_left_and_the_others_another_child(tmp_path: Path):
    cost = left_plan(tmp_path, 1)
    deaf = Scripted((0, {"member": 1}))
    answers = list(asked(tmp_path, deaf, Scripted(*solved(tmp_path, 2, 1), ends_at=2)).answers([1, 2], {}))

    assert deaf.now == pytest.approx(5 + AFTER, abs=0.2)
    assert costs(answers) == {1: cost, 2: pytest.approx(490)}
    assert [one.ended_by for one in answers] == ["the time limit", None]


def test_every_number_has_the_whole_time_limit(tmp_path: Path):
    told = [*solved(tmp_path, 1, 4), (4, {"member": 2})]
    child = Scripted(*told)
    answers = list(asked(tmp_path, child).answers([1, 2], {}))

    assert child.now == pytest.approx(4 + 5 + AFTER, abs=0.2)
    assert [one.outcome and one.outcome.status for one in answers] == [ResultStatus.OPTIMAL, ResultStatus.NO_SOLUTION]


@pytest.mark.parametrize("error", [ChildLost(how="signal 11"), LimitExceeded(limit="10 MiB of memory")])
def test_a_number_that_takes_the_child_with_it_fails_alone(tmp_path: Path, error: NetworxError):
    first, last = Failing(error, (1, {"member": 1})), Scripted(*solved(tmp_path, 2, 1), ends_at=2)
    answers = list(asked(tmp_path, first, last).answers([1, 2], {}))

    assert costs(answers) == {1: None, 2: pytest.approx(490)}
    assert answers[0].failed is error


def test_a_child_that_is_lost_between_two_numbers_takes_none_with_it(tmp_path: Path):
    first = Failing(ChildLost(how="signal 11"), *solved(tmp_path, 1, 1))
    answers = list(asked(tmp_path, first, Scripted(*solved(tmp_path, 2, 1), ends_at=2)).answers([1, 2], {}))

    assert costs(answers) == {1: pytest.approx(600), 2: pytest.approx(490)}


def test_a_child_that_is_lost_before_it_begins_is_an_error(tmp_path: Path):
    with pytest.raises(ChildLost):
        list(asked(tmp_path, Failing(ChildLost(how="signal 11"), (1, {}))).answers([1, 2], {}))


def test_a_number_at_the_limit_of_memory_keeps_the_plan_it_left(tmp_path: Path):
    cost = left_plan(tmp_path, 1)
    child = Failing(LimitExceeded(limit="10 MiB of memory"), (1, {"member": 1}))
    (answer,) = asked(tmp_path, child).answers([1], {})

    assert costs([answer]) == {1: cost}
    assert answer.ended_by == "The work was stopped at its limit: 10 MiB of memory."


def test_data_that_no_number_can_use_are_refused_as_a_whole(tmp_path: Path):
    refused = RefusedInput([Problem("Demand has a year of its own.", "year")])
    with pytest.raises(RefusedInput):
        list(asked(tmp_path, Failing(refused, (1, {"member": 1}))).answers([1, 2], {}))


def test_what_was_stopped_is_said_to_be_and_what_is_left_is_not_begun(tmp_path: Path):
    cost, told = left_plan(tmp_path, 2), solved(tmp_path, 1, 1)
    child = Scripted(*told, (1, {"member": 2}))
    answers = list(asked(tmp_path, child, stopped=lambda: child.now > 3).answers([1, 2, 3], {}))

    assert costs(answers) == {1: pytest.approx(600), 2: cost}
    assert [(one.nodes, one.stopped) for one in answers] == [(1, False), (2, True)]


def test_todays_network_is_asked_for_once(tmp_path: Path):
    """No facility stands today, which is said beside the first number that has a plan."""
    write_instance(tmp_path / "instance", two_sites(), GIVEN)
    said: list[dict[str, Any]] = []
    request = {"instance": str(tmp_path / "instance"), "plans": str(tmp_path), "stop": None}
    run({**request, "numbers": [1, 2], "baseline_flows": "cheapest"}, said.append)

    assert [message["member"] for message in said if "member" in message] == [1, 2]
    told = [at for at, message in enumerate(said) if "baseline" in message]
    assert len(told) == 1
    assert told[0] < said.index({"answered": 1})


def test_a_child_that_is_asked_to_stop_ends_with_the_number_it_is_at(tmp_path: Path):
    write_instance(tmp_path / "instance", two_sites(), GIVEN)
    (tmp_path / "stop").touch()
    said: list[dict[str, Any]] = []
    request = {"instance": str(tmp_path / "instance"), "plans": str(tmp_path), "stop": str(tmp_path / "stop")}
    run({**request, "numbers": [1, 2], "baseline_flows": None}, said.append)

    assert [message["answered"] for message in said if "answered" in message] == [1]


def test_ctrl_c_keeps_what_is_answered_and_the_best_of_the_number_that_does_not_listen(
    monkeypatch: pytest.MonkeyPatch,
):
    def interrupting(_watching: Watching, _nodes: int, now: Progress, _share: float) -> None:
        if now.bound == 450:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Watching, "number", interrupting)
    deaf = Confinement("tests.core.work.solving_children:one_number_and_on", memory_mib=1500)
    with Watching() as watching:
        given = parameters(time_limit_seconds=300)
        found = dict(terminal.solve_numbers(two_sites(), given, [1, 2, 3], watching, confinement=deaf))

    first, second = found[1], found[2]
    assert isinstance(first, SolvedNetwork)
    assert isinstance(second, SolvedNetwork)
    assert list(found) == [1, 2]
    assert (first.stopped, second.stopped) == (False, True)
    assert (first.outcome.status, second.outcome.status) == (ResultStatus.OPTIMAL, ResultStatus.FEASIBLE)
    assert second.outcome.objective == pytest.approx(490)
    assert second.certificate is not None
    assert second.certificate.valid
