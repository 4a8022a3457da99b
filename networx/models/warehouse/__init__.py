"""Warehouse space: what each year asks for, and whether to add buildings for it or to hire space, at least cost."""

from networx.models.warehouse.limits import exceeded
from networx.models.warehouse.needs import network_units, require_plannable, require_volume
from networx.models.warehouse.plan import not_planned, plan_warehouse, prepare

__all__ = [
    "exceeded",
    "network_units",
    "not_planned",
    "plan_warehouse",
    "prepare",
    "require_plannable",
    "require_volume",
]
