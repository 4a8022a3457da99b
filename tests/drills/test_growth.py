"""What counts as growth, worked out by hand."""

from __future__ import annotations

import pytest

from drills.growth import Measured, Rule, trend

RULE = Rule("MiB", per_minute=3.0, slack=15.0)


def series(minutes: float, value, *, life: str = "1", begin: float = 0.0) -> list[Measured]:
    """A look every two seconds; `value` of the minutes since the beginning."""
    looks = range(int(minutes * 30) + 1)
    return [Measured(begin + 2.0 * look, value(look / 30), life) for look in looks]


def test_a_steady_climb_is_growth() -> None:
    found = trend(series(10, lambda minute: 100 + 6 * minute), RULE, warm_up_seconds=30)
    assert found.slope == pytest.approx(6.0)
    assert found.grows
    assert (found.first, found.last, found.most) == (100.0, 160.0, 160.0)


def test_a_slope_that_is_allowed_is_none() -> None:
    assert not trend(series(10, lambda minute: 100 + 2.9 * minute), RULE, warm_up_seconds=30).grows


def test_a_climb_too_short_to_matter_is_none() -> None:
    # Three and a half a minute over six minutes add twenty-one, and twenty-five are allowed.
    rule = Rule("MiB", per_minute=3.0, slack=25.0)
    found = trend(series(6, lambda minute: 100 + 3.5 * minute), rule, warm_up_seconds=30)
    assert found.slope == pytest.approx(3.5)
    assert not found.grows


def test_a_soak_of_a_few_minutes_is_not_judged() -> None:
    found = trend(series(4.9, lambda minute: 100 + 60 * minute), RULE, warm_up_seconds=30)
    assert found.slope is None
    assert not found.grows


def test_what_a_process_takes_while_it_warms_up_is_not_counted() -> None:
    found = trend(series(10, lambda minute: 100 + 400 * min(minute, 0.5)), RULE, warm_up_seconds=30)
    assert found.slope == pytest.approx(0.0)
    assert not found.grows


def test_a_spike_does_not_decide() -> None:
    looks = series(10, lambda minute: 100.0)
    looks[-3:] = [Measured(look.at, 900.0, look.life) for look in looks[-3:]]
    found = trend(looks, RULE, warm_up_seconds=30)
    assert (found.slope, found.most, found.grows) == (0.0, 900.0, False)


def test_growth_that_every_death_hides_is_seen_all_the_same() -> None:
    # Killed every two minutes, and each life begins where the last one began.
    lives = [
        look
        for life in range(5)
        for look in series(2, lambda minute: 100 + 6 * minute, life=str(life), begin=122.0 * life)
    ]
    found = trend(lives, RULE, warm_up_seconds=30)
    assert found.slope == pytest.approx(6.0)
    assert found.grows


def test_lives_of_different_size_are_no_growth() -> None:
    lives = [*series(3, lambda _: 100.0, life="1"), *series(3, lambda _: 300.0, life="2", begin=182.0)]
    assert not trend(lives, RULE, warm_up_seconds=30).grows


def test_lives_too_short_to_tell_say_so() -> None:
    lives = [
        look
        for life in range(20)
        for look in series(0.5, lambda minute: 100 + 600 * minute, life=str(life), begin=32.0 * life)
    ]
    found = trend(lives, RULE, warm_up_seconds=30)
    assert found.slope is None
    assert not found.grows
