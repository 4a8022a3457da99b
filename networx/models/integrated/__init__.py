"""The warehouses and the stock of a network that is chosen: each step is planned for the one before."""

from networx.domain.stores import Stores
from networx.models.integrated.stores import plan_stores, require_stores, usable_facilities

__all__ = ["Stores", "plan_stores", "require_stores", "usable_facilities"]
