"""Where ZIP codes are: centroids from public Census data shipped with the code, read once, when first asked for.

Only points that the Census Bureau published are known here; a ZIP without one is unknown, never estimated. Distances
are computed by those who need them.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection
from functools import cache
from importlib.resources import files

CENTROID_SOURCE = "United States Census Bureau, 2021 Gazetteer, ZIP Code Tabulation Areas"


def centroid(zip5: str) -> tuple[float, float] | None:
    """Latitude and longitude in degrees of a five-digit ZIP, or None where the Census has no such area."""
    return _centroids().get(zip5)


def known_zips() -> Collection[str]:
    """Every five-digit ZIP that has a centroid."""
    return _centroids().keys()


@cache
def _centroids() -> dict[str, tuple[float, float]]:
    packed = (files("networx.domain") / "data" / "zcta_centroids.csv.gz").read_bytes()
    points: dict[str, tuple[float, float]] = {}
    for line in gzip.decompress(packed).decode("ascii").splitlines():
        zip5, latitude, longitude = line.split(",")
        points[zip5] = (float(latitude), float(longitude))
    return points
