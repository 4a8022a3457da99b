"""What a model is told of a result: figures with what they mean, and no name of anybody or anywhere.

Facilities are called [F1], [F2] and so on, open ones first, the dearest first; their names are put back only into what
the model wrote. So no name leaves, and none can be invented. Sums and shares that a summary needs are worked out here,
for whatever stands in a summary must be one of these figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from networx.assistant.fact import Fact, Facts, Unit, known
from networx.assistant.greenfield_facts import greenfield_facts
from networx.assistant.network_facts import network_facts, open_facilities
from networx.assistant.storage_facts import serving_facilities, storage_facts
from networx.domain.phrases import SINGLE_YEAR, in_year

# Of many facilities and years the model is told the largest and the first; the totals hold for all.
MOST_FACILITIES = 12
MOST_YEARS = 12
# A smaller gap is as good as none, and may still not be written as 0 %.
LEAST_GAP = 1e-6


def facts_of(result: Mapping[str, Any]) -> Facts:
    """The facts of a scenario's result of any type, or of a greenfield study's (its result.json)."""
    if "candidates" in result:
        return _facts(result, greenfield_facts(result, MOST_YEARS), {})
    of_network = "facilities" in result or "sites" in result
    sites = (open_facilities(result) if of_network else serving_facilities(result))[:MOST_FACILITIES]
    names = {f"F{number}": site["name"] for number, site in enumerate(sites, 1)}
    figures = [
        *_solution(result),
        *_years(result.get("years") or []),
        *(network_facts(result, sites) if of_network else ()),
        *storage_facts(result, {name: f"[{called}]" for called, name in names.items()}, MOST_YEARS),
        *_clashes(result),
    ]
    return _facts(result, figures, names)


def _facts(result: Mapping[str, Any], figures: Iterable[Fact], names: Mapping[str, str]) -> Facts:
    return Facts(
        status=str(result["status"]),
        partial=bool(result.get("partial")),
        clashing=tuple(dict.fromkeys(_requirement(clash) for clash in _clashes_of(result))),
        figures=tuple(dict.fromkeys(map(_without_noise, figures))),
        names=names,
    )


def _solution(result: Mapping[str, Any]) -> Iterator[Fact]:
    yield from known("cost of this plan", result.get("objective"), Unit.DOLLARS)
    yield from known("no plan can cost less than", result.get("bound"), Unit.DOLLARS)
    gap = result.get("gap")
    if gap is not None and gap >= LEAST_GAP:
        yield Fact("gap between the two, of the cost of this plan", gap, Unit.SHARE)


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
        yield from known(f"total cost in {of}", year.get("total_cost"), Unit.DOLLARS)
        yield from known(f"transport cost in {of}", year.get("transport_cost"), Unit.DOLLARS)
        yield from known(f"units in {of}", year.get("units"), Unit.UNITS)
        yield from known(f"units that cannot be served in {of}", year.get("units_short"), Unit.UNITS)
        yield from known(f"share of units within reach in {of}", year.get("service_level"), Unit.SHARE)
        yield from known(f"use of capacity in {of}", year.get("utilisation"), Unit.SHARE)


_CLASH_UNITS = {
    "units": Unit.UNITS,
    "facilities": Unit.FACILITIES,
    "miles": Unit.MILES,
    "square feet": Unit.SQUARE_FEET,
    "doors": Unit.DOORS,
}


def _clashes(result: Mapping[str, Any]) -> Iterator[Fact]:
    for clash in _clashes_of(result):
        what = _requirement(clash)
        year = clash.get("year")
        if year is not None and year != SINGLE_YEAR:
            yield Fact(f"{year} as a year", year, Unit.YEAR)
        unit = _CLASH_UNITS.get(str(clash.get("unit")))
        if unit is not None:
            label = f"{what}{'' if year is None else in_year(year)} is short by"
            yield from known(label, clash.get("short_by"), unit)


def _clashes_of(result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    clashes: Sequence[Mapping[str, Any]] = (result.get("infeasibility") or {}).get("clashes", [])
    return clashes


def _requirement(clash: Mapping[str, Any]) -> str:
    return str(clash["requirement"]).replace("_", " ")


def _without_noise(fact: Fact) -> Fact:
    """Sums of floats end in digits that mean nothing: 0.9999999999999998 is all."""
    return replace(fact, value=float(f"{fact.value:.12g}"))
