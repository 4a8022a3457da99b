"""The result object of a capacity analysis: what result.json holds and every presentation reads.

Every figure comes from the dataset and the checked answers, in full precision; what is not known is None. The two
sentences that say the answer are those of `capacity_wording`, which alone rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from networx.domain.capacity import MORE, Bottleneck, CapacityOutcome
from networx.domain.capacity_answer import FACILITY, INBOUND, SUPPLIER, Place, YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate
from networx.results.capacity_relief import relief_figures
from networx.results.capacity_wording import headline, verdict
from networx.results.capacity_years import COSTS, YearFigures
from networx.results.kpis import SCHEMA, known, plain, ratio, stated_parameters

NAMED_DESTINATIONS = 20
PRICED = 1e-6  # a facility whose unit of capacity serves less than this of a unit holds nothing back


def capacity_result(
    tables: NetworkTables,
    parameters: TransportParameters,
    outcome: CapacityOutcome,
    certificate: Certificate,
    *,
    asked: str,
    identity: Mapping[str, Any],
    partial: bool = False,
    proof: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as plain JSON values. `asked` is the parameter `sites` as the client stated it.

    Dollars and units are unrounded; `proof` is what `results.proof` made. Without an answer for every year `kpis` is
    None and the lists are empty.
    """
    priced = YearFigures(tables, outcome.years)
    figures = _Figures(tables, outcome, priced)
    years = priced.years(outcome.base)
    utilisation = priced.utilisation(outcome.base)
    stated = stated_parameters(tables, parameters)
    result = {
        "schema": SCHEMA,
        "type": "capacity",
        **identity,
        "status": outcome.status.value,
        "objective": known(outcome.objective),
        "bound": known(outcome.bound),
        "gap": known(outcome.gap),
        "bound_source": outcome.bound_source,
        "engine": outcome.engine,
        "seconds": outcome.seconds,
        "partial": partial,
        "certificate": plain(certificate.as_dict()),
        "parameters": {"sites": {"value": asked, "unit": "", "source": "given"}, **stated},
        "sites": [tables.facilities.name[site] for site in np.flatnonzero(outcome.sites)],
        "kpis": _kpis(outcome, years, utilisation) if years else None,
        "years": years,
        "utilisation": utilisation,
        "shortage": figures.shortage(),
        "bottlenecks": [figures.bottleneck(one) for one in outcome.bottlenecks],
        "bottlenecks_not_examined": outcome.not_examined,
        "relief": None if outcome.relief is None else relief_figures(priced, outcome.relief, outcome.status),
        "infeasibility": None if outcome.infeasibility is None else plain(outcome.infeasibility.as_dict()),
        "proof": proof,
    }
    return result | {"headline": headline(result), "verdict": verdict(result)}


def _kpis(outcome: CapacityOutcome, years: list[dict[str, Any]], utilisation: list[dict[str, Any]]) -> dict[str, Any]:
    summed = {name: sum(year[name] for year in years) for name in ("demand_units", "units", "units_short")}
    costs = {name: sum(year[name] for year in years) for name in COSTS}
    used = [row["utilisation"] for row in utilisation]
    return {
        "first_year_of_shortage": next((year["year"] for year in years if year["units_short"] > 0), None),
        "units_short": summed["units_short"],
        "total_units": summed["units"],
        "demand_units": summed["demand_units"],
        **costs,
        "cost_per_unit": ratio(costs["total_cost"], summed["units"]),
        "facilities_open": int(outcome.sites.sum()),
        "highest_utilisation": max((share for share in used if share is not None), default=None),
        "bottlenecks": len(outcome.bottlenecks),
    }


class _Figures:
    """The figures of one outcome by the dataset's names; dollars and units of its years are those of `priced`."""

    def __init__(self, tables: NetworkTables, outcome: CapacityOutcome, priced: YearFigures) -> None:
        self._tables, self._outcome, self._priced = tables, outcome, priced

    def shortage(self) -> dict[str, Any]:
        short = [answer for answer in self._outcome.base if answer.short > 0]
        return {
            "first_year": self._outcome.years[short[0].year] if short else None,
            "units": sum(answer.short for answer in short),
            "by_year": [self._short_year(answer) for answer in short],
        }

    def _short_year(self, answer: YearAnswer) -> dict[str, Any]:
        assert answer.least_short is not None
        lacking = np.flatnonzero(answer.unserved)
        named = lacking[np.argsort(-answer.unserved[lacking], kind="stable")][:NAMED_DESTINATIONS]
        holding = np.flatnonzero(answer.least_short.capacity < -PRICED)
        places, sites = self._tables.destinations.name, self._tables.facilities.name
        return {
            "year": self._outcome.years[answer.year],
            "units": answer.short,
            "share_of_demand": ratio(answer.short, float(answer.units.sum()) + answer.short),
            "destinations": [{"name": places[at], "units": float(answer.unserved[at])} for at in named],
            "more_destinations": len(lacking) - len(named),
            "facilities": [sites[site] for site in holding],
            "held_back_by": [self._name(place) for place in answer.least_short.places(PRICED)],
            "held_back_by_service": answer.least_short.service > PRICED,
        }

    def _lane(self, site: int, place: int, mode: int) -> str:
        by = "" if mode < 0 else f" by {self._outcome.modes[mode]}"
        return f"{self._tables.facilities.name[site]} to {self._tables.destinations.name[place]}{by}"

    def _inbound_lane(self, supplier: str, place: Place) -> str:
        by = "" if place.mode < 0 else f" by {self._outcome.inbound_modes[place.mode]}"
        return f"{supplier} to {self._tables.facilities.name[place.facility]}{by}"

    def _name(self, place: Place) -> str:
        if place.kind in {SUPPLIER, INBOUND}:
            supplier = self._tables.suppliers.name[place.supplier]
            return supplier if place.kind == SUPPLIER else self._inbound_lane(supplier, place)
        if place.kind == FACILITY:
            return self._tables.facilities.name[place.facility]
        return self._lane(place.facility, place.destination, place.mode)

    def bottleneck(self, one: Bottleneck) -> dict[str, Any]:
        now, outcome = self._outcome.base[one.year], self._outcome
        tenth = outcome.resolved[one.tenth]
        in_units = now.least_short is not None
        saved = now.short - tenth.short if in_units else (now.cost or 0.0) - (tenth.cost or 0.0)
        return {
            "kind": one.place.kind,
            "name": self._name(one.place),
            "year": outcome.years[one.year],
            "shadow_price": one.price,
            "unit": "units served per unit of capacity" if in_units else "USD per unit of capacity",
            "valid_from": self._held(one, tenth),
            "valid_to": outcome.resolved[one.holds_in].enlarged,
            "tenth_more": {
                "capacity": tenth.enlarged,
                "saves": saved,
                "unit": "units served" if in_units else "USD per year",
            },
        }

    def _held(self, one: Bottleneck, tenth: YearAnswer) -> float:
        """Units that the place has by itself."""
        if one.place.kind == FACILITY:
            return float(self._priced.capacity[one.year, one.place.facility])
        if one.place.kind == SUPPLIER:
            return float(self._tables.suppliers.supply_units[one.place.supplier])
        assert tenth.enlarged is not None
        return tenth.enlarged / (1 + MORE)
