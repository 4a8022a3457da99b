"""What was shipped and what was paid for it: the shipments of one dataset of domain *transport*, in columns.

Nothing is derived but the charge: the first that a row states of CHARGES in `networx.domain.sheets.shipments`. An
empty cell is NaN in floats and NOT_STATED in codes. Dollars are whole cents, so that sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Codes, Floats, Ints
from networx.domain.sheets.shipments import DIRECTIONS, MODES

__all__ = ["DIRECTIONS", "MODES", "NOT_STATED", "Choices", "Shipments"]

Choices = npt.NDArray[np.int8]

NOT_STATED = -1


@dataclass(frozen=True, slots=True)
class Shipments:
    """Row i of every array is one shipment, in the order of the dataset.

    `ship_day` counts from 1970-01-01. A ZIP is its five digits as a number (2139 is 02139). `origin` and `destination`
    are places in `names`: the client's own words for the two ends. `mode` and `direction` are places in MODES and
    DIRECTIONS. `charge_cents` may be negative, a credit. What is counted (pounds, cubic feet, units, packages, miles)
    is NaN where the client did not state it, and never negative.
    """

    ship_day: Codes
    origin_zip: Codes
    dest_zip: Codes
    origin: Codes
    destination: Codes
    mode: Choices
    direction: Choices
    weight_lb: Floats
    cube_cf: Floats
    units: Floats
    pkgs: Floats
    miles: Floats
    charge_cents: Ints
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lengths = {part.name: len(getattr(self, part.name)) for part in fields(self) if part.name != "names"}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of different lengths: {lengths}")

    def __len__(self) -> int:
        return len(self.ship_day)

    def where(self, kept: Any) -> Shipments:
        """The shipments that a mask or an array of row numbers names."""
        columns = {part.name: getattr(self, part.name) for part in fields(self)}
        names = columns.pop("names")
        return Shipments(**{name: column[kept] for name, column in columns.items()}, names=names)
