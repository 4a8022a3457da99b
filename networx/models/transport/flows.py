"""The columns `flow` of the transport model: which there are, and where the figures of their ends stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices, picked
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import Periods


@dataclass(frozen=True, slots=True)
class FlowColumns:
    """What each flow column stands for: its period, its lane, and the units that a value of 1 carries.

    `start` and `end` are its period and facility, and its period and destination, as one position in an array of shape
    (P, I) or (P, J): `capacity.take(flows.start)`, a fraction of the time that two indices take.
    """

    period: Indices
    lane: Indices
    most_units: Floats
    start: Indices
    end: Indices


def flow_columns(instance: TransportInstance, periods: Periods) -> FlowColumns:
    """One for each period and lane with demand at one end and capacity (if single-sourced: enough) at the other.

    What a lane carries at most is in its units of 1, so that it needs no row of its own. Periods are single years
    wherever a lane is limited or counts in some years alone.
    """
    lanes = instance.lanes
    demand = periods.demand.take(lanes.destination, axis=1)
    most = periods.capacity.take(lanes.facility, axis=1)
    np.minimum(most, demand, out=most)
    np.minimum(most, lanes.capacity, out=most)
    usable = most > 0
    if not lanes.alike:
        usable &= lanes.counts
    if instance.single_source:
        usable &= most >= demand
    used = picked(usable.ravel())
    sites, places = periods.capacity.shape[1], periods.demand.shape[1]
    count = len(usable)
    return FlowColumns(
        np.arange(count).repeat(len(lanes))[used],
        _in_each_period(np.arange(len(lanes)), 0, count)[used],
        most.ravel()[used],
        _in_each_period(lanes.facility, sites, count)[used],
        _in_each_period(lanes.destination, places, count)[used],
    )


def _in_each_period(positions: Indices, width: int, periods: int) -> Indices:
    """The positions in each of the periods, one after another, each of which moves them on by `width`."""
    if periods == 1:
        return positions
    moved: Indices = np.add.outer(np.arange(periods) * width, positions).ravel()
    return moved


def first_years(periods: Periods) -> Indices:
    """The first year of each period."""
    return np.unique(periods.of_year, return_index=True)[1]


def near_flows(instance: TransportInstance, periods: Periods, flows: FlowColumns) -> Flags:
    """Which flows count for the service level of their period, whose years ask the same."""
    near: Flags = instance.near[first_years(periods)[flows.period], flows.lane]
    return near
