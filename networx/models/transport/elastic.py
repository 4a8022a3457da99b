"""Why a plan is impossible when no simple sum shows it: the model again, with one requirement at a time made elastic.

The proof is the least demand that has to stay unserved while everything else holds: if that is above 0, no plan exists.
An unserved unit counts as served near by, as if capacity stood on the spot, so that the service level never adds to it.
Beside it stand the nearest values that would each do alone: more facilities, more changes a year, a lower service
level, or demand that may be split.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.phrases import counted, in_year
from networx.domain.plan import Clash, Infeasibility
from networx.errors import SolverFault
from networx.models.transport.clashes_of_service import floor_share
from networx.models.transport.enlarging import least_enlargement
from networx.models.transport.flows import flow_columns
from networx.models.transport.formulation import demand_rows, formulate
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import Periods, separate_years
from networx.models.transport.relaxations import (
    as_high_as_can_be,
    as_low_as_can_be,
    demand_may_stay_unserved,
    lowest_service_raised,
    rows_with_minimum,
    throughput_may_be_missed,
)
from networx.models.transport.service import stated_where
from networx.models.transport.shortages import units
from networx.models.transport.supply import supply_needed
from networx.models.transport.unserved import Arrangement, unserved_clashes
from networx.solver.highs import solve
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits, Solution

GAP = 1e-6
PROVEN_SHORT = 1e-8  # share of all demand; less than this is the solver's tolerance
NAMED_PLACES = 5


def explain(instance: TransportInstance, seconds: float, stop: Callable[[], bool]) -> Infeasibility | None:
    """The clash in figures; None where time ran out before anything was proven.

    Raises SolverFault where all demand can be served after all: then the solver has contradicted itself.
    """
    deadline = time.monotonic() + seconds
    periods = separate_years(instance)
    model = formulate(instance, periods, tighten=False)

    def run(elastic: LinearModel) -> Solution:
        return solve(elastic, Limits(max(deadline - time.monotonic(), 1.0), GAP), stop=stop, stage="explaining")

    unserved = throughput_may_be_missed(demand_may_stay_unserved(model, instance, periods), instance)
    short = run(unserved)
    if short.ending is Ending.INFEASIBLE:
        # It is not the deliveries: what may be open when, and how much may change, cannot be had together.
        found = _numbers_needed(instance, model, run)
        if not found:
            found = [_without_deliveries(clash) for clash in _numbers_needed(instance, unserved, run)]
        return Infeasibility("elastic_model", tuple(found)) if found else None
    total = float(periods.demand.sum())
    if short.ending is Ending.OPTIMAL and short.objective is not None and short.objective <= PROVEN_SHORT * total:
        raise SolverFault(what="it calls a scenario infeasible whose demand it can serve in full")
    if short.values is None or short.bound is None or short.bound <= PROVEN_SHORT * total:
        return None
    count = len(demand_rows(periods)[0])
    own = model.matrix.shape[1]
    missed = _missed(instance, short.values[own + count :])
    best = Arrangement.of(instance, periods, short.values[: own + count], model.columns["flow"])
    larger = least_enlargement(instance, _formulated, run)
    found = unserved_clashes(instance, best, larger, more=bool(missed)) + missed
    found += supply_needed(instance, run)
    found += _numbers_needed(instance, model, run)
    if instance.single_source:
        found += _splits_needed(instance, periods, run)
    if "service" in model.rows and not instance.service.priced:
        found += _service_possible(instance, run(lowest_service_raised(model)))
    return Infeasibility("elastic_model", tuple(found))


def _formulated(instance: TransportInstance) -> LinearModel:
    return formulate(instance, separate_years(instance), tighten=False)


def _without_deliveries(clash: Clash) -> Clash:
    """What is told of a number that clears the first obstacle and not the next."""
    assert clash.cure is not None
    return replace(
        clash,
        message=f"{clash.message.removesuffix('.')}, but then not all demand can be served.",
        cure=f"{clash.cure.removesuffix('.')}, and relax another requirement: that alone is not enough.",
    )


def _numbers_needed(
    instance: TransportInstance, model: LinearModel, run: Callable[[LinearModel], Solution]
) -> list[Clash]:
    """How many facilities and changes, each taken alone, would let the rest hold."""
    stated, sites = instance.parameters, len(instance.facility_names)
    found: list[Clash] = []
    if stated.max_facilities is not None:
        found += _facilities_needed(instance, run(as_low_as_can_be(model, ("count",), stated.max_facilities, sites)))
    if stated.min_facilities:
        found += _facilities_possible(instance, run(as_high_as_can_be(model, sites)))
    changes = tuple(family for family in ("changes", "first changes") if family in model.rows)
    if changes and stated.max_changes_per_year is not None:
        least = run(as_low_as_can_be(model, changes, stated.max_changes_per_year, 2 * sites))
        found += _changes_needed(instance, least)
    return found


def _missed(instance: TransportInstance, shares: Floats) -> list[Clash]:
    """One clash for each facility and year whose minimum throughput is not reached, the worst ones."""
    if not len(shares):
        return []
    year, facility = rows_with_minimum(instance)
    missing = shares * instance.rules.min_throughput[facility]
    worst = [at for at in np.argsort(-missing, kind="stable")[:NAMED_PLACES] if shares[at] > PROVEN_SHORT]
    return [
        Clash(
            "min_throughput_units",
            f"{instance.facility_names[facility[at]]} ships {units(float(missing[at]))} less than its "
            f"minimum{in_year(instance.years[year[at]])}, in the best arrangement found.",
            float(missing[at]),
            "units",
            instance.years[year[at]],
            "Lower its min_throughput_units by that much, or let it be closed.",
        )
        for at in worst
    ]


def _facilities_possible(instance: TransportInstance, most: Solution) -> list[Clash]:
    if most.ending is not Ending.OPTIMAL or most.objective is None:
        return []
    possible, least = round(-most.objective), instance.min_open
    if possible >= least:
        return []
    return [
        Clash(
            "min_facilities",
            f"{counted(least, 'open facility', 'open facilities')} in each year cannot be had under the other "
            f"requirements; {possible} can.",
            least - possible,
            "facilities",
            cure=f"Lower min_facilities to {possible}.",
        )
    ]


def _changes_needed(instance: TransportInstance, fewest: Solution) -> list[Clash]:
    if fewest.ending is not Ending.OPTIMAL or fewest.objective is None:
        return []
    needed, most = round(fewest.objective), instance.parameters.max_changes_per_year or 0
    return [
        Clash(
            "max_changes_per_year",
            f"{counted(most, 'opening or closing', 'openings and closings')} a year cannot meet the other "
            f"requirements; {needed} can.",
            needed - most,
            "changes",
            cure=f"Raise max_changes_per_year to {needed}.",
        )
    ]


def _splits_needed(
    instance: TransportInstance, periods: Periods, run: Callable[[LinearModel], Solution]
) -> list[Clash]:
    """Whether demand that may be split would do: a plan, and how many destinations it splits."""
    loose = replace(instance, parameters=replace(instance.parameters, single_sourcing=False))
    model = formulate(loose, periods, tighten=False)
    split = run(replace(model, cost=np.zeros_like(model.cost)))
    if split.values is None:
        return []
    flows = flow_columns(loose, periods)
    used = split.values[model.columns["flow"]] > PROVEN_SHORT
    served = np.zeros(periods.demand.shape, dtype=np.intp)
    np.add.at(served, (flows.period[used], loose.lanes.destination[flows.lane[used]]), 1)
    count = int((served > 1).any(axis=0).sum())
    if not count:
        return []
    return [
        Clash(
            "single_sourcing",
            f"One facility for each destination cannot meet the other requirements; it can be done where "
            f"{counted(count, 'destination')} may be split.",
            count,
            "destinations",
            cure="State single_sourcing no.",
        )
    ]


def _facilities_needed(instance: TransportInstance, fewest: Solution) -> list[Clash]:
    if fewest.ending is not Ending.OPTIMAL or fewest.objective is None:
        return []  # more facilities alone do not help, or it is not known how many would
    needed = round(fewest.objective)
    return [
        Clash(
            "max_facilities",
            f"{counted(instance.max_open, 'open facility', 'open facilities')} cannot meet the other requirements; "
            f"{needed} can.",
            needed - instance.max_open,
            "facilities",
            cure=f"Raise max_facilities to {needed}.",
        )
    ]


def _service_possible(instance: TransportInstance, best: Solution) -> list[Clash]:
    if best.ending is not Ending.OPTIMAL or best.values is None:
        return []  # a lower service level alone does not help, or it is not known which would
    service, years = instance.service, instance.years
    when = " in every year" if len(years) > 1 else in_year(years[0])
    share, hardest = floor_share(float(best.values[-1])), int(service.level.argmax())
    above = np.flatnonzero(service.level > share).tolist()
    return [
        Clash(
            "service_level",
            f"{service.level[hardest]:.2%} of demand within {service.within(hardest)} cannot be "
            f"reached{when} under the other requirements; {share:.2%} can.",
            float(service.level[hardest]) - share,
            "share",
            cure=f"Lower service_level to {share:g}{stated_where(service.own_level, above, instance.years)}.",
        )
    ]
