"""Today's network priced with a scenario's demand and rates. See docs/models/business-case.md."""

from networx.models.baseline.today import price_today

__all__ = ["price_today"]
