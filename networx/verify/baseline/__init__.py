"""The certificates of a modelled baseline and of what was paid, and a result on it against the rows."""

from networx.verify.baseline.paid import account_check, certify_paid, costs_check
from networx.verify.baseline.stated import stated_checks
from networx.verify.baseline.summed import Summed
from networx.verify.baseline.today import certify_today

__all__ = ["Summed", "account_check", "certify_paid", "certify_today", "costs_check", "stated_checks"]
