"""Clashes of single facilities and destinations: what is too small or out of reach whatever the plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from networx.domain.phrases import counted
from networx.domain.plan import Clash
from networx.models.transport.instance import TransportInstance
from networx.models.transport.shortages import ROUNDING, Shortage, other_years, units, when, worst_of

NAMED_CLASHES = 20


def throughput_clashes(instance: TransportInstance) -> list[Clash]:
    """Facilities that have to be open and ship more than all that they could reach and hold."""
    least = instance.rules.min_throughput
    short: dict[int, list[Shortage]] = {}
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        facility, destination, carried = instance.lanes.pairs(at)
        reach = np.bincount(facility, np.minimum(demand[destination], carried), len(least))
        most = np.minimum(reach, instance.most_capacity[at])
        for site in np.flatnonzero(instance.must[at] & (least - most > ROUNDING * least)):
            short.setdefault(int(site), []).append(Shortage(year, float(least[site]), float(most[site])))
    return _named(instance.facility_names, short, "min_throughput_units", "facility", _too_little)


def _too_little(name: str, shortages: list[Shortage]) -> Clash:
    worst = worst_of(shortages)
    return Clash(
        "min_throughput_units",
        f"{name} has to be open{worst.when} and to ship {units(worst.needed)}, but what it holds and has lanes to "
        f"is {units(worst.held)}: {units(worst.short)} short.{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"Lower its min_throughput_units to {math.floor(worst.held):g}, or let it be closed.",
    )


def reach_clashes(instance: TransportInstance) -> list[Clash]:
    """Destinations whose lanes, or the facilities at their start, are together too small, or that have none."""
    places = len(instance.destination_names)
    short: dict[int, list[Shortage]] = {}
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        if not instance.rules.may[at].any():
            continue  # one reason for all of them, which is told of the whole network
        facility, destination, carried = instance.lanes.pairs(at)
        held = np.bincount(destination, np.minimum(instance.most_capacity[at, facility], carried), minlength=places)
        reached = np.bincount(destination[instance.rules.may[at, facility]], minlength=places) > 0
        for place in np.flatnonzero(demand - held > ROUNDING * demand):
            shortage = Shortage(year, float(demand[place]), float(held[place]), reached=bool(reached[place]))
            short.setdefault(int(place), []).append(shortage)
    return _named(instance.destination_names, short, "lanes", "destination", _unreached)


def _unreached(name: str, shortages: list[Shortage]) -> Clash:
    worst = worst_of(shortages)
    if worst.reached:
        why = f"its lanes and the facilities at their start hold {units(worst.held)}"
    else:
        why = "no facility that may open and has capacity has a lane to it"
    cure = f"Add a lane to {name} from a facility with capacity that may be open, and that Assignments lets serve it"
    if all(shortage.reached for shortage in shortages):
        cure += f", or {units(worst.short)} of capacity of lanes and facilities{when(shortages)}"
    return Clash(
        "lanes",
        f"{name} needs {units(worst.needed)}{worst.when}, but {why}: {units(worst.short)} short."
        f"{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"{cure}.",
    )


def single_source_clashes(instance: TransportInstance) -> list[Clash]:
    """Destinations too large for each facility with a lane to them, where one facility has to serve all of them."""
    if not instance.single_source:
        return []
    lanes = instance.lanes
    short: dict[int, list[Shortage]] = {}
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        largest, together = np.zeros((2, len(demand)))
        alone_carried = np.minimum(instance.most_capacity[at, lanes.facility], lanes.capacity)
        np.maximum.at(largest, lanes.destination, np.where(lanes.counts[at], alone_carried, 0.0))
        facility, destination, carried = lanes.pairs(at)
        np.add.at(together, destination, np.minimum(instance.most_capacity[at, facility], carried))
        alone = (demand - largest > ROUNDING * demand) & (demand - together <= ROUNDING * demand)
        for place in np.flatnonzero(alone):
            short.setdefault(int(place), []).append(Shortage(year, float(demand[place]), float(largest[place])))
    return _named(instance.destination_names, short, "single_sourcing", "destination", _too_large)


def _too_large(name: str, shortages: list[Shortage]) -> Clash:
    worst = worst_of(shortages)
    return Clash(
        "single_sourcing",
        f"{name} needs {units(worst.needed)}{worst.when} from one facility, but the largest with a lane to it "
        f"holds {units(worst.held)}: {units(worst.short)} short.{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"State single_sourcing no, split {name} into smaller destinations, or add {units(worst.short)} of capacity "
        f"to one of these facilities{when(shortages)}.",
    )


def _named(
    names: Sequence[str],
    short: dict[int, list[Shortage]],
    requirement: str,
    kind: str,
    clash_of: Callable[[str, list[Shortage]], Clash],
) -> list[Clash]:
    """A clash for each place that falls short, the first ones by name."""
    named = sorted(short)[:NAMED_CLASHES]
    found = [clash_of(names[place], short[place]) for place in named]
    more = len(short) - len(named)
    if more:
        have, others = "has" if more == 1 else "have", "facilities" if kind == "facility" else f"{kind}s"
        found.append(Clash(requirement, f"{counted(more, f'more {kind}', f'more {others}')} {have} the same problem."))
    return found
