"""What became of every row and cent of a freight file: rows and dollars read = kept + left out, by reason, each tab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from networx.domain.phrases import counted, in_full


class LeftOut(StrEnum):
    """Why a row is not among the shipments."""

    TOTAL = "total"  # a total or subtotal of rows that are read themselves
    REPEATED = "repeated"  # a charge that stands in the file already
    BAD = "bad"  # a cell of it cannot be read, and a person chose to go on without it


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
class BadRows:
    """What the rows carry that have a cell that cannot be read: as far as they can be read, in `cents` and `units`.

    `uncharged` is of how many the charge cannot be read.
    """

    rows: int = 0
    cents: int = 0
    units: float = 0.0
    uncharged: int = 0

    def add(self, cents: int | None, units: float | None) -> None:
        self.rows += 1
        self.cents += cents or 0
        self.units += units or 0.0
        self.uncharged += cents is None

    def as_dict(self) -> dict[str, Any]:
        return {"rows": self.rows, "cents": self.cents, "units": self.units, "uncharged": self.uncharged}


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


def bad_rows_words(bad: Mapping[str, Any], *, corrected: int = 0) -> str:
    """What bad rows carry, and what may be done about them; `bad` as `BadRows.as_dict` has it. `corrected` is how many
    rows are corrected already."""
    cents, unread = bad["cents"], bad["uncharged"]
    dollars = f"{'-' if cents < 0 else ''}${abs(cents) / 100:,.2f}"
    charges = f"; of {counted(unread, 'row')} the charge cannot be read" if unread else ""
    already = (
        f" {counted(corrected, 'row')} beside them {'is' if corrected == 1 else 'are'} corrected." if corrected else ""
    )
    return (
        f"{counted(bad['rows'], 'row')} with a cell that cannot be read: {dollars} and {in_full(bad['units'])} units, "
        f"as far as they state them{charges}.{already} Send them corrected, go on without them, or refuse the file."
    )
