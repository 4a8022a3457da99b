"""What a shipment costs by its distance and weight, fitted to the client's own: see docs/models/rates.md."""

from networx.models.rates.fit import fit_rates
from networx.models.rates.observed import Observed, observed

__all__ = ["Observed", "fit_rates", "observed"]
