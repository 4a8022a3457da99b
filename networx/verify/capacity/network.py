"""What the dataset says of every pair of facility and destination, and the bound that a year's multipliers prove."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.capacity import Multipliers, YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.verify.miles import millionths
from networx.verify.transport.facts import Facts, facts_of
from networx.verify.transport.lanes import lane_facts


@dataclass(frozen=True, slots=True)
class Network:
    """`price` (I, J) is inf where there is no lane and NaN where it is unknown; `near` is within the distance."""

    facts: Facts
    price: Floats
    near: Flags
    level: float

    def capacity(self, answer: YearAnswer) -> Floats:
        """Units a facility may send in the answer's year, its enlargement included."""
        held: Floats = self.facts.capacity[answer.year].copy()
        if answer.larger is not None:
            held[answer.larger] = np.nan if answer.enlarged is None else answer.enlarged
        return held


def network_of(tables: NetworkTables, parameters: TransportParameters) -> Network:
    shape = (len(tables.facilities), len(tables.destinations))
    site, place = (grid.ravel().astype(np.int64) for grid in np.indices(shape))
    facts = facts_of(tables, parameters)
    exists, price, miles = (part.reshape(shape) for part in lane_facts(tables, parameters, facts.years, site, place))
    limit = np.nan if parameters.max_distance_miles is None else parameters.max_distance_miles
    return Network(
        facts=facts,
        price=np.where(exists, price, np.inf),
        near=millionths(miles) <= millionths(limit),
        level=parameters.service_level or 0.0,
    )


def least_short_bound(network: Network, answer: YearAnswer, proof: Multipliers) -> float:
    """Units that stay unserved whatever is done, by weak duality; NaN for multipliers of a wrong sign."""
    demand = network.facts.demand[answer.year]
    price = np.where(np.isfinite(network.price), 0.0, np.inf)
    # Leaving a unit unserved costs one unit, and counts as served near by.
    cheapest = np.minimum(_cheapest(network, answer, proof, price), 1.0 - proof.service)
    return _bound(network, answer, proof, demand, cheapest, most_unserved=0.0)


def least_cost_bound(network: Network, answer: YearAnswer, proof: Multipliers, most_unserved: float) -> float:
    """Dollars that serving costs at least, where no more than `most_unserved` units may stay unserved."""
    demand = network.facts.demand[answer.year]
    cheapest = _cheapest(network, answer, proof, network.price)
    if most_unserved > 0:
        cheapest = np.minimum(cheapest, -proof.service - proof.shortage)
    return _bound(network, answer, proof, demand, cheapest, most_unserved)


def _cheapest(network: Network, answer: YearAnswer, proof: Multipliers, price: Floats) -> Floats:
    """For each destination, the least that a unit costs over all its lanes once capacity and distance are paid for."""
    usable = np.flatnonzero(answer.opened & (network.capacity(answer) > 0))
    if not len(usable):
        return np.full(price.shape[1], np.inf)
    paid = price[usable] - proof.capacity[usable, None] - proof.service * network.near[usable]
    least: Floats = paid.min(axis=0)
    return least


def _bound(
    network: Network, answer: YearAnswer, proof: Multipliers, demand: Floats, cheapest: Floats, most_unserved: float
) -> float:
    capacity = network.capacity(answer)
    if (proof.capacity > 0).any() or proof.service < 0 or proof.shortage > 0:
        return math.nan
    priced = np.flatnonzero((proof.capacity < 0) & answer.opened)
    asked = np.flatnonzero(demand > 0)
    parts = [
        *(demand[asked] * cheapest[asked]).tolist(),
        *(capacity[priced] * proof.capacity[priced]).tolist(),
        network.level * math.fsum(demand.tolist()) * proof.service,
        most_unserved * proof.shortage,
    ]
    # An infinite part proves nothing that a finite answer could be held against; neither does one that is unknown.
    return math.fsum(parts) if np.isfinite(parts).all() else math.nan
