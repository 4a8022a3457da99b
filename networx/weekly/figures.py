"""A measure, what it should be, and what it was in a week."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How a figure stands to what it should be."""

    MET = "met"
    MISSED = "missed"
    ALERT = "alert"
    NOT_KNOWN = "not known"
    TOLD = "told"  # nothing says what it should be


@dataclass(frozen=True, slots=True)
class Measure:
    """One success measure. `most` is the target's upper bound and `alert` what may not be passed; None: none is set.

    `unit` is one of a number, a share (0 to 1, where `least` is the target) and dollars.
    """

    name: str
    unit: str
    most: float | None = None
    alert: float | None = None
    least: float | None = None

    def verdict(self, value: float) -> Verdict:
        if self.alert is not None and value > self.alert:
            return Verdict.ALERT
        if (self.most is not None and value > self.most) or (self.least is not None and value < self.least):
            return Verdict.MISSED
        return Verdict.TOLD if self.most is self.least is None else Verdict.MET


@dataclass(frozen=True, slots=True)
class Figure:
    """What a measure was in a week. `value` is None where it is not known; `note` says why, or what it is made of."""

    measure: Measure
    value: float | None
    note: str

    @property
    def verdict(self) -> Verdict:
        return Verdict.NOT_KNOWN if self.value is None else self.measure.verdict(self.value)

    def as_dict(self) -> dict[str, Any]:
        return {
            "measure": self.measure.name,
            "unit": self.measure.unit,
            "target_most": self.measure.most,
            "target_least": self.measure.least,
            "alert_over": self.measure.alert,
            "value": self.value,
            "verdict": self.verdict.value,
            "note": self.note,
        }


NUMBER, SHARE, DOLLARS = "number", "share", "dollars"
