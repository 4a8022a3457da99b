"""A scenario as a problem over years, for the engine that is made for years that differ.

Facilities that are or may be open and destinations with demand keep their order, so that a proof can be checked against
the data by whoever counts them the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.domain.plan import Progress, TransportPlan
from networx.models.transport.flows import flow_columns
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import Periods
from networx.solver.location.years import engine
from networx.solver.location.years.problem import YearsAnswer, YearsPlan, YearsProblem
from networx.solver.outcome import Limits, relative_gap


def beyond_years(instance: TransportInstance) -> list[str]:
    """What is asked that the engine for years does not solve."""
    lanes = instance.lanes
    asked = {
        "single sourcing": instance.single_source,
        "expansion tiers": len(instance.tiers) > 0,
        "suppliers": len(instance.inbound) > 0,
        "a plan without demand": not instance.demand.any(),
        "lane capacities that can bind": lanes.limited,
        "lanes that differ by year": not lanes.alike,
        "several modes under a service level": bool(lanes.modes) and instance.service.asked,
        "a service level that may be missed": instance.service.priced,
    }
    return [words for words, is_asked in asked.items() if is_asked]


@dataclass(frozen=True, slots=True)
class YearsLocation:
    """The problem, the facility of each of its sites (I,) and the destination of each customer (J,)."""

    problem: YearsProblem
    facility: Indices
    destination: Indices

    @classmethod
    def of(cls, instance: TransportInstance) -> YearsLocation:
        rules, lanes = instance.rules, instance.lanes
        # One that was open before the first year and may not stay closes in it.
        facility = np.flatnonzero(instance.allowed | rules.existing)
        destination = np.flatnonzero(instance.demand.any(axis=0))
        shape = len(instance.facility_names), len(instance.destination_names)
        price, near = np.full(shape, np.inf), np.zeros((len(instance.years), *shape), dtype=bool)
        np.minimum.at(price, (lanes.facility, lanes.destination), lanes.cost_per_unit)
        near[:, lanes.facility, lanes.destination] = instance.near
        place = np.ix_(facility, destination)
        one_year = price[place]
        problem = YearsProblem(
            fixed=instance.fixed_cost[:, facility],
            capacity=instance.capacity[:, facility],
            may=rules.may[:, facility],
            must=instance.must[:, facility],
            demand=instance.demand[:, destination],
            price=np.broadcast_to(one_year, (len(instance.years), *one_year.shape)),
            lease=rules.lease[facility].astype(np.intp),
            existing=rules.existing[facility],
            opening=rules.opening_cost[facility],
            closing=rules.closing_cost[facility],
            least=rules.min_throughput[facility],
            at_least=instance.min_open,
            at_most=min(instance.max_open, int(instance.allowed.sum())),
            most_changes=instance.parameters.max_changes_per_year,
            near=near[:, place[0], place[1]],
            level=instance.service.level,
        )
        return cls(problem, facility, destination)

    def values(self, instance: TransportInstance, periods: Periods, plan: YearsPlan) -> Floats:
        """The plan as values of the columns `open` and `flow` of `formulate`."""
        flows, lanes = flow_columns(instance, periods), instance.lanes
        sites, places = len(instance.facility_names), len(instance.destination_names)
        opened = np.zeros((len(instance.years), sites))
        opened[:, self.facility] = plan.opened
        units = np.zeros((len(periods.demand), sites, places))
        at = periods.of_year[plan.year], self.facility[plan.site], self.destination[plan.customer]
        np.add.at(units, at, plan.units)
        lane = _cheapest(instance)[flows.lane]
        facility, destination = lanes.facility[flows.lane], lanes.destination[flows.lane]
        carried = np.where(lane, units[flows.period, facility, destination], 0.0) / flows.most_units
        shown = opened.max(axis=0, keepdims=True) if instance.fixed_set else opened
        return np.concatenate([shown.ravel(), carried])

    def plan(self, instance: TransportInstance, plan: TransportPlan, cost: float) -> YearsPlan:
        """The other way round."""
        site, customer = np.full(len(instance.facility_names), -1), np.full(len(instance.destination_names), -1)
        site[self.facility] = np.arange(len(self.facility))
        customer[self.destination] = np.arange(len(self.destination))
        return YearsPlan(
            opened=np.asarray(plan.opened, dtype=bool)[:, self.facility],
            year=plan.flow_year.astype(np.intp),
            site=site[plan.flow_facility],
            customer=customer[plan.flow_destination],
            units=plan.flow_units,
            cost=cost,
        )


def _cheapest(instance: TransportInstance) -> np.ndarray:
    """For each lane, whether it is the first of the cheapest of its pair."""
    lanes = instance.lanes
    pair = lanes.facility.astype(np.int64) * len(instance.destination_names) + lanes.destination
    order = np.lexsort((lanes.cost_per_unit, pair))
    _, first = np.unique(pair[order], return_index=True)
    cheapest = np.zeros(len(lanes), dtype=bool)
    cheapest[order[first]] = True
    return cheapest


def solve_years(
    location: YearsLocation,
    limits: Limits,
    progress: Callable[[Progress], None],
    improved: Callable[[YearsPlan], None],
    stop: Callable[[], bool],
    start: YearsPlan | None,
) -> YearsAnswer:
    """Solve it, telling progress in our words."""

    def told(incumbent: float | None, bound: float | None, _: int) -> None:
        bound = None if bound is None else max(bound, 0.0)  # nothing costs less than nothing
        progress(Progress("solving", incumbent=incumbent, bound=bound, gap=relative_gap(incumbent, bound)))

    return engine.solve(location.problem, limits, told, improved, stop, start)
