"""The certificate of a network with its warehouses and stock."""

from networx.verify.integrated.stores import certify_integrated

__all__ = ["certify_integrated"]
