"""The result object of a capacity analysis: what result.json holds and every presentation reads.

Every figure comes from the dataset and the checked answers, in full precision; what is not known is None. The two
sentences that say the answer are those of `capacity_wording`, which alone rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from networx.domain.capacity import FACILITY, MORE, SUPPLIER, Bottleneck, CapacityOutcome, Place, Relief, YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import SOLVER, Certificate
from networx.results.capacity_wording import headline, verdict
from networx.results.kpis import SCHEMA, known, plain, ratio, stated_parameters, yearly_facility_data

NAMED_DESTINATIONS = 20
COSTS = ("transport_cost", "handling_cost", "inbound_cost", "service_penalty", "fixed_cost", "total_cost")
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
    figures = _Figures(tables, outcome)
    years = [figures.year(answer) for answer in outcome.base]
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
        "kpis": _kpis(outcome, years, figures) if years else None,
        "years": years,
        "utilisation": [row for answer in outcome.base for row in figures.utilisation(answer)],
        "shortage": figures.shortage(),
        "bottlenecks": [figures.bottleneck(one) for one in outcome.bottlenecks],
        "bottlenecks_not_examined": outcome.not_examined,
        "relief": None if outcome.relief is None else figures.relief(outcome.relief),
        "infeasibility": None if outcome.infeasibility is None else plain(outcome.infeasibility.as_dict()),
        "proof": proof,
    }
    return result | {"headline": headline(result), "verdict": verdict(result)}


def _kpis(outcome: CapacityOutcome, years: list[dict[str, Any]], figures: _Figures) -> dict[str, Any]:
    summed = {name: sum(year[name] for year in years) for name in ("demand_units", "units", "units_short")}
    costs = {name: sum(year[name] for year in years) for name in COSTS}
    used = [row["utilisation"] for answer in outcome.base for row in figures.utilisation(answer)]
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
    """The figures of one outcome, with the dataset's names, capacities and fixed costs at hand."""

    def __init__(self, tables: NetworkTables, outcome: CapacityOutcome) -> None:
        self._tables, self._outcome = tables, outcome
        fixed, capacity = yearly_facility_data(tables, outcome.years)
        self._fixed, self._capacity = fixed.T, capacity.T
        rows = tables.expansions
        tiers = zip(rows.facility.tolist(), rows.tier.tolist(), strict=True)
        self._tier = {tier: row for row, tier in enumerate(tiers)}

    def year(self, answer: YearAnswer) -> dict[str, Any]:
        units = float(answer.units.sum())
        fixed = float(self._fixed[answer.year, answer.opened].sum()) + self._paid_for_tiers(answer)
        held = sum(self._held_by(answer, site) for site in np.flatnonzero(answer.opened).tolist())
        variable, handling = answer.cost or 0.0, self._handling(answer)
        return {
            "year": self._outcome.years[answer.year],
            "demand_units": units + answer.short,
            "units": units,
            "units_short": answer.short,
            "capacity_units": known(held),
            "utilisation": ratio(units, held) if np.isfinite(held) else None,
            "transport_cost": variable - handling - answer.inbound_cost - answer.penalty,
            "handling_cost": handling,
            "inbound_cost": answer.inbound_cost,
            "service_penalty": answer.penalty,
            "fixed_cost": fixed,
            "total_cost": variable + fixed,
        }

    def utilisation(self, answer: YearAnswer) -> list[dict[str, Any]]:
        sent = np.bincount(answer.facility, answer.units, minlength=len(answer.opened))
        rows = []
        for site in np.flatnonzero(answer.opened):
            held, units = self._held_by(answer, int(site)), float(sent[site])
            rows.append(
                {
                    "facility": self._tables.facilities.name[site],
                    "year": self._outcome.years[answer.year],
                    "capacity": known(held),
                    "throughput": units,
                    "utilisation": ratio(units, held) if np.isfinite(held) else None,
                    "spare": known(max(held - units, 0.0)),
                }
            )
        return rows

    def _handling(self, answer: YearAnswer) -> float:
        """Dollars that the facilities themselves ask for what they ship."""
        own = np.nan_to_num(self._tables.facilities.variable_cost_per_unit)
        return float(own[answer.facility] @ answer.units) if answer.cost is not None else 0.0

    def _held_by(self, answer: YearAnswer, site: int) -> float:
        """Units that a facility holds with the tiers that the answer has in use."""
        added = (self._tables.expansions.capacity_units[row] for row in self._tiers_in_use(answer, site))
        return float(self._capacity[answer.year, site] + sum(added))

    def _tiers_in_use(self, answer: YearAnswer, site: int) -> list[int]:
        return [self._tier[site, number] for number in range(1, int(answer.tiers[site]) + 1)]

    def _paid_for_tiers(self, answer: YearAnswer) -> float:
        """Dollars in the answer's year: a relief pays for each of its tiers in every year, and once in its first."""
        relief, paid = self._outcome.relief, 0.0
        if relief is not None and answer.tiers.any():
            for site, number, first in relief.tiers:
                yearly, once = self._tier_costs(site, number)
                paid += (yearly if answer.year >= first else 0.0) + (once if answer.year == first else 0.0)
        return paid

    def _tier_costs(self, site: int, number: int) -> tuple[float, float]:
        """Dollars a year, and dollars once."""
        rows, row = self._tables.expansions, self._tier[site, number]
        return float(rows.fixed_cost_per_year[row]), float(np.nan_to_num(rows.one_time_cost[row]))

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
        }

    def _lane(self, site: int, place: int, mode: int) -> str:
        by = "" if mode < 0 else f" by {self._outcome.modes[mode]}"
        return f"{self._tables.facilities.name[site]} to {self._tables.destinations.name[place]}{by}"

    def _name(self, place: Place) -> str:
        if place.kind == SUPPLIER:
            return self._tables.suppliers.name[place.supplier]
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
            return float(self._capacity[one.year, one.place.facility])
        if one.place.kind == SUPPLIER:
            return float(self._tables.suppliers.supply_units[one.place.supplier])
        assert tenth.enlarged is not None
        return tenth.enlarged / (1 + MORE)

    def relief(self, relief: Relief) -> dict[str, Any]:
        years = [self.year(answer) for answer in relief.years]
        changes = [self._change(site, first) for site, first in relief.opened]
        changes += [self._expansion(site, number, first) for site, number, first in relief.tiers]
        return {
            "status": self._outcome.status.value,
            "changes": changes,
            "added_fixed_cost": sum(change["fixed_cost"] for change in changes),
            **{name: sum(year[name] for year in years) for name in COSTS},
            "total_cost": relief.objective,
            "bound": relief.bound,
            "gap": relief.gap,
            "bound_source": SOLVER,
            "years": years,
            "utilisation": [row for answer in relief.years for row in self.utilisation(answer)],
        }

    def _change(self, site: int, first: int) -> dict[str, Any]:
        return {
            "change": "open",
            "facility": self._tables.facilities.name[site],
            "tier": None,
            "from_year": self._outcome.years[first],
            "capacity": known(float(self._capacity[first, site])),
            "fixed_cost_in_first_year": float(self._fixed[first, site]),
            "fixed_cost": float(self._fixed[first:, site].sum()),
        }

    def _expansion(self, site: int, number: int, first: int) -> dict[str, Any]:
        yearly, once = self._tier_costs(site, number)
        return {
            "change": "expand",
            "facility": self._tables.facilities.name[site],
            "tier": number,
            "from_year": self._outcome.years[first],
            "capacity": float(self._tables.expansions.capacity_units[self._tier[site, number]]),
            "fixed_cost_in_first_year": yearly + once,
            "fixed_cost": yearly * (len(self._outcome.years) - first) + once,
        }
