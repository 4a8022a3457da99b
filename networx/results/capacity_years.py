"""What the years of a capacity analysis cost and how full its facilities are, from the dataset and a year's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from networx.domain.capacity_answer import YearAnswer
from networx.domain.network import NetworkTables
from networx.results.kpis import known, ratio, yearly_facility_data

COSTS = (
    *("transport_cost", "handling_cost", "inbound_cost", "service_penalty", "fixed_cost", "one_time_cost"),
    "total_cost",
)


class YearFigures:
    """`named` are the years. Of each year and facility, (Y, I): its `fixed` cost and the `capacity` it has by itself;
    of each facility what opening and closing it costs once, in dollars."""

    def __init__(self, tables: NetworkTables, years: Sequence[int]) -> None:
        self.tables, self.named = tables, tuple(years)
        sites = tables.facilities
        self.existing = np.array([word == "yes" for word in sites.existing], dtype=bool)
        self.opening, self.closing = np.nan_to_num(sites.opening_cost), np.nan_to_num(sites.closing_cost)
        fixed, capacity = yearly_facility_data(tables, self.named)
        self.fixed, self.capacity = fixed.T, capacity.T
        rows = tables.expansions
        tiers = zip(rows.facility.tolist(), rows.tier.tolist(), strict=True)
        self._tier = {tier: row for row, tier in enumerate(tiers)}

    def years(self, answers: Sequence[YearAnswer]) -> list[dict[str, Any]]:
        """One a year, in their order: what a year pays once follows from the year before it."""
        before = [None, *answers[:-1]]
        return [self._year(answer, earlier) for answer, earlier in zip(answers, before, strict=False)]

    def _year(self, answer: YearAnswer, before: YearAnswer | None) -> dict[str, Any]:
        units = float(answer.units.sum())
        fixed = float(self.fixed[answer.year, answer.opened].sum()) + self._paid_for_tiers(answer, before)
        was_open = self.existing if before is None else before.opened
        once = float(self.opening[answer.opened & ~was_open].sum() + self.closing[was_open & ~answer.opened].sum())
        held = sum(self._held_by(answer, site) for site in np.flatnonzero(answer.opened).tolist())
        variable, handling = answer.cost or 0.0, self._handling(answer)
        return {
            "year": self.named[answer.year],
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

    def utilisation(self, answers: Sequence[YearAnswer]) -> list[dict[str, Any]]:
        """A row for each open facility of each answer."""
        return [row for answer in answers for row in self._utilisation(answer)]

    def _utilisation(self, answer: YearAnswer) -> list[dict[str, Any]]:
        sent = np.bincount(answer.facility, answer.units, minlength=len(answer.opened))
        rows = []
        for site in np.flatnonzero(answer.opened):
            held, units = self._held_by(answer, int(site)), float(sent[site])
            rows.append(
                {
                    "facility": self.tables.facilities.name[site],
                    "year": self.named[answer.year],
                    "capacity": known(held),
                    "throughput": units,
                    "utilisation": ratio(units, held) if np.isfinite(held) else None,
                    "spare": known(max(held - units, 0.0)),
                }
            )
        return rows

    def _handling(self, answer: YearAnswer) -> float:
        """Dollars that the facilities themselves ask for what they ship."""
        own = np.nan_to_num(self.tables.facilities.variable_cost_per_unit)
        return float(own[answer.facility] @ answer.units) if answer.cost is not None else 0.0

    def _held_by(self, answer: YearAnswer, site: int) -> float:
        """Units that a facility holds with the tiers that the answer has in use."""
        added = (self.tables.expansions.capacity_units[row] for row in self._tiers_in_use(answer, site))
        return float(self.capacity[answer.year, site] + sum(added))

    def _tiers_in_use(self, answer: YearAnswer, site: int) -> list[int]:
        return [self._tier[site, number] for number in range(1, int(answer.tiers[site]) + 1)]

    def _paid_for_tiers(self, answer: YearAnswer, before: YearAnswer | None) -> float:
        """Dollars in the answer's year: each tier in use is paid for, and once in the year in which it is taken."""
        paid = 0.0
        for site in np.flatnonzero(answer.tiers).tolist():
            had = 0 if before is None else int(before.tiers[site])
            for number in range(1, int(answer.tiers[site]) + 1):
                yearly, once = self.tier_costs(site, number)
                paid += yearly + (once if number > had else 0.0)
        return paid

    def tier_costs(self, site: int, number: int) -> tuple[float, float]:
        """Dollars a year, and dollars once."""
        rows, row = self.tables.expansions, self._tier[site, number]
        return float(rows.fixed_cost_per_year[row]), float(np.nan_to_num(rows.one_time_cost[row]))

    def tier_capacity(self, site: int, number: int) -> float:
        """Units that a tier adds."""
        return float(self.tables.expansions.capacity_units[self._tier[site, number]])
