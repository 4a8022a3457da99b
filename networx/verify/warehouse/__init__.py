"""The certificate of a plan of warehouse space, and of several that stand in one network."""

from networx.verify.warehouse.plan import certify_warehouse, units_of_network, warehouse_checks

__all__ = ["certify_warehouse", "units_of_network", "warehouse_checks"]
