"""What is told of a network that was chosen, and of an analysis of its capacity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from networx.assistant.fact import Fact, Unit, known

_TOTALS = {
    "total_cost": ("total cost, all years", Unit.DOLLARS),
    "transport_cost": ("transport cost, all years", Unit.DOLLARS),
    "inbound_cost": ("cost of what comes in from suppliers, all years", Unit.DOLLARS),
    "service_penalty_cost": ("price of missed service, all years", Unit.DOLLARS),
    "cost_per_unit": ("total cost per unit delivered", Unit.DOLLARS_PER_UNIT),
    "total_units": ("units delivered, all years", Unit.UNITS),
    "demand_units": ("units demanded, all years", Unit.UNITS),
    "units_short": ("units that cannot be served, all years", Unit.UNITS),
    "facilities_open": ("open facilities", Unit.FACILITIES),
    "service_level": ("share of units within reach in the worst year", Unit.SHARE),
    "weighted_service_level": ("share of units within reach over all years", Unit.SHARE),
    "weighted_distance_miles": ("average distance of a unit", Unit.MILES),
    "first_year_of_shortage": ("first year of shortage", Unit.YEAR),
    "highest_utilisation": ("highest use of a facility's capacity", Unit.SHARE),
    "bottlenecks": ("bottlenecks", Unit.BOTTLENECKS),
}


_SOMETIMES = ("inbound_cost", "service_penalty_cost")


def network_facts(result: Mapping[str, Any], sites: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    """Costs, service and facilities of a network, or of an analysis of its capacity. `sites` are those with a name."""
    yield from _totals(result)
    yield from _facilities(sites, result)
    yield from _shortage(result)


def facility_cost(figures: Mapping[str, Any]) -> float:
    """All that facilities cost; results stored before knew their fixed cost alone."""
    cost: float = figures.get("facility_cost", figures["fixed_cost"])
    return cost


def _totals(result: Mapping[str, Any]) -> Iterator[Fact]:
    kpis = result.get("kpis") or {}
    for name, (label, unit) in _TOTALS.items():
        if kpis.get(name) or name not in _SOMETIMES:
            yield from known(label, kpis.get(name), unit)
    yield from known("facility cost, all years", facility_cost(kpis) if kpis else None, Unit.DOLLARS)
    total = kpis.get("total_cost") or 0.0
    if total > 0:
        yield Fact("share of transport in the total cost", kpis["transport_cost"] / total, Unit.SHARE)
        yield Fact("share of facilities in the total cost", facility_cost(kpis) / total, Unit.SHARE)
    sites = result.get("facilities") or []
    if sites:
        yield Fact("facilities to choose from", len(sites), Unit.FACILITIES)
        yield Fact("facilities that stay closed", sum(not site["open"] for site in sites), Unit.FACILITIES)


def open_facilities(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The dearest first; of an analysis those that it takes as open."""
    if "sites" in result:  # of a capacity analysis: names alone
        return [{"name": name} for name in result["sites"]]
    opened = [site for site in result.get("facilities") or [] if site["open"]]
    opened.sort(key=lambda site: -(site["transport_cost"] + facility_cost(site)))
    return opened


def _facilities(sites: Sequence[Mapping[str, Any]], result: Mapping[str, Any]) -> Iterator[Fact]:
    used = {(row["facility"], row["year"]): row for row in result.get("utilisation") or []}
    for number, site in enumerate(sites, 1):
        called = f"[F{number}]"
        if "years" not in site:
            of_it = [row["utilisation"] for (name, _), row in used.items() if name == site["name"]]
            shares = [share for share in of_it if share is not None]
            yield from known(f"highest use of the capacity of {called}", max(shares, default=None), Unit.SHARE)
            continue
        yield Fact(f"transport cost of {called}, all years", site["transport_cost"], Unit.DOLLARS)
        yield Fact(f"facility cost of {called}, all years", facility_cost(site), Unit.DOLLARS)
        units = sum(year["units"] for year in site["years"])
        yield Fact(f"units through {called}, all years", units, Unit.UNITS)
        shares = [year["utilization"] for year in site["years"] if year["utilization"] is not None]
        yield from known(f"highest use of the capacity of {called} in a year", max(shares, default=None), Unit.SHARE)


def _shortage(result: Mapping[str, Any]) -> Iterator[Fact]:
    relief = result.get("relief")
    if relief:
        yield Fact(
            "facility cost that the cheapest relief adds, all its years", relief["added_fixed_cost"], Unit.DOLLARS
        )
        opened = sum(change["change"] == "open" for change in relief["changes"])
        yield Fact("facilities that the cheapest relief opens", opened, Unit.FACILITIES)
