"""A greenfield study as its result object: what was asked, the best places for each number, and the certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from networx.domain.geography import CENTROID_SOURCE, centroid
from networx.domain.greenfield import CandidateRule, Places
from networx.domain.network import NetworkTables
from networx.domain.plan import RECOMPUTED, SOLVER, Certificate

CANDIDATES = {
    CandidateRule.OWN: "the centroids of the destinations' own ZIP codes",
    CandidateRule.ZIP3: "for every three-digit ZIP area, the ZIP code whose centroid is nearest its middle",
    CandidateRule.BOTH: "the centroids of the destinations' own ZIP codes, and for every three-digit ZIP area the ZIP "
    "code whose centroid is nearest its middle",
}


def greenfield_result(
    tables: NetworkTables,
    *,
    engine: str,
    rule: CandidateRule,
    candidates: int,
    circuity: float | None,
    units: float,
    found: Sequence[tuple[Places, Certificate]],
    identity: Mapping[str, Any],
    notes: Sequence[str],
) -> dict[str, Any]:
    """The object that `--json` prints. `units` is the demand of all years; miles are those of a unit on average."""
    return {
        **identity,
        "engine": engine,
        "candidates": {
            "rule": rule.value,
            "meaning": CANDIDATES[rule],
            "count": candidates,
            "source": CENTROID_SOURCE,
        },
        "circuity": circuity,
        "distance": "great-circle miles" if circuity is None else "great-circle miles x circuity",
        "demand_units": units,
        "frontier": [_row(tables, places, certificate, units) for places, certificate in found],
        "notes": list(notes),
    }


def _row(tables: NetworkTables, places: Places, certificate: Certificate, units: float) -> dict[str, Any]:
    serves = np.full(len(tables.destinations), -1)
    serves[: len(places.serves)] = places.serves
    names = tables.destinations.name
    return {
        "count": places.count,
        "status": places.status.value,
        "unit_miles": places.unit_miles,
        "weighted_distance_miles": places.unit_miles / units,
        "bound": places.bound,
        "gap": places.gap,
        "bound_source": SOLVER if places.proof is None else RECOMPUTED,
        "seconds": places.seconds,
        "places": [
            {**place_of(zip5), "destinations": [names[row] for row in np.flatnonzero(serves == at)]}
            for at, zip5 in enumerate(places.zips)
        ],
        "certificate": certificate.as_dict(),
    }


def place_of(zip5: str) -> dict[str, Any]:
    """A ZIP code and its centroid."""
    point = centroid(zip5)
    assert point is not None  # whoever chose it looked there
    return {"zip": zip5, "latitude": point[0], "longitude": point[1]}
