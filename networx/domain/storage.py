"""What is stored and how, as the client stated it: the tables SKUs, Warehouse and Inventory of a dataset."""

from __future__ import annotations

from dataclasses import dataclass, field

from networx.domain.arrays import Floats
from networx.domain.table import Table, unstated


@dataclass(frozen=True, slots=True)
class Skus(Table):
    """What is stored, a row an item. `annual_volume` is in units of the base year."""

    sku: tuple[str, ...] = ()
    annual_volume: Floats = field(default_factory=unstated)
    units_per_case: Floats = field(default_factory=unstated)
    cases_per_pallet: Floats = field(default_factory=unstated)


@dataclass(frozen=True, slots=True)
class StatedValues(Table):
    """The rows of Warehouse or Inventory: a parameter's value as text, for all facilities (None) or for one by name."""

    name: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    facility: tuple[str | None, ...] = ()

    def of(self, facility: str | None) -> dict[str, str]:
        """What is stated for one facility alone, or for all (None): name -> text."""
        rows = zip(self.name, self.value, self.facility, strict=True)
        return {name: value for name, value, whose in rows if whose == facility}
