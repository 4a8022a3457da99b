"""What clashes, in words and figures: demand that nothing can serve, and minimum throughputs that nothing can meet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from networx.domain.capacity_answer import YearAnswer
from networx.domain.phrases import counted, in_year, listed
from networx.domain.plan import Clash
from networx.models.transport.instance import TransportInstance
from networx.models.transport.service import stated_where
from networx.models.transport.shortages import units

NAMED = 5
ROUNDING = 1e-6  # share of the demand; a level that is missed by less is reached, as a linear program sees it


def short_clashes(
    instance: TransportInstance, everything: Sequence[YearAnswer], levels: Sequence[float | None]
) -> tuple[Clash, ...]:
    """One a year that stays short with everything open; `levels` as `highest_service` gives them, one a year."""
    return tuple(_short(instance, answer, level) for answer, level in zip(everything, levels, strict=True))


def _short(instance: TransportInstance, answer: YearAnswer, level: float | None) -> Clash:
    year, short = instance.years[answer.year], units(answer.short)
    when = in_year(year)
    count = int(answer.opened.sum())
    opened = counted(count, "allowed facility", "allowed facilities")
    opened += " open and all their tiers in use" if len(instance.tiers) else " open"
    total = float(instance.demand[answer.year].sum())
    near = _lacks_near(instance, answer, total)
    within = f" within {instance.service.within(answer.year)}" if near else ""
    asked = f" at service_level {instance.service.level[answer.year]:g}{within}" if near else ""
    message = f"Even with all {opened}, {short} of {units(total)} stay unserved{when}{asked}."
    if not count:
        message = f"No facility may be open{when}: all {short} stay unserved."
    lacking = _what_lacks(answer)
    places = int(np.count_nonzero(answer.unserved))
    what = listed(lacking, "and") or "capacity"
    cures = [f"Add {short} of {what}{when} that can reach {_those(places)}{within}"]
    if near and level is not None:
        where = stated_where(instance.service.own_level, [answer.year], instance.years)
        cures.append(f"lower service_level to {level:g}{where}")
    if not _lacks_near(instance, answer, total - answer.short):
        cures.append("plan for that much less demand")
    requirement = "service_level" if near and not lacking else "capacity"
    return Clash(requirement, message, answer.short, "units", year, f"{', or '.join(cures)}.")


def _lacks_near(instance: TransportInstance, answer: YearAnswer, demand: float) -> bool:
    """Whether what is served near by is less than a level that has to be reached asks of so many units.

    Then what is added has to be near too: what is unserved counts as near in the answer, and served from afar it would
    not.
    """
    service, year = instance.service, answer.year
    if not service.of_years(slice(year, year + 1)).hard:
        return False
    lanes, near = instance.lanes, instance.near[year] & instance.lanes.counts[year]
    ways = set(zip(*(column[near].tolist() for column in (lanes.facility, lanes.destination, lanes.mode)), strict=True))
    flows = zip(answer.facility.tolist(), answer.destination.tolist(), answer.mode.tolist(), strict=True)
    served = math.fsum(held for way, held in zip(flows, answer.units.tolist(), strict=True) if way in ways)
    return float(service.level[year]) * demand - served > ROUNDING * demand


def missed_clash(instance: TransportInstance, answer: YearAnswer) -> Clash:
    """A year in which the sites cannot ship their minimum throughputs."""
    year, lacking = instance.years[answer.year], np.flatnonzero(answer.missed)
    worst = lacking[np.argsort(-answer.missed[lacking], kind="stable")]
    least, names = instance.rules.min_throughput, instance.facility_names
    said = [f"{names[site]} {units(answer.missed[site])} of its {units(least[site])}" for site in worst[:NAMED]]
    if len(worst) > NAMED:
        said.append(f"{len(worst) - NAMED} more facilities")
    short = float(answer.missed.sum())
    return Clash(
        "min_throughput_units",
        f"The sites cannot ship their minimum throughput{in_year(year)}, whatever is served: {units(short)} lack at "
        f"least, for example {listed(said, 'and')}.",
        short,
        "units",
        year,
        "Lower min_throughput_units by that much, leave a facility out of the sites, or close its window before.",
    )


def _what_lacks(answer: YearAnswer) -> list[str]:
    """What a unit more of serves more, by the proof of the shortage."""
    proof = answer.least_short
    assert proof is not None
    priced = {"capacity": proof.capacity, "lane capacity": proof.lane_price, "supply": proof.supply}
    priced["capacity of lanes from suppliers"] = proof.inbound_price
    return [name for name, prices in priced.items() if prices.any()]


def _those(places: int) -> str:
    return "the destination that is short" if places == 1 else f"the {places:,} destinations that are short"
