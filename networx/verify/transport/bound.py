"""The bound of a plan recomputed from the proof that came with it, and from the dataset alone.

A proof speaks of the years as they are, or of one period: the sum of all years, served by one set of facilities. What
no plan of that costs less than, no plan of the years does either, whatever else is asked of it: its flows add up to one
of the period that costs the same. Where suppliers are, what leaves a facility has come in, for no less than the
cheapest way to it costs: that much is added to what a lane costs.
"""

from __future__ import annotations

import math

import numpy as np

from networx.domain.bound_proofs import BoundProof
from networx.domain.parameters import TransportParameters
from networx.domain.plan import RECOMPUTED, Check
from networx.domain.single_source_proof import SingleSourceProof
from networx.domain.years_proof import YearsProof
from networx.verify.location import LocationData, ProofRefused, recomputed_bound
from networx.verify.measure import check
from networx.verify.single_source import recomputed_single_source_bound
from networx.verify.transport.facts import Facts
from networx.verify.transport.reading import Reading
from networx.verify.transport.years_data import years_data
from networx.verify.years import recomputed_years_bound

NAME = "bound is recomputed"
ABOVE = 1e-9  # relative to the cost; a bound claimed further above the recomputed one is refused


def bound_checks(
    reading: Reading,
    parameters: TransportParameters,
    proof: BoundProof | None,
    *,
    bound: float | None,
    objective: float,
    bound_source: str,
) -> list[Check]:
    """None for a bound that nobody says was recomputed."""
    if bound_source != RECOMPUTED:
        return []
    tables, facts = reading.tables, reading.facts(parameters)
    never = np.all(facts.forbidden, axis=0)
    if (~never[tables.expansions.facility]).any():
        return [check(NAME, math.inf, ABOVE, "facilities may grow")]
    if proof is None or bound is None:
        return [check(NAME, math.inf, ABOVE, "there is no proof")]
    try:
        if isinstance(proof, YearsProof):
            proven = recomputed_years_bound(years_data(tables, parameters, facts), proof)
        elif _moving(facts):
            return [check(NAME, math.inf, ABOVE, "facilities may open or close over the years")]
        elif isinstance(proof, SingleSourceProof):
            data = reading.summed_years(parameters)
            if not parameters.single_sourcing:
                return [check(NAME, math.inf, ABOVE, "demand may be split")]
            if not _of_one_shape(data, facts):
                return [check(NAME, math.inf, ABOVE, "the years are not of one shape")]
            proven = recomputed_single_source_bound(data, proof)
        else:
            proven = recomputed_bound(reading.summed_years(parameters), proof)
    except ProofRefused as refused:
        return [check(NAME, math.inf, ABOVE, str(refused))]
    above = (bound - proven) / max(abs(objective), 1e-9)
    return [check(NAME, max(above, 0.0) if not math.isnan(above) else above, ABOVE, f"recomputed {proven!r}")]


def _moving(facts: Facts) -> bool:
    changing = facts.forbidden.any(axis=0) != facts.forbidden.all(axis=0)
    moving = changing | ((facts.lease < len(facts.years)) & ~facts.forbidden.all(axis=0))
    return bool(moving.any())


def _of_one_shape(data: LocationData, facts: Facts) -> bool:
    """Whether every year's demand and usable capacity are those of the sum times one factor.

    Only then does the best assignment of the sum serve each year best: in years that differ, another facility may serve
    a destination in each, which in the sum looks like a destination that is split.
    """
    sites, places = ~facts.forbidden.all(axis=0), facts.demand.sum(axis=0) > 0
    demand, lanes = facts.demand[:, places], np.isfinite(data.cost)
    usable = np.minimum(facts.capacity[:, sites], (lanes @ demand.T).T)
    shares = np.hstack([demand, usable]) / demand.sum(axis=1, keepdims=True)
    summed = np.concatenate([data.demand, data.capacity]) / data.demand.sum()
    return bool((np.abs(shares - summed) <= ABOVE).all())
