"""The certificate of a network with its warehouses and stock: each step from what the one before really ships.

The network's own certificate stands at the front. No plan can cost less than the network's bound, since warehouses and
stock cost nothing at the least: it is the bound of the sum.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.inventory import Service
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.network import NetworkTables
from networx.domain.plan import Certificate, Check, TransportPlan
from networx.domain.stores import Stores
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.verify.inventory import inventory_checks, service_checks
from networx.verify.measure import check, counted
from networx.verify.warehouse import warehouse_checks

CLOSE = 1e-9  # relative


def certify_integrated(
    network: Certificate,
    tables: NetworkTables,
    plan: TransportPlan,
    stores: Stores,
    *,
    warehouses: Mapping[str, WarehouseParameters],
    inventory: Mapping[int, InventoryParameters],
    objective: float | None,
) -> Certificate:
    """Check what stands in a network whose certificate is `network`. `objective` is the sum that is claimed, if any.

    `warehouses` are parameters by a facility's name, `inventory` by its position.
    """
    if not network.valid:
        return network  # of flows that are none there is nothing to store
    checks = [*network.checks, *_warehouses(tables, plan, stores, warehouses)]
    service = Service.of_plan(plan)
    checks += service_checks(tables, service, "demand met by stock")
    checks += inventory_checks(inventory, stores.inventory, service)
    checks.append(_sum(network, stores, objective))
    gap = None
    if objective is not None and network.bound is not None:
        gap = (objective - network.bound) / max(abs(objective), 1e-9)
    return replace(
        network,
        valid=network.valid and all(line.passed for line in checks),
        checks=tuple(checks),
        objective=objective,
        bound=network.bound if objective is not None else None,
        gap=gap,
    )


def _warehouses(
    tables: NetworkTables, plan: TransportPlan, stores: Stores, parameters: Mapping[str, WarehouseParameters]
) -> list[Check]:
    names = tables.facilities.name
    opened = [names[site] for site in range(len(names)) if bool(plan.opened[:, site].any())]
    planned = [outcome.facility for outcome in stores.warehouses]
    whole = planned == opened and all(name in parameters for name in opened)
    checks = [counted("a warehouse for every open facility", int(not whole), f"open are {len(opened)}")]
    if not whole:
        return checks
    ships = _shipped(plan, len(names))
    for outcome in stores.warehouses:
        site = names.index(str(outcome.facility))
        units = {year: ships[at, site] for at, year in enumerate(plan.years) if plan.opened[at, site]}
        checks += warehouse_checks(tables, parameters[str(outcome.facility)], units, outcome)
    return checks


def _shipped(plan: TransportPlan, sites: int) -> Floats:
    keys = plan.flow_year.astype(np.int64) * sites + plan.flow_facility
    total = np.bincount(keys, plan.flow_units, minlength=len(plan.years) * sites).astype(np.float64)
    return total.reshape(len(plan.years), sites)


def _sum(network: Certificate, stores: Stores, objective: float | None) -> Check:
    parts = [outcome.objective for outcome in stores.warehouses]
    if objective is None or network.objective is None or any(part is None for part in parts):
        known = objective is None and any(part is None for part in parts)
        return counted("total cost", int(not known), "a sum of parts that are not known")
    total = math.fsum([network.objective, stores.inventory.objective, *(part for part in parts if part is not None)])
    return check("total cost", abs(objective - total) / max(abs(total), 1e-9), CLOSE, f"the parts sum up to {total:g}")
