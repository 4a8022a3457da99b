"""What is told of warehouse space and of stock, planned alone or for a network that was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from networx.assistant.fact import Fact, Unit, known

_TOTALS = {
    "network_cost": ("cost of transport and facilities without warehouses and stock, all years", Unit.DOLLARS),
    "warehouse_cost": ("cost of warehouse space, all years", Unit.DOLLARS),
    "area_cost": ("cost of own space, all years", Unit.DOLLARS),
    "hired_cost": ("cost of hired space, all years", Unit.DOLLARS),
    "largest_gross_area": ("space needed in the year that needs most", Unit.SQUARE_FEET),
    "most_hired_area": ("space hired in the year that hires most", Unit.SQUARE_FEET),
    "buildings_added": ("buildings added until the last year", Unit.BUILDINGS),
    "most_outbound_doors": ("doors that ship, in the year that needs most", Unit.DOORS),
    "most_inbound_doors": ("doors that receive, in the year that needs most", Unit.DOORS),
    "inventory_cost": ("cost of holding stock, all years", Unit.DOLLARS),
    "average_stock": ("average stock", Unit.UNITS),
    "safety_stock": ("safety stock, mean of the years", Unit.UNITS),
    "cycle_stock": ("cycle stock, mean of the years", Unit.UNITS),
    "unpooled_safety_stock": ("safety stock if every destination had a stock of its own", Unit.UNITS),
    "saved_by_pooling": ("safety stock less by pooling than without", Unit.UNITS),
    "compared_average_stock": ("average stock with the assignment it is compared with", Unit.UNITS),
    "compared_inventory_cost": ("cost of holding stock with the assignment it is compared with", Unit.DOLLARS),
}
_OF_A_YEAR = {
    "throughput_pallets": ("pallets through the warehouse", Unit.PALLETS),
    "stock_pallets": ("pallets in stock", Unit.PALLETS),
    "gross_area": ("space needed", Unit.SQUARE_FEET),
    "own_area": ("own space", Unit.SQUARE_FEET),
    "hired_area": ("space hired", Unit.SQUARE_FEET),
    "added": ("buildings added", Unit.BUILDINGS),
}


def storage_facts(result: Mapping[str, Any], called: Mapping[str, str], most_years: int) -> Iterator[Fact]:
    """`called` is what facilities are called by their names; of others nothing is told."""
    kpis = result.get("kpis") or {}
    for name, (label, unit) in _TOTALS.items():
        yield from known(label, kpis.get(name), unit)
    warehouses: Sequence[Mapping[str, Any]] = result.get("warehouses") or []
    if result.get("type") == "warehouse":
        yield from known("total cost of the space, all years", kpis.get("total_cost"), Unit.DOLLARS)
        for year in warehouses[0]["years"][:most_years]:
            for name, (label, unit) in _OF_A_YEAR.items():
                yield from known(f"{label} in {year['year']}", year[name], unit)
    if result.get("type") == "integrated":
        yield from _in_the_whole(kpis)
        yield from _of_facilities(result, called)
    stock = result.get("stock") or {"years": []}
    for year in stock["years"][:most_years]:
        yield Fact(f"average stock in {year['year']}", year["average"], Unit.UNITS)
        yield Fact(f"safety stock in {year['year']}", year["safety"], Unit.UNITS)
        yield Fact(f"cost of holding stock in {year['year']}", year["holding_cost"], Unit.DOLLARS)


def serving_facilities(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those that hold stock, the dearest stock first."""
    cost: dict[str, float] = {}
    for row in (result.get("stock") or {"facilities": []})["facilities"]:
        cost[row["facility"]] = cost.get(row["facility"], 0.0) + row["holding_cost"]
    return [{"name": name} for name in sorted(cost, key=lambda name: -cost[name])]


def _in_the_whole(kpis: Mapping[str, Any]) -> Iterator[Fact]:
    total = kpis.get("total_cost") or 0.0
    if total > 0:
        yield Fact("share of warehouses in the total cost", kpis["warehouse_cost"] / total, Unit.SHARE)
        yield Fact("share of stock in the total cost", kpis["inventory_cost"] / total, Unit.SHARE)


def _of_facilities(result: Mapping[str, Any], called: Mapping[str, str]) -> Iterator[Fact]:
    for warehouse in result["warehouses"]:
        name = called.get(warehouse["facility"])
        if name is not None:
            most = max(year["gross_area"] for year in warehouse["years"])
            yield Fact(f"space needed at {name} in the year that needs most", most, Unit.SQUARE_FEET)
            yield from known(f"cost of the space at {name}, all years", warehouse["objective"], Unit.DOLLARS)
