"""Numbers as exact fractions: of the client as they were written, of a solver as what they were meant to be."""

from __future__ import annotations

import math
from fractions import Fraction

LARGEST_DENOMINATOR = 1_000_000


def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(repr(float(number)))


def simple(number: float) -> Fraction:
    """The simple fraction nearest to a number that a solver computed; 0 for what is no number."""
    return Fraction(float(number)).limit_denominator(LARGEST_DENOMINATOR) if math.isfinite(number) else Fraction(0)


def plain(number: float) -> Fraction:
    """A number that a solver computed, to its last bit; 0 for what is no number."""
    return Fraction(float(number)) if math.isfinite(number) else Fraction(0)
