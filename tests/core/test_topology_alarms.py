"""The topology refuses to contradict itself: each change below is a mistake somebody could make."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from networx.blueprint import Part
from networx.errors import ConfigurationError
from networx.topology import TOPOLOGY


def changed(name: str, kind: str, /, **facts: Any) -> dict[str, Any]:
    """The topology's members of one kind, one of them changed."""
    members = getattr(TOPOLOGY, kind)
    assert any(member.name == name for member in members)
    return {kind: tuple(replace(member, **facts) if member.name == name else member for member in members)}


MISTAKES = {
    "a function with two feeds": (
        changed("stale-job-monitor", "functions", queue="upload-events"),
        "function stale-job-monitor needs a queue, a schedule or a topic, and only one of them",
    ),
    "a function with no feed": (
        changed("slack-notifier", "functions", topic=None),
        "function slack-notifier needs a queue, a schedule or a topic, and only one of them",
    ),
    "a topic that is not there": (
        changed("slack-notifier", "functions", topic="gossip"),
        "function slack-notifier is fed by the unknown topic gossip",
    ),
    "a function slower than its queue is patient": (
        changed("upload-validator", "functions", timeout=timedelta(minutes=5)),
        "queue upload-events must hide messages for six times the timeout of upload-validator",
    ),
    "an alarm on what nobody sends": (
        changed("NetWORX-HighQueueDepth", "alarms", metric="QueueLength"),
        "alarm NetWORX-HighQueueDepth watches QueueLength, which nobody emits",
    ),
    "an alarm without a threshold": (
        changed("NetWORX-DeadLetters", "part_alarms", threshold=None),
        "alarm NetWORX-DeadLetters has no threshold, and its part has none of its own",
    ),
    "two alarms of one name": (
        changed("NetWORX-DatabaseCpu", "part_alarms", name="NetWORX-HighQueueDepth"),
        "alarm NetWORX-HighQueueDepth is defined twice",
    ),
}


@pytest.mark.parametrize(("change", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        replace(TOPOLOGY, **change)
    assert said in str(refused.value)


def test_every_kind_of_part_is_watched() -> None:
    assert {alarm.part for alarm in TOPOLOGY.part_alarms} == set(Part)


def test_dead_letters_have_a_variable_of_their_own() -> None:
    names = [queue.environment_name for queue in TOPOLOGY.queues]
    names += [queue.dead_letter_environment_name for queue in TOPOLOGY.queues]
    assert len(set(names)) == len(names)
