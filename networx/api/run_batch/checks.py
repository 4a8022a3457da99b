"""What is asked of a scenario before a job is made of it, by its type: a function a type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from networx.db.pool import Connection
from networx.domain import inventory_parameters, warehouse_parameters
from networx.domain.baseline_questions import baseline_asked
from networx.domain.greenfield_parameters import greenfield_parameters
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.parameters import (
    business_parameters,
    capacity_parameters,
    require_complete,
    require_complete_capacity,
    transport_parameters,
)
from networx.domain.phrases import listed
from networx.domain.rate_parameters import rate_parameters
from networx.domain.refusals import Refusals
from networx.domain.storage_questions import (
    assignments_asked,
    require_stated,
    split_overrides,
    warehouse_parameters_of,
)
from networx.domain.sweep import Sweep, exactly, require_baseline, require_measured, require_within
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.errors import Problem, RefusedInput
from networx.ingest import datasets
from networx.scenarios.running import Standing, stands_on
from networx.scenarios.store import OF_SHIPMENTS, Scenario

# Raises RefusedInput for data with this sheet and so many years that could not be run with these parameters over it.
Check = Callable[[Mapping[str, str], int, Mapping[str, Any]], None]


def require_transport(sheet: Mapping[str, str], years: int, over: Mapping[str, Any]) -> None:
    """The parameters are complete for the years of the data. Raises RefusedInput."""
    require_complete(transport_parameters(sheet, over), years)


def require_capacity(sheet: Mapping[str, str], _: int, over: Mapping[str, Any]) -> None:
    """The sites are stated, and all that the analysis shares with transport. Raises RefusedInput."""
    shared, own = capacity_parameters(sheet, over)
    require_complete_capacity(shared, own)


def require_warehouse(stands: Standing, over: Mapping[str, Any]) -> None:
    """What is stored and every parameter of its warehouse is stated. Raises RefusedInput."""
    refusals = Refusals()
    refusals.found(partial(_require_skus, stands))
    refusals.found(partial(warehouse_parameters_of, stands.warehouse, over))
    refusals.require()


def require_inventory(stands: Standing, over: Mapping[str, Any]) -> None:
    """Who serves whom, and each parameter of stock at least for some facility. Raises RefusedInput."""
    refusals = Refusals()
    refusals.found(partial(assignments_asked, stands.inventory, over))
    refusals.found(partial(_require_stock, stands, over))
    refusals.require()


def require_integrated(stands: Standing, over: Mapping[str, Any]) -> None:
    """All that a network, its warehouses and its stock need, as far as it is the same for all. Raises RefusedInput."""
    asked = split_overrides(over)
    refusals = Refusals()
    refusals.found(partial(require_transport, stands.sheet, stands.years, asked.network))
    refusals.found(partial(_require_skus, stands))
    refusals.found(
        partial(require_stated, WarehouseParameters, warehouse_parameters.SHEET, stands.warehouse, asked.warehouse)
    )
    refusals.found(partial(_require_stock, stands, asked.inventory))
    refusals.require()


def require_paid(stands: Standing, over: Mapping[str, Any]) -> None:
    """What a network beside the shipments is asked. Raises RefusedInput."""
    sheet = None if stands.scenario.network_dataset_id is None else stands.sheet
    baseline_asked(sheet, over, stands.years)


def require_rates(stands: Standing, over: Mapping[str, Any]) -> None:
    """How rates are fitted. Raises RefusedInput."""
    rate_parameters(stands.sheet, over)


def _require_stock(stands: Standing, over: Mapping[str, Any]) -> None:
    days = {"operating_days"} & set(stands.warehouse.name)
    require_stated(InventoryParameters, inventory_parameters.SHEET, stands.inventory, over, days)


def _require_skus(stands: Standing) -> None:
    if not stands.skus:
        message = "The sheet SKUs has no rows; state what is stored, in units, cases and pallets."
        raise RefusedInput([Problem(message, "no_rows", sheet="SKUs")])


def require_greenfield(sheet: Mapping[str, str], _years: int, over: Mapping[str, Any]) -> None:
    """From how many places to how many, and nothing that means nothing to it. Raises RefusedInput."""
    greenfield_parameters(sheet, over)


STORAGE_CHECKS: Mapping[str, Callable[[Standing, Mapping[str, Any]], None]] = {
    "warehouse": require_warehouse,
    "inventory": require_inventory,
    "integrated": require_integrated,
    "baseline": require_paid,
    "rates": require_rates,
}
CHECKS: Mapping[str, Check] = {
    "transport": require_transport,
    "capacity": require_capacity,
    "greenfield": require_greenfield,
}

# The types that need no facility: one finds places from demand alone, others read shipments.
WITHOUT_FACILITIES = ("greenfield", *OF_SHIPMENTS)

# The types whose answer depends on a number of open facilities.
SWEPT_TYPES = ("transport", "integrated")


def require_runnable(stands: Standing, beside: Mapping[str, Any] | None = None) -> None:
    """Refuse at once what a worker would have to refuse. `beside` are parameters over the scenario's own.

    Raises RefusedInput.
    """
    scenario = stands.scenario
    over = {**scenario.parameters, **(beside or {})}
    if scenario.type not in WITHOUT_FACILITIES and not stands.facilities:
        message = (
            "The sheet Facilities has no rows: of destinations alone only scenarios of type greenfield are run; add "
            "the candidates with their costs."
        )
        raise RefusedInput([Problem(message, "no_rows", sheet="Facilities")])
    if scenario.type in STORAGE_CHECKS:
        STORAGE_CHECKS[scenario.type](stands, over)
    else:
        CHECKS[scenario.type](stands.sheet, stands.years, over)


def require_sweepable(connection: Connection, scenario: Scenario, sweep: Sweep) -> None:
    """The same for every member of a sweep, and whether the data has so many facilities. Raises RefusedInput."""
    if scenario.type not in SWEPT_TYPES:
        message = (
            f"Only scenarios of type {listed(SWEPT_TYPES)} are swept, not {scenario.type}; run it without scenario."
        )
        raise RefusedInput([Problem(message, "not_supported", column="scenario", value=scenario.type)])
    stands, dataset_id = stands_on(connection, scenario), scenario.network
    require_runnable(stands, exactly(sweep.min_nodes))
    counts = datasets.count_facilities(connection, dataset_id)
    usable = sum(number for status, number in counts.items() if status != "forbidden")
    require_within(sweep, usable=usable, mandatory=counts.get("mandatory", 0))
    network = split_overrides(scenario.parameters).network
    parameters = transport_parameters(stands.sheet, network)
    require_measured(sweep, parameters)
    priced = parameters.service_penalty_per_unit is not None or datasets.prices_service(connection, dataset_id)
    flows = business_parameters(stands.sheet, network).baseline_flows
    require_baseline(sweep, flows, whole=scenario.type == "integrated", penalty=priced)
