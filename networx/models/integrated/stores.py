"""A warehouse for every facility that a plan opens, from the units that it ships, and the stock for whom it serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from networx.domain.inventory import Service
from networx.domain.network import NetworkTables
from networx.domain.plan import TransportPlan
from networx.domain.refusals import Refusals
from networx.domain.storage import StatedValues
from networx.domain.storage_questions import (
    Overrides,
    parameters_by_facility,
    split_overrides,
    warehouse_parameters_of,
)
from networx.domain.stores import Stores
from networx.models.inventory import plan_inventory
from networx.models.warehouse import plan_warehouse, require_plannable, require_volume


def require_stores(tables: NetworkTables, overrides: Mapping[str, Any]) -> None:
    """Refuse, before the network is solved, what any facility that may open would lack. Raises RefusedInput."""
    asked, names = split_overrides(overrides), tables.facilities.name
    usable = usable_facilities(tables)
    refusals = Refusals()
    refusals.found(partial(require_volume, tables))
    for whose in _asked_alone(tables.warehouse, [names[site] for site in usable]):
        refusals.found(partial(_require_warehouse, tables, asked, whose))
    refusals.found(partial(parameters_by_facility, tables.inventory, asked.inventory, tables.warehouse, usable, names))
    refusals.require()


def usable_facilities(tables: NetworkTables) -> list[int]:
    """The positions of those that some plan may open."""
    return [site for site, status in enumerate(tables.facilities.status) if status != "forbidden"]


def _asked_alone(stated: StatedValues, usable: Sequence[str]) -> list[str | None]:
    """The facilities with values of their own, and None for all those that have none."""
    own: list[str | None] = [name for name in usable if name in set(stated.facility)]
    return own if len(own) == len(usable) else [None, *own]


def plan_stores(
    tables: NetworkTables, plan: TransportPlan, overrides: Mapping[str, Any], stop: Callable[[], bool] = lambda: False
) -> Stores:
    """Warehouses and stock for this plan. `overrides` are those of the integrated scenario. Raises RefusedInput."""
    asked = split_overrides(overrides)
    sent = np.zeros(plan.opened.shape)
    np.add.at(sent, (plan.flow_year, plan.flow_facility), plan.flow_units)
    names = tables.facilities.name
    warehouses = []
    for site in np.flatnonzero(plan.opened.any(axis=0)):
        years = np.flatnonzero(plan.opened[:, site])
        warehouses.append(
            plan_warehouse(
                tables,
                warehouse_parameters_of(tables.warehouse, asked.warehouse, names[site]),
                [plan.years[year] for year in years],
                sent[years, site].tolist(),
                facility=names[site],
                stop=stop,
            )
        )
    serving = sorted(set(plan.flow_facility.tolist()))
    parameters = parameters_by_facility(tables.inventory, asked.inventory, tables.warehouse, serving, names)
    return Stores(tuple(warehouses), plan_inventory(parameters, Service.of_plan(plan)))


def _require_warehouse(tables: NetworkTables, asked: Overrides, name: str | None) -> None:
    require_plannable(tables, warehouse_parameters_of(tables.warehouse, asked.warehouse, name))
