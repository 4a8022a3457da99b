"""The certificate of the claim that no plan exists: the sums behind it are done again from the dataset.

A claim that rests on the elastic model is a solver's word: its form is checked, and the certificate says so.
"""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Check, Clash, Infeasibility
from networx.verify.measure import check, counted
from networx.verify.transport.facts import Facts, facts_of
from networx.verify.transport.inbound import supply_within_reach
from networx.verify.transport.lanes import year_lanes
from networx.verify.transport.plan import same_dataset
from networx.verify.transport.service import services
from networx.verify.transport.tiers import most_added

SHORTAGE = 1e-6  # relative difference allowed between a shortage claimed and recomputed

Shortages = dict[tuple[str, int | None], list[float]]


def certify_infeasible(
    tables: NetworkTables, parameters: TransportParameters, infeasibility: Infeasibility, dataset_sha256: str
) -> Certificate:
    """Check a claim of infeasibility. `valid` needs at least one clash, and every one in closed form confirmed."""
    actual_sha256 = tables.sha256()
    checks = [
        same_dataset(actual_sha256, dataset_sha256),
        counted("something clashes", int(not infeasibility.clashes), "no clash is named"),
    ]
    if infeasibility.evidence == "closed_form":
        shortages = _shortages(tables, parameters)
        checks += [_confirmed(clash, shortages) for clash in infeasibility.clashes if clash.short_by is not None]
        checks.append(counted("a clash is confirmed", int(len(checks) == 2), "none has a figure to confirm"))
        source = "closed_form"
    else:
        known = infeasibility.evidence == "elastic_model"
        checks.append(counted("evidence", int(not known), f"unknown evidence {infeasibility.evidence}"))
        checks += [_positive(clash) for clash in infeasibility.clashes]
        source = "solver"
    return Certificate(
        dataset_sha256=actual_sha256,
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=None,
        bound=None,
        gap=None,
        bound_source=source,
    )


def _name(clash: Clash) -> str:
    return clash.requirement if clash.year is None else f"{clash.requirement}, {clash.year}"


def _positive(clash: Clash) -> Check:
    stated = clash.short_by is not None and clash.short_by > 0
    return counted(f"{_name(clash)}: by the solver's word", int(not stated), "no shortage is stated")


def _confirmed(clash: Clash, shortages: Shortages) -> Check:
    claimed = clash.short_by or 0.0
    found = shortages.get((clash.requirement, clash.year), [])
    nearest = min((abs(claimed - short) / short for short in found), default=float("inf"))
    return check(
        f"{_name(clash)}: shortage recomputed", nearest, SHORTAGE, f"claimed {claimed!r}, recomputed {found!r}"
    )


def _shortages(tables: NetworkTables, parameters: TransportParameters) -> Shortages:
    """Every shortage that a sum can show, by requirement and year; only positive ones."""
    facts = facts_of(tables, parameters)
    found: Shortages = {}

    def note(requirement: str, year: int | None, short: float) -> None:
        if short > 0:
            found.setdefault((requirement, year), []).append(short)

    least, most = parameters.min_facilities, parameters.max_facilities
    must = _forced(facts)
    for row in range(len(facts.years)):
        if most is not None:
            note("max_facilities", None, int(must[row].sum()) - most)
        if least is not None:
            note("min_facilities", None, least - int((~facts.forbidden[row]).sum()))
    if least is not None and most is not None:
        note("min_facilities", None, least - most)
    grown = facts.capacity + most_added(tables)
    for row, (year, asked) in enumerate(zip(facts.years, services(tables, parameters, facts.years), strict=True)):
        lanes = year_lanes(tables, parameters, year, asked)
        capacity = np.where(facts.forbidden[row], 0.0, grown[row])
        reach = np.minimum(lanes.carries, facts.demand[row]).sum(axis=1)
        for short in (facts.min_throughput - np.minimum(reach, capacity))[must[row]].tolist():
            note("min_throughput_units", year, short)
        needed = float(facts.demand[row].sum())
        note("capacity", year, needed - float(capacity.sum()))
        note("supply_units", year, needed - supply_within_reach(tables, parameters, year, ~facts.forbidden[row]))
        if most is not None:
            note("max_facilities", year, needed - _best_capacity(must[row], ~facts.forbidden[row], capacity, most))
        for short in _place_shortages(np.minimum(lanes.carries, capacity[:, None]), facts.demand[row]):
            note("lanes", year, short)
        if parameters.single_sourcing:
            largest = np.minimum(lanes.largest, capacity[:, None]).max(axis=0)
            for short in (facts.demand[row] - largest).tolist():
                note("single_sourcing", year, short)
        if asked.hard:
            near = lanes.near & (capacity > 0)[:, None]
            reached = float(facts.demand[row][near.any(axis=0)].sum())
            note("service_level", year, asked.level * needed - reached)
    return found


def _forced(facts: Facts) -> np.ndarray:
    """What is open in a year in every plan: what has to be, and what never changes and has to be in another year."""
    lasting = facts.mandatory.any(axis=0) & (facts.lease >= len(facts.years))
    return facts.mandatory | (lasting & ~facts.forbidden)


def _best_capacity(must: np.ndarray, may: np.ndarray, capacity: Floats, most: int) -> float:
    """What the facilities that must be open hold with the largest others that there is room for."""
    room = max(most - int(must.sum()), 0)
    others: list[float] = sorted(capacity[may & ~must].tolist(), reverse=True)
    return float(capacity[must].sum()) + sum(others[:room])


def _place_shortages(held: Floats, demand: Floats) -> list[float]:
    short = demand - held.sum(axis=0)
    return [float(value) for value in short[short > 0]]
