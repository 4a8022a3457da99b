"""What a parameter's value must be: a rule each, which reads the text or raises ValueError with what is wrong.

The words of an error follow the parameter's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import field
from typing import Any

from networx.domain.phrases import listed


def fail(text: str) -> Any:
    """Raise ValueError, where an expression is wanted."""
    raise ValueError(text)


def whole(text: str) -> int:
    """A whole number, 0 or more."""
    value = number(text)
    return int(value) if value == int(value) and value >= 0 else fail("must be a whole number, 0 or more")


def lease(text: str) -> int:
    """A whole number of years, 1 or more."""
    years = whole(text)
    return years if years >= 1 else int(fail("must be 1 or more"))


def number(text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        return float(fail("must be a number"))
    return value if math.isfinite(value) else float(fail("must be a finite number"))


def positive(text: str) -> float:
    """A finite number above 0."""
    value = number(text)
    return value if value > 0 else float(fail("must be above 0"))


def amount(text: str) -> float:
    """A finite number, 0 or more."""
    value = number(text)
    return value if value >= 0 else float(fail("must be 0 or more"))


def share(text: str) -> float:
    """A number from 0 to 1."""
    percent = text.endswith("%")
    value = number(text.removesuffix("%"))
    if 0 <= value <= 1 and not percent:
        return value
    meant = f"; write {value / 100:g} for {value:g} %" if 0 <= value <= 100 else ""
    return float(fail(f"must be a share between 0 and 1{meant}"))


def share_above_zero(text: str) -> float:
    """A number above 0, at most 1."""
    value = share(text)
    return value if value > 0 else float(fail("must be above 0"))


def at_least_one(text: str) -> float:
    """A factor on great-circle miles."""
    value = number(text)
    return value if value >= 1 else float(fail("must be 1 or more (1 means great-circle miles)"))


def factor(text: str) -> float:
    """A number, 1 or more."""
    value = number(text)
    return value if value >= 1 else float(fail("must be 1 or more"))


def yes_no(text: str) -> bool:
    """The words yes and no."""
    word = text.strip().lower()
    return word == "yes" if word in {"yes", "no"} else bool(fail("must be yes or no"))


def only(*allowed: str) -> Callable[[str], str]:
    """One of these words."""

    def parse(text: str) -> str:
        return text if text in allowed else str(fail(f"must be {listed(allowed)}"))

    return parse


def parameter(parse: Callable[[str], Any], note: str, unit: str = "", default: Any = None) -> Any:
    """A field of a class of parameters, with its rule, what it means and the unit it is stated in."""
    return field(default=default, metadata={"parse": parse, "note": note, "unit": unit})


def required(parse: Callable[[str], Any], note: str, unit: str = "") -> Any:
    """A field that has to be stated."""
    return field(metadata={"parse": parse, "note": note, "unit": unit})
