"""The certificates of a modelled baseline and of what was paid."""

from networx.verify.baseline.paid import certify_paid
from networx.verify.baseline.today import certify_today

__all__ = ["certify_paid", "certify_today"]
