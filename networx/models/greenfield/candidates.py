"""The candidates of a greenfield study: ZIP centroids, as the Census published them; no other place is made up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from networx.domain.geography import centroid, known_zips
from networx.domain.greenfield import CandidateRule
from networx.domain.network import Destinations

AREA_DIGITS = 3


def candidates_of(destinations: Destinations, rule: CandidateRule) -> tuple[str, ...]:
    """ZIP codes in ascending order."""
    chosen: set[str] = set()
    if rule in {CandidateRule.OWN, CandidateRule.BOTH}:
        own = {written[:5] for written in destinations.zip if written is not None}
        chosen |= {zip5 for zip5 in own if centroid(zip5) is not None}
    if rule in {CandidateRule.ZIP3, CandidateRule.BOTH}:
        chosen |= set(middle_zips(known_zips()))
    return tuple(sorted(chosen))


def middle_zips(zips: Iterable[str]) -> list[str]:
    """Of every three-digit area, the ZIP whose centroid is nearest the mean of the area's centroids on the sphere."""
    areas: dict[str, list[str]] = defaultdict(list)
    for zip5 in sorted(zips):
        areas[zip5[:AREA_DIGITS]].append(zip5)
    return [_middle(members) for members in areas.values()]


def _middle(members: list[str]) -> str:
    latitude, longitude = np.radians([centroid(zip5) or (0.0, 0.0) for zip5 in members]).T
    points = np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])
    return members[int(np.argmax(points.mean(axis=1) @ points))]
