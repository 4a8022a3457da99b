"""Prices that stand for "never": facilities and lanes that cost far more than all the rest of a network together.

Beside a number such as 1e12 no solver tells the others apart. So what is that dear first counts as no more than the
dearest plan of the rest does. A plan of the network so cheapened that uses nothing of it is one of the network itself,
and costs the same; and what no plan of the one costs less than, no plan of the other does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.plan import TransportPlan
from networx.models.transport.instance import TransportInstance

FAR_APART = 100.0  # times the dearest plan of the rest; nearer than that, a solver copes
_STEP = 10.0  # from one price to the next, where those that stand for "never" may begin


@dataclass(frozen=True, slots=True)
class Cheapened:
    """`instance` counts those facilities and lanes for less; `dear` and `dear_pairs` (I, J) say which they are."""

    instance: TransportInstance
    dear: Flags
    dear_pairs: Flags

    def uses_none(self, plan: TransportPlan) -> bool:
        """Whether the plan costs the same in both."""
        opened = plan.opened & self.dear
        return not (opened.any() or self.dear_pairs[plan.flow_facility, plan.flow_destination].any())

    def real_cost(self, plan: TransportPlan, cost: float, real: TransportInstance) -> float | None:
        """What a plan that costs so much here costs in the network itself; None where its lanes differ by year."""
        ours, lanes = self.instance.lanes, real.lanes
        width, ways = len(real.destination_names), len(lanes.modes) + 1
        known = (lanes.facility * width + lanes.destination) * ways + lanes.mode + 1
        used = (plan.flow_facility.astype(np.int64) * width + plan.flow_destination) * ways + plan.flow_mode + 1
        order = np.argsort(known, kind="stable")
        if len(np.unique(known)) < len(known):
            return None
        lane = order[np.searchsorted(known[order], used)]
        more = (real.fixed_cost - self.instance.fixed_cost)[plan.opened].sum()
        return float(cost + more + (lanes.cost_per_unit - ours.cost_per_unit)[lane] @ plan.flow_units)


def cheapened(instance: TransportInstance) -> Cheapened | None:
    """The network with its dearest prices lowered, or None where they are not that far from the others."""
    lanes, sites = instance.lanes, instance.allowed
    units = instance.demand.sum(axis=0)
    of_sites = np.where(instance.rules.may, instance.fixed_cost, 0.0)
    of_lanes = lanes.cost_per_unit * units.take(lanes.destination)
    highest = max(of_sites.max(initial=0.0), of_lanes.max(initial=0.0))
    least = _least_that_counts(instance, of_sites.sum(axis=0)[sites], of_lanes)
    if not highest > FAR_APART * least:
        return None
    most = _dearest_of_the_rest(of_sites, of_lanes, lanes.destination, least)
    if most is None:
        return None
    lowered = np.divide(most, units, out=np.full(len(units), np.inf), where=units > 0).take(lanes.destination)
    cheaper = replace(
        instance,
        fixed_cost=np.minimum(instance.fixed_cost, most),
        lanes=replace(lanes, cost_per_unit=np.minimum(lanes.cost_per_unit, lowered)),
    )
    pairs = np.zeros((len(sites), len(units)), dtype=bool)
    dear = of_lanes > most
    pairs[lanes.facility[dear], lanes.destination[dear]] = True
    return Cheapened(cheaper, of_sites > most, pairs)


def _least_that_counts(instance: TransportInstance, of_sites: Floats, of_lanes: Floats) -> float:
    """A price that plans cannot do without: every destination needs a lane, and somebody has to be open."""
    cheapest = np.full(instance.demand.shape[1], np.inf)
    np.minimum.at(cheapest, instance.lanes.destination, of_lanes)
    needed = cheapest[np.isfinite(cheapest)].max(initial=0.0)
    forced = instance.fixed_cost[instance.must].max(initial=0.0)
    return float(max(needed, forced, of_sites.min(initial=np.inf) if len(of_sites) else 0.0))


def _dearest_of_the_rest(of_sites: Floats, of_lanes: Floats, destination: Indices, least: float) -> float | None:
    """What the dearest plan costs without the prices that are far above the others; None where none are."""
    prices = np.sort(np.concatenate([of_sites.ravel(), of_lanes]))
    prices = prices[prices >= least]
    for at in np.flatnonzero(prices[1:] > _STEP * prices[:-1]):
        highest = prices[at]
        dearest = np.zeros(int(destination.max(initial=0)) + 1)
        np.maximum.at(dearest, destination, np.where(of_lanes <= highest, of_lanes, 0.0))
        most = float(of_sites[of_sites <= highest].sum() + dearest.sum())
        if prices[at + 1] > FAR_APART * most > 0:
            return most
    return None
