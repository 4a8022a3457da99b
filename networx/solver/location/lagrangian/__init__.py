"""Capacitated location with split demand, to a proof: Lagrangian bounds, plans by transportation problems, a tree.

Every customer offers to pay for being served; each site then takes the offers that it gains most from, and the sites
that gain most open. That is a lower bound whatever is offered (Geoffrion 1974; Goertz and Klose 2012). `knapsacks` and
`selection` evaluate it, `ascent` raises it, `tree` branches where it does not suffice; `flows`, `neighbours` and
`plans` find plans.
"""

from networx.solver.location.lagrangian.engine import solve

__all__ = ["solve"]
