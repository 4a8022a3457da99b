"""How many random problems a test tries, and which: few in every run, more and others by `make fuzz-solver`."""

from __future__ import annotations

import os

FIRST = int(os.environ.get("SOLVER_SEED") or 0)


def seeds(few: int) -> range:
    """So many as SOLVER_FUZZ asks, or `few`, from SOLVER_SEED on."""
    return range(FIRST, FIRST + int(os.environ.get("SOLVER_FUZZ") or few))
