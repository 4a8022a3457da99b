"""A greenfield study as its result object: what was asked, the best places for each number, and the certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from networx.domain.geography import CENTROID_SOURCE, centroid
from networx.domain.greenfield import CandidateRule, Places
from networx.domain.greenfield_parameters import READ, GreenfieldParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import NETWORK_PARAMETERS
from networx.domain.phrases import counted, listed
from networx.domain.plan import RECOMPUTED, SOLVER, Certificate, ResultStatus
from networx.results.kpis import ENGINEERING_PARAMETERS, SCHEMA, known, plain
from networx.results.proof import MEMBER, bound_arrays, inside, numbers_in

PROOF_NUMBERS = 200_000  # of all bounds together, about four megabytes of JSON; the bounds beyond stay our word

CANDIDATES = {
    CandidateRule.OWN: "the centroids of the destinations' own ZIP codes",
    CandidateRule.ZIP3: "for every three-digit ZIP area, the ZIP code whose centroid is nearest its middle",
    CandidateRule.BOTH: "the centroids of the destinations' own ZIP codes, and for every three-digit ZIP area the ZIP "
    "code whose centroid is nearest its middle",
}


@dataclass(frozen=True, slots=True)
class Study:
    """What was studied: the question, and the problem that it became. `units` is the demand of all years."""

    asked: GreenfieldParameters
    engine: str
    candidates: int
    units: float


def greenfield_result(
    tables: NetworkTables,
    study: Study,
    rows: Sequence[Mapping[str, Any]],
    *,
    seconds: float,
    identity: Mapping[str, Any],
    notes: Sequence[str],
    partial: bool = False,
) -> dict[str, Any]:
    """The study as plain JSON values. `rows` are those of `places_figures` or `answers_of`; miles are a unit's."""
    asked = study.asked
    proven = sum(row["status"] == ResultStatus.OPTIMAL for row in rows)
    status = ResultStatus.FEASIBLE if rows else ResultStatus.NO_SOLUTION
    if proven == len(asked.counts):
        status = ResultStatus.OPTIMAL
    recomputed = bool(rows) and all(row["bound_source"] == RECOMPUTED for row in rows)
    result = {
        "schema": SCHEMA,
        "type": "greenfield",
        **identity,
        "status": status.value,
        # The numbers are answers of their own: each row has its miles and its bound.
        "objective": None,
        "bound": None,
        "gap": None,
        "bound_source": RECOMPUTED if recomputed else SOLVER,
        "engine": study.engine,
        "seconds": seconds,
        "partial": partial,
        "certificate": _together(tables, rows),
        "infeasibility": None,
        "kpis": {
            "numbers_asked": len(asked.counts),
            "numbers_answered": len(rows),
            "numbers_proven": proven,
            "demand_units": study.units,
        },
        "parameters": _stated(tables, asked),
        "candidates": {
            "rule": asked.candidates.value,
            "meaning": CANDIDATES[asked.candidates],
            "count": study.candidates,
            "source": CENTROID_SOURCE,
        },
        "circuity": asked.circuity,
        "distance": "great-circle miles" if asked.circuity is None else "great-circle miles x circuity",
        "demand_units": study.units,
        "frontier": [{name: value for name, value in row.items() if name != MEMBER} for row in rows],
        "destinations": _destinations(tables),
        "notes": list(notes),
        MEMBER: _proof(rows),
    }
    return result | {"headline": _headline(result)}


def answers_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that a result was made of, each with the proof of its bound; earlier versions kept no proofs."""
    rows = result["frontier"]
    bounds = [None] * len(rows) if result.get(MEMBER) is None else result[MEMBER]["bounds"]
    return [{**row, MEMBER: bound} for row, bound in zip(rows, bounds, strict=True)]


def notes_on(tables: NetworkTables, rule: CandidateRule, warnings: Sequence[str] = ()) -> list[str]:
    """What was not read of the data, and who has no place of their own among the candidates."""
    notes = [*warnings]
    unread = [name for name in tables.parameters if name not in READ]
    notes += [f"A greenfield study does not read the parameters {listed(unread)}."] if unread else []
    placeless = sum(written is None for written in tables.destinations.zip)
    if placeless and rule is not CandidateRule.ZIP3:
        notes.append(f"{counted(placeless, 'destination')} without a ZIP, whose own place is no candidate.")
    return notes


def places_figures(
    tables: NetworkTables, asked: GreenfieldParameters, places: Places, certificate: Certificate, units: float
) -> dict[str, Any]:
    """One number of places, and the proof of its bound. `transport_cost` needs data that state cost_per_unit_mile."""
    serves = np.full(len(tables.destinations), -1)
    serves[: len(places.serves)] = places.serves
    names, price = tables.destinations.name, asked.cost_per_unit_mile
    return {
        "count": places.count,
        "status": places.status.value,
        "unit_miles": places.unit_miles,
        "weighted_distance_miles": places.unit_miles / units,
        "transport_cost": None if price is None else places.unit_miles * price,
        "bound": places.bound,
        "gap": places.gap,
        "bound_source": SOLVER if places.proof is None else RECOMPUTED,
        "seconds": places.seconds,
        "places": [
            {**place_of(zip5), "destinations": [names[row] for row in np.flatnonzero(serves == at)]}
            for at, zip5 in enumerate(places.zips)
        ],
        "certificate": plain(certificate.as_dict()),
        MEMBER: inside(bound_arrays(places.proof)),
    }


def _proof(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The proof of each row's bound, as many as there is room for."""
    if not rows:
        return None
    bounds, left = [], PROOF_NUMBERS
    for row in rows:
        bound = row[MEMBER]
        numbers = 0 if bound is None else numbers_in(bound)
        bounds.append(bound if numbers <= left else None)
        left -= numbers if numbers <= left else 0
    return {"bounds": bounds}


def _together(tables: NetworkTables, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The checks of all numbers as one certificate."""
    if not rows:
        return None
    return {
        "dataset_sha256": tables.sha256(),
        "valid": all(row["certificate"]["valid"] for row in rows),
        "checks": [
            {**check, "name": f"{counted(row['count'], 'place')}: {check['name']}"}
            for row in rows
            for check in row["certificate"]["checks"]
        ],
        "objective": None,
        "bound": None,
        "gap": None,
        "bound_source": RECOMPUTED if all(row["bound_source"] == RECOMPUTED for row in rows) else SOLVER,
    }


def _stated(tables: NetworkTables, asked: GreenfieldParameters) -> dict[str, Any]:
    units = {spec.name: spec.metadata["unit"] for spec in NETWORK_PARAMETERS}
    stated = {}
    for spec in fields(asked):
        value = getattr(asked, spec.name)
        if value is None:
            continue
        unstated = spec.name in ENGINEERING_PARAMETERS and spec.name not in tables.parameters
        stated[spec.name] = {
            "value": value.value if isinstance(value, CandidateRule) else value,
            "unit": spec.metadata.get("unit", units.get(spec.name, "")),
            "source": "engineering default" if unstated and value == spec.default else "given",
        }
    return stated


def _destinations(tables: NetworkTables) -> list[dict[str, Any]]:
    places = tables.destinations
    columns = (places.name, places.latitude.tolist(), places.longitude.tolist())
    return [
        {"name": name, "latitude": known(latitude), "longitude": known(longitude)}
        for name, latitude, longitude in zip(*columns, strict=True)
    ]


def _headline(result: Mapping[str, Any]) -> str:
    kpis = result["kpis"]
    counts = [row["count"] for row in result["frontier"]]
    if counts and kpis["numbers_proven"] == kpis["numbers_asked"]:
        least, most = min(counts), max(counts)
        return (
            f"The best {counted(most, 'place')}, proven."
            if least == most
            else f"The best places for each number from {least} to {most}, all proven."
        )
    said = (
        f"The best places for {kpis['numbers_answered']} of {counted(kpis['numbers_asked'], 'number')} of places, "
        f"{kpis['numbers_proven']} of them proven."
    )
    return f"Stopped early. {said}" if result["partial"] else said


def place_of(zip5: str) -> dict[str, Any]:
    """A ZIP code and its centroid."""
    point = centroid(zip5)
    assert point is not None  # whoever chose it looked there
    return {"zip": zip5, "latitude": point[0], "longitude": point[1]}
