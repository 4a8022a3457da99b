"""What was found for the warehouses and the stock of a chosen network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from networx.domain.inventory import InventoryOutcome
from networx.domain.warehouse import WarehouseOutcome


@dataclass(frozen=True, slots=True)
class Stores:
    """A warehouse for every facility that is ever open, in the order of the dataset, and the stock of all of them."""

    warehouses: tuple[WarehouseOutcome, ...]
    inventory: InventoryOutcome

    def as_dict(self) -> dict[str, Any]:
        """Plain values, to travel between processes without pickling."""
        return {
            "warehouses": [outcome.as_dict() for outcome in self.warehouses],
            "inventory": self.inventory.as_dict(),
        }

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> Stores:
        return cls(
            tuple(WarehouseOutcome.from_dict(one) for one in stated["warehouses"]),
            InventoryOutcome.from_dict(stated["inventory"]),
        )
