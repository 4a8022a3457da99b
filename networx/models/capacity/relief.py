"""The cheapest relief: which candidates to open and which tiers to take, and when, so that all demand is served.

What a facility or a tier costs, and for how long it stays, follows the rules of the transport model (`relief_model`).
The cost is that of the whole network, so that an opening earlier than the shortage asks for is chosen where it pays for
itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats
from networx.domain.capacity import Relief
from networx.domain.capacity_answer import YearAnswer
from networx.domain.phrases import counted, listed
from networx.domain.plan import Clash, Infeasibility, Progress
from networx.errors import SolverFault
from networx.models.capacity.problem import YearProblem
from networx.models.capacity.relief_cures import cure_together, cures_alone
from networx.models.capacity.relief_model import formulate_relief, tiers_in_use
from networx.models.capacity.year import Clock, solve_year
from networx.models.transport.elastic import PROVEN_SHORT
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import separate_years
from networx.models.transport.relaxations import demand_may_stay_unserved
from networx.models.transport.shortages import units
from networx.solver.highs import solve
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits, Solution, relative_gap

LEAST_SECONDS_TO_PRICE = 5.0
CONTRADICTION = 1e-6  # relative; a bound this far above a cost is wrong, not rounded


@dataclass(frozen=True, slots=True)
class Sought:
    """A relief, or why there is none; neither where time ran out before either was found."""

    relief: Relief | None = None
    impossible: Infeasibility | None = None


def seek_relief(
    instance: TransportInstance, sites: Flags, clock: Clock, progress: Callable[[Progress], None]
) -> Sought:
    """`instance` allows the sites and the candidates; with all of them open it can serve every year.

    Raises OutOfTime where the facilities are found and their flows are not.
    """
    model = formulate_relief(instance, sites)
    solution = solve(
        model,
        Limits(max(clock.left(), 1.0), instance.parameters.gap),
        progress,
        stop=clock.stop,
        stage="seeking relief",
    )
    if solution.ending is Ending.INFEASIBLE:
        return Sought(impossible=_too_few_may_open(instance, sites, model, clock))
    if solution.values is None:
        return Sought()
    opened, count = _chosen(instance, model, solution.values)
    progress(Progress("pricing the relief", bound=solution.bound))
    # What was found in time is priced, though the time is over.
    settling = Clock(lambda: max(clock.left(), LEAST_SECONDS_TO_PRICE), lambda: False)
    answers = tuple(
        solve_year(YearProblem(instance, year, opened[year], tiers=count[year]), settling)
        for year in range(len(instance.years))
    )
    if any(answer.short > 0 for answer in answers):
        raise SolverFault(what="its relief leaves demand unserved")
    cost = _cost(instance, opened, count, answers)
    # Nothing costs less than nothing: prices are 0 or more.
    bound = max(solution.bound or 0.0, 0.0)
    if bound > cost * (1 + CONTRADICTION):
        raise SolverFault(what=f"its bound {bound!r} is above the cost {cost!r} of a relief it found")
    bound = min(bound, cost)
    gap = relative_gap(cost, bound)
    assert gap is not None
    beside = opened & ~sites
    before = np.vstack([np.zeros_like(beside[:1]), beside[:-1]])
    opening, closing = _changes(before, beside), _changes(beside, before)
    return Sought(relief=Relief(opening, answers, cost, bound, gap, _taken(count), closing))


def _too_few_may_open(
    instance: TransportInstance, sites: Flags, model: LinearModel, clock: Clock
) -> Infeasibility | None:
    """How much stays unserved with as much open as is allowed; None where it was not proven in time."""
    periods = separate_years(instance)
    free = _without_rows(model, "cover")
    elastic = demand_may_stay_unserved(free, instance, periods)
    short = solve(elastic, Limits(max(clock.left(), 1.0), 1e-6), stop=clock.stop, stage="explaining")
    total = float(instance.demand.sum())
    if short.ending is Ending.OPTIMAL and short.objective is not None and short.objective <= PROVEN_SHORT * total:
        raise SolverFault(what="it calls a relief infeasible that serves all demand")
    if short.bound is None or short.bound <= PROVEN_SHORT * total:
        return None
    requirements = _what_forbids(instance, sites)
    message = (
        f"{_sentence(list(requirements.values()))}; whichever they are, {units(short.bound)} or more over all years "
        "stay unserved, though all allowed facilities together could serve everything."
    )
    named, cure = _cure(instance, sites, model, list(requirements), clock)
    return Infeasibility("elastic_model", (Clash(named, message, short.bound, "units", cure=cure),))


def _cure(
    instance: TransportInstance, sites: Flags, model: LinearModel, requirements: list[str], clock: Clock
) -> tuple[str, str]:
    """The requirement that is told of, and what would do in words: of one alone if it can be, else of all together."""

    def run(relaxed: LinearModel) -> Solution:
        return solve(relaxed, Limits(max(clock.left(), 1.0), 1e-6), stop=clock.stop, stage="explaining")

    alone = cures_alone(instance, sites, model, requirements, run)
    said = list(alone.values())
    if not any(name in alone for name in requirements):
        together = cure_together(instance, model, requirements, run) if len(requirements) > 1 else None
        said = [together, *said] if together else said
    named = next((name for name in requirements if name in alone), requirements[0])
    if not said:
        return named, f"Relax {listed(requirements, 'and')}; how far was not found in time."
    cure = ", or ".join(said)
    return named, f"{cure[0].upper()}{cure[1:]}."


def _chosen(instance: TransportInstance, model: LinearModel, values: Floats) -> tuple[Flags, Codes]:
    """What is open, and how many tiers of each are in use, both of shape (T, I), by the values of the columns."""
    opened = values[model.columns["open"]].reshape(instance.capacity.shape) > 0.5
    return opened, tiers_in_use(instance, model, values, opened)


def _what_forbids(instance: TransportInstance, sites: Flags) -> dict[str, str]:
    """What is asked of the facilities beside the sites, by its name."""
    stated, found = instance.parameters, {}
    if stated.max_facilities is not None:
        most = counted(instance.max_open, "facility", "facilities")
        found["max_facilities"] = f"at most {most} may be open in a year"
    if stated.max_changes_per_year is not None:
        most = counted(stated.max_changes_per_year, "facility", "facilities")
        found["max_changes_per_year"] = f"at most {most} may open or close in a year"
    if instance.rules.min_throughput[instance.allowed & ~sites].any():
        found["min_throughput_units"] = "what opens has to ship its minimum throughput"
    if not found:
        raise SolverFault(what="it calls a relief infeasible that nothing forbids")
    return found


def _sentence(parts: list[str]) -> str:
    said = listed(parts, "and")
    return said[0].upper() + said[1:]


def _without_rows(model: LinearModel, family: str) -> LinearModel:
    """The model with a family of rows that ask for nothing."""
    lower = model.row_lower.copy()
    lower[model.rows[family]] = -np.inf
    return replace(model, row_lower=lower)


def _changes(was: Flags, now: Flags) -> tuple[tuple[int, int], ...]:
    """(facility, year) where it is and was not, both of shape (T, I); by year, then facility."""
    return tuple((int(site), int(year)) for year, site in np.argwhere(now & ~was))


def _taken(count: Codes) -> tuple[tuple[int, int, int], ...]:
    """(facility, tier, year) of each tier that is taken, by year, then facility and tier."""
    before = np.vstack([np.zeros_like(count[:1]), count[:-1]])
    return tuple(
        (int(site), tier, int(year))
        for year, site in np.argwhere(count > before)
        for tier in range(int(before[year, site]) + 1, int(count[year, site]) + 1)
    )


def _cost(instance: TransportInstance, opened: Flags, count: Codes, answers: tuple[YearAnswer, ...]) -> float:
    once, tiers = instance.rules.one_time_cost(opened), instance.tiers.cost(count)
    return float(instance.fixed_cost[opened].sum() + once.sum() + tiers.sum()) + sum(
        answer.cost or 0.0 for answer in answers
    )
