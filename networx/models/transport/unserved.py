"""What is said of demand that has to stay unserved: the worst year, and what would serve it, each cure by itself.

What is unserved counts as served near by, so that its units on the spot are a cure. Whether they may also come from
afar, which of the facilities could send them, and whether less demand would do is read off the best arrangement found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.phrases import counted, listed
from networx.domain.plan import Clash
from networx.models.transport.enlarging import enlarge_words
from networx.models.transport.flows import flow_columns
from networx.models.transport.formulation import demand_rows, opened_by_year
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import Periods
from networx.models.transport.shortages import Shortage, enough, other_years, units, worst_of

PROVEN_SHORT = 1e-8  # share of all demand; less than this is the solver's tolerance
ROUNDING = 1e-6  # share of the demand; a level that is missed by less is reached, as the solver sees it
NAMED_PLACES = 5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The best that was found, units: `opened` (T, I), `shipped` (T, I), `near` (T,), `unserved` (T, J)."""

    opened: Flags
    shipped: Floats
    near: Floats
    unserved: Floats

    @classmethod
    def of(cls, instance: TransportInstance, periods: Periods, values: Floats, flow: slice) -> Arrangement:
        """`values` are those of the model, its columns `flow`, and then a share unserved for each row of `demand`."""
        flows = flow_columns(instance, periods)
        sent = values[flow] * flows.most_units
        shipped = np.bincount(flows.start, sent, instance.capacity.size).astype(float)
        close = instance.near[flows.period, flows.lane]
        near = np.bincount(flows.period[close], sent[close], len(periods.demand)).astype(float)
        period, destination = demand_rows(periods)
        unserved = np.zeros_like(periods.demand)
        unserved[period, destination] = values[-len(period) :] * periods.demand[period, destination]
        return cls(opened_by_year(instance, values), shipped.reshape(instance.capacity.shape), near, unserved)

    @property
    def short(self) -> Floats:
        """(T,): units that each year lacks."""
        lacking: Floats = self.unserved.sum(axis=1)
        return lacking


def unserved_clashes(
    instance: TransportInstance, best: Arrangement, larger: Floats | None, *, more: bool
) -> list[Clash]:
    """One clash of all years that are short; `larger` from `least_enlargement`; `more`: something else lacks too."""
    demand, short = instance.demand.sum(axis=1), best.short
    years = np.flatnonzero(short > PROVEN_SHORT * demand)
    if not len(years):
        return []
    shortages = [Shortage(instance.years[at], float(short[at]), 0.0) for at in years]
    worst = worst_of(shortages)
    at = instance.years.index(worst.year)
    lacking = best.unserved[at]
    named = [place for place in np.argsort(-lacking, kind="stable")[:NAMED_PLACES] if lacking[place] > 0]
    said = ", ".join(f"{instance.destination_names[place]} {units(float(lacking[place]))}" for place in named)
    of_all = f"{units(worst.short)} of {units(float(demand[at]))}{worst.when}"
    message = (
        f"{of_all} cannot be served while {_rules(instance, at)} hold together, even in the best arrangement found; it "
        f"leaves short {said}.{other_years(shortages)}"
    )
    cures = _cures(instance, best, years, larger)
    cure = ", or ".join(cures)
    if more:
        cure += ", each beside what is said of min_throughput_units"
    nothing_full = _lacks_near(instance, best, years) and larger is None
    requirement = "service_level" if nothing_full else "capacity"
    return [Clash(requirement, message, worst.short, "units", worst.year, f"{cure[0].upper()}{cure[1:]}.")]


def _cures(instance: TransportInstance, best: Arrangement, years: Indices, larger: Floats | None) -> list[str]:
    """Each would do by itself."""
    places = np.flatnonzero((best.unserved[years] > 0).any(axis=0))
    near = _lacks_near(instance, best, years)
    farthest = int(years[np.argmin(instance.service.limit[years])])
    within = f" of at most {instance.service.within(farthest)}" if near else ""
    to = _named(instance, places)
    enlarging = None if larger is None else enlarge_words(instance, larger)
    found = [enlarging] if enlarging else []
    site = _with_room(instance, best, years, places)
    if site is not None:
        lane = "a lane" if len(places) == 1 else "lanes"
        found.append(f"give {instance.facility_names[site]}, which has room for them, {lane}{within} to {to}")
    found.append(_new_facility(instance, best, years, f"{'a lane' if len(places) == 1 else 'lanes'}{within} to {to}"))
    if len(years) == 1 and not _lacks_near(instance, best, years, less=best.short):
        less = f"{enough(float(best.short[years[0]]))} less demand of {to}"
        found.append(f"plan for {less if len(places) == 1 else 'as much less demand of each as it leaves short'}")
    return found


def _new_facility(instance: TransportInstance, best: Arrangement, years: Indices, lanes: str) -> str:
    supplied = ", as much more supply" if len(instance.inbound) else ""
    stated, begins = instance.parameters, ""
    if stated.max_changes_per_year is not None:
        begins = (
            " that is open before the first year" if instance.rules.existing.any() else " that is open in all years"
        )
    said = f"add a facility{begins} with room for {enough(float(best.short[years].max()))}{supplied} and {lanes}"
    most = stated.max_facilities
    if most is not None and int(best.opened.sum(axis=1).max()) >= most:
        said += f", and raise max_facilities to {most + 1}"
    return said


def _with_room(instance: TransportInstance, best: Arrangement, years: Indices, places: Indices) -> int | None:
    """A facility that is open in these years and could send all that is unserved, had it the lanes; the roomiest.

    One that has a lane there already lacks something else: it is too far away, or its lane is full.
    """
    if len(instance.inbound):
        return None  # what it sends has to come in too
    room = np.where(best.opened, instance.most_capacity - best.shipped, 0.0)[years]
    fits: Flags = np.logical_and.reduce(room >= best.short[years, None], axis=0)
    fits[instance.lanes.facility[np.isin(instance.lanes.destination, places)]] = False
    return int(np.argmax(np.where(fits, room.min(axis=0), -1.0))) if fits.any() else None


def _lacks_near(instance: TransportInstance, best: Arrangement, years: Indices, less: Floats | float = 0.0) -> bool:
    """Whether what is served near by falls short of a level in some year, were demand `less` (T,) or a number."""
    service = instance.service
    hard = np.isinf(service.penalty) & (service.level > 0)
    demand = instance.demand.sum(axis=1)
    lacking = service.level * (demand - less) - best.near > ROUNDING * demand
    return bool((hard & lacking)[years].any())


def _named(instance: TransportInstance, places: Indices) -> str:
    if len(places) > NAMED_PLACES:
        return f"the {len(places):,} destinations that are short"
    return listed([instance.destination_names[place] for place in places], "and")


def _rules(instance: TransportInstance, year: int) -> str:
    stated = ["capacities with every tier" if len(instance.tiers) else "capacities", "lanes"]
    if len(instance.inbound):
        stated.append("supply")
    if instance.parameters.max_facilities is not None:
        stated.append(f"max_facilities {instance.parameters.max_facilities}")
    forced = int(instance.must.any(axis=0).sum())
    if forced:
        stated.append(counted(forced, "mandatory facility", "mandatory facilities"))
    service = instance.service
    if service.level[year] > 0 and np.isinf(service.penalty[year]):
        stated.append(f"service_level {service.level[year]:g} within {service.within(year)}")
    return listed(stated, "and")
