"""What is stored and how, as the client stated it: the tables SKUs, Warehouse and Inventory of a dataset."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from networx.domain.arrays import Floats


def _none() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, slots=True)
class Skus:
    """What is stored; row i of every column is one item. `annual_volume` is in units of the base year."""

    sku: tuple[str, ...] = ()
    annual_volume: Floats = field(default_factory=_none)
    units_per_case: Floats = field(default_factory=_none)
    cases_per_pallet: Floats = field(default_factory=_none)

    def __len__(self) -> int:
        return len(self.sku)


@dataclass(frozen=True, slots=True)
class StatedValues:
    """The rows of Warehouse or Inventory: a parameter's value as text, for all facilities (None) or for one by name."""

    name: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    facility: tuple[str | None, ...] = ()

    def __len__(self) -> int:
        return len(self.name)

    def of(self, facility: str | None) -> dict[str, str]:
        """What is stated for one facility alone, or for all (None): name -> text."""
        rows = zip(self.name, self.value, self.facility, strict=True)
        return {name: value for name, value, whose in rows if whose == facility}
