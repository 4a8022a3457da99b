"""The clash of a service level: too much demand has no facility near enough, even with all allowed ones open."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.plan import Clash
from networx.models.transport.instance import TransportInstance
from networx.models.transport.service import stated_where
from networx.models.transport.shortages import ROUNDING, Shortage, falls_short, other_years, units, worst_of

SHARE_DECIMALS = 4


def service_clashes(instance: TransportInstance) -> list[Clash]:
    """Years in which too much demand has no facility within the distance, even with all allowed facilities open."""
    service = instance.service
    shortages: list[Shortage] = []
    share, distance = 1.0, 0.0
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        level = float(service.level[at])
        if not level or np.isfinite(service.penalty[at]):
            continue
        nearest, total = _nearest(instance, at), float(demand.sum())
        reached = float(demand[nearest <= service.limit[at]].sum())
        if falls_short(level * total, reached):
            shortages.append(Shortage(year, level * total, reached))
            share = min(share, floor_share(reached / total))
            distance = max(distance, _far_enough(nearest, demand, level * total))
    return [_too_far(instance, shortages, share, distance)] if shortages else []


def floor_share(share: float) -> float:
    """A share rounded down, so that it can be met as it is written."""
    whole = 10.0**SHARE_DECIMALS
    return math.floor(share * whole + ROUNDING) / whole


def _nearest(instance: TransportInstance, year: int) -> Floats:
    """For each destination, miles or days from the nearest facility with a lane and capacity; inf: there is none."""
    lanes = instance.lanes
    nearest = np.full(len(instance.destination_names), np.inf)
    usable = (instance.most_capacity[year, lanes.facility] > 0) & (lanes.capacity > 0) & lanes.counts[year]
    np.minimum.at(nearest, lanes.destination[usable], instance.service.far(lanes)[usable])
    return nearest


def _far_enough(nearest: Floats, demand: Floats, needed: float) -> float:
    """Miles or days within which the units needed have a facility; inf where there are none."""
    order = np.argsort(nearest, kind="stable")
    enough = np.flatnonzero(np.cumsum(demand[order]) >= needed * (1 - ROUNDING))
    return float(nearest[order[enough[0]]]) if len(enough) else math.inf


def _too_far(instance: TransportInstance, shortages: list[Shortage], share: float, distance: float) -> Clash:
    """`share` and `distance` are those that every year can meet."""
    worst, service = worst_of(shortages), instance.service
    at = instance.years.index(worst.year)
    level = float(service.level[at])
    short = [instance.years.index(shortage.year) for shortage in shortages]
    cure = f"Lower service_level to {share:g}{stated_where(service.own_level, short, instance.years)}"
    if math.isfinite(distance):
        where = stated_where(service.own_limit, short, instance.years)
        cure += f", or raise {service.measure} to {math.ceil(distance)}{where}"
    return Clash(
        "service_level",
        f"{level:.2%} of the {units(worst.needed / level)}{worst.when} must travel at most {service.within(at)}, "
        f"but only {units(worst.held)} can, with every allowed facility open: {units(worst.short)} short."
        f"{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"{cure}, or add a candidate near them.",
    )
