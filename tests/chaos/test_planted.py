"""Bugs planted in the product's processes: for each, the case that guards against it must fail, and say why."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos import test_queues, test_races, test_workers
from tests.chaos.planted import PLANTED, changed
from tests.chaos.stage import Stage, Violation

# Which case finds it, and what it says then.
GUARDS: list[tuple[str, Callable[[Stage], None], str]] = [
    (
        "completion-without-fence",
        test_workers.test_02_frozen_past_its_lease,
        "a result was written under the fence that its row names|the zombie published",
    ),
    (
        "stale-update-without-predicate",
        test_races.test_13_monitor_against_a_completion,
        "the monitor failed",
    ),
    (
        "stale-update-without-predicate",
        test_races.test_13_monitor_against_a_heartbeat,
        "the monitor took the job from its worker",
    ),
    (
        "message-deleted-before-the-commit",
        test_workers.test_01_killed_while_it_works,
        "not within .* is succeeded",
    ),
    (
        "content-based-deduplication",
        test_queues.test_19_redriven_within_five_minutes,
        "not within .* is (dead|succeeded)",
    ),
]


@pytest.mark.parametrize(
    ("planted", "case", "says"), GUARDS, ids=[f"{planted}: {case.__name__}" for planted, case, _ in GUARDS]
)
def test_a_planted_bug_is_found(playing: Callable[..., Stage], planted: str, case: Callable[[Stage], None], says: str):
    stage = playing(planted)
    # What does not come about need not be waited for as long as usual.
    stage.patience = 12.0
    with pytest.raises(Violation, match=says):
        case(stage)


def test_each_planted_bug_has_its_guard():
    assert {planted for planted, _, _ in GUARDS} == set(PLANTED)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_still_fits_the_text_that_it_changes(name: str):
    for module in {change.module for change in PLANTED[name]}:
        spec = importlib.util.find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        text = Path(spec.origin).read_text()
        assert changed(text, [change for change in PLANTED[name] if change.module == module]) != text
