"""The dataset as a problem over years, for the proof of a bound where years differ.

What makes a plan dearer or rules it out and is not in that problem (one source, limits of lanes, dearer modes) can only
raise what plans cost: the bound holds with it all the same. So it does with what suppliers cost at least.
"""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.verify.transport.facts import Facts
from networx.verify.transport.inbound import least_way_in
from networx.verify.transport.lanes import lane_facts, year_lanes
from networx.verify.transport.service import services
from networx.verify.years import YearsData


def years_data(tables: NetworkTables, parameters: TransportParameters, facts: Facts) -> YearsData:
    """Facilities that are or may be open and destinations with demand in some year, in the order of the dataset."""
    ever: Flags = ~np.logical_and.reduce(facts.forbidden, axis=0)
    existing = facts.existing if len(facts.existing) else np.zeros(len(ever), dtype=bool)
    site, place = np.flatnonzero(ever | existing), np.flatnonzero(facts.demand.any(axis=0))
    at = np.meshgrid(site, place, indexing="ij")
    pairs = at[0].ravel().astype(np.int64), at[1].ravel().astype(np.int64)
    exists, price = lane_facts(tables, parameters, facts.years, *pairs)
    lanes = exists.reshape(at[0].shape)
    one_year = np.where(lanes, price.reshape(lanes.shape), np.inf)
    paid = np.array([least_way_in(tables, parameters, year)[site] for year in facts.years])
    years = len(facts.years)
    lease, may = facts.lease[site], ~facts.forbidden[:, site]
    must = facts.mandatory[:, site]
    most = int(ever.sum()) if parameters.max_facilities is None else min(parameters.max_facilities, int(ever.sum()))
    changes = parameters.max_changes_per_year
    asked = services(tables, parameters, facts.years)
    of_year = [year_lanes(tables, parameters, *one) for one in zip(facts.years, asked, strict=True)]
    return YearsData(
        fixed=facts.fixed_cost[:, site],
        capacity=facts.capacity[:, site],
        may=may,
        # One that has to be open in a year and never changes is so in all its years.
        must=must | (may & (lease >= years) & must.any(axis=0)),
        demand=facts.demand[:, place],
        price=one_year + paid[:, :, None],
        lease=lease,
        existing=existing[site],
        opening=facts.opening_cost[site],
        closing=facts.closing_cost[site],
        least=facts.min_throughput[site],
        at_least=parameters.min_facilities or 0,
        at_most=most,
        most_changes=math.inf if changes is None else float(changes),
        near=np.array([one.near[at[0], at[1]] for one in of_year]),
        # What may be missed at its price is not asked for.
        level=np.array([service.level if service.hard else 0.0 for service in asked]),
    )
