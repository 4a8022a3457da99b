"""Stock: the safety and cycle stock of each facility for the destinations that it serves."""

from networx.models.inventory.served import fixed_service, planned_service
from networx.models.inventory.stock import plan_inventory

__all__ = ["fixed_service", "plan_inventory", "planned_service"]
