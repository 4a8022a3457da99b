"""One dataset as the check reads it: once for all plans that are checked against it.

What is read depends on the scenario's parameters, but not on how many facilities may be open: the numbers of a sweep
share it. Nothing of a plan, and nothing that a solver says, has a part in it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.verify.location import LocationData
from networx.verify.transport.facts import Facts, facts_of
from networx.verify.transport.inbound import least_way_in
from networx.verify.transport.lanes import lane_facts


class Reading:
    """The tables of a dataset, which nobody may change meanwhile, and what was read of them so far."""

    def __init__(self, tables: NetworkTables) -> None:
        self.tables = tables
        self._facts: dict[TransportParameters, Facts] = {}
        self._summed: dict[TransportParameters, LocationData] = {}

    @cached_property
    def sha256(self) -> str:
        """The digest of the tables."""
        return self.tables.sha256()

    def facts(self, parameters: TransportParameters) -> Facts:
        """What the dataset says, by year."""
        asked = _any_number(parameters)
        if asked not in self._facts:
            self._facts[asked] = facts_of(self.tables, asked)
        return self._facts[asked]

    def summed_years(self, parameters: TransportParameters) -> LocationData:
        """All years as one: facilities that may be open and destinations with demand, in the order of the dataset."""
        asked = _any_number(parameters)
        if asked not in self._summed:
            self._summed[asked] = _summed_years(self.tables, asked, self.facts(parameters))
        summed = self._summed[asked]
        most = summed.at_most if parameters.max_facilities is None else min(parameters.max_facilities, summed.at_most)
        return replace(summed, at_least=parameters.min_facilities or 0, at_most=most)


def _any_number(parameters: TransportParameters) -> TransportParameters:
    return replace(parameters, min_facilities=None, max_facilities=None)


def _summed_years(tables: NetworkTables, parameters: TransportParameters, facts: Facts) -> LocationData:
    demand = facts.demand.sum(axis=0)
    site, place = np.flatnonzero(~facts.forbidden.all(axis=0)), np.flatnonzero(demand > 0)
    at = np.meshgrid(site, place, indexing="ij")
    pairs = at[0].ravel().astype(np.int64), at[1].ravel().astype(np.int64)
    exists, price = lane_facts(tables, parameters, facts.years, *pairs)
    paid = np.min([least_way_in(tables, parameters, year)[site] for year in facts.years], axis=0)
    lanes = exists.reshape(at[0].shape) & np.isfinite(paid)[:, None]
    cost = np.where(lanes, price.reshape(lanes.shape) + paid[:, None], np.inf) * demand[place]
    reach = (lanes[None, :, :] * facts.demand[:, None, place]).sum(axis=2)
    return LocationData(
        fixed=facts.fixed_cost.sum(axis=0)[site],
        capacity=np.minimum(facts.capacity[:, site], reach).sum(axis=0),
        demand=demand[place],
        cost=cost,
        must=np.logical_or.reduce(facts.mandatory, axis=0)[site],
        at_least=0,
        at_most=len(site),
    )
