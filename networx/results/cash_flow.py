"""Present value, payback and return of a cash flow: the arithmetic of docs/models/business-case.md."""

from __future__ import annotations

import math
from collections.abc import Sequence


def present_value(flows: Sequence[float], rate: float) -> float:
    """The sum of flow(t) / (1 + rate)^t, t counted in years from the first, which is not discounted."""
    return math.fsum(flow / (1 + rate) ** at for at, flow in enumerate(flows))


def payback(flows: Sequence[float]) -> float | None:
    """Years until what came in makes up for what was spent, for good, at an even pace within a year; None if never.

    0 where nothing is ever out of pocket.
    """
    total, totals = 0.0, []
    for flow in flows:
        total += flow
        totals.append(total)
    if not totals or totals[-1] < 0:
        return None
    below = [at for at, value in enumerate(totals) if value < 0]
    if not below:
        return 0.0
    last = below[-1]
    return last + 1 + -totals[last] / flows[last + 1]


def return_on(gains: Sequence[float], investment: float) -> float | None:
    """(gains - investment) / investment; None where nothing is invested."""
    return (math.fsum(gains) - investment) / investment if investment > 0 else None
