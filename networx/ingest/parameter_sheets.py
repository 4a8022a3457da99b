"""The sheets whose rows are parameters, and which those are, in the order in which template and page list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.parameters import NETWORK_PARAMETERS
from networx.domain.schema import INVENTORY, PARAMETERS, WAREHOUSE
from networx.domain.warehouse_parameters import WarehouseParameters

PARAMETER_SHEETS: Mapping[str, tuple[Field[Any], ...]] = {
    PARAMETERS.name: NETWORK_PARAMETERS,
    WAREHOUSE.name: fields(WarehouseParameters),
    INVENTORY.name: fields(InventoryParameters),
}
