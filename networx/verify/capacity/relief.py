"""The checks of a relief: what opens, closes and grows when, whether that keeps the rules, and what it all costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from networx.domain.arrays import Flags, Ints
from networx.domain.capacity import Relief
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check
from networx.verify.capacity.answers import COST
from networx.verify.capacity.network import Network
from networx.verify.measure import check, counted
from networx.verify.transport.facts import Facts
from networx.verify.transport.tiers import tier_costs


def relief_checks(network: Network, parameters: TransportParameters, sites: Flags, relief: Relief) -> list[Check]:
    """`sites` (I,) are those analysed: open in every year in which they may be, and no part of the relief."""
    facts = network.facts
    beside, unknown = _opened_beside(facts, sites, relief)
    opened = (sites & ~facts.forbidden) | beside
    count, wrong = _tiers_taken(network, relief, opened)
    same = [answer.year for answer in relief.years] == list(range(len(facts.years))) and all(
        np.array_equal(answer.opened, row) and np.array_equal(answer.tiers, used)
        for answer, row, used in zip(relief.years, opened, count, strict=False)
    )
    most = len(sites) if parameters.max_facilities is None else parameters.max_facilities
    costs = [*facts.fixed_cost[opened].tolist(), *tier_costs(network.steps, count), *paid_once(facts, opened)]
    costs += [answer.cost or 0.0 for answer in relief.years]
    cost = math.fsum(costs)
    enlarged = sum(answer.larger is not None for answer in relief.years)
    early = int(_left_early(facts, beside).sum())
    changes = changes_above(facts, parameters, opened)
    return [
        counted("relief: opens candidates", unknown, "something else than a candidate, or in no year"),
        counted("relief: facilities are available", int((opened & facts.forbidden).sum()), "open when it may not be"),
        counted("relief: leases are kept", early, "a facility closes before its lease is over"),
        counted("relief: tiers follow one another", wrong, "a tier that is none, before the one below it or its site"),
        counted("relief: what opens stays open", int(not same), "the answers have other facilities open"),
        counted("relief: facilities have the data's capacities", enlarged, "one is larger"),
        counted("relief: number of open facilities", max(int(opened.sum(axis=1).max()) - most, 0), f"above {most}"),
        counted("relief: changes in a year", changes, f"above {parameters.max_changes_per_year}"),
        check("relief: total cost", relative(relief.objective, cost), COST, f"recomputed {cost!r}"),
        check("relief: bound is not above the cost", (relief.bound - relief.objective) / max(cost, 1e-9), COST, ""),
        check("relief: gap", abs(relief.gap - relative(relief.bound, relief.objective)), COST, f"{relief.gap!r}"),
    ]


def paid_once(facts: Facts, opened: Flags) -> list[float]:
    """Every amount for opening and closing over the years; `opened` is (T, I). The end of the plan closes nothing."""
    was = np.vstack([facts.existing, opened[:-1]])
    opening = np.broadcast_to(facts.opening_cost, opened.shape)[opened & ~was]
    closing = np.broadcast_to(facts.closing_cost, opened.shape)[was & ~opened]
    return [*opening.tolist(), *closing.tolist()]


def changes_above(facts: Facts, parameters: TransportParameters, opened: Flags) -> int:
    """By how many the most changes of a year exceed what is allowed; into the first only where any is existing."""
    if parameters.max_changes_per_year is None:
        return 0
    was = np.vstack([facts.existing if facts.existing.any() else opened[0], opened[:-1]])
    return max(int((opened != was).sum(axis=1).max()) - parameters.max_changes_per_year, 0)


def relative(one: float, other: float) -> float:
    return abs(one - other) / max(abs(other), 1e-9)


def _opened_beside(facts: Facts, sites: Flags, relief: Relief) -> tuple[Flags, int]:
    """(T, I): what is open beside the sites, and how many of the changes told are none, or out of their order."""
    opened, wrong = np.zeros(facts.forbidden.shape, dtype=bool), 0
    told = [(year, site, True) for site, year in relief.opened] + [(year, site, False) for site, year in relief.closed]
    for year, site, opens in sorted(told):
        known = 0 <= site < len(sites) and 0 <= year < len(opened) and not sites[site]
        if known and opened[year, site] != opens:
            opened[year:, site] = opens
        else:
            wrong += 1
    return opened, wrong


def _left_early(facts: Facts, beside: Flags) -> Flags:
    """(T, I): closed although its lease runs and it may be open. What is open before the first year has had its lease.

    A lease as long as the plan runs to its end.
    """
    early = np.zeros_like(beside)
    for site in np.flatnonzero(beside.any(axis=0)).tolist():
        lease = facts.lease[site] if facts.lease[site] < len(facts.years) else math.inf
        runs_to, was_open = 0.0, bool(facts.existing[site]) and lease < math.inf
        for year, is_open in enumerate(beside[:, site].tolist()):
            if is_open and not was_open:
                runs_to = year + lease
            if facts.forbidden[year, site]:
                runs_to = 0.0
            early[year, site] = year < runs_to and not is_open
            was_open = is_open
    return early


def _tiers_taken(network: Network, relief: Relief, opened: Flags) -> tuple[Ints, int]:
    """How many tiers are in use by year and facility, and how many of those told are none or out of their order."""
    count, wrong = np.zeros(opened.shape, dtype=np.int64), 0
    for year, site, tier in sorted((year, site, tier) for site, tier, year in relief.tiers):
        known = 0 <= site < opened.shape[1] and 0 <= year < len(opened) and 1 <= tier <= len(network.steps[site])
        if known and opened[year, site] and count[year, site] == tier - 1:
            count[year : _closes(opened[:, site], year), site] += 1
        else:
            wrong += 1
    return count, wrong


def _closes(opened: Sequence[bool] | Flags, year: int) -> int:
    """The first year after this one in which it is closed, or the number of years."""
    closed = np.flatnonzero(~np.asarray(opened)[year:])
    return year + int(closed[0]) if len(closed) else len(opened)
