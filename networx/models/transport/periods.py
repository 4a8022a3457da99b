"""Years that may be solved as one: the same set of facilities is open in all, and their best flows are proportional.

Two cases, both exact. Where no capacity can bind in a year and no service level ties destinations together, every
destination takes its cheapest open lane, whatever its demand is. Where demand and usable capacity of two years differ
by one common factor, what is best in one year is best in the other, as shares. Such years are summed into one period.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.models.transport.instance import TransportInstance

SAME = 1e-12  # relative difference that counts as rounding


@dataclass(frozen=True, slots=True)
class Periods:
    """Periods P: `demand` (P, J), `capacity` (P, I) clipped to what a facility could ever serve, `binding` (P, I).

    What it could ever serve is what it has lanes to, and what it has lanes from.
    Capacity is that with all tiers; it binds where that without any can. `of_year` of shape (T,) gives each year's
    period.
    """

    demand: Floats
    capacity: Floats
    binding: Flags
    of_year: Indices


def separate_years(instance: TransportInstance) -> Periods:
    """Each year a period of its own."""
    reach = np.array([_reachable(instance, year) for year in range(len(instance.years))])
    supplied = instance.inbound.most(len(instance.facility_names))
    return Periods(
        demand=instance.demand,
        capacity=np.minimum(np.minimum(instance.most_capacity, supplied), reach),
        binding=np.minimum(instance.capacity, supplied) < reach,
        of_year=np.arange(len(instance.years)),
    )


def merged_years(instance: TransportInstance) -> Periods:
    """The fewest periods that give the same optimum.

    One year is one period. Years stay apart where facilities change, grow, have to ship much or get their units from
    suppliers, and where lanes or the service level differ by year or lanes can be full.
    """
    apart = separate_years(instance)
    if len(instance.years) == 1 or not instance.fixed_set or instance.rules.min_throughput[instance.allowed].any():
        return apart
    if len(instance.tiers) or len(instance.inbound):
        return apart
    if instance.lanes.limited or not instance.lanes.alike or not instance.service.alike:
        return apart
    of_year = _groups(apart, independent=not instance.service.asked)
    count = int(of_year.max()) + 1
    demand = np.zeros((count, apart.demand.shape[1]))
    capacity = np.zeros((count, apart.capacity.shape[1]))
    binding = np.zeros(capacity.shape, dtype=bool)
    np.add.at(demand, of_year, apart.demand)
    np.add.at(capacity, of_year, apart.capacity)
    np.logical_or.at(binding, of_year, apart.binding)
    return Periods(demand, capacity, binding, of_year)


def _reachable(instance: TransportInstance, year: int) -> Floats:
    """Units of demand that each facility has lanes to, and lanes enough for."""
    facility, destination, most = instance.lanes.pairs(year)
    asked = np.minimum(instance.demand[year].take(destination), most)
    units: Floats = np.bincount(facility, asked, len(instance.facility_names)).astype(float)
    return units


def _groups(apart: Periods, *, independent: bool) -> Indices:
    shapes = np.hstack([apart.demand, apart.capacity])
    totals = apart.demand.sum(axis=1, keepdims=True)
    shapes = np.divide(shapes, totals, out=np.zeros_like(shapes), where=totals > 0)
    free = np.asarray(independent & ~apart.binding.any(axis=1))
    of_year = np.full(len(shapes), -1, dtype=np.intp)
    leaders: list[int] = []
    for year in range(len(shapes)):
        for period, leader in enumerate(leaders):
            alike = np.abs(shapes[year] - shapes[leader]).max() <= SAME and bool(totals[leader] > 0)
            if alike or (free[year] and free[leader]):
                of_year[year] = period
                break
        else:
            of_year[year] = len(leaders)
            leaders.append(year)
    return of_year
