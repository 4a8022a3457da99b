"""The service level in exact fractions: what is served from near each year, what is lacking, and what that costs.

Which flows are near is told as the certificate tells it: miles in millionths, days as they are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.plan import Check
from networx.verify.generic.exact import exact
from networx.verify.measure import check
from networx.verify.transport.lanes import FlowLanes
from networx.verify.transport.service import RESIDUAL, Service

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class ServiceSums:
    """No check where no year has a level that has to be reached; `cost` is that of the levels that may be missed."""

    checks: tuple[Check, ...]
    cost: Fraction


def service_sums(
    asked: Sequence[Service],
    years: Sequence[int],
    demand: Mapping[tuple[int, int], Fraction],
    flows: Sequence[tuple[int, int, int]],
    units: Sequence[Fraction],
    lanes: FlowLanes,
) -> ServiceSums:
    """`demand` is by year and destination; `flows` are (year, facility, destination), each with its units and lane."""
    near, whole = ([_NOTHING] * len(asked) for _ in range(2))
    for (year, _), wanted in demand.items():
        whole[year] += wanted
    close = _close(asked, flows, lanes).tolist()
    for (year, _, _), amount, counts in zip(flows, units, close, strict=True):
        if counts:
            near[year] += amount
    cost, worst, where = _NOTHING, _NOTHING, ""
    for year, service in enumerate(asked):
        if not service.asked:
            continue
        needed = exact(service.level) * whole[year]
        lacking = max(needed - near[year], _NOTHING)
        if not service.hard:
            cost += exact(service.penalty) * lacking
        elif needed and lacking / needed > worst:
            worst, where = lacking / needed, str(years[year])
    hard = any(service.hard for service in asked)
    named = check("exactly: service level is reached", float(worst), RESIDUAL, where)
    return ServiceSums((named,) if hard else (), cost)


def _close(asked: Sequence[Service], flows: Sequence[tuple[int, int, int]], lanes: FlowLanes) -> Flags:
    """Which flows count for the level of their year."""
    year = np.array([flow[0] for flow in flows], dtype=np.int64)
    close = np.zeros(len(year), dtype=bool)
    for at, service in enumerate(asked):
        mine = year == at
        close[mine] = service.near(lanes.miles[mine], lanes.days[mine])
    return close
