"""The map of a plan as plain numbers, ready for an SVG template: land, flows, facilities and their labels.

Coordinates are in the picture's own units, y downwards. Names are not escaped here; colours are numbers that the
page's style gives a meaning. Nothing is drawn whose place is not known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from networx.domain.arrays import Floats

MAP_WIDTH, MAP_HEIGHT, MAP_MARGIN = 960.0, 600.0, 26.0
COLOURS = 10
CONTIGUOUS_STATES = (24.0, 50.0, -125.5, -66.0)  # south, north, west, east
BORDERS_SOURCE = "State borders: United States Census Bureau."
LABEL_HEIGHT, LETTER_WIDTH = 15.0, 6.9


@dataclass(frozen=True, slots=True)
class Flow:
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    colour: int
    title: str


@dataclass(frozen=True, slots=True)
class Site:
    """A facility on the map; `label` stands at (label_x, label_y), anchored start, middle or end."""

    name: str
    x: float
    y: float
    colour: int
    is_open: bool
    label_x: float = 0.0
    label_y: float = 0.0
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class NetworkMap:
    """`land` and `borders` are SVG path data, empty where the network lies beyond the contiguous states."""

    year: int | None
    land: str
    borders: str
    flows: tuple[Flow, ...]
    sites: tuple[Site, ...]

    @property
    def source(self) -> str:
        return BORDERS_SOURCE if self.land else ""


def network_map(result: dict[str, Any], assignments: Sequence[dict[str, Any]]) -> NetworkMap | None:
    """The facilities with known coordinates and the flows of the earliest year given; None where none is known."""
    sites = [site for site in result["facilities"] if site["latitude"] is not None and site["longitude"] is not None]
    if not sites:
        return None
    year = min((row["year"] for row in assignments), default=None)
    flows = [row for row in assignments if row["year"] == year and row["destination_latitude"] is not None]
    latitudes = [site["latitude"] for site in sites] + [row["destination_latitude"] for row in flows]
    longitudes = [site["longitude"] for site in sites] + [row["destination_longitude"] for row in flows]
    view = _View(np.asarray(latitudes), np.asarray(longitudes))
    points = view.place(np.asarray(latitudes), np.asarray(longitudes))
    colour = _colours(sites)
    where = {site["name"]: points[index] for index, site in enumerate(sites)}
    return NetworkMap(
        year=year,
        land=view.path(_borders()["land"], close=True) if view.contiguous else "",
        borders=view.path(_borders()["borders"], close=False) if view.contiguous else "",
        flows=_flows(flows, points[len(sites) :], where, colour),
        sites=_labelled([_site(site, where[site["name"]], colour) for site in sites]),
    )


class _View:
    """A projection fitted to the picture: Albers for the contiguous states, else a plain one over the data."""

    def __init__(self, latitude: Floats, longitude: Floats) -> None:
        south, north, west, east = CONTIGUOUS_STATES
        self.contiguous = bool(
            latitude.min() > south and latitude.max() < north and longitude.min() > west and longitude.max() < east
        )
        self._middle = math.cos(math.radians(float(latitude.mean())))
        shown = np.asarray([point for ring in _borders()["land"] for point in ring]) if self.contiguous else None
        x, y = self._project(latitude, longitude) if shown is None else self._project(shown[:, 1], shown[:, 0])
        self._left, self._top = float(x.min()), float(y.max())
        across, down = float(np.ptp(x)) or 1.0, float(np.ptp(y)) or 1.0
        self._scale = min((MAP_WIDTH - 2 * MAP_MARGIN) / across, (MAP_HEIGHT - 2 * MAP_MARGIN) / down)
        self._shift_x = (MAP_WIDTH - across * self._scale) / 2
        self._shift_y = (MAP_HEIGHT - down * self._scale) / 2

    def place(self, latitude: Floats, longitude: Floats) -> Floats:
        """Picture coordinates, one row (x, y) a point."""
        x, y = self._project(latitude, longitude)
        return np.column_stack(
            ((x - self._left) * self._scale + self._shift_x, (self._top - y) * self._scale + self._shift_y)
        )

    def path(self, lines: list[list[list[float]]], *, close: bool) -> str:
        """SVG path data of lines given as (longitude, latitude) points."""
        drawn = []
        for line in lines:
            points = np.asarray(line)
            placed = self.place(points[:, 1], points[:, 0])
            drawn.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed) + ("Z" if close else ""))
        return "".join(drawn)

    def _project(self, latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
        if not self.contiguous:
            return np.radians(longitude) * self._middle, np.radians(latitude)
        # Albers equal-area conic, standard parallels 29.5 and 45.5 degrees, centred on 37.5 N 96 W.
        low, high, origin = (math.radians(angle) for angle in (29.5, 45.5, 37.5))
        cone = (math.sin(low) + math.sin(high)) / 2
        constant = math.cos(low) ** 2 + 2 * cone * math.sin(low)
        radius = np.sqrt(constant - 2 * cone * np.sin(np.radians(latitude))) / cone
        centre = math.sqrt(constant - 2 * cone * math.sin(origin)) / cone
        angle = cone * np.radians(longitude + 96.0)
        return radius * np.sin(angle), centre - radius * np.cos(angle)


def _flows(
    rows: Sequence[dict[str, Any]], points: Floats, where: dict[str, Floats], colour: dict[str, int]
) -> tuple[Flow, ...]:
    largest = max((row["units"] for row in rows), default=1.0)
    return tuple(
        Flow(
            x1=float(where[row["facility"]][0]),
            y1=float(where[row["facility"]][1]),
            x2=float(point[0]),
            y2=float(point[1]),
            width=0.6 + 4.4 * math.sqrt(row["units"] / largest),
            colour=colour[row["facility"]],
            title=f"{row['facility']} to {row['destination']}",
        )
        for row, point in zip(rows, points, strict=True)
        if row["facility"] in where
    )


def _colours(sites: Sequence[dict[str, Any]]) -> dict[str, int]:
    # From west to east, so that neighbours differ.
    opened = sorted((site for site in sites if site["open"]), key=lambda site: (site["longitude"], site["name"]))
    return {site["name"]: index % COLOURS for index, site in enumerate(opened)}


def _site(site: dict[str, Any], point: Floats, colour: dict[str, int]) -> Site:
    return Site(site["name"], float(point[0]), float(point[1]), colour.get(site["name"], 0), site["open"])


def _labelled(sites: list[Site]) -> tuple[Site, ...]:
    """Sites with their labels placed: open ones get the first of six spots that collides with nothing placed yet."""
    taken = [(site.x - 8, site.y - 8, site.x + 8, site.y + 8) for site in sites if site.is_open]
    placed = []
    for site in sites:
        if not site.is_open:
            placed.append(site)
            continue
        length = LETTER_WIDTH * len(site.name)
        spots = [
            (site.x + 11, site.y + 5, "start", site.x + 11),
            (site.x - 11, site.y + 5, "end", site.x - 11 - length),
            (site.x, site.y - 13, "middle", site.x - length / 2),
            (site.x, site.y + 23, "middle", site.x - length / 2),
            (site.x + 9, site.y - 9, "start", site.x + 9),
            (site.x - 9, site.y - 9, "end", site.x - 9 - length),
        ]
        x, y, anchor, left = next((spot for spot in spots if _free(spot, length, taken)), spots[0])
        taken.append((left, y - LABEL_HEIGHT + 3, left + length, y + 3))
        placed.append(Site(site.name, site.x, site.y, site.colour, True, x, y, anchor))
    return tuple(placed)


def _free(
    spot: tuple[float, float, str, float], length: float, taken: Sequence[tuple[float, float, float, float]]
) -> bool:
    left, top, right, bottom = spot[3], spot[1] - LABEL_HEIGHT + 3, spot[3] + length, spot[1] + 3
    if left < 2 or right > MAP_WIDTH - 2 or top < 2 or bottom > MAP_HEIGHT - 2:
        return False
    return not any(left < x2 and right > x1 and top < y2 and bottom > y1 for x1, y1, x2, y2 in taken)


@cache
def _borders() -> dict[str, Any]:
    packed = (files("networx.results") / "data" / "us_states.json").read_text(encoding="utf-8")
    borders: dict[str, Any] = json.loads(packed)
    return borders
