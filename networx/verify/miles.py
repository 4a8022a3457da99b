"""The rule for miles on an edge: a distance and what it is held against are compared in whole millionths of a mile.

Two formulas for one distance differ by far less than a millionth, so that both stand on the same side of an edge.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MILLIONTHS = 1_000_000.0


def millionths(miles: npt.ArrayLike) -> np.ndarray:
    """Whole millionths of a mile, half to even; NaN and infinite as they are."""
    return np.rint(np.asarray(miles, dtype=np.float64) * MILLIONTHS)
