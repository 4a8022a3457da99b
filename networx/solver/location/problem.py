"""A facility location problem as plain arrays, and the answer of an engine to it.

Engines know no tables, years or words of a client: what can be said in these arrays, they can solve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.bound_proofs import BoundProof
from networx.solver.location.lesson import Lesson
from networx.solver.outcome import Ending


@dataclass(frozen=True, slots=True)
class LocationProblem:
    """Open sites at a fixed cost each and serve all demand from open ones, at least cost. I sites, J customers.

    `fixed` (I,) is finite; `capacity` (I,) in units, inf where unlimited; `demand` (J,) is above 0; `cost` (I, J) is
    what serving *all* of a customer's demand from a site costs, inf where the site may not serve it. `must` (I,) are
    open in every plan. At least `at_least` and at most `at_most` sites are open, those of `must` included. Demand may
    be split, or is not: that is what engines differ in.
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
class LocationAnswer:
    """How an engine ended: the best plan, if any, and a `bound` that no plan's cost lies below.

    `multipliers` (J,) prove `root_bound` to whoever evaluates the Lagrangian function themselves; None where an engine
    has none. `proof` shows how `bound` comes about, where an engine writes it down; `lesson` is what a
    neighbour of the problem can begin with.
    """

    ending: Ending
    plan: LocationPlan | None
    bound: float | None
    nodes: int
    seconds: float
    root_bound: float | None = None
    multipliers: Floats | None = None
    proof: BoundProof | None = None
    lesson: Lesson | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What an engine tells while it works, and whether it shall stop; `improved` gets each better plan once.

    `progress` gets (incumbent or None, bound or None, nodes) at least twice a second; `stop` is asked as often or more.
    """

    progress: Callable[[float | None, float | None, int], None]
    improved: Callable[[LocationPlan], None]
    stop: Callable[[], bool]
