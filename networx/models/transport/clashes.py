"""Requirements that cannot be met whatever the plan, found by sums that anyone can redo, with the nearest cure."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.network import Floats
from networx.domain.plan import Clash, Infeasibility
from networx.models.transport.instance import TransportInstance

ROUNDING = 1e-9  # relative; a shortage has to be larger than this
NAMED_CLASHES = 20
SHARE_DECIMALS = 4


def clashes(instance: TransportInstance) -> Infeasibility | None:
    """Everything found, or None where these sums find nothing (the solver may still)."""
    found = _counts(instance) + _capacity(instance) + _places(instance) + _service(instance)
    return Infeasibility("closed_form", tuple(found)) if found else None


def units(number: float) -> str:
    """Units in a sentence: whole, or as exact as a small number needs."""
    return f"{number:,.0f}" if abs(number) >= 100 or number == int(number) else f"{number:,.6g}"


def floor_share(share: float) -> float:
    """A share rounded down, so that it can be met as it is written."""
    whole = 10.0**SHARE_DECIMALS
    return math.floor(share * whole + ROUNDING) / whole


def _counts(instance: TransportInstance) -> list[Clash]:
    least, most = instance.parameters.min_facilities, instance.parameters.max_facilities
    mandatory, allowed = int(instance.mandatory.sum()), int(instance.allowed.sum())
    found = []
    if most is not None and most < mandatory:
        found.append(
            Clash(
                "max_facilities",
                f"At most {most} facilities may be open, but {mandatory} are mandatory.",
                mandatory - most,
                "facilities",
                cure=f"Raise max_facilities to {mandatory}, or make {mandatory - most} of them candidates.",
            )
        )
    if least is not None and least > allowed:
        found.append(
            Clash(
                "min_facilities",
                f"At least {least} facilities must be open, but only {allowed} are not forbidden.",
                least - allowed,
                "facilities",
                cure=f"Lower min_facilities to {allowed}, or add {least - allowed} candidates.",
            )
        )
    if least is not None and most is not None and least > most:
        found.append(
            Clash(
                "min_facilities",
                f"min_facilities {least} is above max_facilities {most}.",
                least - most,
                "facilities",
                cure=f"Lower min_facilities to {most}, or raise max_facilities to {least}.",
            )
        )
    return found


def _capacity(instance: TransportInstance) -> list[Clash]:
    """Years in which all allowed facilities, or the best that max_facilities leaves room for, are too small."""
    found = []
    for year, capacity, demand in zip(instance.years, instance.capacity, instance.demand, strict=True):
        needed = float(demand.sum())
        if not needed > 0:
            continue
        held = np.concatenate([[0.0], np.cumsum(_largest_first(instance, capacity))])
        if _short(needed, held[-1]):
            found.append(_all_too_small(year, needed, float(held[-1])))
        elif instance.max_open >= instance.mandatory.sum() and _short(needed, held[_most_open(instance)]):
            found.append(_best_too_small(instance, year, needed, held))
    return found


def _largest_first(instance: TransportInstance, capacity: Floats) -> Floats:
    """Capacities of the allowed facilities: the mandatory ones, which take up places, then the others by size."""
    mandatory = capacity[instance.mandatory]
    others = np.sort(capacity[instance.allowed & ~instance.mandatory])[::-1]
    return np.concatenate([mandatory, others])


def _all_too_small(year: int, needed: float, held: float) -> Clash:
    short = needed - held
    return Clash(
        "capacity",
        f"Demand of {units(needed)} units in {year} is above the {units(held)} units that all allowed facilities can "
        f"hold together: {units(short)} units short.",
        short,
        "units",
        year,
        f"Add {units(short)} units of capacity in {year}, or plan for that much less demand.",
    )


def _best_too_small(instance: TransportInstance, year: int, needed: float, held: Floats) -> Clash:
    most = _most_open(instance)
    enough = int(np.argmax(held >= needed * (1 - ROUNDING)))
    short = needed - float(held[most])
    return Clash(
        "max_facilities",
        f"Demand of {units(needed)} units in {year} is above the {units(float(held[most]))} units that the best {most} "
        f"facilities allowed by max_facilities can hold: {units(short)} units short.",
        short,
        "units",
        year,
        f"Raise max_facilities to {enough}, or add {units(short)} units of capacity in {year}.",
    )


def _places(instance: TransportInstance) -> list[Clash]:
    """Destinations whose lanes come from facilities that, taken together, are too small for them, or that have none."""
    lanes = instance.lanes
    places = len(instance.destination_names)
    found: list[Clash] = []
    more = 0
    for year, capacity, demand in zip(instance.years, instance.capacity, instance.demand, strict=True):
        held = np.bincount(lanes.destination, capacity[lanes.facility], minlength=places)
        for place in np.flatnonzero(demand - held > ROUNDING * demand):
            if len(found) < NAMED_CLASHES:
                name = instance.destination_names[place]
                found.append(_unreached(name, year, float(demand[place]), float(held[place])))
            else:
                more += 1
    if more:
        found.append(Clash("lanes", f"{more:,} more destinations and years have the same problem."))
    return found


def _unreached(name: str, year: int, needed: float, held: float) -> Clash:
    short = needed - held
    if held > 0:
        why = f"the facilities with a lane to it can hold {units(held)} units"
        cure = f"Add a lane to {name} from a facility that is not forbidden, or {units(short)} units of capacity."
    else:
        why = "no facility that may open and has capacity has a lane to it"
        cure = f"Add a lane to {name} from a facility that is not forbidden."
    return Clash(
        "lanes",
        f"{name} needs {units(needed)} units in {year}, but {why}: {units(short)} units short.",
        short,
        "units",
        year,
        cure,
    )


def _service(instance: TransportInstance) -> list[Clash]:
    """Years in which too much demand has no facility within the distance, even with all allowed facilities open."""
    level, limit = instance.service_level, instance.parameters.max_distance_miles
    if level == 0 or limit is None:
        return []
    found = []
    for year, capacity, demand in zip(instance.years, instance.capacity, instance.demand, strict=True):
        nearest = _nearest_miles(instance, capacity)
        needed, reached = level * float(demand.sum()), float(demand[nearest <= limit].sum())
        if _short(needed, reached):
            found.append(_too_far(instance, year, demand, nearest, reached))
    return found


def _nearest_miles(instance: TransportInstance, capacity: Floats) -> Floats:
    """For each destination, miles to the nearest facility with a lane to it and capacity; inf where there is none."""
    lanes = instance.lanes
    nearest = np.full(len(instance.destination_names), np.inf)
    usable = capacity[lanes.facility] > 0
    np.minimum.at(nearest, lanes.destination[usable], lanes.miles[usable])
    return nearest


def _too_far(instance: TransportInstance, year: int, demand: Floats, nearest: Floats, reached: float) -> Clash:
    total, level, limit = float(demand.sum()), instance.service_level, instance.parameters.max_distance_miles
    short = level * total - reached
    order = np.argsort(nearest, kind="stable")
    enough = np.flatnonzero(np.cumsum(demand[order]) >= level * total * (1 - ROUNDING))
    cure = f"Lower service_level to {floor_share(reached / total):g}"
    if len(enough) and np.isfinite(nearest[order[enough[0]]]):
        cure += f", or raise max_distance_miles to {math.ceil(nearest[order[enough[0]]])}"
    return Clash(
        "service_level",
        f"{level:.2%} of the {units(total)} units of {year} must travel at most {limit:g} miles, but only "
        f"{units(reached)} units have a facility that near: {units(short)} units short.",
        short,
        "units",
        year,
        f"{cure}, or add a candidate near them.",
    )


def _most_open(instance: TransportInstance) -> int:
    return min(instance.max_open, int(instance.allowed.sum()))


def _short(needed: float, held: float) -> bool:
    return needed - held > ROUNDING * needed
