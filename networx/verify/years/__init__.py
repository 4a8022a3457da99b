"""A lower bound where facilities open and close over years that differ, recomputed without trusting whoever proved it.

The proof is a tree of cases. Here it is checked that the cases cover every plan (`cases`), and what bounds each is
computed anew: the Lagrangian function (`lagrangian`), for which any multipliers do, or bounds of single years with
proofs of their own (`apart`); in both each site takes its cheapest schedule (`schedules`). A wrong number in the proof
can only make the bound lower. Everything is computed in floats, and what rounding could have added is taken off again.
"""

from networx.verify.years.cases import recomputed_years_bound
from networx.verify.years.data import YearsData

__all__ = ["YearsData", "recomputed_years_bound"]
