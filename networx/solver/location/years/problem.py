"""Facilities that open and close over several years that differ, as plain arrays, and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.years_proof import YearsProof
from networx.solver.outcome import Ending


@dataclass(frozen=True, slots=True)
class YearsProblem:
    """Years T, sites I, customers J: decide what is open in which year and serve all demand of each, at least cost.

    `fixed`, `capacity` (inf where unlimited), `may` and `must` be open are (T, I), `demand` (T, J). `price` (T, I, J)
    is what a unit costs, inf without a lane; it may be a view of one year. A site that opens in a year stays open
    `lease` (I,) years, or to the first year in which it may not be; with a lease as long as the plan it is open in all
    the years in which it may be, or in none. `existing` (I,) sites are open before the first year and free to close.
    `opening` and `closing` (I,) are paid each time; an open site ships at least `least` (I,) units a year. Between
    `at_least` and `at_most` sites are open in a year, and at most `most_changes` open or close from one to the next;
    the first year counts where some site is existing. `near` (T, I, J) lanes carry `level` (T,) of a year's demand at
    least.
    """

    fixed: Floats
    capacity: Floats
    may: Flags
    must: Flags
    demand: Floats
    price: Floats
    lease: Indices
    existing: Flags
    opening: Floats
    closing: Floats
    least: Floats
    at_least: int
    at_most: int
    most_changes: int | None
    near: Flags
    level: Floats

    @property
    def years(self) -> int:
        return len(self.demand)

    @property
    def sites(self) -> int:
        return len(self.lease)

    @property
    def customers(self) -> int:
        return int(self.demand.shape[1])

    @property
    def whole(self) -> Flags:
        """(I,): open in all the years in which it may be, or in none."""
        lasting: Flags = self.lease >= self.years
        return lasting


@dataclass(frozen=True, slots=True)
class YearsPlan:
    """`opened` (T, I), and one flow an entry of `year`, `site`, `customer` and `units`. `cost` is that of all years."""

    opened: Flags
    year: Indices
    site: Indices
    customer: Indices
    units: Floats
    cost: float


@dataclass(frozen=True, slots=True)
class YearsAnswer:
    """How the engine ended: the best plan, if any, and a `bound` that no plan costs less than, with its proof.

    An ending at a limit without a plan says nothing of whether there is one.
    """

    ending: Ending
    plan: YearsPlan | None
    bound: float | None
    nodes: int
    seconds: float
    proof: YearsProof | None = None
