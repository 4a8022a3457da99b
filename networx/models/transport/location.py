"""A scenario as a location problem, where it is one: for the engines that are made for those.

It is one where one set of facilities serves all years, which can be summed into one period, and nothing else is asked.
Facilities that may be open and destinations with demand keep their order, so that a proof can be checked against the
data by whoever counts them the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.domain.parameters import AUTO, BENDERS, HIGHS, LAGRANGIAN, SINGLE_SOURCE, YEARS
from networx.domain.phrases import listed
from networx.domain.plan import Progress, TransportPlan
from networx.errors import Problem, RefusedInput
from networx.models.transport.flows import flow_columns
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import Periods
from networx.models.transport.years import beyond_years
from networx.solver import highs
from networx.solver.location.benders import engine as benders
from networx.solver.location.lagrangian import engine as lagrangian
from networx.solver.location.lesson import Lesson
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.location.single import engine as single
from networx.solver.location.years import engine as years
from networx.solver.outcome import Limits, relative_gap

FEWEST_PAIRS = 500  # of facilities and destinations; what is smaller HiGHS proves as fast
MOST_PAIRS_SERVED_WHOLE = 200_000
MOST_PAIRS = 20_000_000  # every pair is held, whether it has a lane or not
FEWEST_OVER_YEARS, MOST_OVER_YEARS = 5_000, 5_000_000  # facilities times destinations with demand, over all years
ENGINES = {
    HIGHS: highs.ENGINE,
    LAGRANGIAN: f"NetWORX {lagrangian.NAME}",
    BENDERS: f"NetWORX {benders.NAME}",
    SINGLE_SOURCE: f"NetWORX {single.NAME}",
    YEARS: f"NetWORX {years.NAME}",
}

# An engine by its name, asked for a problem within limits: alone, or beside its neighbours.
Search = Callable[[str, LocationProblem, Limits, Watch, LocationPlan | None], LocationAnswer]


def engine_of(instance: TransportInstance, periods: Periods) -> str:
    """Which engine solves it: the one the parameters name, or by structure. Raises RefusedInput if it cannot."""
    asked = instance.parameters.engine
    beyond = beyond_years(instance) if asked == YEARS else _beyond(instance, periods)
    whole = instance.single_source and bool(periods.binding.any())
    if asked == HIGHS:
        return HIGHS
    if asked == AUTO:
        pairs = int(instance.allowed.sum()) * int((periods.demand[0] > 0).sum())
        if _by_years(instance, periods):
            return YEARS
        if beyond or not FEWEST_PAIRS <= pairs <= MOST_PAIRS:
            return HIGHS
        if whole:
            return SINGLE_SOURCE if pairs <= MOST_PAIRS_SERVED_WHOLE else HIGHS
        return LAGRANGIAN if periods.binding.any() else BENDERS
    if asked == BENDERS and periods.binding.any():
        beyond.append("capacities that can bind")
    if asked == SINGLE_SOURCE and not instance.single_source:
        beyond.append("demand that may be split")
    if asked == SINGLE_SOURCE and len(instance.years) > 1 and not whole:
        beyond.append("several years without capacities that bind")
    if whole and asked in {LAGRANGIAN, BENDERS}:
        beyond.insert(0, "single sourcing under capacities")
    if beyond:
        message = f"engine {asked} does not solve {listed(beyond)}; state {AUTO}."
        raise RefusedInput([Problem(message, "engine", "Parameters", None, "engine", asked)])
    return asked


def _by_years(instance: TransportInstance, periods: Periods) -> bool:
    """Whether it is a problem over years that differ, of a size at which the engine for those is the better one."""
    sizes = int(instance.allowed.sum()) * int((instance.demand > 0).sum())
    differs = len(periods.demand) > 1
    return differs and not beyond_years(instance) and FEWEST_OVER_YEARS <= sizes <= MOST_OVER_YEARS


def _beyond(instance: TransportInstance, periods: Periods) -> list[str]:
    """What is asked that makes it more than a location problem."""
    rules = instance.rules
    moving = not instance.fixed_set or bool((rules.may != instance.allowed).any())
    asked = {
        "a service level": instance.service.asked,
        "facilities that open or close over the years": moving,
        "several years that differ": len(periods.demand) > 1 and not moving,
        "minimum throughputs": bool(rules.min_throughput[instance.allowed].any()),
        "expansion tiers": len(instance.tiers) > 0,
        "suppliers": len(instance.inbound) > 0,
        "opening and closing costs": rules.one_time_costs,
        "a budget of changes": instance.parameters.max_changes_per_year is not None,
        "a plan without demand": not periods.demand.any(),
        "lane capacities that can bind": instance.lanes.limited,
        "lanes that differ by year": not instance.lanes.alike,
    }
    return [words for words, is_asked in asked.items() if is_asked]


@dataclass(frozen=True, slots=True)
class Location:
    """The problem of one period, the facility of each of its sites (I,) and the destination of each customer (J,)."""

    problem: LocationProblem
    facility: Indices
    destination: Indices

    @classmethod
    def of(cls, instance: TransportInstance, periods: Periods) -> Location:
        facility = np.flatnonzero(instance.allowed)
        destination = np.flatnonzero(periods.demand[0] > 0)
        demand = periods.demand[0, destination]
        lanes = instance.lanes
        price = np.full((len(instance.facility_names), len(instance.destination_names)), np.inf)
        price[lanes.facility, lanes.destination] = lanes.cost_per_unit
        capacity = np.where(periods.binding[0], periods.capacity[0], np.inf)[facility]
        cost = price[np.ix_(facility, destination)] * demand
        if instance.single_source:
            cost[demand > capacity[:, None]] = np.inf
        problem = LocationProblem(
            fixed=instance.fixed_cost.sum(axis=0)[facility],
            capacity=capacity,
            demand=demand,
            cost=cost,
            must=instance.mandatory[facility],
            at_least=instance.min_open,
            at_most=min(instance.max_open, len(facility)),
        )
        return cls(problem, facility, destination)

    def values(self, instance: TransportInstance, periods: Periods, plan: LocationPlan) -> Floats:
        """The plan as values of the columns of `formulate`."""
        flows, lanes = flow_columns(instance, periods), instance.lanes
        share = np.zeros((len(instance.facility_names), len(instance.destination_names)))
        share[self.facility[plan.site], self.destination[plan.customer]] = plan.share
        opened = np.zeros(len(instance.facility_names))
        opened[self.facility[plan.opened]] = 1.0
        facility, destination = lanes.facility[flows.lane], lanes.destination[flows.lane]
        carried = share[facility, destination] * periods.demand[0, destination] / flows.most_units
        return np.concatenate([opened, carried])

    def plan(self, periods: Periods, plan: TransportPlan, cost: float) -> LocationPlan:
        """The other way round: a plan of all years as one of the period."""
        site, customer = np.full(plan.opened.shape[1], -1), np.full(periods.demand.shape[1], -1)
        site[self.facility] = np.arange(len(self.facility))
        customer[self.destination] = np.arange(len(self.destination))
        pair = site[plan.flow_facility] * len(self.destination) + customer[plan.flow_destination]
        pairs, place = np.unique(pair, return_inverse=True)
        sites, customers = np.divmod(pairs, len(self.destination))
        share = np.bincount(place, plan.flow_units) / self.problem.demand[customers]
        return LocationPlan(np.asarray(plan.open, dtype=bool)[self.facility], sites, customers, share, cost)


def solve_location(
    engine: str,
    location: Location,
    limits: Limits,
    progress: Callable[[Progress], None],
    improved: Callable[[LocationPlan], None],
    stop: Callable[[], bool],
    start: LocationPlan | None,
    search: Search,
) -> LocationAnswer:
    """Solve it by `engine`, telling progress in our words."""

    def told(incumbent: float | None, bound: float | None, _: int) -> None:
        bound = None if bound is None else max(bound, 0.0)  # nothing costs less than nothing
        progress(Progress("solving", incumbent=incumbent, bound=bound, gap=relative_gap(incumbent, bound)))

    return search(engine, location.problem, limits, Watch(told, improved, stop), start)


def by_itself(lesson: Lesson | None, taught: Callable[[Lesson], None], problems: int = 1) -> Search:
    """A problem searched alone, from what a neighbour taught, where the engine learns; `taught` gets its own lesson.

    It is one of so many `problems` that this process is asked.
    """

    def search(
        engine: str, problem: LocationProblem, limits: Limits, watch: Watch, start: LocationPlan | None
    ) -> LocationAnswer:
        if engine == SINGLE_SOURCE:
            return single.solve(problem, limits, watch, start)
        if engine == LAGRANGIAN:
            answer = lagrangian.solve(problem, limits, watch, start, lesson, problems)
        else:
            answer = benders.solve(problem, limits, watch, start, lesson)
        if answer.lesson is not None:
            taught(answer.lesson)
        return answer

    return search
