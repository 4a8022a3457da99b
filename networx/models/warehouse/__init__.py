"""Warehouse space: what each year asks for, and whether to add buildings for it or to hire space, at least cost."""

from networx.models.warehouse.needs import network_units, require_plannable
from networx.models.warehouse.plan import plan_warehouse

__all__ = ["network_units", "plan_warehouse", "require_plannable"]
