"""What the terminal does with searches that do not end: each child is late, or deaf to Ctrl-C, by a script's clock."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from cli import greenfield, sensitivity, solve_network, solve_paid, solve_storage
from cli.terminal import CommandFailed
from networx.domain.greenfield import CandidateRule
from networx.domain.greenfield_parameters import GreenfieldParameters
from networx.domain.parameters import DEFAULT_TIME_LIMIT_SECONDS
from networx.domain.plan import ResultStatus
from networx.models.integrated import plan_stores
from networx.models.transport import solve_transport
from networx.resilience.confine import Stopped
from networx.verify.baseline import certify_today
from networx.verify.warehouse import certify_warehouse
from networx.work import baseline_child, greenfield_child, sensitivity_child, storage_child, today_run
from networx.work.on_time import LATE_AFTER_SECONDS, OnTime
from tests.core.models.small_networks import parameters, two_sites
from tests.core.models.small_warehouses import asked as asked_space
from tests.core.models.small_warehouses import stocked, stored
from tests.core.models.test_greenfield import towns
from tests.core.results.test_business_case import example

Target = Callable[[dict[str, Any], Callable[[dict[str, Any]], None]], None]
LIMIT = 300.0


class Endless:
    """A child in this process that says what `target` says up to the `most`-th `word`, then nothing; None: it ends.

    `interrupted_at` is when somebody presses Ctrl-C, by its clock, which stands for the seconds of `on_time`.
    """

    def __init__(self, target: Target, word: str, most: int | None, interrupted_at: float | None = None) -> None:
        self.now, self.asked_to_stop = 0.0, False
        self._target, self._word, self._most, self._interrupted_at = target, word, most, interrupted_at

    def run(self, request: dict[str, Any], *, longest: timedelta, stop: Callable[[], bool]) -> Iterator[dict[str, Any]]:
        said: list[dict[str, Any]] = []
        if self._most != 0:
            self._target(request, said.append)
        told = 0
        for message in said:
            if told == self._most:
                break
            told += self._word in message
            yield message
        while self._most is not None:
            if self._interrupted_at is not None and self.now >= self._interrupted_at:
                os.kill(os.getpid(), signal.SIGINT)
            self.now += 0.1
            if stop():
                self.asked_to_stop = request["stop"] is not None and Path(request["stop"]).exists()
                raise Stopped

    def stands_in(self, monkeypatch: pytest.MonkeyPatch, command: ModuleType, timed: ModuleType) -> Endless:
        """In place of the child that `command` starts, and of the clock by which `timed` times it."""
        monkeypatch.setattr(command, "Child", lambda _: self)
        monkeypatch.setattr(timed, "OnTime", lambda *asked, **more: OnTime(*asked, **more, clock=lambda: self.now))
        return self


# What if.


def asked(child: Endless, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    child.stands_in(monkeypatch, sensitivity, sensitivity)
    tables, stated = two_sites(), parameters(time_limit_seconds=LIMIT)
    return sensitivity.ask_sensitivity(tables, stated, solve_transport(tables, stated), None, None)


@pytest.mark.parametrize(
    ("interrupted_at", "ends_at", "why"),
    [(None, LIMIT + LATE_AFTER_SECONDS, "a limit ended the work before"), (7.0, 7.6, "stopped before")],
    ids=["late", "deaf"],
)
def test_what_is_answered_stands_though_the_search_for_the_rest_is_ended(
    monkeypatch: pytest.MonkeyPatch, interrupted_at: float | None, ends_at: float, why: str
) -> None:
    child = Endless(sensitivity_child.run, "answer", 2, interrupted_at)
    found = asked(child, monkeypatch)
    assert child.now == pytest.approx(ends_at, abs=0.3)
    assert child.asked_to_stop == (interrupted_at is not None)
    assert len(found["answers"]) == 2
    assert all(answer["certificate"]["valid"] for answer in found["answers"])
    assert why in {left["why"] for left in found["not_asked"]}
    labels = [one["label"] for one in [*found["answers"], *found["not_asked"]]]
    assert len(labels) == len(set(labels))
    assert "Demand +10 %" in labels


def test_an_answer_that_fails_its_check_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    def cheaper(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
        def told(message: dict[str, Any]) -> None:
            outcome = message.get("answer", {}).get("outcome")
            if outcome is not None and outcome["plan"] is not None:
                outcome["objective"] /= 10
            send(message)

        sensitivity_child.run(request, told)

    found = asked(Endless(cheaper, "answer", None), monkeypatch)
    failed = [answer for answer in found["answers"] if answer["failed"]]
    assert {answer["label"] for answer in failed} >= {"Demand -10 %"}
    assert {answer["objective"] for answer in found["answers"]} == {None}
    assert all("does not" in answer["why"][0] or "cost" in answer["why"][0] for answer in failed)


def test_ctrl_c_before_the_first_question_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandFailed, match="Stopped before a question was asked"):
        asked(Endless(sensitivity_child.run, "answer", 0, 1.0), monkeypatch)


def test_ctrl_c_within_a_part_ends_the_whole() -> None:
    with solve_network.interrupted() as whole:
        with solve_network.interrupted() as part:
            signal.raise_signal(signal.SIGINT)
        assert part.is_set()
        with solve_network.interrupted() as another:
            pass
        assert (whole.is_set(), another.is_set()) == (True, False)


# The best places.


def searched(child: Endless, monkeypatch: pytest.MonkeyPatch) -> greenfield.Found:
    child.stands_in(monkeypatch, greenfield, greenfield)
    stated = GreenfieldParameters(1, 4, CandidateRule.OWN, time_limit_seconds=LIMIT)
    return greenfield.search(towns(), stated)


@pytest.mark.parametrize(
    ("interrupted_at", "ends_at"), [(None, LIMIT + LATE_AFTER_SECONDS), (7.0, 7.6)], ids=["late", "deaf"]
)
def test_the_numbers_of_places_that_are_found_stand(
    monkeypatch: pytest.MonkeyPatch, interrupted_at: float | None, ends_at: float
) -> None:
    child = Endless(greenfield_child.run, "places", 2, interrupted_at)
    found = searched(child, monkeypatch)
    assert child.now == pytest.approx(ends_at, abs=0.3)
    assert [places.count for places, _ in found.places] == [1, 2]
    assert all(certificate.valid for _, certificate in found.places)
    assert found.stopped == child.asked_to_stop == (interrupted_at is not None)


def test_ctrl_c_before_a_search_for_places_has_begun_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandFailed, match="Stopped before the search had begun"):
        searched(Endless(greenfield_child.run, "places", 0, 1.0), monkeypatch)


# Today's network, beside what was paid.


@pytest.mark.parametrize(
    ("interrupted_at", "ends_at", "why"),
    [
        (None, 5 + LATE_AFTER_SECONDS, "its cheapest flows were not proven within 5 s."),
        (2.0, 2.6, "it was stopped before it was priced."),
    ],
    ids=["late", "deaf"],
)
def test_todays_network_without_a_price_says_why(
    monkeypatch: pytest.MonkeyPatch, interrupted_at: float | None, ends_at: float, why: str
) -> None:
    child = Endless(baseline_child.run, "progress", 1, interrupted_at)
    child.stands_in(monkeypatch, solve_paid, today_run)
    baseline = solve_paid.price(two_sites(), parameters(time_limit_seconds=5), "cheapest")
    assert (baseline.outcome, baseline.why) == (None, why)
    assert child.now == pytest.approx(ends_at, abs=0.3)
    assert child.asked_to_stop == (interrupted_at is not None)


def test_todays_network_is_priced_by_the_child_as_it_would_be_here(monkeypatch: pytest.MonkeyPatch) -> None:
    Endless(baseline_child.run, "baseline", None).stands_in(monkeypatch, solve_paid, today_run)
    tables, stated = example(), parameters()
    priced = solve_paid.price(tables, stated, "cheapest")
    assert priced.outcome is not None, priced.why
    assert certify_today(tables, stated, priced, tables.sha256()).valid


# The space for a network's volume, and what stands in a network.


def without_a_proof(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """A solver that has left a plan and goes on."""
    storage_child.run(request, send)
    answer = Path(request["answer"])
    found = orjson.loads(answer.read_bytes()) | {"status": "feasible", "bound": None, "gap": None}
    answer.write_bytes(orjson.dumps(found))


@pytest.mark.parametrize(
    ("interrupted_at", "ends_at"),
    [(None, DEFAULT_TIME_LIMIT_SECONDS + LATE_AFTER_SECONDS), (7.0, 7.6)],
    ids=["late", "deaf"],
)
def test_the_best_space_that_is_found_stands(
    monkeypatch: pytest.MonkeyPatch, interrupted_at: float | None, ends_at: float
) -> None:
    child = Endless(without_a_proof, "begun", 1, interrupted_at)
    child.stands_in(monkeypatch, solve_storage, solve_storage)
    tables, stated = stored(), asked_space(thirdparty_cost_per_sqft=6.0)
    outcome, stopped = solve_storage.planned_space(tables, stated)
    assert child.now == pytest.approx(ends_at, abs=0.3)
    assert stopped == child.asked_to_stop == (interrupted_at is not None)
    assert (outcome.status, outcome.objective) == (ResultStatus.FEASIBLE, pytest.approx(62_500))
    assert certify_warehouse(tables, stated, outcome, tables.sha256()).valid


def test_ctrl_c_before_there_is_a_plan_of_the_space_leaves_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    Endless(storage_child.run, "begun", 0, 1.0).stands_in(monkeypatch, solve_storage, solve_storage)
    tables, stated = stored(), asked_space()
    outcome, stopped = solve_storage.planned_space(tables, stated)
    assert (stopped, outcome.status, outcome.space) == (True, ResultStatus.NO_SOLUTION, ())
    assert len(outcome.needs) == 2
    assert certify_warehouse(tables, stated, outcome, tables.sha256()).valid


def test_warehouses_and_stock_are_planned_by_the_child_as_they_would_be_here(monkeypatch: pytest.MonkeyPatch) -> None:
    Endless(storage_child.run_stores, "answered", None).stands_in(monkeypatch, solve_storage, solve_storage)
    tables = stocked()
    plan = solve_transport(tables, parameters()).plan
    assert plan is not None
    stores, here = solve_storage.planned_stores(tables, plan), plan_stores(tables, plan, {})
    assert stores is not None
    assert [one.objective for one in stores.warehouses] == [one.objective for one in here.warehouses]
    assert stores.inventory.stocks == here.inventory.stocks


@pytest.mark.parametrize("interrupted_at", [None, 3.0], ids=["late", "Ctrl-C"])
def test_a_network_stands_though_there_is_no_time_for_what_is_in_it(
    monkeypatch: pytest.MonkeyPatch, interrupted_at: float | None
) -> None:
    def silent(_: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
        send({"begun": True})

    child = Endless(silent, "begun", 1, interrupted_at).stands_in(monkeypatch, solve_storage, solve_storage)
    tables = stocked()
    plan = solve_transport(tables, parameters()).plan
    assert plan is not None
    assert solve_storage.planned_stores(tables, plan) is None
    ends_at = storage_child.STORES_SECONDS + LATE_AFTER_SECONDS if interrupted_at is None else interrupted_at
    assert child.now == pytest.approx(ends_at, abs=0.3)
