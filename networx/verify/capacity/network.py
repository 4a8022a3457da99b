"""What the dataset says of every way to serve in a year, and the bound that a year's multipliers prove."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats, Ints
from networx.domain.capacity import FACILITY, SUPPLIER, Multipliers, Place, YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import TransportPlan
from networx.verify.transport.facts import Facts, facts_of
from networx.verify.transport.inbound import WaysIn, ways_in
from networx.verify.transport.lanes import FlowLanes, flow_lanes, listed_ways, modes_of
from networx.verify.transport.service import Service, services
from networx.verify.transport.tiers import Steps, steps_of

ROUNDING = 1e-9  # of a price; a dual meets its limit to rounding


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of one year, one an element; `near` counts a distance as reached where it is in doubt by rounding."""

    site: Ints
    place: Ints
    mode: Ints
    price: Floats
    near: Flags
    capacity: Floats


@dataclass(frozen=True, slots=True)
class Network:
    """`ways` and `service` have an element a year, `steps` are the tiers of each facility. Without suppliers `supply`
    is empty. `own_mode` says which of the dataset's modes each of the answers' is, with -1 at its end for none."""

    facts: Facts
    ways: tuple[Ways, ...]
    service: tuple[Service, ...]
    ways_in: WaysIn
    supply: Floats
    own_mode: Ints
    steps: Steps
    tables: NetworkTables
    parameters: TransportParameters

    @property
    def lanes_limited(self) -> bool:
        """Whether any lane has a capacity."""
        return any(bool(np.isfinite(ways.capacity).any()) for ways in self.ways)

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
        ways = self.ways[answer.year]
        larger = answer.larger
        if larger is None or larger.kind in {FACILITY, SUPPLIER}:
            return ways.capacity
        return np.where(self._is(ways, larger), _units(answer), ways.capacity)

    def capacity_of(self, year: int, place: Place) -> float:
        """What a place has by itself; NaN for a lane that is none."""
        if place.kind == FACILITY:
            return float(self.facts.capacity[year, place.facility])
        if place.kind == SUPPLIER:
            return float(self.supply[place.supplier])
        found = self.ways[year].capacity[self._is(self.ways[year], place)]
        return float(found[0]) if len(found) == 1 else math.nan

    def lanes_of(self, answer: YearAnswer) -> FlowLanes:
        """What the dataset says of the lane of each flow of the answer."""
        year = np.full(len(answer.units), answer.year, dtype=np.int32)
        flows = (year, answer.facility, answer.destination, answer.units, self.own_mode[answer.mode])
        return _looked_up(self.tables, self.parameters, self.facts, flows)

    def lane_prices(self, year: int, proof: Multipliers) -> Floats:
        """The price of each way's capacity; NaN everywhere for a price of a way that is none."""
        ways = self.ways[year]
        keys = zip(ways.site.tolist(), ways.place.tolist(), ways.mode.tolist(), strict=True)
        row_of = {key: row for row, key in enumerate(keys)}
        prices = np.zeros(len(row_of))
        for (site, place, mode), price in zip(proof.lane.tolist(), proof.lane_price.tolist(), strict=True):
            row = row_of.get((site, place, int(self.own_mode[mode])))
            if row is None:
                return np.full(len(prices), np.nan)
            prices[row] += price
        return prices

    def _is(self, ways: Ways, lane: Place) -> Flags:
        mode = self.own_mode[lane.mode]
        found: Flags = (ways.site == lane.facility) & (ways.place == lane.destination) & (ways.mode == mode)
        return found


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


def network_of(tables: NetworkTables, parameters: TransportParameters, modes: tuple[str, ...]) -> Network:
    """`modes` are the names that the answers' flows and lanes go by, all of them in the dataset."""
    facts = facts_of(tables, parameters)
    asked, own = services(tables, parameters, facts.years), {name: at for at, name in enumerate(modes_of(tables))}
    ways = []
    for year, label in enumerate(facts.years):
        site, place, mode = listed_ways(tables, parameters, label)
        years = np.full(len(site), year, dtype=np.int32)
        flows = (years, site.astype(np.int32), place.astype(np.int32), np.zeros(len(site)), mode)
        found = _looked_up(tables, parameters, facts, flows)
        there = np.flatnonzero(found.exists)
        near = asked[year].near(found.miles, found.days) & asked[year].asked
        ways.append(
            Ways(site[there], place[there], mode[there], found.price[there], near[there], found.capacity[there])
        )
    return Network(
        facts=facts,
        ways=tuple(ways),
        service=tuple(asked),
        ways_in=ways_in(tables, parameters, facts.years),
        supply=tables.suppliers.supply_units.astype(float),
        own_mode=np.array([*(own[name] for name in modes), -1], dtype=np.int64),
        steps=steps_of(tables),
        tables=tables,
        parameters=parameters,
    )


def least_short_bound(network: Network, answer: YearAnswer, proof: Multipliers) -> float:
    """Units that stay unserved whatever is done, by weak duality; NaN for multipliers of a wrong sign."""
    service = network.service[answer.year]
    # Where lacking service has a price it costs no unit, and so proves none.
    most = math.inf if service.hard else 0.0
    cheapest = _cheapest(network, answer, proof, dollars=False)
    # Leaving a unit unserved costs one unit, and counts as served near by.
    return _bound(network, answer, proof, np.minimum(cheapest, 1.0 - proof.service), most_unserved=0.0, most=most)


def least_cost_bound(network: Network, answer: YearAnswer, proof: Multipliers, most_unserved: float) -> float:
    """Dollars that serving costs at least, where no more than `most_unserved` units may stay unserved."""
    service = network.service[answer.year]
    most = math.inf if service.hard or not service.asked else service.penalty
    cheapest = _cheapest(network, answer, proof, dollars=True)
    if most_unserved > 0:
        cheapest = np.minimum(cheapest, -proof.service - proof.shortage)
    return _bound(network, answer, proof, cheapest, most_unserved, most)


def least_missed_bound(network: Network, answer: YearAnswer, proof: Multipliers) -> float:
    """Units that lack of the minimum throughputs whatever is done; NaN for multipliers of a wrong sign."""
    service = network.service[answer.year]
    if (proof.least > 1 + ROUNDING).any():
        return math.nan  # a unit that lacks costs one unit
    cheapest = _cheapest(network, answer, proof, dollars=False)
    # Leaving a unit unserved costs nothing, and counts as served near by.
    unserved = np.minimum(cheapest, -proof.service)
    return _bound(network, answer, proof, unserved, most_unserved=0.0, most=math.inf if service.hard else 0.0)


def _cheapest(network: Network, answer: YearAnswer, proof: Multipliers, *, dollars: bool) -> Floats:
    """For each destination, the least that a unit costs over all its ways once every capacity and distance is paid
    for, and what comes in. Without `dollars` ways themselves cost nothing."""
    ways, places = network.ways[answer.year], network.facts.demand.shape[1]
    usable = answer.opened & (network.capacity(answer) > 0)
    taken = np.flatnonzero(usable[ways.site] & (network.lane_capacity(answer) > 0))
    site, place = ways.site[taken], ways.place[taken]
    paid = ways.price[taken] if dollars else np.zeros(len(taken))
    paid = (
        paid - proof.capacity[site] - proof.service * ways.near[taken] - network.lane_prices(answer.year, proof)[taken]
    )
    paid = paid + _brought_in(network, answer, proof, dollars=dollars)[site] - _of_minima(network, proof)[site]
    least = np.full(places, np.inf)
    np.minimum.at(least, place, paid)
    return least


def _of_minima(network: Network, proof: Multipliers) -> Floats:
    """(I,): the price of a unit of each facility's minimum throughput."""
    return proof.least if len(proof.least) else np.zeros(len(network.facts.min_throughput))


def _brought_in(network: Network, answer: YearAnswer, proof: Multipliers, *, dollars: bool) -> Floats:
    """(I,): the least that a unit costs to bring to a facility once supply is paid for; inf where nothing brings it."""
    sites = len(answer.opened)
    if not len(network.supply):
        return np.zeros(sites)
    price = network.ways_in.price if dollars else np.zeros(network.ways_in.price.shape)
    price = np.where(network.ways_in.exists & (network.supply_of(answer) > 0)[:, None], price, np.inf)
    least: Floats = (price - proof.supply[:, None]).min(axis=0)
    return least


def _bound(
    network: Network,
    answer: YearAnswer,
    proof: Multipliers,
    cheapest: Floats,
    most_unserved: float,
    most: float,
) -> float:
    """`most` is what a unit of service that is lacking costs: no price of the service level is above it."""
    signed = (
        *(proof.capacity, proof.supply, proof.lane_price, -proof.least),
        np.array([proof.shortage, -proof.service]),
    )
    if any((prices > 0).any() for prices in signed) or proof.service > most * (1 + ROUNDING) + ROUNDING:
        return math.nan
    demand, lanes = network.facts.demand[answer.year], network.lane_prices(answer.year, proof)
    asked = np.flatnonzero(demand > 0)
    parts = [
        *(demand[asked] * cheapest[asked]).tolist(),
        *_paid(network.capacity(answer), np.where(answer.opened, proof.capacity, 0.0)),
        *_paid(network.lane_capacity(answer), lanes),
        *_paid(network.supply_of(answer), proof.supply),
        *_paid(network.least(answer), _of_minima(network, proof)),
        network.service[answer.year].level * math.fsum(demand.tolist()) * proof.service if proof.service else 0.0,
        most_unserved * proof.shortage,
    ]
    # An infinite part proves nothing that a finite answer could be held against; neither does one that is unknown.
    return math.fsum(parts) if np.isfinite(parts).all() else math.nan


def _paid(capacity: Floats, price: Floats) -> list[float]:
    priced = np.flatnonzero(price)
    paid: list[float] = (capacity[priced] * price[priced]).tolist()
    return paid
