"""Today's network priced with a scenario's demand and rates, and what was paid, summed up.

See docs/models/business-case.md and docs/models/baseline.md.
"""

from networx.models.baseline.paid import sum_paid
from networx.models.baseline.today import price_today

__all__ = ["price_today", "sum_paid"]
