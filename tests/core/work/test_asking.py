"""One attempt at a plan's questions as a script: what its result says when a limit came before the answers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson
import pytest

from networx.domain.sensitivity import Kind, Question
from networx.errors import LimitExceeded
from networx.models.transport import solve_transport
from networx.verify.transport import certify_outcome
from networx.work import ask_sensitivity
from networx.work.ask_sensitivity import Asking
from networx.work.base_plan import BasePlan
from networx.work.on_time import OnTime
from networx.work.publish import Solved
from tests.core.models.small_networks import parameters, two_sites
from tests.core.work.test_on_time import Scripted

PLANNED = {"planned": {"asked": [asdict(Question(Kind.DEMAND, "Demand +10 %", 1.1, None))], "not_asked": []}}


def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, child: Scripted) -> Asking:
    """Asking about the plan of the two sites, of a child by script and by its clock."""
    monkeypatch.setattr(
        ask_sensitivity, "OnTime", lambda seconds, stop, most: OnTime(seconds, stop, most=most, clock=child.clock)
    )
    tables, stated = two_sites(), parameters(time_limit_seconds=5)
    outcome = solve_transport(tables, stated)
    job: Any = SimpleNamespace(
        id=uuid4(), scenario_id=uuid4(), scenario_version=1, params={"asked": {"questions": None, "sites": None}}
    )
    dataset: Any = SimpleNamespace(id=uuid4(), filename="two sites.xlsx", sha256=tables.sha256())
    base = BasePlan(
        uuid4(),
        Solved(job, "Two sites", dataset, tables, stated),
        outcome,
        certify_outcome(tables, stated, outcome, tables.sha256()),
    )
    context: Any = SimpleNamespace(
        job=job,
        scratch=tmp_path,
        child=child,
        stopped=lambda: False,
        checkpoint=lambda: None,
        progress=lambda _: None,
    )
    return Asking(context, base)


def test_a_question_that_a_limit_cut_off_is_told_as_such_and_not_as_one_still_to_be_answered(tmp_path, monkeypatch):
    one = asking(tmp_path, monkeypatch, Scripted((0, PLANNED)))
    one.run()
    for partial, why in ((True, ask_sensitivity.NOT_YET), (False, ask_sensitivity.CUT_OFF)):
        one.published(tmp_path / "result", "results/here", lambda *_: None, partial)
        told = orjson.loads((tmp_path / "result" / "result.json").read_bytes())
        assert (told["status"], told["partial"]) == ("no_solution", partial)
        assert [(left["label"], left["why"]) for left in told["sensitivity"]["not_asked"]] == [("Demand +10 %", why)]


def test_a_limit_before_the_questions_are_known_fails_the_attempt_also_behind_earlier_answers(tmp_path, monkeypatch):
    one = asking(tmp_path, monkeypatch, Scripted())
    one.so_far.answers.append({"label": "Demand +10 %"})
    with pytest.raises(LimitExceeded):
        one.run()
