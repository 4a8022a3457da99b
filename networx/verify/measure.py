"""Lines of a certificate: the worst case measured, against its limit, in numbers that any reader of JSON takes."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.plan import Check


def check(name: str, worst: float, limit: float, where: str) -> Check:
    """Passed if `worst` is at or below `limit`; NaN never is. `where` is told only of a failure."""
    passed = bool(worst <= limit)
    finite = float(worst) if np.isfinite(worst) else sys.float_info.max
    return Check(name, max(finite, 0.0), limit, passed, None if passed else where)


def counted(name: str, faults: int, where: str) -> Check:
    """Passed if there are no faults."""
    return check(name, float(faults), 0.0, where)


def worst_of(name: str, violations: Floats, limit: float, place: Callable[[tuple[int, ...]], str]) -> Check:
    """The largest of many violations, NaN counting as the largest, named by its position."""
    if violations.size == 0:
        return check(name, 0.0, limit, "")
    ranked = np.where(np.isnan(violations), np.inf, violations)
    at = tuple(int(index) for index in np.unravel_index(int(np.argmax(ranked)), ranked.shape))
    return check(name, float(ranked[at]), limit, place(at))
