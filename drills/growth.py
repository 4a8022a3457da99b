"""When a series of measurements counts as growth.

The slope is the median of the slopes between all pairs of measurements (Theil and Sen), so that a spike, or a process
that was killed in the middle, does not decide. Pairs are taken only within one life of what is measured, and only after
its warm-up: a process that has just begun still fills its pools and caches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# Two measurements closer than this say more of their noise than of a trend.
_LEAST_APART_SECONDS = 10.0
_FEWEST_PAIRS = 10
# Pools fill, and the first faults open connections anew: a slope of a few minutes is not yet a trend.
SHORTEST_MINUTES = 5.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One value, `at` seconds after the beginning; `life` tells apart what has the same name (a process's pid)."""

    at: float
    value: float
    life: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Growth is a slope above `per_minute` that would add more than `slack` over the time that was watched."""

    unit: str
    per_minute: float
    slack: float


@dataclass(frozen=True, slots=True)
class Trend:
    """What a series did. `slope` is per minute; None where it was too short to tell, as a whole or in its lives."""

    first: float
    last: float
    most: float
    slope: float | None
    grows: bool


def trend(series: Sequence[Measured], rule: Rule, *, warm_up_seconds: float) -> Trend:
    """The trend of a series that is not empty, by the rule."""
    values = [measured.value for measured in series]
    minutes = (series[-1].at - series[0].at) / 60
    slope = _slope_per_minute(series, warm_up_seconds) if minutes >= SHORTEST_MINUTES else None
    grows = slope is not None and slope > rule.per_minute and slope * minutes > rule.slack
    return Trend(values[0], values[-1], max(values), slope, grows)


def _slope_per_minute(series: Sequence[Measured], warm_up_seconds: float) -> float | None:
    lives: dict[str, list[Measured]] = defaultdict(list)
    for measured in series:
        lives[measured.life].append(measured)
    slopes = []
    for life in lives.values():
        warm = [measured for measured in life if measured.at - life[0].at >= warm_up_seconds]
        slopes += [
            60 * (later.value - earlier.value) / (later.at - earlier.at)
            for place, earlier in enumerate(warm)
            for later in warm[place + 1 :]
            if later.at - earlier.at >= _LEAST_APART_SECONDS
        ]
    return median(slopes) if len(slopes) >= _FEWEST_PAIRS else None
