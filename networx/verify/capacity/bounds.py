"""The bounds that a year's multipliers prove, by weak duality."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.capacity_answer import Multipliers, YearAnswer
from networx.verify.capacity.network import Network

ROUNDING = 1e-9  # of a price; a dual meets its limit to rounding


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
    ways = network.ways_in[answer.year]
    usable = (network.supply_of(answer)[ways.site] > 0) & (network.inbound_capacity(answer) > 0)
    supply = proof.supply if len(proof.supply) else np.zeros(len(network.supply))
    paid = ways.price if dollars else np.zeros(len(ways.site))
    paid = paid - supply[ways.site] - network.inbound_prices(answer.year, proof)
    least = np.full(sites, np.inf)
    np.minimum.at(least, ways.place[usable], paid[usable])
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
        *(proof.capacity, proof.supply, proof.lane_price, proof.inbound_price, -proof.least),
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
        *_paid(network.inbound_capacity(answer), network.inbound_prices(answer.year, proof)),
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
