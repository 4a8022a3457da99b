"""A year of a capacity analysis, and its relief, by a linear program that is written down from the sheets.

What may open when, and what that costs, is read by the enumerations of the transport tests.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from networx.domain.capacity import CapacityOutcome
from networx.domain.capacity_answer import FACILITY, INBOUND, LANE, SUPPLIER, Place
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import ResultStatus
from tests.core.models.mixed_networks import Mixed
from tests.core.models.test_transport_tiers import CLOSED

States = tuple[int, ...]  # of a facility by year, or of a year by facility: closed, or how many tiers are in use


class YearBySheets(Mixed):
    """One year with these facilities open: least units short, and least dollars with no more than that."""

    def ways_of(self, site: int, *, analysed: bool) -> dict[States, float]:
        """All ways for a facility to open, grow and close over the years, with what each costs.

        One that is analysed is open wherever it may be. Another keeps its lease; one as long as the plan begins in any
        year and ends where the facility may no longer be open.
        """
        tiers = range(len(self.steps[site]) + 1)
        found = {}
        for states in itertools.product([CLOSED, *tiers], repeat=len(self.years)):
            way = tuple(state != CLOSED for state in states)
            grows = all(CLOSED in pair or pair[0] <= pair[1] for pair in itertools.pairwise(states))
            if grows and (list(way) == self.may[:, site].tolist() if analysed else self._possible(site, way)):
                found[states] = self._cost_of(site, states)
        return found

    def _possible(self, site: int, way: tuple[bool, ...]) -> bool:
        may, own = self.may[:, site], self.sites.lease_years[site]
        lease = (self.given.lease_years or len(way)) if np.isnan(own) else int(own)
        if not (may >= way).all():
            return False
        if lease < len(way):
            return self._kept(way, may, lease, self.existing[site])
        return not any(way[year] and may[year + 1] and not way[year + 1] for year in range(len(way) - 1))

    def allowed(self, plan: Sequence[States]) -> bool:
        """Whether not too many facilities are open, or open and close, in any year."""
        rows = [tuple(state != CLOSED for state in row) for row in zip(*plan, strict=True)]
        return self._counts(tuple(rows)) and self._changes(tuple(rows))

    def solved(
        self,
        year: int,
        opened: np.ndarray,
        more: tuple[Place, float] | None = None,
        counts: tuple[int, ...] = (),
    ) -> tuple[float, float, float]:
        """Units of the minimum throughputs that lack at least; then units short at least, and dollars, with those met
        where they can be."""
        demand, capacity = self.demand[year], np.where(opened, np.minimum(self.capacity[year], 1e6), 0.0)
        for site, count in enumerate(counts):
            capacity[site] += sum(units for units, _, _ in self.steps[site][: max(count, 0)])
        ways, ways_in = ([list(way) for way in found[year]] for found in (self.ways, self.ways_in))
        supply = self.supply.copy() if self.has_suppliers else np.zeros(0)
        if more is not None:
            place, units = more
            if place.kind == FACILITY:
                capacity[place.facility] += units
            elif place.kind == SUPPLIER:
                supply[place.supplier] += units
            else:
                self._widen(ways_in if place.kind == INBOUND else ways, year, place, units)
        start, end = (np.array([way[at] for way in ways_in], dtype=int) for at in range(2))
        out, into, places = len(ways), len(start), len(demand)
        level, near, penalty = self._service(year)
        lacks = out + into + places + 1
        columns = lacks + len(capacity)
        met, low = np.zeros((places, columns)), np.zeros((1, columns))
        sends, leaves, balance = np.zeros((len(capacity), columns)), np.zeros((len(supply), columns)), None
        for at, way in enumerate(ways):
            met[way[1], at] = sends[way[0], at] = 1
            low[0, at] = -float(near[at])
        met[:, out + into : lacks - 1] = np.eye(places)
        low[0, out + into : lacks] = -1
        if self.has_suppliers:
            leaves[start, out + np.arange(into)] = 1
            balance = sends.copy()
            balance[end, out + np.arange(into)] = -1
        least = np.where(opened, np.nan_to_num(self.sites.min_throughput_units), 0.0)
        sends_too_little = -sends
        sends_too_little[:, lacks:] = -np.eye(len(capacity))
        rows = np.vstack([sends, leaves, low, sends_too_little])
        upper = np.concatenate([capacity, supply, [-level * demand.sum()], -least])
        equal = met if balance is None else np.vstack([met, balance])
        wanted = demand if balance is None else np.concatenate([demand, np.zeros(len(capacity))])
        bounds: list[tuple[float, float | None]] = [(0, None if np.isinf(way[5]) else way[5]) for way in ways]
        bounds += [(0, None if np.isinf(way[-1]) else way[-1]) for way in ways_in]
        bounds += [(0, None)] * places + [(0, 0 if penalty is None else None)]
        bounds += [(0, None)] * len(capacity)
        missed = np.zeros(columns)
        missed[lacks:] = 1
        missing = linprog(missed, rows, upper, equal, wanted, bounds)
        assert missing.status == 0
        bounds[lacks:] = [(0, 1e-9)] * len(capacity) if missing.fun <= 1e-6 else bounds[lacks:]
        short = np.zeros(columns)
        short[out + into : lacks - 1] = 1
        fewest = linprog(short, rows, upper, equal, wanted, bounds)
        assert fewest.status == 0
        cost = np.zeros(columns)
        cost[:out], cost[lacks - 1] = [way[2] for way in ways], penalty or 0.0
        if self.has_suppliers:
            cost[out : out + into] = [way[2] for way in ways_in]
        cheapest = linprog(cost, np.vstack([rows, short]), np.append(upper, fewest.fun + 1e-9), equal, wanted, bounds)
        assert cheapest.status == 0
        return float(missing.fun), float(fewest.fun), float(cheapest.fun)

    def _widen(self, ways: list[list[Any]], year: int, lane: Place, units: float) -> None:
        """The one of the pair's ways that is full: modes of a pair differ in what they carry."""
        rows = [way for way in ways if (way[0], way[1]) == lane.ends[:2]]
        (row,) = [way for way in rows if way[-1] == self.full[year, lane]]
        row[-1] += units


def assert_as_the_sheets_say(
    tables: NetworkTables, given: TransportParameters, sites: np.ndarray, outcome: CapacityOutcome
) -> None:
    """Shortages, costs, prices and the relief of an analysis of these sites."""
    sheets = YearBySheets(tables, given)
    missed = {answer.year: answer.missed.sum() for answer in outcome.missed}
    for year in range(len(outcome.years)):
        assert missed.get(year, 0) == pytest.approx(sheets.solved(year, sheets.may[year] & sites)[0], abs=1e-6)
    if missed:
        return
    for answer in outcome.base:
        _, short, cost = sheets.solved(answer.year, answer.opened)
        assert answer.short == pytest.approx(short, abs=1e-6)
        assert answer.cost == pytest.approx(cost, rel=1e-7, abs=1e-6)
    for one in outcome.bottlenecks:
        base = outcome.base[one.year]
        if one.place.kind in {LANE, INBOUND}:
            tenth = outcome.resolved[one.tenth].enlarged
            assert tenth is not None
            ways = sheets.ways if one.place.kind == LANE else sheets.ways_in
            pair = [way[-1] for way in ways[one.year] if way[:2] == one.place.ends[:2]]
            own = min(pair, key=lambda held: abs(held - tenth / 1.1))
            if pair.count(own) > 1:
                continue  # two of its modes carry as much: which one is meant cannot be told from the figures
            sheets.full = {(one.year, one.place): own}
        more = sheets.solved(one.year, base.opened, (one.place, 1e-3))
        now = sheets.solved(one.year, base.opened)
        measure = 1 if base.short > 0 else 2
        assert (now[measure] - more[measure]) / 1e-3 == pytest.approx(one.price, rel=1e-4, abs=1e-4)
    best = least_cost(sheets, sites, relieved=outcome.short)
    if best is None:
        assert outcome.status is ResultStatus.INFEASIBLE
    else:
        assert outcome.objective == pytest.approx(best, rel=1e-6, abs=1e-6)


def least_cost(sheets: YearBySheets, sites: np.ndarray, *, relieved: bool) -> float | None:
    """What the network costs with all demand served, as it is or `relieved`; None where nothing serves it.

    Every way of every facility is tried with every way of the others.
    """
    by_site = [sheets.ways_of(site, analysed=bool(own)) for site, own in enumerate(sites)]
    if not relieved:
        by_site = [
            {way: cost for way, cost in ways.items() if max(way) <= (0 if sites[site] else CLOSED)}
            for site, ways in enumerate(by_site)
        ]
    flows: dict[tuple[int, States], float] = {}
    best = np.inf
    for chosen in itertools.product(*by_site):
        total = sum(ways[way] for ways, way in zip(by_site, chosen, strict=True))
        if total >= best or not sheets.allowed(chosen):
            continue
        for year, counts in enumerate(zip(*chosen, strict=True)):
            if (year, counts) not in flows:
                missed, short, cost = sheets.solved(year, np.array(counts) >= 0, counts=counts)
                flows[year, counts] = np.inf if missed + short > 1e-6 else cost
            total += flows[year, counts]
        best = min(best, total)
    return None if np.isinf(best) else float(best)
