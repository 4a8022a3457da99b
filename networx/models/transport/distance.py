"""Great-circle miles between places given by latitude and longitude in degrees."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables

EARTH_RADIUS_MILES = 3958.7613  # mean radius, 6371.0088 km


def great_circle_miles(latitude_a: Floats, longitude_a: Floats, latitude_b: Floats, longitude_b: Floats) -> Floats:
    """Miles by the haversine formula, element by element; NaN where a coordinate is NaN."""
    lat_a, lon_a, lat_b, lon_b = (np.radians(x) for x in (latitude_a, longitude_a, latitude_b, longitude_b))
    half_chord = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    miles: Floats = 2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.clip(half_chord, 0.0, 1.0)))
    return miles


def road_miles(tables: NetworkTables, facility: np.ndarray, destination: np.ndarray, circuity: float) -> Floats:
    """Great-circle miles x circuity, pair by pair."""
    start, end = tables.facilities, tables.destinations
    miles = great_circle_miles(
        start.latitude[facility], start.longitude[facility], end.latitude[destination], end.longitude[destination]
    )
    return miles * circuity
