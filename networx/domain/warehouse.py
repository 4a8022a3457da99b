"""What a plan of warehouse space is asked with, and what it found: the space needed in each year, and how it is met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from networx.domain.parameter_rules import amount, factor, parameter, positive, required, share_above_zero, whole
from networx.domain.plan import Infeasibility, ResultStatus

SHEET = "Warehouse"


@dataclass(frozen=True, slots=True)
class WarehouseParameters:
    """The parameters of the sheet Warehouse, parsed. Areas in square feet, costs in dollars of a year."""

    operating_days: float = required(positive, "Required. Days of the year on which goods come and go.", "days")
    days_on_hand: float = required(amount, "Required. Stock held, in operating days of throughput.", "days")
    pallet_length_inches: float = required(positive, "Required. Of a pallet position.", "inches")
    pallet_width_inches: float = required(positive, "Required. Of a pallet position.", "inches")
    ceiling_height_inches: float = required(positive, "Required. Usable height, below sprinklers and lamps.", "inches")
    rack_height_inches: float = required(positive, "Required. Of one level: pallet, load, beam and play.", "inches")
    aisle_factor: float = required(
        factor, "Required. Floor area with aisles over the area of the pallet positions on it.", "ratio"
    )
    outbound_pallets_per_door_per_day: float = required(positive, "Required. What one door ships.", "pallets per day")
    inbound_pallets_per_door_per_day: float = required(positive, "Required. What one door receives.", "pallets per day")
    outbound_area_per_door: float = required(amount, "Required. Staging and dock of one door.", "square feet")
    inbound_area_per_door: float = required(amount, "Required. Staging and dock of one door.", "square feet")
    min_office: float = required(amount, "Required. Offices; 0 where there are none.", "square feet")
    min_battery: float = required(amount, "Required. Battery charging; 0 where there is none.", "square feet")
    min_packing: float = required(amount, "Required. Packing; 0 where there is none.", "square feet")
    min_conveyor: float = required(amount, "Required. Conveyors; 0 where there are none.", "square feet")
    case_pick_area: float = required(amount, "Required. Picking of cases; 0 where there is none.", "square feet")
    each_pick_area: float = required(amount, "Required. Picking of single units; 0 where there is none.", "square feet")
    max_utilization: float = required(
        share_above_zero, "Required. Share of the gross area that may be used.", "share 0-1"
    )
    initial_facility_area: float = required(amount, "Required. Space there is before the first year.", "square feet")
    cost_per_sqft_annual: float = required(
        amount, "Required. Of space there is, used or not.", "USD per square foot and year"
    )
    facility_design_area: float | None = parameter(
        positive, "Size of a building that can be added. Empty: none can be.", "square feet"
    )
    max_facilities: int | None = parameter(whole, "Most buildings added. Empty: no limit.")
    facility_fixed_cost_annual: float | None = parameter(
        amount, "Of each building added, in each year, beside its area. Empty: none.", "USD per year"
    )
    facility_opening_cost: float | None = parameter(
        amount, "Once, in the year in which a building is added. Empty: none.", "USD"
    )
    thirdparty_cost_per_sqft: float | None = parameter(
        amount,
        "Of space hired from a third party for a year. Empty: none can be hired.",
        "USD per square foot and year",
    )
    max_outbound_doors: int | None = parameter(whole, "Most doors that ship. Empty: no limit.", "doors")
    max_inbound_doors: int | None = parameter(whole, "Most doors that receive. Empty: no limit.", "doors")


NEEDS_DESIGN = ("max_facilities", "facility_fixed_cost_annual", "facility_opening_cost")


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
