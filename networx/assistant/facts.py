"""What a model is told of a result: figures with what they mean, and no name of anybody or anywhere.

Facilities are called [F1], [F2] and so on, open ones first, the dearest first; their names are put back only into what
the model wrote. So no name leaves, and none can be invented. Sums and shares that a summary needs are worked out here,
for whatever stands in a summary must be one of these figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

# Of many facilities and years the model is told the largest and the first; the totals hold for all.
MOST_FACILITIES = 12
MOST_YEARS = 12
# A smaller gap is as good as none, and may still not be written as 0 %.
LEAST_GAP = 1e-6


class Unit(StrEnum):
    """What a figure counts. Each is written and checked in its own way."""

    DOLLARS = "dollars"
    DOLLARS_PER_UNIT = "dollars per unit"
    SHARE = "share"
    UNITS = "units"
    MILES = "miles"
    FACILITIES = "facilities"
    YEARS = "years"
    YEAR = "year"
    BOTTLENECKS = "bottlenecks"


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the result. A share is 0 to 1."""

    label: str
    value: float
    unit: Unit

    @property
    def written(self) -> str:
        """In full, as the model is told it."""
        match self.unit:
            case Unit.DOLLARS:
                return f"{'-' if self.value < 0 else ''}${abs(self.value):,.2f}"
            case Unit.DOLLARS_PER_UNIT:
                return f"${self.value:,.4f} per unit"
            case Unit.SHARE:
                return f"{_plain(self.value * 100)} %"
            case Unit.YEAR:
                return f"{self.value:.0f}"
        return f"{_plain(self.value)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that may be said of a result. `names` are those of the facilities, by what they are called here.

    `clashing` are the requirements that no plan can meet together, where there is no plan.
    """

    status: str
    partial: bool
    clashing: tuple[str, ...]
    figures: tuple[Fact, ...]
    names: Mapping[str, str]

    def lines(self) -> list[str]:
        return [f"{fact.label}: {fact.written}" for fact in self.figures]


def facts_of(result: Mapping[str, Any]) -> Facts:
    """The facts of the result of a transport or capacity scenario (its result.json)."""
    open_sites = _open_facilities(result)
    names = {f"F{number}": site["name"] for number, site in enumerate(open_sites, 1)}
    figures = [
        *_solution(result),
        *_totals(result),
        *_years(result.get("years") or []),
        *_facilities(open_sites, result),
        *_shortage(result),
        *_clashes(result),
    ]
    return Facts(
        status=str(result["status"]),
        partial=bool(result.get("partial")),
        clashing=tuple(dict.fromkeys(_requirement(clash) for clash in _clashes_of(result))),
        figures=tuple(dict.fromkeys(map(_without_noise, figures))),
        names=names,
    )


def _solution(result: Mapping[str, Any]) -> Iterator[Fact]:
    yield from _known("cost of this plan", result.get("objective"), Unit.DOLLARS)
    yield from _known("no plan can cost less than", result.get("bound"), Unit.DOLLARS)
    gap = result.get("gap")
    if gap is not None and gap >= LEAST_GAP:
        yield Fact("gap between the two, of the cost of this plan", gap, Unit.SHARE)


_TOTALS = {
    "total_cost": ("total cost, all years", Unit.DOLLARS),
    "transport_cost": ("transport cost, all years", Unit.DOLLARS),
    "fixed_cost": ("facility cost, all years", Unit.DOLLARS),
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


def _totals(result: Mapping[str, Any]) -> Iterator[Fact]:
    kpis = result.get("kpis") or {}
    for name, (label, unit) in _TOTALS.items():
        yield from _known(label, kpis.get(name), unit)
    total = kpis.get("total_cost") or 0.0
    if total > 0:
        yield Fact("share of transport in the total cost", kpis["transport_cost"] / total, Unit.SHARE)
        yield Fact("share of facilities in the total cost", kpis["fixed_cost"] / total, Unit.SHARE)
    sites = result.get("facilities") or []
    if sites:
        yield Fact("facilities to choose from", len(sites), Unit.FACILITIES)
        yield Fact("facilities that stay closed", sum(not site["open"] for site in sites), Unit.FACILITIES)


def _years(years: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    if years:
        yield Fact("years planned", len(years), Unit.YEARS)
        yield Fact("first year", years[0]["year"], Unit.YEAR)
        yield Fact("last year", years[-1]["year"], Unit.YEAR)
    if len(years) < 2:
        return  # the totals say it
    for year in years[:MOST_YEARS]:
        of = f"{year['year']}"
        yield Fact(f"{of} as a year", year["year"], Unit.YEAR)
        yield from _known(f"total cost in {of}", year.get("total_cost"), Unit.DOLLARS)
        yield from _known(f"transport cost in {of}", year.get("transport_cost"), Unit.DOLLARS)
        yield from _known(f"units in {of}", year.get("units"), Unit.UNITS)
        yield from _known(f"units that cannot be served in {of}", year.get("units_short"), Unit.UNITS)
        yield from _known(f"share of units within reach in {of}", year.get("service_level"), Unit.SHARE)
        yield from _known(f"use of capacity in {of}", year.get("utilisation"), Unit.SHARE)


def _open_facilities(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "sites" in result:  # of a capacity analysis: names alone
        return [{"name": name} for name in result["sites"][:MOST_FACILITIES]]
    opened = [site for site in result.get("facilities") or [] if site["open"]]
    opened.sort(key=lambda site: -(site["transport_cost"] + site["fixed_cost"]))
    return opened[:MOST_FACILITIES]


def _facilities(sites: Sequence[Mapping[str, Any]], result: Mapping[str, Any]) -> Iterator[Fact]:
    used = {(row["facility"], row["year"]): row for row in result.get("utilisation") or []}
    for number, site in enumerate(sites, 1):
        called = f"[F{number}]"
        if "years" not in site:
            of_it = [row["utilisation"] for (name, _), row in used.items() if name == site["name"]]
            known = [share for share in of_it if share is not None]
            yield from _known(f"highest use of the capacity of {called}", max(known, default=None), Unit.SHARE)
            continue
        yield Fact(f"transport cost of {called}, all years", site["transport_cost"], Unit.DOLLARS)
        yield Fact(f"facility cost of {called}, all years", site["fixed_cost"], Unit.DOLLARS)
        units = sum(year["units"] for year in site["years"])
        yield Fact(f"units through {called}, all years", units, Unit.UNITS)
        shares = [year["utilization"] for year in site["years"] if year["utilization"] is not None]
        yield from _known(f"highest use of the capacity of {called} in a year", max(shares, default=None), Unit.SHARE)


def _shortage(result: Mapping[str, Any]) -> Iterator[Fact]:
    relief = result.get("relief")
    if relief:
        yield Fact(
            "facility cost that the cheapest relief adds, all its years", relief["added_fixed_cost"], Unit.DOLLARS
        )
        yield Fact("facilities that the cheapest relief opens", len(relief["changes"]), Unit.FACILITIES)


_CLASH_UNITS = {"units": Unit.UNITS, "facilities": Unit.FACILITIES, "miles": Unit.MILES}


def _clashes(result: Mapping[str, Any]) -> Iterator[Fact]:
    for clash in _clashes_of(result):
        what = _requirement(clash)
        year = clash.get("year")
        if year is not None:
            yield Fact(f"{year} as a year", year, Unit.YEAR)
        unit = _CLASH_UNITS.get(str(clash.get("unit")))
        if unit is not None:
            label = f"{what} is short by" if year is None else f"{what} in {year} is short by"
            yield from _known(label, clash.get("short_by"), unit)


def _clashes_of(result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    clashes: Sequence[Mapping[str, Any]] = (result.get("infeasibility") or {}).get("clashes", [])
    return clashes


def _requirement(clash: Mapping[str, Any]) -> str:
    return str(clash["requirement"]).replace("_", " ")


def _known(label: str, value: float | None, unit: Unit) -> Iterator[Fact]:
    if value is not None:
        yield Fact(label, value, unit)


def _plain(value: float) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _without_noise(fact: Fact) -> Fact:
    """Sums of floats end in digits that mean nothing: 0.9999999999999998 is all."""
    return replace(fact, value=float(f"{fact.value:.12g}"))
