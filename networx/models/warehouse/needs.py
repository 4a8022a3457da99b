"""The space that a year asks of a warehouse, from the units that leave it; the formulas: docs/models/warehouse.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables
from networx.domain.refusals import Refusals
from networx.domain.warehouse import SpaceNeed
from networx.domain.warehouse_parameters import NEEDS_DESIGN, SHEET, WarehouseParameters
from networx.errors import Problem, RefusedInput
from networx.models.transport.demand import demand_by_year

SQUARE_INCHES_PER_SQUARE_FOOT = 144
ROUNDING = 1e-9  # relative; what exceeds a whole number by less than this counts as that number


def network_units(tables: NetworkTables) -> tuple[tuple[int, ...], Floats]:
    """The years and the demand of the whole network in each. Raises RefusedInput."""
    years, demand = demand_by_year(tables)
    return years, demand.sum(axis=1)


def require_volume(tables: NetworkTables) -> None:
    """Refuse data that does not say what is stored for a year's demand. Raises RefusedInput naming every fault."""
    problems: list[Problem] = []
    if not len(tables.skus):
        message = "The sheet SKUs has no rows; state what is stored, in units, cases and pallets."
        problems.append(Problem(message, "no_rows", sheet="SKUs"))
    if not tables.destinations.demand_units.sum() > 0:
        message = (
            "demand_units are all 0, so that nothing says how a year's demand compares with annual_volume; state "
            "those of the year that annual_volume is of."
        )
        problems.append(Problem(message, "not_scalable", sheet="Destinations", column="demand_units"))
    if problems:
        raise RefusedInput(problems)


def require_plannable(tables: NetworkTables, parameters: WarehouseParameters) -> None:
    """Refuse what leaves the space unknown. Raises RefusedInput naming every fault."""
    refusals = Refusals()
    refusals.found(partial(require_volume, tables))
    refusals.found(partial(_require_building, parameters))
    refusals.require()


def _require_building(parameters: WarehouseParameters) -> None:
    problems: list[Problem] = []
    if levels_of(parameters) < 1:
        message = (
            f"rack_height_inches {parameters.rack_height_inches:g} is above ceiling_height_inches "
            f"{parameters.ceiling_height_inches:g}, so that not one level fits; correct one of them."
        )
        problems.append(Problem(message, "parameter", sheet=SHEET, column="rack_height_inches"))
    if parameters.facility_design_area is None:
        problems += [
            Problem(
                f"{name} speaks of buildings that can be added; state facility_design_area, or remove it.",
                "required",
                sheet=SHEET,
                column="facility_design_area",
            )
            for name in NEEDS_DESIGN
            if getattr(parameters, name) is not None
        ]
    if problems:
        raise RefusedInput(problems)


def levels_of(parameters: WarehouseParameters) -> int:
    """Pallets above one another."""
    return math.floor(parameters.ceiling_height_inches / parameters.rack_height_inches * (1 + ROUNDING))


def space_needs(
    tables: NetworkTables, parameters: WarehouseParameters, years: Sequence[int], units: Sequence[float]
) -> tuple[SpaceNeed, ...]:
    """What each year asks for, when so many `units` of the network's demand leave the warehouse in it."""
    skus = tables.skus
    base_pallets = math.fsum(skus.annual_volume / (skus.units_per_case * skus.cases_per_pallet))
    base_units = math.fsum(tables.destinations.demand_units)
    return tuple(
        _need(parameters, year, sent, base_pallets * sent / base_units) for year, sent in zip(years, units, strict=True)
    )


def _need(parameters: WarehouseParameters, year: int, units: float, throughput: float) -> SpaceNeed:
    asked = parameters
    per_day = throughput / asked.operating_days
    stock = per_day * asked.days_on_hand
    positions = whole_above(stock / levels_of(asked))
    footprint = asked.pallet_length_inches * asked.pallet_width_inches / SQUARE_INCHES_PER_SQUARE_FOOT
    storage = positions * footprint * asked.aisle_factor
    outbound = whole_above(per_day / asked.outbound_pallets_per_door_per_day)
    inbound = whole_above(per_day / asked.inbound_pallets_per_door_per_day)
    doors = outbound * asked.outbound_area_per_door + inbound * asked.inbound_area_per_door
    picking = asked.case_pick_area + asked.each_pick_area
    support = asked.min_office + asked.min_battery + asked.min_packing + asked.min_conveyor + picking
    return SpaceNeed(
        year=year,
        units=units,
        throughput_pallets=throughput,
        stock_pallets=stock,
        floor_positions=positions,
        storage_area=storage,
        outbound_doors=outbound,
        inbound_doors=inbound,
        door_area=doors,
        support_area=support,
        gross_area=(storage + doors + support) / asked.max_utilization,
    )


def whole_above(amount: float) -> int:
    """The least whole number that is not below it, but for rounding."""
    return math.ceil(amount * (1 - ROUNDING))
