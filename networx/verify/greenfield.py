"""The independent check of a greenfield answer: places, candidates, miles and the bound, from the data alone."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.geography import centroid, known_zips
from networx.domain.greenfield import CandidateRule, Places
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import RECOMPUTED, SOLVER, Certificate, Check, ResultStatus
from networx.verify.location import LocationData, ProofRefused, recomputed_bound
from networx.verify.measure import check, counted
from networx.verify.transport.facts import facts_of
from networx.verify.transport.lanes import MEAN_EARTH_RADIUS_MILES

COST = 1e-9  # relative
LEAST_MILES = 1e-3  # a unit; what travels less is compared as if it were this far
MIDDLE = 1e-12  # of the cosine of the angle to an area's mean: two ZIP codes as near as this are both its middle


def certify_greenfield(
    tables: NetworkTables, rule: CandidateRule, circuity: float | None, gap: float, answer: Places
) -> Certificate:
    """Check the places and what is claimed of them against the dataset. `valid` is False unless every check passes."""
    demand = demand_of(tables)
    allowed = candidate_zips(tables, rule)
    checks = [
        counted("places are as many as asked", abs(len(set(answer.zips)) - answer.count), str(len(answer.zips))),
        counted("places are candidates", sum(zip5 not in allowed for zip5 in answer.zips), "ZIP codes"),
    ]
    claimed, bound = answer.unit_miles, _number(answer.bound)
    if all(line.passed for line in checks):
        factor = 1.0 if circuity is None else circuity
        checks += _served(tables, demand, answer, factor, claimed)
        checks += _bounded(tables, demand, allowed, answer, factor, bound)
    above = (bound - claimed) / max(abs(claimed), 1e-9)
    checks.append(check("bound is not above the unit miles", above, COST, f"bound {bound!r}"))
    known = abs(claimed - bound) / max(abs(claimed), 1e-9)
    if answer.status is ResultStatus.OPTIMAL:
        checks.append(check("gap is within what was asked", known, max(gap, COST), f"gap {known!r}"))
    checks.append(
        check("gap follows from unit miles and bound", abs(known - _number(answer.gap)), COST, f"gap {known!r}")
    )
    return Certificate(
        dataset_sha256=tables.sha256(),
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=answer.unit_miles,
        bound=answer.bound,
        gap=answer.gap,
        bound_source=SOLVER if answer.proof is None else RECOMPUTED,
    )


def demand_of(tables: NetworkTables) -> Floats:
    """Units of each destination (J,), over all years."""
    demand: Floats = facts_of(tables, TransportParameters(single_sourcing=False, lease_years=1)).demand.sum(axis=0)
    return demand


def _served(tables: NetworkTables, demand: Floats, answer: Places, factor: float, claimed: float) -> list[Check]:
    """Whether every destination with demand is served by a place, and at the unit miles that are claimed."""
    served = np.full(len(demand), -1)
    served[: len(answer.serves)] = answer.serves[: len(demand)]
    asked = demand > 0
    lost = int((asked & ((served < 0) | (served >= len(answer.zips)))).sum()) + max(len(answer.serves) - len(demand), 0)
    checks = [counted("every destination with demand has a place", lost, f"{lost} without")]
    if not lost:
        miles = _miles(tables, answer.zips, np.flatnonzero(asked)) * factor
        total = math.fsum(miles[served[asked], np.arange(int(asked.sum()))] * demand[asked])
        off = abs(total - claimed) / max(abs(total), LEAST_MILES * float(demand.sum()))
        checks.append(check("unit miles", off, COST, f"recomputed {total!r}"))
    return checks


def _bounded(
    tables: NetworkTables, demand: Floats, allowed: set[str], answer: Places, factor: float, bound: float
) -> list[Check]:
    if answer.proof is None:
        return []
    zips, asked = sorted(allowed), np.flatnonzero(demand > 0)
    data = LocationData(
        fixed=np.zeros(len(zips)),
        capacity=np.full(len(zips), np.inf),
        demand=demand[asked],
        cost=_miles(tables, tuple(zips), asked) * factor * demand[asked],
        must=np.zeros(len(zips), dtype=bool),
        at_least=answer.count,
        at_most=answer.count,
    )
    try:
        proven = recomputed_bound(data, answer.proof)
    except ProofRefused as refused:
        return [check("bound is recomputed", math.inf, COST, str(refused))]
    above = (bound - proven) / max(abs(answer.unit_miles), LEAST_MILES * float(demand.sum()))
    return [check("bound is recomputed", above, COST, f"recomputed {proven!r}")]


def candidate_zips(tables: NetworkTables, rule: CandidateRule) -> set[str]:
    """The ZIP codes that the rule allows."""
    own = {written[:5] for written in tables.destinations.zip if written and centroid(written[:5]) is not None}
    if rule is CandidateRule.OWN:
        return own
    return _middles() if rule is CandidateRule.ZIP3 else own | _middles()


def _middles() -> set[str]:
    """Of every three-digit area the ZIP at the least angle from its mean; the first of those that are equally near."""
    areas: dict[str, list[str]] = defaultdict(list)
    for zip5 in known_zips():
        areas[zip5[:3]].append(zip5)
    found = set()
    for members in areas.values():
        members.sort()
        points = _points(members)
        near = points @ points.mean(axis=0)
        found.add(members[int(np.flatnonzero(near >= near.max() - MIDDLE)[0])])
    return found


def _points(zips: list[str]) -> Floats:
    north, east = np.deg2rad(np.array([centroid(zip5) for zip5 in zips], dtype=float)).T
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)


def _miles(tables: NetworkTables, zips: tuple[str, ...], destinations: np.ndarray) -> Floats:
    """Great-circle miles (I, J), by the angle between unit vectors."""
    places = tables.destinations
    north, east = np.deg2rad(places.latitude[destinations]), np.deg2rad(places.longitude[destinations])
    ends = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)
    miles = np.empty((len(zips), len(destinations)))
    for site, start in enumerate(_points(list(zips))):
        apart, together = np.linalg.norm(start - ends, axis=1), np.linalg.norm(start + ends, axis=1)
        miles[site] = 2 * MEAN_EARTH_RADIUS_MILES * np.arctan2(apart, together)
    return miles


def _number(value: float | None) -> float:
    return math.nan if value is None else value
