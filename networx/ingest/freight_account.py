"""What became of every row and cent of a freight file: rows and dollars read = kept + left out, by reason, each tab."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class LeftOut(StrEnum):
    """Why a row is not among the shipments."""

    TOTAL = "total"  # a total or subtotal of rows that are read themselves
    REPEATED = "repeated"  # a charge that stands in the file already


@dataclass(slots=True)
class Counted:
    """A number of rows and the cents of their charges."""

    rows: int = 0
    cents: int = 0

    def add(self, cents: int) -> None:
        self.rows += 1
        self.cents += cents

    def as_dict(self) -> dict[str, int]:
        return {"rows": self.rows, "cents": self.cents}


@dataclass(slots=True)
class TabAccount:
    """The account of one tab. Rows that are charges of one shipment are all kept, and are one of `shipments`."""

    tab: str
    read: Counted = field(default_factory=Counted)
    kept: Counted = field(default_factory=Counted)
    left_out: dict[LeftOut, Counted] = field(default_factory=dict)
    shipments: int = 0

    def keep(self, cents: int) -> None:
        """A row that is read and kept."""
        self.read.add(cents)
        self.kept.add(cents)

    def leave_out(self, reason: LeftOut, cents: int) -> None:
        """A row that is read and left out."""
        self.read.add(cents)
        self.left_out.setdefault(reason, Counted()).add(cents)

    def as_dict(self) -> dict[str, Any]:
        return {
            "tab": self.tab,
            "read": self.read.as_dict(),
            "kept": self.kept.as_dict(),
            "left_out": {reason.value: counted.as_dict() for reason, counted in self.left_out.items()},
            "shipments": self.shipments,
        }
