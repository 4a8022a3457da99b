"""The result object of a network with its warehouses and stock: that of the network, with what they add to it.

`total_cost` is the whole network's: transport, facilities, warehouses and stock. Each step is planned for the one
before, so that its own proof stands in `steps`; no plan can cost less than the network's bound, since warehouses and
stock cost nothing at the least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from networx.domain.inventory import InventoryOutcome
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.network import NetworkTables
from networx.domain.plan import Certificate, Infeasibility, ResultStatus
from networx.domain.warehouse import WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.results.inventory import stock_figures, stock_kpis, stock_parameters
from networx.results.kpis import plain, ratio
from networx.results.storage_wording import integrated_headline, integrated_verdict
from networx.results.warehouse import stated_values, warehouse_figures


def integrated_result(
    tables: NetworkTables,
    network: Mapping[str, Any],
    warehouses: Sequence[tuple[WarehouseParameters, WarehouseOutcome]],
    stock: tuple[Mapping[int, InventoryParameters], InventoryOutcome],
    certificate: Certificate,
) -> dict[str, Any]:
    """The result as plain JSON values. `network` is that of `transport_result`, with a plan."""
    of_stock, inventory = stock
    held = stock_figures(tables, inventory)
    unmet = [outcome.infeasibility for _, outcome in warehouses if outcome.infeasibility is not None]
    complete = all(outcome.objective is not None for _, outcome in warehouses)
    years = [_year(year, warehouses, held) for year in network["years"]]
    result = {
        **network,
        "type": "integrated",
        "status": (ResultStatus.FEASIBLE if complete else ResultStatus.NO_SOLUTION).value,
        "objective": None,
        "bound": None,
        "gap": None,
        "certificate": plain(certificate.as_dict()),
        "seconds": network["seconds"] + inventory.seconds + sum(outcome.seconds for _, outcome in warehouses),
        "parameters": network["parameters"] | _asked(tables, warehouses, of_stock),
        "kpis": None,
        "years": years,
        "warehouses": [warehouse_figures(outcome) for _, outcome in warehouses],
        "stock": held,
        "steps": _steps(network, warehouses, inventory),
        "notes": [],
        "infeasibility": plain(_joined(unmet).as_dict()) if unmet else None,
    }
    if complete:
        result |= _totals(network, years, held)
    return result | {"headline": integrated_headline(result), "verdict": integrated_verdict(result)}


def _year(
    year: Mapping[str, Any], warehouses: Sequence[tuple[WarehouseParameters, WarehouseOutcome]], held: Mapping[str, Any]
) -> dict[str, Any]:
    spaces = [
        space.cost
        for _, outcome in warehouses
        for need, space in zip(outcome.needs, outcome.space, strict=False)
        if need.year == year["year"]
    ]
    stock = next(one["holding_cost"] for one in held["years"] if one["year"] == year["year"])
    total = year["total_cost"] + sum(spaces) + stock
    return {
        **year,
        "network_cost": year["total_cost"],
        "warehouse_cost": sum(spaces),
        "inventory_cost": stock,
        "total_cost": total,
        "cost_per_unit": ratio(total, year["units"]),
    }


def _totals(network: Mapping[str, Any], years: Sequence[Mapping[str, Any]], held: Mapping[str, Any]) -> dict[str, Any]:
    added = sum(year["warehouse_cost"] + year["inventory_cost"] for year in years)
    total = network["objective"] + added
    bound = network["bound"]
    kpis = {
        **network["kpis"],
        **stock_kpis(held),
        "network_cost": network["kpis"]["total_cost"],
        "warehouse_cost": sum(year["warehouse_cost"] for year in years),
        "total_cost": total,
        "cost_per_unit": ratio(total, network["kpis"]["total_units"]),
    }
    gap = None if bound is None else (total - bound) / max(abs(total), 1e-9)
    return {"objective": total, "bound": bound, "gap": gap, "kpis": kpis}


def _steps(
    network: Mapping[str, Any],
    warehouses: Sequence[tuple[WarehouseParameters, WarehouseOutcome]],
    inventory: InventoryOutcome,
) -> dict[str, Any]:
    return {
        "network": {name: network[name] for name in ("status", "objective", "bound", "gap", "bound_source", "engine")},
        "warehouses": {
            str(outcome.facility): {
                "status": outcome.status.value,
                "objective": outcome.objective,
                "bound": outcome.bound,
            }
            for _, outcome in warehouses
        },
        "inventory": {"objective": inventory.objective},
    }


def _asked(
    tables: NetworkTables,
    warehouses: Sequence[tuple[WarehouseParameters, WarehouseOutcome]],
    of_stock: Mapping[int, InventoryParameters],
) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    values = {str(outcome.facility): stated_values(own, "warehouse.") for own, outcome in warehouses}
    for name in dict.fromkeys(name for own in values.values() for name in own):
        known = {site: own[name] for site, own in values.items() if name in own}
        first = next(iter(known.values()))
        if len(known) == len(values) and all(value == first for value in known.values()):
            stated[name] = first
        else:
            stated |= {f"{name} of {site}": value for site, value in known.items()}
    return stated | {f"inventory.{name}": value for name, value in stock_parameters(tables, of_stock).items()}


def _joined(unmet: Sequence[Infeasibility]) -> Infeasibility:
    return Infeasibility(unmet[0].evidence, tuple(clash for one in unmet for clash in one.clashes))
