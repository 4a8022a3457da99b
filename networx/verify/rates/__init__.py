"""The certificate of rates fitted to shipments."""

from networx.verify.rates.fit import certify_rates, fit_checks
from networx.verify.rates.seen import Seen

__all__ = ["Seen", "certify_rates", "fit_checks"]
