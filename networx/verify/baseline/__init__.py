"""The certificate of a modelled baseline."""

from networx.verify.baseline.today import certify_today

__all__ = ["certify_today"]
