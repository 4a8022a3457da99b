"""Requirements that cannot be met whatever the plan, found by sums that anyone can redo, with the nearest cure.

A requirement that falls short in several years is one clash: it names the worst year, and its cure mends them all.
Those of the whole network stand here; `clashes_of_places.py` has those of single facilities and destinations,
`clashes_of_service.py` that of the service level.
"""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.phrases import counted
from networx.domain.plan import Clash, Infeasibility
from networx.models.transport.clashes_of_places import reach_clashes, single_source_clashes, throughput_clashes
from networx.models.transport.clashes_of_service import service_clashes
from networx.models.transport.instance import TransportInstance
from networx.models.transport.shortages import (
    ROUNDING,
    Shortage,
    enough,
    falls_short,
    other_years,
    units,
    when,
    worst_of,
)


def clashes(instance: TransportInstance) -> Infeasibility | None:
    """Everything found, or None where these sums find nothing (the solver may still)."""
    looks = (_counts, _capacity, _supply, throughput_clashes, reach_clashes, single_source_clashes, service_clashes)
    found = [clash for look in looks for clash in look(instance)]
    return Infeasibility("closed_form", tuple(found)) if found else None


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
    none_open: list[Shortage] = []
    all_short: list[Shortage] = []
    best_short: list[Shortage] = []
    number = 0
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        needed = float(demand.sum())
        if not needed > 0:
            continue
        held = np.concatenate([[0.0], np.cumsum(_largest_first(instance, at))])
        most = min(instance.max_open, len(held) - 1)
        if not instance.rules.may[at].any():
            none_open.append(Shortage(year, needed, 0.0))
        elif falls_short(needed, held[-1]):
            all_short.append(Shortage(year, needed, float(held[-1])))
        elif instance.max_open >= instance.must[at].sum() and falls_short(needed, held[most]):
            best_short.append(Shortage(year, needed, float(held[most])))
            number = max(number, int(np.argmax(held >= needed * (1 - ROUNDING))))
    found = [_none_may_be_open(none_open)] if none_open else []
    found += [_all_too_small(instance, all_short)] if all_short else []
    return found + ([_best_too_small(instance, best_short, number)] if best_short else [])


def _none_may_be_open(shortages: list[Shortage]) -> Clash:
    worst = worst_of(shortages)
    return Clash(
        "capacity",
        f"No facility may be open{worst.when}, and the demand of {units(worst.needed)} has none to serve it."
        f"{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"Let facilities be open{when(shortages)} that hold {units(worst.short)}; all are forbidden, or not there.",
    )


def _largest_first(instance: TransportInstance, year: int) -> Floats:
    """Capacities of those that may be open: the mandatory ones, which take up places, then the others by size."""
    capacity, must = instance.most_capacity[year], instance.must[year]
    others = np.sort(capacity[instance.rules.may[year] & ~must])[::-1]
    return np.concatenate([capacity[must], others])


def _all_too_small(instance: TransportInstance, shortages: list[Shortage]) -> Clash:
    worst = worst_of(shortages)
    return Clash(
        "capacity",
        f"Demand of {units(worst.needed)}{worst.when} is above the {units(worst.held)} that all allowed facilities "
        f"can hold together{_with_tiers(instance)}: {units(worst.short)} short.{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"Add {enough(worst.short)} of capacity{when(shortages)}{_if_open(instance, shortages)}, or plan for that much "
        "less demand.",
    )


def _if_open(instance: TransportInstance, shortages: list[Shortage]) -> str:
    """A facility that is closed in these years, and whenever it may be open holds all that they lack."""
    may = instance.rules.may
    held = np.where(may, instance.capacity, np.inf).min(axis=0)
    closed = ~may[[instance.years.index(shortage.year) for shortage in shortages]].any(axis=0)
    enough_held = instance.allowed & closed & (held >= worst_of(shortages).short)
    if not enough_held.any():
        return ""
    return f", or let {instance.facility_names[int(enough_held.argmax())]} be open{when(shortages)} too"


def _supply(instance: TransportInstance) -> list[Clash]:
    """Years whose demand is above what all suppliers with a lane to a facility that may be open can send."""
    inbound = instance.inbound
    if not len(inbound):
        return []
    shortages: list[Shortage] = []
    for at, (year, demand) in enumerate(zip(instance.years, instance.demand, strict=True)):
        reaching = np.unique(inbound.supplier[instance.rules.may[at, inbound.facility] & inbound.lanes.counts[at]])
        needed, held = float(demand.sum()), float(inbound.supply[reaching].sum())
        if falls_short(needed, held):
            shortages.append(Shortage(year, needed, held))
    if not shortages:
        return []
    worst = worst_of(shortages)
    return [
        Clash(
            "supply_units",
            f"Demand of {units(worst.needed)}{worst.when} is above the {units(worst.held)} that all suppliers with "
            f"a lane to an allowed facility can send together: {units(worst.short)} short.{other_years(shortages)}",
            worst.short,
            "units",
            worst.year,
            f"Add {enough(worst.short)} of supply{when(shortages)}, or plan for that much less demand.",
        )
    ]


def _with_tiers(instance: TransportInstance) -> str:
    return " with every tier of theirs taken" if len(instance.tiers) else ""


def _best_too_small(instance: TransportInstance, shortages: list[Shortage], number: int) -> Clash:
    worst, most = worst_of(shortages), instance.max_open
    if most == 0:
        message = f"max_facilities is 0, and the demand of {units(worst.needed)}{worst.when} has none to serve it."
        cure = f"Raise max_facilities to {number}."
        return Clash("max_facilities", f"{message}{other_years(shortages)}", worst.short, "units", worst.year, cure)
    best = "the best facility" if most == 1 else f"the best {_facilities(most)}"
    together = "" if most == 1 else " together"
    return Clash(
        "max_facilities",
        f"Demand of {units(worst.needed)}{worst.when} is above the {units(worst.held)} that {best} can hold"
        f"{_with_tiers(instance)}, and "
        f"max_facilities is {instance.max_open}: {units(worst.short)} short.{other_years(shortages)}",
        worst.short,
        "units",
        worst.year,
        f"Raise max_facilities to {number}, or enlarge {best} by {enough(worst.short)}{together}{when(shortages)}.",
    )
