"""The result object of a capacity analysis: what result.json holds and every presentation reads.

Every figure comes from the dataset and the checked answers, in full precision; what is not known is None. The two
sentences that say the answer are those of `capacity_wording`, which alone rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from networx.domain.capacity import (
    FACILITY,
    INBOUND,
    MORE,
    SUPPLIER,
    Bottleneck,
    CapacityOutcome,
    Place,
    Relief,
    YearAnswer,
)
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import SOLVER, Certificate
from networx.results.capacity_wording import headline, verdict
from networx.results.kpis import SCHEMA, known, plain, ratio, stated_parameters, yearly_facility_data

NAMED_DESTINATIONS = 20
COSTS = (
    *("transport_cost", "handling_cost", "inbound_cost", "service_penalty", "fixed_cost", "one_time_cost"),
    "total_cost",
)
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
    years = figures.years(outcome.base)
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
        sites = tables.facilities
        self._existing = np.array([word == "yes" for word in sites.existing], dtype=bool)
        self._opening, self._closing = np.nan_to_num(sites.opening_cost), np.nan_to_num(sites.closing_cost)
        fixed, capacity = yearly_facility_data(tables, outcome.years)
        self._fixed, self._capacity = fixed.T, capacity.T
        rows = tables.expansions
        tiers = zip(rows.facility.tolist(), rows.tier.tolist(), strict=True)
        self._tier = {tier: row for row, tier in enumerate(tiers)}

    def years(self, answers: Sequence[YearAnswer]) -> list[dict[str, Any]]:
        """One a year, in their order: what a year pays once follows from the year before it."""
        before = [None, *answers[:-1]]
        return [self._year(answer, earlier) for answer, earlier in zip(answers, before, strict=False)]

    def _year(self, answer: YearAnswer, before: YearAnswer | None) -> dict[str, Any]:
        units = float(answer.units.sum())
        fixed = float(self._fixed[answer.year, answer.opened].sum()) + self._paid_for_tiers(answer, before)
        was_open = self._existing if before is None else before.opened
        once = float(self._opening[answer.opened & ~was_open].sum() + self._closing[was_open & ~answer.opened].sum())
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
            "one_time_cost": once,
            "total_cost": variable + fixed + once,
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

    def _paid_for_tiers(self, answer: YearAnswer, before: YearAnswer | None) -> float:
        """Dollars in the answer's year: each tier in use is paid for, and once in the year in which it is taken."""
        paid = 0.0
        for site in np.flatnonzero(answer.tiers).tolist():
            had = 0 if before is None else int(before.tiers[site])
            for number in range(1, int(answer.tiers[site]) + 1):
                yearly, once = self._tier_costs(site, number)
                paid += yearly + (once if number > had else 0.0)
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
            return float(self._capacity[one.year, one.place.facility])
        if one.place.kind == SUPPLIER:
            return float(self._tables.suppliers.supply_units[one.place.supplier])
        assert tenth.enlarged is not None
        return tenth.enlarged / (1 + MORE)

    def relief(self, relief: Relief) -> dict[str, Any]:
        years = self.years(relief.years)
        changes = [self._change(relief, site, first) for site, first in relief.opened]
        changes += [self._expansion(relief, site, number, first) for site, number, first in relief.tiers]
        return {
            "status": self._outcome.status.value,
            "changes": changes,
            "added_fixed_cost": sum(change["fixed_cost"] for change in changes),
            "added_one_time_cost": sum(change["opening_cost"] + change["closing_cost"] for change in changes),
            **{name: sum(year[name] for year in years) for name in COSTS},
            "total_cost": relief.objective,
            "bound": relief.bound,
            "gap": relief.gap,
            "bound_source": SOLVER,
            "years": years,
            "utilisation": [row for answer in relief.years for row in self.utilisation(answer)],
        }

    def _change(self, relief: Relief, site: int, first: int) -> dict[str, Any]:
        end, closed = self._end(relief, site, first)
        kept = first == 0 and bool(self._existing[site])
        return {
            "change": "keep" if kept else "open",
            "facility": self._tables.facilities.name[site],
            "tier": None,
            "from_year": self._outcome.years[first],
            "to_year": self._outcome.years[end - 1] if closed else None,
            "capacity": known(float(self._capacity[first, site])),
            "fixed_cost_in_first_year": float(self._fixed[first, site]),
            "fixed_cost": float(self._fixed[first:end, site].sum()),
            "opening_cost": 0.0 if kept else float(self._opening[site]),
            "closing_cost": float(self._closing[site]) if closed else 0.0,
        }

    def _expansion(self, relief: Relief, site: int, number: int, first: int) -> dict[str, Any]:
        yearly, once = self._tier_costs(site, number)
        end, closed = self._end(relief, site, first)
        return {
            "change": "expand",
            "facility": self._tables.facilities.name[site],
            "tier": number,
            "from_year": self._outcome.years[first],
            "to_year": self._outcome.years[end - 1] if closed else None,
            "capacity": float(self._tables.expansions.capacity_units[self._tier[site, number]]),
            "fixed_cost_in_first_year": yearly + once,
            "fixed_cost": yearly * (end - first) + once,
            "opening_cost": 0.0,
            "closing_cost": 0.0,
        }

    def _end(self, relief: Relief, site: int, first: int) -> tuple[int, bool]:
        """The first year after this one in which the facility is closed, or the end of the plan, and which of both."""
        closed = [answer.year for answer in relief.years[first:] if not answer.opened[site]]
        return (closed[0], True) if closed else (len(self._outcome.years), False)
