"""Road miles and minutes of an OSRM server: its HTTP API, version 1, the table and the route service.

https://project-osrm.org/docs/ : metres and seconds, longitude before latitude; a pair without a way is null, and so is
a place that no road is near; one request has so many places at most (`--max-table-size`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from networx.domain.market import MARKET_KINDS
from networx.market.sources import Caller, ask, member
from networx.market.values import Standing, Unusable, plausible
from networx.resilience.exchange import Call
from networx.resilience.http import Terms

METRES_A_MILE = Decimal("1609.344")
SECONDS_A_MINUTE = Decimal(60)
# A place further from the next road than this is not where it is said to be.
FURTHEST_FROM_A_ROAD_METRES = 5_000
TERMS = Terms(total=timedelta(seconds=60), largest_bytes=32 * 1024**2)
_EARTH = 10**8
_MILES_EXACT, _MINUTES_EXACT = Decimal("0.001"), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Place:
    """A point in degrees. Raises ValueError for one that is not on the globe."""

    latitude: Decimal
    longitude: Decimal

    def __post_init__(self) -> None:
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise ValueError(f"{self.latitude}, {self.longitude} is no place on the globe")

    def __str__(self) -> str:
        """As OSRM writes it, to a tenth of a metre at the finest."""
        return f"{self.longitude:.6f},{self.latitude:.6f}"


Pair = tuple[Place, Place]


@dataclass(frozen=True, slots=True)
class Way:
    """One way by road."""

    miles: Decimal
    minutes: Decimal


@dataclass(frozen=True, slots=True)
class Ways:
    """What a server told of some pairs: the ways, and of the others why there is none."""

    found: Mapping[Pair, Way] = field(default_factory=dict)
    failures: Mapping[Pair, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Osrm:
    """One server. `most_places` are allowed in a request, origins and destinations together."""

    address: str
    profile: str
    most_places: int
    caller: Caller

    name = "osrm"
    standing = Standing.DERIVED
    licence = "OpenStreetMap contributors, Open Database License"

    def request_of(self, pair: Pair) -> str:
        return f"GET {self.address}/table/v1/{self.profile}/{pair[0]};{pair[1]}"

    def route(self, origin: Place, destination: Place) -> Way:
        """The fastest way between two places. Raises Unusable."""
        url = f"{self.address}/route/v1/{self.profile}/{origin};{destination}"
        said = self._ask(url, [("overview", "false"), ("alternatives", "false"), ("steps", "false")])
        _require_near(member(said, "waypoints"), (origin, destination))
        return _way(member(said, "routes", 0, "distance"), member(said, "routes", 0, "duration"))

    def ways(self, origins: Sequence[Place], destinations: Sequence[Place]) -> Ways:
        """Every way from an origin to a destination, in as many requests as the server's limit makes of it."""
        found: dict[Pair, Way] = {}
        failures: dict[Pair, str] = {}
        for some_origins, some_destinations in _blocks(origins, destinations, self.most_places):
            pairs = [(origin, destination) for origin in some_origins for destination in some_destinations]
            try:
                told = self._table(some_origins, some_destinations)
            except Unusable as fault:
                failures |= dict.fromkeys(pairs, str(fault))
                continue
            found |= told.found
            failures |= told.failures
        return Ways(found, failures)

    def _table(self, origins: Sequence[Place], destinations: Sequence[Place]) -> Ways:
        places = ";".join(str(place) for place in (*origins, *destinations))
        parameters = [
            ("annotations", "duration,distance"),
            ("sources", ";".join(str(at) for at in range(len(origins)))),
            ("destinations", ";".join(str(len(origins) + at) for at in range(len(destinations)))),
        ]
        said = self._ask(f"{self.address}/table/v1/{self.profile}/{places}", parameters)
        if said.get("fallback_speed_cells"):
            raise Unusable("it guesses ways that it does not know (fallback_speed)")
        metres = _matrix(said, "distances", len(origins), len(destinations))
        seconds = _matrix(said, "durations", len(origins), len(destinations))
        far = _far_off(said.get("sources"), origins) | _far_off(said.get("destinations"), destinations)
        found: dict[Pair, Way] = {}
        failures: dict[Pair, str] = {}
        for row, origin in enumerate(origins):
            for column, destination in enumerate(destinations):
                pair = (origin, destination)
                try:
                    for place in pair:
                        if place in far:
                            raise Unusable(far[place])
                    if metres[row][column] is None or seconds[row][column] is None:
                        raise Unusable("there is no way by road")
                    found[pair] = _way(metres[row][column], seconds[row][column])
                except Unusable as fault:
                    failures[pair] = str(fault)
        return Ways(found, failures)

    def _ask(self, url: str, parameters: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
        said = ask(self.caller, Call("GET", url, parameters), TERMS)
        code = member(said, "code")
        if code != "Ok":
            raise Unusable(f"it answered {str(code)[:40]}")
        assert isinstance(said, dict)
        return said


def _way(metres: Any, seconds: Any) -> Way:
    miles = _scaled(metres, METRES_A_MILE).quantize(_MILES_EXACT)
    minutes = _scaled(seconds, SECONDS_A_MINUTE).quantize(_MINUTES_EXACT)
    return Way(
        plausible(MARKET_KINDS["road_miles"], miles, "miles"),
        plausible(MARKET_KINDS["road_minutes"], minutes, "minutes"),
    )


def _scaled(said: Any, by: Decimal) -> Decimal:
    if isinstance(said, bool) or not isinstance(said, int | Decimal) or not 0 <= said < 10**9:
        raise Unusable("its answer has a length that is none")
    return Decimal(said) / by


def _matrix(said: Mapping[str, Any], name: str, rows: int, columns: int) -> Sequence[Sequence[Any]]:
    matrix = member(said, name)
    whole = isinstance(matrix, list) and len(matrix) == rows
    if not (whole and all(isinstance(row, list) and len(row) == columns for row in matrix)):
        raise Unusable(f"its table of {name} has not {rows} rows of {columns}")
    assert isinstance(matrix, list)
    return matrix


def _far_off(waypoints: Any, places: Sequence[Place]) -> dict[Place, str]:
    """The places that no road is near, by how far the server moved them; older servers do not say."""
    if not isinstance(waypoints, list) or len(waypoints) != len(places):
        return {}
    moved = {
        place: point.get("distance")
        for place, point in zip(places, waypoints, strict=True)
        if isinstance(point, dict) and isinstance(point.get("distance"), int | Decimal) and point["distance"] < _EARTH
    }
    return {
        place: f"{place} lies {metres:,.0f} m from the next road"
        for place, metres in moved.items()
        if metres is not None and metres > FURTHEST_FROM_A_ROAD_METRES
    }


def _require_near(waypoints: Any, places: Sequence[Place]) -> None:
    for reason in _far_off(waypoints, places).values():
        raise Unusable(reason)


def _blocks(
    origins: Sequence[Place], destinations: Sequence[Place], most: int
) -> Iterator[tuple[Sequence[Place], Sequence[Place]]]:
    """The matrix in pieces of at most `most` places together, as few as a cut in half makes."""
    tall = min(len(origins), max(most // 2, most - len(destinations)))
    wide = most - tall
    for row in range(0, len(origins), max(tall, 1)):
        for column in range(0, len(destinations), max(wide, 1)):
            yield origins[row : row + tall], destinations[column : column + wide]
