"""What the dataset says of every way to serve in a year: over which lanes, at what cost and within which limits."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats, Ints
from networx.domain.capacity_answer import FACILITY, INBOUND, LANE, SUPPLIER, Multipliers, Place, YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import TransportPlan
from networx.verify.transport.facts import Facts, facts_of
from networx.verify.transport.inbound import NOTHING_ASKED, as_network
from networx.verify.transport.lanes import FlowLanes, flow_lanes, listed_ways, modes_of
from networx.verify.transport.service import Service, services
from networx.verify.transport.tiers import Steps, steps_of


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of one year, one an element: from a facility to a destination, or from a supplier to a facility.

    `near` counts a distance as reached where it is in doubt by rounding; nothing that comes in is.
    """

    site: Ints
    place: Ints
    mode: Ints
    price: Floats
    near: Flags
    capacity: Floats

    @property
    def limited(self) -> bool:
        """Whether any has a capacity."""
        return bool(np.isfinite(self.capacity).any())

    def rows(self, site: Codes | Ints, place: Codes | Ints, mode: Ints) -> Ints:
        """The way of each of these ends and modes, -1 for none.

        Where a mode is left out, though none is without one, the cheapest of the pair is meant if nothing limits any:
        so was told what comes in before modes were.
        """
        if not len(site):
            return np.zeros(0, dtype=np.int64)
        keys = list(zip(self.site.tolist(), self.place.tolist(), self.mode.tolist(), strict=True))
        row_of = {key: row for row, key in enumerate(keys)}
        for row in np.argsort(self.price, kind="stable").tolist() if not self.limited else ():
            row_of.setdefault((*keys[row][:2], -1), row)
        asked = zip(site.tolist(), place.tolist(), mode.tolist(), strict=True)
        return np.array([row_of.get(key, -1) for key in asked], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Network:
    """`ways`, `ways_in` and `service` have an element a year, `steps` are the tiers of each facility. Without suppliers
    `supply` is empty. `own_mode` says which of the dataset's modes each of the answers' is, with -1 at its end for
    none, and `own_inbound_mode` the same of what comes in."""

    facts: Facts
    ways: tuple[Ways, ...]
    service: tuple[Service, ...]
    ways_in: tuple[Ways, ...]
    supply: Floats
    own_mode: Ints
    own_inbound_mode: Ints
    steps: Steps
    tables: NetworkTables
    parameters: TransportParameters

    def capacity(self, answer: YearAnswer) -> Floats:
        """Units a facility may send in the answer's year, its tiers in use and its enlargement included."""
        held: Floats = self.facts.capacity[answer.year].copy()
        for site in np.flatnonzero(answer.tiers).tolist():
            held[site] += sum(units for units, _, _ in self.steps[site][: answer.tiers[site]])
        if answer.larger is not None and answer.larger.kind == FACILITY:
            held[answer.larger.facility] = _units(answer)
        return held

    def least(self, answer: YearAnswer) -> Floats:
        """(I,): units that a facility has to ship in the answer's year."""
        asked: Floats = np.where(answer.opened, self.facts.min_throughput, 0.0)
        return asked

    def with_minima_of(self, sites: Flags) -> Network:
        """The same where only these facilities have to ship their minimum throughput."""
        asked = np.where(sites, self.facts.min_throughput, 0.0)
        return replace(self, facts=replace(self.facts, min_throughput=asked))

    def supply_of(self, answer: YearAnswer) -> Floats:
        """Units a supplier may send in the answer's year, its enlargement included."""
        held: Floats = self.supply.copy()
        if answer.larger is not None and answer.larger.kind == SUPPLIER:
            held[answer.larger.supplier] = _units(answer)
        return held

    def lane_capacity(self, answer: YearAnswer) -> Floats:
        """The same of the ways of the answer's year."""
        return self._held(self.ways[answer.year], answer, LANE)

    def inbound_capacity(self, answer: YearAnswer) -> Floats:
        """The same of the ways by which units come in."""
        return self._held(self.ways_in[answer.year], answer, INBOUND)

    def _held(self, ways: Ways, answer: YearAnswer, kind: str) -> Floats:
        if answer.larger is None or answer.larger.kind != kind:
            return ways.capacity
        return np.where(self._is(ways, answer.larger), _units(answer), ways.capacity)

    def capacity_of(self, year: int, place: Place) -> float:
        """What a place has by itself; NaN for a lane that is none."""
        if place.kind == FACILITY:
            return float(self.facts.capacity[year, place.facility])
        if place.kind == SUPPLIER:
            return float(self.supply[place.supplier])
        ways = (self.ways_in if place.kind == INBOUND else self.ways)[year]
        found = ways.capacity[self._is(ways, place)]
        return float(found[0]) if len(found) == 1 else math.nan

    def flows_over(self, answer: YearAnswer) -> Ints:
        """The way of each flow of the answer, -1 for none."""
        mode = self.own_mode[answer.mode]
        return self.ways[answer.year].rows(answer.facility, answer.destination, mode)

    def brought_over(self, answer: YearAnswer) -> Ints:
        """The same of what comes in."""
        mode = self.own_inbound_mode[answer.inbound_mode]
        return self.ways_in[answer.year].rows(answer.inbound_supplier, answer.inbound_facility, mode)

    def lanes_of(self, answer: YearAnswer) -> FlowLanes:
        """What the dataset says of the lane of each flow of the answer."""
        year = np.full(len(answer.units), answer.year, dtype=np.int32)
        flows = (year, answer.facility, answer.destination, answer.units, self.own_mode[answer.mode])
        return _looked_up(self.tables, self.parameters, self.facts, flows)

    def lane_prices(self, year: int, proof: Multipliers) -> Floats:
        """The price of each way's capacity; NaN everywhere for a price of a way that is none."""
        return _prices(self.ways[year], proof.lane, self.own_mode, proof.lane_price)

    def inbound_prices(self, year: int, proof: Multipliers) -> Floats:
        """The same of the ways by which units come in."""
        return _prices(self.ways_in[year], proof.inbound, self.own_inbound_mode, proof.inbound_price)

    def _is(self, ways: Ways, lane: Place) -> Flags:
        start, end, mode = lane.ends
        own = self.own_inbound_mode if lane.kind == INBOUND else self.own_mode
        found: Flags = (ways.site == start) & (ways.place == end) & (ways.mode == own[mode])
        return found


def _prices(ways: Ways, lane: Codes, own_mode: Ints, price: Floats) -> Floats:
    row = ways.rows(lane[:, 0], lane[:, 1], own_mode[lane[:, 2]])
    if (row < 0).any():
        return np.full(len(ways.site), np.nan)
    prices: Floats = np.bincount(row, price, minlength=len(ways.site)).astype(float)
    return prices


def _units(answer: YearAnswer) -> float:
    return math.nan if answer.enlarged is None else answer.enlarged


def _looked_up(
    tables: NetworkTables,
    parameters: TransportParameters,
    facts: Facts,
    flows: tuple[Codes, Codes, Codes, Floats, Ints],
) -> FlowLanes:
    year, site, place, units, mode = flows
    plan = TransportPlan(
        years=facts.years,
        opened=np.zeros((len(facts.years), len(tables.facilities)), dtype=bool),
        flow_year=year,
        flow_facility=site,
        flow_destination=place,
        flow_units=units,
        flow_mode=mode.astype(np.int32),
        modes=modes_of(tables),
    )
    return flow_lanes(tables, parameters, facts, plan)


def network_of(
    tables: NetworkTables, parameters: TransportParameters, modes: tuple[str, ...], inbound_modes: tuple[str, ...]
) -> Network:
    """`modes` are the names that the answers' flows and lanes go by, and those of what comes in, all in the dataset."""
    facts, inbound = facts_of(tables, parameters), as_network(tables)
    asked = services(tables, parameters, facts.years)
    years = range(len(facts.years))
    return Network(
        facts=facts,
        ways=tuple(_ways(tables, parameters, facts, year, asked[year]) for year in years),
        service=tuple(asked),
        ways_in=tuple(_ways(inbound, parameters, facts, year, NOTHING_ASKED) for year in years),
        supply=tables.suppliers.supply_units.astype(float),
        own_mode=_own_modes(tables, modes),
        own_inbound_mode=_own_modes(inbound, inbound_modes),
        steps=steps_of(tables),
        tables=tables,
        parameters=parameters,
    )


def _own_modes(tables: NetworkTables, modes: tuple[str, ...]) -> Ints:
    own = {name: at for at, name in enumerate(modes_of(tables))}
    return np.array([*(own[name] for name in modes), -1], dtype=np.int64)


def _ways(tables: NetworkTables, parameters: TransportParameters, facts: Facts, year: int, asked: Service) -> Ways:
    """All that is a way in a year; `tables` may be those of what comes in, as a network."""
    site, place, mode = listed_ways(tables, parameters, facts.years[year])
    years = np.full(len(site), year, dtype=np.int32)
    flows = (years, site.astype(np.int32), place.astype(np.int32), np.zeros(len(site)), mode)
    found = _looked_up(tables, parameters, facts, flows)
    there = np.flatnonzero(found.exists)
    near = asked.near(found.miles, found.days) & asked.asked
    return Ways(site[there], place[there], mode[there], found.price[there], near[there], found.capacity[there])
