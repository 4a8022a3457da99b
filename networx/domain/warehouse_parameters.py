"""What a plan of warehouse space is asked with: the parameters of the sheet Warehouse."""

from __future__ import annotations

from dataclasses import dataclass

from networx.domain.parameter_rules import amount, factor, parameter, positive, required, share_above_zero, whole

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
