"""The tiers of a plan checked against the sheet Expansions, and what they hold and cost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from networx.domain.arrays import Floats, Ints
from networx.domain.network import NetworkTables
from networx.domain.plan import Check, TransportPlan
from networx.verify.measure import counted
from networx.verify.transport.facts import Facts

# By facility, tier after tier: units added, dollars a year, dollars once.
Steps = list[list[tuple[float, float, float]]]


def steps_of(tables: NetworkTables) -> Steps:
    """The tiers of every facility in their order, the order of the dataset."""
    rows = tables.expansions
    stated: list[dict[int, tuple[float, float, float]]] = [{} for _ in tables.facilities.name]
    for site, tier, units, yearly, once in zip(
        rows.facility.tolist(),
        rows.tier.tolist(),
        rows.capacity_units.tolist(),
        rows.fixed_cost_per_year.tolist(),
        np.nan_to_num(rows.one_time_cost).tolist(),
        strict=True,
    ):
        stated[site][tier] = (units, yearly, once)
    return [[tiers[number] for number in sorted(tiers)] for tiers in stated]


def most_added(tables: NetworkTables) -> Floats:
    """Units that all tiers of each facility add."""
    return np.array([sum(units for units, _, _ in tiers) for tiers in steps_of(tables)])


def count_in_use(plan: TransportPlan, steps: Steps) -> Ints:
    """How many tiers are in use, a row a year; what the data does not have is not counted."""
    most = np.array([len(tiers) for tiers in steps], dtype=np.int64)
    count: Ints = np.clip(np.asarray(plan.tiers, dtype=np.int64), 0, most)
    return count


def tier_checks(
    plan: TransportPlan, facts: Facts, steps: Steps, opened: np.ndarray, site_name: Callable[[int], str]
) -> list[Check]:
    """Nothing where neither the data nor the plan has tiers."""
    stated = np.asarray(plan.tiers, dtype=np.int64)
    if not any(steps) and not stated.any():
        return []

    def flagged(name: str, faulty: np.ndarray) -> Check:
        positions = np.flatnonzero(faulty)
        where = f"first at {site_name(int(positions[0]))}" if len(positions) else ""
        return counted(name, len(positions), where)

    return [
        flagged("tiers are those of the data", stated != count_in_use(plan, steps)),
        flagged("tiers are in use at open facilities alone", (stated > 0) & ~opened),
        flagged("tiers stay while their facility is open", _given_up(facts, stated, opened)),
    ]


def _given_up(facts: Facts, stated: Ints, opened: np.ndarray) -> np.ndarray:
    """Years and facilities in which fewer are in use than before, or another number where nothing may change."""
    fewer = np.zeros_like(opened)
    fewer[1:] = opened[1:] & opened[:-1] & (stated[1:] < stated[:-1])
    for site in np.flatnonzero(facts.lease >= len(facts.years)):
        years = np.flatnonzero(opened[:, site])
        fewer[years, site] |= stated[years, site] != stated[years, site].max(initial=0)
    return fewer


def capacity_with(steps: Steps, count: Ints, capacity: Floats) -> Floats:
    """What the facilities hold with the tiers in use, a row a year."""
    held = capacity.copy()
    for year, site in np.argwhere(count > 0):
        held[year, site] += sum(units for units, _, _ in steps[site][: count[year, site]])
    return held


def tier_costs(steps: Steps, count: Ints) -> list[float]:
    """Every amount: of each tier in use in each year, and once for each that the year before did not have."""
    lines: list[float] = []
    for year, site in np.argwhere(count > 0):
        before = int(count[year - 1, site]) if year else 0
        for number, (_, yearly, once) in enumerate(steps[site][: count[year, site]], start=1):
            lines += [yearly, once] if number > before else [yearly]
    return lines
