"""The certificate of a plan of stock."""

from networx.verify.inventory.stock import certify_inventory, fixed_check, inventory_checks, service_checks

__all__ = ["certify_inventory", "fixed_check", "inventory_checks", "service_checks"]
