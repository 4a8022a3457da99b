"""Suppliers that limit nothing, folded into the prices of the lanes that leave facilities.

Where in each year the cheapest way to each facility that may be open comes from a supplier that has all the demand of
the network, over a lane that carries all that the facility ships, a plan that brings everything in that way costs no
more than any other with the same deliveries, and it is allowed: what the facilities ship together is the demand. So a
unit that leaves a facility costs so much more, whatever else is decided, and what is left is the network without
suppliers. The certificate prices what comes in all the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.models.transport.inbound import NO_INBOUND, FreeSupply
from networx.models.transport.instance import TransportInstance


def folded(instance: TransportInstance) -> TransportInstance:
    """The same problem without suppliers, where they limit nothing and cost the same in every year; else as it is."""
    inbound = instance.inbound
    if not len(inbound.supplier):
        return instance
    lane = _cheapest(instance)
    free = _free(instance)[np.arange(len(lane))[:, None], lane] & (lane >= 0)
    if not free[instance.rules.may].all():
        return instance
    price = np.where(instance.rules.may, inbound.cost_per_unit[lane], np.nan)
    each = _one_price(price)
    if each is None:
        return instance
    lanes = instance.lanes
    return replace(
        instance,
        lanes=replace(lanes, cost_per_unit=lanes.cost_per_unit + each[lanes.facility]),
        inbound=NO_INBOUND,
        free_supply=FreeSupply(inbound, lane),
    )


def _free(instance: TransportInstance) -> np.ndarray:
    """(T, L): lanes that bring whatever is asked of them, from suppliers that have whatever the network asks."""
    inbound, total = instance.inbound, instance.demand.sum(axis=1, keepdims=True)
    most = np.minimum(instance.most_capacity, total)
    free: np.ndarray = (
        (inbound.supply[inbound.supplier] >= total)
        & (inbound.lanes.capacity >= most[:, inbound.facility])
        & inbound.lanes.counts
    )
    return free


def _cheapest(instance: TransportInstance) -> Indices:
    """(T, I): the cheapest lane to each facility in each year, one that limits nothing before others; -1 for none."""
    inbound, free = instance.inbound, _free(instance)
    lane = np.full((len(instance.years), len(instance.facility_names)), -1, dtype=np.intp)
    for year, counts in enumerate(inbound.lanes.counts):
        used = np.flatnonzero(counts)
        used = used[np.lexsort((~free[year, used], inbound.cost_per_unit[used], inbound.facility[used]))]
        site, first = np.unique(inbound.facility[used], return_index=True)
        lane[year, site] = used[first]
    return lane


def _one_price(price: Floats) -> Floats | None:
    """(I,): what a unit costs, in all years in which `price` (T, I) is a number; None where years differ.

    A facility that may never be open has no lane that asks.
    """
    known = ~np.isnan(price)
    least = np.min(price, axis=0, initial=np.inf, where=known)
    most = np.max(price, axis=0, initial=-np.inf, where=known)
    if (least < most).any():
        return None
    return np.where(np.isfinite(least), least, 0.0)
