"""One year of a network as a whole problem, with what is open in it and perhaps one place larger than it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats
from networx.domain.capacity_answer import FACILITY, INBOUND, SUPPLIER, Place
from networx.models.transport.instance import TransportInstance
from networx.models.transport.lanes import PricedLanes


@dataclass(frozen=True, slots=True)
class YearProblem:
    """One year of an instance with these facilities open and tiers in use, one place perhaps with another capacity.

    `tiers` (I,) says how many each facility has in use; None: none. `minima_of` (I,) are the facilities that have to
    ship their minimum throughput; None: all that are open.
    """

    instance: TransportInstance
    year: int
    opened: Flags
    larger: Place | None = None
    enlarged: float = 0.0
    tiers: Codes | None = None
    minima_of: Flags | None = None

    @property
    def in_use(self) -> Codes:
        """(I,): how many tiers each facility has in use."""
        return np.zeros(len(self.opened), dtype=np.int32) if self.tiers is None else self.tiers

    @property
    def _added(self) -> Floats:
        """(I,): units that they add."""
        added: Floats = self.instance.tiers.added(self.in_use[np.newaxis])[0]
        return added

    def with_capacity(self, place: Place, units: float) -> YearProblem:
        return replace(self, larger=place, enlarged=units)

    def capacity_of(self, place: Place) -> float:
        """Units a year that a place has by itself."""
        if place.kind == FACILITY:
            return float(self.instance.capacity[self.year, place.facility] + self._added[place.facility])
        if place.kind == SUPPLIER:
            return float(self.instance.inbound.supply[place.supplier])
        lanes = self.instance.inbound.lanes if place.kind == INBOUND else self.instance.lanes
        return float(lanes.capacity[self._is(lanes, place)].min(initial=np.inf))

    def _is(self, lanes: PricedLanes, place: Place) -> Flags:
        """Which of these lanes is the place, in this year."""
        start, end, mode = place.ends
        same = (lanes.facility == start) & (lanes.destination == end) & (lanes.mode == mode)
        found: Flags = same & lanes.counts[self.year]
        return found

    def _larger(self, lanes: PricedLanes, place: Place) -> PricedLanes:
        return replace(lanes, capacity=np.where(self._is(lanes, place), self.enlarged, lanes.capacity))

    def alone(self) -> TransportInstance:
        """The year as a whole problem; how many are open is not asked."""
        whole, year = self.instance, slice(self.year, self.year + 1)
        capacity, lanes, inbound = whole.capacity[year].copy(), whole.lanes, whole.inbound
        match self.larger:
            case Place(kind="facility", facility=site):
                capacity[0, site] = self.enlarged - self._added[site]
            case Place(kind="supplier", supplier=supplier):
                at = np.arange(len(inbound)) == supplier
                inbound = replace(inbound, supply=np.where(at, self.enlarged, inbound.supply))
            case Place(kind="inbound lane") as lane:
                inbound = replace(inbound, lanes=self._larger(inbound.lanes, lane))
            case Place() as lane:
                lanes = self._larger(lanes, lane)
        rules = whole.rules.of_years(year).without_one_time_costs()
        if self.minima_of is not None:
            rules = replace(rules, min_throughput=np.where(self.minima_of, rules.min_throughput, 0.0))
        free = replace(whole.parameters, min_facilities=None, max_facilities=None)
        return replace(
            whole,
            years=whole.years[year],
            rules=rules,
            capacity=capacity,
            fixed_cost=np.zeros_like(whole.fixed_cost[year]),
            demand=whole.demand[year],
            lanes=lanes.of_years(year),
            inbound=inbound.of_years(year),
            service=whole.service.of_years(year),
            parameters=free,
        ).with_open(self.opened, self.in_use[np.newaxis])
