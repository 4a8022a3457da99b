"""What clashes, in words and figures: demand that nothing can serve, and minimum throughputs that nothing can meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from networx.domain.capacity_answer import YearAnswer
from networx.domain.phrases import counted, listed
from networx.domain.plan import Clash
from networx.models.transport.instance import TransportInstance
from networx.models.transport.shortages import units

NAMED = 5


def short_clashes(instance: TransportInstance, everything: Sequence[YearAnswer]) -> tuple[Clash, ...]:
    """One a year that stays short with everything open."""
    return tuple(_short(instance, answer) for answer in everything)


def _short(instance: TransportInstance, answer: YearAnswer) -> Clash:
    year, short = instance.years[answer.year], units(answer.short)
    count = int(answer.opened.sum())
    opened = counted(count, "allowed facility", "allowed facilities")
    opened += " open and all their tiers in use" if len(instance.tiers) else " open"
    demand = units(float(instance.demand[answer.year].sum()))
    message = f"Even with all {opened}, {short} of {demand} stay unserved in {year}."
    if not count:
        message = f"No facility may be open in {year}: all {short} stay unserved."
    places = int(np.count_nonzero(answer.unserved))
    cure = f"Add {short} of {_what_lacks(answer)} in {year} that can reach {_those(places)}"
    return Clash("capacity", message, answer.short, "units", year, f"{cure}, or plan for that much less demand.")


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
        f"The sites cannot ship their minimum throughput in {year}, whatever is served: {units(short)} lack at least, "
        f"for example {listed(said, 'and')}.",
        short,
        "units",
        year,
        "Lower min_throughput_units by that much, leave a facility out of the sites, or close its window before.",
    )


def _what_lacks(answer: YearAnswer) -> str:
    """What a unit more of serves more, by the proof of the shortage."""
    proof = answer.least_short
    assert proof is not None
    priced = {"capacity": proof.capacity, "lane capacity": proof.lane_price, "supply": proof.supply}
    priced["capacity of lanes from suppliers"] = proof.inbound_price
    return listed([name for name, prices in priced.items() if prices.any()], "and") or "capacity"


def _those(places: int) -> str:
    return "the destination that is short" if places == 1 else f"the {places:,} destinations that are short"
