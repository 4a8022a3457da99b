"""Requirements that cannot be met whatever the plan, found by sums that anyone can redo, with the nearest cure.

A requirement that falls short in several years is one clash: it names the worst year, and its cure mends them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.phrases import counted
from networx.domain.plan import Clash, Infeasibility
from networx.models.transport.instance import TransportInstance
from networx.models.transport.service import stated_where
from networx.models.transport.shortages import Shortage, other_years, units, when, worst_of

ROUNDING = 1e-9  # relative; a shortage has to be larger than this
NAMED_CLASHES = 20
SHARE_DECIMALS = 4


def clashes(instance: TransportInstance) -> Infeasibility | None:
    """Everything found, or None where these sums find nothing (the solver may still)."""
    looks = (_counts, _capacity, _supply, _throughput, _places, _single, _service)
    found = [clash for look in looks for clash in look(instance)]
    return Infeasibility("closed_form", tuple(found)) if found else None


def floor_share(share: float) -> float:
    """A share rounded down, so that it can be met as it is written."""
    whole = 10.0**SHARE_DECIMALS
    return math.floor(share * whole + ROUNDING) / whole


def _counts(instance: TransportInstance) -> list[Clash]:
    least, most = instance.parameters.min_facilities, instance.parameters.max_facilities
    mandatory = int(instance.must.sum(axis=1).max())
    allowed = int(instance.rules.may.sum(axis=1).min())
    found = []
    if most is not None and most < mandatory:
        found.append(_count("max_facilities", mandatory - most, *_too_many_mandatory(most, mandatory)))
    if least is not None and least > allowed:
        found.append(_count("min_facilities", least - allowed, *_too_few_allowed(least, allowed)))
    if least is not None and most is not None and least > most:
        message = f"min_facilities {least} is above max_facilities {most}."
        cure = f"Lower min_facilities to {most}, or raise max_facilities to {least}."
        found.append(_count("min_facilities", least - most, message, cure))
    return found


def _count(requirement: str, short: int, message: str, cure: str) -> Clash:
    return Clash(requirement, message, short, "facilities", cure=cure)


def _facilities(number: int) -> str:
    return counted(number, "facility", "facilities")


def _too_many_mandatory(most: int, mandatory: int) -> tuple[str, str]:
    message = f"At most {_facilities(most)} may be open, but {mandatory} {'is' if mandatory == 1 else 'are'} mandatory."
    over = mandatory - most
    return (
        message,
        f"Raise max_facilities to {mandatory}, or make {over} of them {'a candidate' if over == 1 else 'candidates'}.",
    )


def _too_few_allowed(least: int, allowed: int) -> tuple[str, str]:
    are = "is" if allowed == 1 else "are"
    message = f"At least {_facilities(least)} must be open, but only {allowed} {are} not forbidden."
    return message, f"Lower min_facilities to {allowed}, or add {counted(least - allowed, 'candidate')}."


def _capacity(instance: TransportInstance) -> list[Clash]:
    """Years in which all allowed facilities, or the best that max_facilities leaves room for, are too small."""
    all_short: list[Shortage] = []
    best_short: list[Shortage] = []
    enough = 0
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        needed = float(demand.sum())
        if not needed > 0:
            continue
        held = np.concatenate([[0.0], np.cumsum(_largest_first(instance, at))])
        most = min(instance.max_open, len(held) - 1)
        if _short(needed, held[-1]):
            all_short.append(Shortage(year, needed, float(held[-1])))
        elif instance.max_open >= instance.must[at].sum() and _short(needed, held[most]):
            best_short.append(Shortage(year, needed, float(held[most])))
            enough = max(enough, int(np.argmax(held >= needed * (1 - ROUNDING))))
    found = [_all_too_small(instance, all_short)] if all_short else []
    return found + ([_best_too_small(instance, best_short, enough)] if best_short else [])


def _largest_first(instance: TransportInstance, year: int) -> Floats:
    """Capacities of those that may be open: the mandatory ones, which take up places, then the others by size."""
    capacity, must = instance.most_capacity[year], instance.must[year]
    others = np.sort(capacity[instance.rules.may[year] & ~must])[::-1]
    return np.concatenate([capacity[must], others])


def _all_too_small(instance: TransportInstance, shortages: list[Shortage]) -> Clash:
    worst = worst_of(shortages)
    return Clash(
        "capacity",
        f"Demand of {units(worst.needed)} in {worst.year} is above the {units(worst.held)} that all allowed facilities "
        f"can hold together{_with_tiers(instance)}: {units(worst.short)} short.{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"Add {units(worst.short)} of capacity {when(shortages)}, or plan for that much less demand.",
    )


def _supply(instance: TransportInstance) -> list[Clash]:
    """Years whose demand is above what all suppliers with a lane to a facility that may be open can send."""
    inbound = instance.inbound
    if not len(inbound):
        return []
    shortages: list[Shortage] = []
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        reaching = np.unique(inbound.supplier[instance.rules.may[at, inbound.facility] & inbound.lanes.counts[at]])
        needed, held = float(demand.sum()), float(inbound.supply[reaching].sum())
        if _short(needed, held):
            shortages.append(Shortage(year, needed, held))
    if not shortages:
        return []
    worst = worst_of(shortages)
    return [
        Clash(
            "supply_units",
            f"Demand of {units(worst.needed)} in {worst.year} is above the {units(worst.held)} that all suppliers with "
            f"a lane to an allowed facility can send together: {units(worst.short)} short.{other_years(shortages)}",
            worst.short,
            "units",
            worst.year,
            f"Add {units(worst.short)} of supply {when(shortages)}, or plan for that much less demand.",
        )
    ]


def _with_tiers(instance: TransportInstance) -> str:
    return " with every tier of theirs taken" if len(instance.tiers) else ""


def _best_too_small(instance: TransportInstance, shortages: list[Shortage], enough: int) -> Clash:
    worst, most = worst_of(shortages), instance.max_open
    best = "the best facility" if most == 1 else f"the best {_facilities(most)}"
    return Clash(
        "max_facilities",
        f"Demand of {units(worst.needed)} in {worst.year} is above the {units(worst.held)} that {best} can hold"
        f"{_with_tiers(instance)}, and "
        f"max_facilities is {instance.max_open}: {units(worst.short)} short.{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"Raise max_facilities to {enough}, or add {units(worst.short)} of capacity {when(shortages)}.",
    )


def _throughput(instance: TransportInstance) -> list[Clash]:
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
        f"{name} has to be open in {worst.year} and to ship {units(worst.needed)}, but what it holds and has lanes to "
        f"is {units(worst.held)}: {units(worst.short)} short.{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"Lower its min_throughput_units to {math.floor(worst.held):g}, or let it be closed.",
    )


def _places(instance: TransportInstance) -> list[Clash]:
    """Destinations whose lanes, or the facilities at their start, are together too small, or that have none."""
    places = len(instance.destination_names)
    short: dict[int, list[Shortage]] = {}
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        facility, destination, carried = instance.lanes.pairs(at)
        held = np.bincount(destination, np.minimum(instance.most_capacity[at, facility], carried), minlength=places)
        for place in np.flatnonzero(demand - held > ROUNDING * demand):
            short.setdefault(int(place), []).append(Shortage(year, float(demand[place]), float(held[place])))
    return _named(instance.destination_names, short, "lanes", "destination", _unreached)


def _single(instance: TransportInstance) -> list[Clash]:
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


def _too_large(name: str, shortages: list[Shortage]) -> Clash:
    worst = worst_of(shortages)
    return Clash(
        "single_sourcing",
        f"{name} needs {units(worst.needed)} in {worst.year} from one facility, but the largest with a lane to it "
        f"holds {units(worst.held)}: {units(worst.short)} short.{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"State single_sourcing no, split {name} into smaller destinations, or add {units(worst.short)} of capacity "
        f"to one of these facilities {when(shortages)}.",
    )


def _unreached(name: str, shortages: list[Shortage]) -> Clash:
    worst = worst_of(shortages)
    if worst.held > 0:
        why = f"its lanes and the facilities at their start hold {units(worst.held)}"
    else:
        why = "no facility that may open and has capacity has a lane to it"
    cure = f"Add a lane to {name} from a facility that is not forbidden"
    if all(shortage.held > 0 for shortage in shortages):
        cure += f", or {units(worst.short)} of capacity of lanes and facilities {when(shortages)}"
    return Clash(
        "lanes",
        f"{name} needs {units(worst.needed)} in {worst.year}, but {why}: {units(worst.short)} short."
        f"{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"{cure}.",
    )


def _service(instance: TransportInstance) -> list[Clash]:
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
        if _short(level * total, reached):
            shortages.append(Shortage(year, level * total, reached))
            share = min(share, floor_share(reached / total))
            distance = max(distance, _far_enough(nearest, demand, level * total))
    return [_too_far(instance, shortages, share, distance)] if shortages else []


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
        f"{level:.2%} of the {units(worst.needed / level)} of {worst.year} must travel at most {service.within(at)}, "
        f"but only {units(worst.held)} can, with every allowed facility open: {units(worst.short)} short."
        f"{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"{cure}, or add a candidate near them.",
    )


def _short(needed: float, held: float) -> bool:
    return needed - held > ROUNDING * needed
