"""Each requirement on a plan as a line of its certificate: how far it is missed at worst, and where.

Nothing here reads a dataset: facts and sums come from whoever certifies.
"""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Floats, Ints
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check
from networx.verify.measure import counted, worst_of
from networx.verify.transport.facts import Facts

RESIDUAL = 1e-7  # of the right-hand side


def flagged(name: str, faulty: np.ndarray, place_name: object) -> Check:
    """How many places are faulty, the first by its name."""
    positions = np.flatnonzero(faulty)
    where = place_name(int(positions[0])) if len(positions) and callable(place_name) else ""
    return counted(name, len(positions), f"first at {where}")


def open_count(parameters: TransportParameters, opened: np.ndarray, years: tuple[int, ...]) -> Check:
    """How many are open, against the fewest and the most."""
    counts = opened.sum(axis=1)
    least = parameters.min_facilities or 0
    most = opened.shape[1] if parameters.max_facilities is None else parameters.max_facilities
    excess = np.maximum(least - counts, counts - most)
    worst = int(excess.argmax())
    where = f"{counts[worst]} are open in {years[worst]}"
    return counted("number of open facilities", max(int(excess[worst]), 0), where)


def left_early(facts: Facts, opened: np.ndarray) -> np.ndarray:
    """Years and facilities, one row a year, in which one is closed although its lease runs and it may be open.

    A lease as long as the plan is kept by being open whenever that is allowed, or never.
    """
    years, sites = opened.shape
    early = np.zeros_like(opened)
    for site in range(sites):
        may, is_open, lease = ~facts.forbidden[:, site], opened[:, site], facts.lease[site]
        if lease >= years:
            early[:, site] = bool(is_open.any()) & may & ~is_open
            continue
        runs_to = 0.0  # the year before which the lease that runs has its end
        was_open = bool(facts.existing[site])
        for year in range(years):
            if is_open[year] and not was_open:
                runs_to = year + lease
            if not may[year]:
                runs_to = 0.0
            early[year, site] = year < runs_to and not is_open[year]
            was_open = bool(is_open[year])
    return early


def changes(facts: Facts, opened: np.ndarray, most: int) -> Check:
    """From year to year; into the first year only where the data says what was open before it."""
    years = facts.years
    before = np.vstack([facts.existing if facts.existing.any() else opened[0], opened[:-1]])
    changed = (opened != before).sum(axis=1)
    worst = int(changed.argmax())
    return counted("changes in a year", max(int(changed[worst]) - most, 0), f"{changed[worst]} in {years[worst]}")


def throughput(facts: Facts, opened: np.ndarray, sent: Floats, sites: tuple[str, ...]) -> Check:
    """What each open facility ships, against its least."""
    least = facts.min_throughput
    lacking = np.where(opened, least - sent, 0.0) / np.where(least > 0, least, 1.0)
    return worst_of("minimum throughput", lacking, RESIDUAL, lambda at: f"{sites[at[1]]}, {facts.years[at[0]]}")


def one_source(facts: Facts, year: Ints, place: Ints, units: Floats, places: tuple[str, ...]) -> Check:
    """One flow is one facility and one mode."""
    sources = np.zeros(facts.demand.shape, dtype=np.int64)
    np.add.at(sources, (year, place), units > 0)
    return flagged(
        "one facility serves a destination",
        sources > 1,
        lambda at: f"{places[at % len(places)]}, {facts.years[at // len(places)]}",
    )


def summed(shape: tuple[int, ...], row: Ints, column: Ints, units: Floats) -> Floats:
    """Units by row and column."""
    total = np.zeros(shape)
    np.add.at(total, (row, column), units)
    return total


def demand_met(facts: Facts, served: Floats, places: tuple[str, ...]) -> Check:
    """What each destination gets, against what it needs."""
    residual = np.abs(served - facts.demand) / np.where(facts.demand > 0, facts.demand, 1.0)
    return worst_of("demand is met", residual, RESIDUAL, lambda at: f"{places[at[1]]}, {facts.years[at[0]]}")


def capacity_held(facts: Facts, capacity: Floats, sent: Floats, sites: tuple[str, ...]) -> Check:
    """What each facility ships, against what it holds with its tiers."""
    limited = np.where(np.isinf(capacity), 0.0, capacity)
    excess = np.where(np.isinf(capacity), 0.0, sent - limited) / np.where(limited > 0, limited, 1.0)
    return worst_of("capacities hold", excess, RESIDUAL, lambda at: f"{sites[at[1]]}, {facts.years[at[0]]}")
