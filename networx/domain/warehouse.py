"""What a plan of warehouse space found: the space needed in each year, and how it is met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from networx.domain.plan import Infeasibility, ResultStatus


@dataclass(frozen=True, slots=True)
class SpaceNeed:
    """What one year asks of a warehouse. Pallets are means; areas in square feet, each as `docs/models` computes it."""

    year: int
    units: float
    throughput_pallets: float
    stock_pallets: float
    floor_positions: int
    storage_area: float
    outbound_doors: int
    inbound_doors: int
    door_area: float
    support_area: float
    gross_area: float


@dataclass(frozen=True, slots=True)
class SpaceYear:
    """How one year's need is met: buildings there are, those added in it, hired space, and what it costs."""

    buildings: int
    added: int
    own_area: float
    hired_area: float
    area_cost: float
    fixed_cost: float
    opening_cost: float
    hired_cost: float

    @property
    def cost(self) -> float:
        """All of it, in dollars."""
        return self.area_cost + self.fixed_cost + self.opening_cost + self.hired_cost


@dataclass(frozen=True, slots=True)
class WarehouseOutcome:
    """What was found for one warehouse. `objective`, `bound` in dollars over the horizon; None where unknown.

    `facility` is its name, None for one that takes the whole volume. `space` is empty where there is no plan.
    """

    status: ResultStatus
    engine: str
    seconds: float
    facility: str | None
    levels: int
    needs: tuple[SpaceNeed, ...]
    space: tuple[SpaceYear, ...] = ()
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    infeasibility: Infeasibility | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, to travel between processes without pickling."""
        stated = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return stated | {
            "status": self.status.value,
            "needs": [_plain(need) for need in self.needs],
            "space": [_plain(year) for year in self.space],
            "infeasibility": None if self.infeasibility is None else self.infeasibility.as_dict(),
        }

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> WarehouseOutcome:
        clashes = stated["infeasibility"]
        parts = {
            "status": ResultStatus(stated["status"]),
            "needs": tuple(SpaceNeed(**need) for need in stated["needs"]),
            "space": tuple(SpaceYear(**year) for year in stated["space"]),
            "infeasibility": None if clashes is None else Infeasibility.from_dict(clashes),
        }
        return cls(**{**stated, **parts})


def _plain(row: SpaceNeed | SpaceYear) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}
