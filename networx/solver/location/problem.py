"""A facility location problem as plain arrays, and the answer of an engine to it.

Engines know no tables, years or words of a client: what can be said in these arrays, they can solve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from networx.solver.outcome import Ending

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LocationProblem:
    """Open sites at a fixed cost each and serve all demand from open ones, at least cost. I sites, J customers.

    `fixed` (I,) is finite; `capacity` (I,) in units, inf where unlimited; `demand` (J,) is above 0; `cost` (I, J) is
    what serving *all* of a customer's demand from a site costs, inf where the site may not serve it. `must` (I,) are
    open in every plan. At least `at_least` and at most `at_most` sites are open, those of `must` included. Demand may
    be split.
    """

    fixed: Floats
    capacity: Floats
    demand: Floats
    cost: Floats
    must: Flags
    at_least: int
    at_most: int


@dataclass(frozen=True, slots=True)
class LocationPlan:
    """`opened` (I,), and one flow an entry of `site`, `customer` and `share` (above 0; 1 is all of its demand)."""

    opened: Flags
    site: Indices
    customer: Indices
    share: Floats
    cost: float


@dataclass(frozen=True, slots=True)
class LocationProof:
    """A branching over the sites in N nodes, and K rows of multipliers (K, J) that prove a bound in each of its ends.

    Node n stands under `parent[n]` (-1: the root, node 0) and holds `site[n]` open or closed by `opened[n]` (site -1:
    holds nothing more). It goes by row `use[n]`, or where that is -1 by its parent's. At a node the Lagrangian function
    also holds each site whose flip alone would cost at least the bound to be proven. A node has no children, one of
    the same plans with other multipliers, or two that hold one site open and closed. Of a node without children it is
    claimed that its Lagrangian bound is enough, that the count of sites leaves no plan, or that its only plan costs
    enough.
    """

    multipliers: Floats
    parent: Indices
    site: Indices
    opened: Flags
    use: Indices


@dataclass(frozen=True, slots=True)
class LocationAnswer:
    """How an engine ended: the best plan, if any, and a `bound` that no plan's cost lies below.

    `multipliers` (J,) prove `root_bound` to whoever evaluates the Lagrangian function themselves, and `proof` proves
    `bound`; None where an engine has none.
    """

    ending: Ending
    plan: LocationPlan | None
    bound: float | None
    nodes: int
    seconds: float
    root_bound: float | None = None
    multipliers: Floats | None = None
    proof: LocationProof | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What an engine tells while it works, and whether it shall stop; `improved` gets each better plan once.

    `progress` gets (incumbent or None, bound or None, nodes) at least twice a second; `stop` is asked as often or more.
    """

    progress: Callable[[float | None, float | None, int], None]
    improved: Callable[[LocationPlan], None]
    stop: Callable[[], bool]
