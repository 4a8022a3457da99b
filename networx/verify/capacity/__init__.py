"""The certificate of a capacity analysis: shortages, prices, savings and relief, each recomputed from the dataset."""

from networx.verify.capacity.analysis import certify_capacity

__all__ = ["certify_capacity"]
