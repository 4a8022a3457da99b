"""The space that each year asks for, computed anew from the tables in exact rationals, but for whole numbers.

A whole number (positions, doors) is taken from the plan and checked against the exact ratio that it rounds up: at a
ratio that is whole but for rounding either neighbour may be meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from networx.domain.network import NetworkTables
from networx.domain.warehouse import SpaceNeed
from networx.domain.warehouse_parameters import WarehouseParameters

NEAR = Fraction(2, 10**9)  # relative: what a ratio may exceed a whole number by and count as that number


@dataclass(frozen=True, slots=True)
class Area:
    """What one year asks for. `wrong` names the whole numbers of the plan that do not round their ratio up."""

    throughput: float
    stock: float
    storage: Fraction
    doors: Fraction
    support: Fraction
    gross: Fraction
    wrong: tuple[str, ...]


def pallets_per_unit(tables: NetworkTables) -> float:
    """Pallets that leave the network for each unit of its base demand; NaN where the data does not say."""
    by_pallet: dict[float, Fraction] = {}
    skus = tables.skus
    for volume, units, cases in zip(skus.annual_volume, skus.units_per_case, skus.cases_per_pallet, strict=True):
        held = float(units) * float(cases)
        by_pallet[held] = by_pallet.get(held, Fraction(0)) + Fraction(float(volume))
    base = sum((Fraction(float(units)) for units in tables.destinations.demand_units), Fraction(0))
    if base <= 0 or not by_pallet or min(by_pallet) <= 0:
        return float("nan")
    return float(np.sum([float(volume / base) / held for held, volume in by_pallet.items()]))


def levels(parameters: WarehouseParameters) -> int:
    """Pallets above one another."""
    ratio = Fraction(parameters.ceiling_height_inches) / Fraction(parameters.rack_height_inches)
    return floor(ratio * (1 + NEAR / 2))


def area_of(parameters: WarehouseParameters, need: SpaceNeed, throughput: float) -> Area:
    """The areas of one year whose pallets are known; positions and doors are those of `need`."""
    exact = {name: Fraction(getattr(parameters, name)) for name in _MEASURES}
    per_day = Fraction(throughput) / exact["operating_days"]
    stock = per_day * exact["days_on_hand"]
    ratios = {
        "floor_positions": (need.floor_positions, stock / max(levels(parameters), 1)),
        "outbound_doors": (need.outbound_doors, per_day / exact["outbound_pallets_per_door_per_day"]),
        "inbound_doors": (need.inbound_doors, per_day / exact["inbound_pallets_per_door_per_day"]),
    }
    storage = (
        need.floor_positions
        * exact["pallet_length_inches"]
        * exact["pallet_width_inches"]
        / (12 * 12)
        * exact["aisle_factor"]
    )
    doors = need.outbound_doors * exact["outbound_area_per_door"] + need.inbound_doors * exact["inbound_area_per_door"]
    support = sum((exact[name] for name in _SUPPORT), Fraction(0))
    return Area(
        throughput=throughput,
        stock=float(stock),
        storage=storage,
        doors=doors,
        support=support,
        gross=(storage + doors + support) / exact["max_utilization"],
        wrong=tuple(name for name, (whole, ratio) in ratios.items() if not _rounds_up(whole, ratio)),
    )


def _rounds_up(whole: int, ratio: Fraction) -> bool:
    return whole == int(whole) and whole >= ratio * (1 - NEAR) and (whole - 1 < ratio or whole == 0)


_SUPPORT = ("min_office", "min_battery", "min_packing", "min_conveyor", "case_pick_area", "each_pick_area")
_MEASURES = (
    "operating_days",
    "days_on_hand",
    "pallet_length_inches",
    "pallet_width_inches",
    "aisle_factor",
    "outbound_pallets_per_door_per_day",
    "inbound_pallets_per_door_per_day",
    "outbound_area_per_door",
    "inbound_area_per_door",
    "max_utilization",
    *_SUPPORT,
)
