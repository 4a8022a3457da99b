"""OSRM's HTTP API, version 1, in the shapes of https://project-osrm.org/docs/ (table and route service)."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from networx.market.osrm import Osrm, Place
from networx.market.values import Unusable

BERLIN = Place(Decimal("52.517037"), Decimal("13.388860"))
MITTE = Place(Decimal("52.529407"), Decimal("13.397634"))
ISLAND = Place(Decimal("52.523219"), Decimal("13.428555"))


def waypoint(place: Place, moved: float = 4.2) -> dict[str, object]:
    return {"hint": "x", "distance": moved, "name": "", "location": [float(place.longitude), float(place.latitude)]}


def table(metres, seconds, sources=(BERLIN,), destinations=(MITTE,), **more) -> dict[str, object]:
    return {
        "code": "Ok",
        "distances": metres,
        "durations": seconds,
        "sources": [waypoint(place) for place in sources],
        "destinations": [waypoint(place) for place in destinations],
        **more,
    }


def server(host, say, most_places=100) -> tuple[Osrm, object]:
    served = host(say if callable(say) else lambda _target, _body: say)
    return Osrm(served.address, "driving", most_places, served.call), served


def only_reason(host, said) -> str:
    osrm, _ = server(host, said)
    ways = osrm.ways([BERLIN], [MITTE])
    assert dict(ways.found) == {}
    return ways.failures[(BERLIN, MITTE)]


def test_metres_and_seconds_become_miles_and_minutes(host):
    osrm, served = server(host, table([[160934.4]], [[5400.6]]))
    way = osrm.ways([BERLIN], [MITTE]).found[(BERLIN, MITTE)]
    assert (way.miles, way.minutes) == (Decimal("100.000"), Decimal("90.01"))
    path = "/table/v1/driving/13.388860,52.517037;13.397634,52.529407"
    assert served.asked == [f"GET {path}?annotations=duration%2Cdistance&sources=0&destinations=1 HTTP/1.1"]


def test_a_pair_without_a_way_is_refused_and_the_others_are_not(host):
    said = table([[1000, None], [2000, 3000]], [[60, None], [120, 180]], (BERLIN, MITTE), (MITTE, ISLAND))
    osrm, _ = server(host, said)
    ways = osrm.ways([BERLIN, MITTE], [MITTE, ISLAND])
    assert dict(ways.failures) == {(BERLIN, ISLAND): "there is no way by road"}
    assert len(ways.found) == 3


def test_a_time_without_a_way_is_no_way(host):
    assert only_reason(host, table([[1000]], [[None]])) == "there is no way by road"


def test_a_place_far_from_every_road_is_refused(host):
    said = table([[1000]], [[60]]) | {"sources": [waypoint(BERLIN, 61_234.5)]}
    assert only_reason(host, said) == "13.388860,52.517037 lies 61,234 m from the next road"


@pytest.mark.parametrize(
    ("origins", "destinations", "most"),
    [(7, 5, 4), (1, 9, 4), (9, 1, 4), (3, 3, 100), (2, 2, 2), (10, 10, 7), (0, 3, 4)],
)
def test_a_large_table_is_asked_for_in_blocks_that_the_server_takes(host, origins, destinations, most):
    places = [Place(Decimal(number), Decimal(number)) for number in range(20)]
    froms, tos = places[:origins], places[10 : 10 + destinations]

    def say(target: str, _body: bytes) -> object:
        path = target.partition("?")[0].rpartition("/")[2]
        asked = [
            Place(Decimal(lat).normalize(), Decimal(lon).normalize())
            for lon, lat in re.findall(r"([\d.]+),([\d.]+)", path)
        ]
        if len(asked) > most:
            return "400 Bad Request", {"code": "TooBig", "message": "Too many table coordinates"}
        ours = int(re.findall(r"sources=([\d%B;]+)", target)[0].replace("%3B", ";").split(";")[-1]) + 1
        rows, columns = asked[:ours], asked[ours:]
        metres = [[int(row.latitude) * 1000 + int(column.latitude) for column in columns] for row in rows]
        return table(metres, metres, rows, columns)

    osrm, _ = server(host, say, most)
    ways = osrm.ways(froms, tos)
    assert dict(ways.failures) == {}
    assert set(ways.found) == {(one, other) for one in froms for other in tos}
    for (one, other), way in ways.found.items():
        expected = Decimal(int(one.latitude) * 1000 + int(other.latitude)) / Decimal("1609.344")
        assert way.miles == expected.quantize(Decimal("0.001"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("400 Bad Request", {"code": "TooBig", "message": "Too many table coordinates"}), "HTTP 400"),
        (("400 Bad Request", {"code": "NoSegment"}), "HTTP 400"),
        (("429 Too Many", {"message": "Too Many Requests"}), "HTTP 429"),
        ({"code": "NoTable"}, "it answered NoTable"),
        ({"message": "Everything worked"}, "no code"),
        ([], "no code"),
        (table([[1000, 5]], [[60, 5]]), "its table of distances has not 1 rows of 1"),
        (table([[1000]], []), "its table of durations has not 1 rows of 1"),
        ({"code": "Ok", "durations": [[60]]}, "no distances"),
        (table([["far"]], [[60]]), "a length that is none"),
        (table([[-5]], [[60]]), "a length that is none"),
        (table([[True]], [[60]]), "a length that is none"),
        (table([[1e300]], [[60]]), "a length that is none"),
        (table([[90_000_000]], [[60]]), "miles is implausible"),
        (table([[1000]], [[60]], fallback_speed_cells=[[0, 0]]), "guesses"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told_for_each_pair(host, said, why):
    assert why in only_reason(host, said)


def test_a_block_that_fails_does_not_spoil_the_others(host):
    def say(target: str, _body: bytes) -> object:
        if str(ISLAND) in target:
            return "400 Bad Request", {"code": "NoSegment"}
        return table([[1000]], [[60]])

    osrm, _ = server(host, say, most_places=2)
    ways = osrm.ways([BERLIN], [MITTE, ISLAND])
    assert list(ways.found) == [(BERLIN, MITTE)]
    assert list(ways.failures) == [(BERLIN, ISLAND)]


def route(**more) -> dict[str, object]:
    leg = {"distance": 1884.8, "duration": 251.5, "legs": [], "weight": 251.5, "weight_name": "routability"}
    return {"code": "Ok", "routes": [leg], "waypoints": [waypoint(BERLIN), waypoint(MITTE)], **more}


def test_one_way_is_asked_of_the_route_service(host):
    osrm, served = server(host, route())
    way = osrm.route(BERLIN, MITTE)
    assert (way.miles, way.minutes) == (Decimal("1.171"), Decimal("4.19"))
    assert served.asked[0].startswith("GET /route/v1/driving/13.388860,52.517037;13.397634,52.529407?overview=false&")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("400 Bad Request", {"code": "NoRoute", "message": "Impossible route between points"}), "HTTP 400"),
        (route(routes=[]), "no 0"),
        (route(waypoints=[waypoint(BERLIN), waypoint(MITTE, 9000)]), "9,000 m from the next road"),
    ],
)
def test_a_route_that_is_none_is_refused(host, said, why):
    osrm, _ = server(host, said)
    with pytest.raises(Unusable, match=re.escape(why)):
        osrm.route(BERLIN, MITTE)


@pytest.mark.parametrize(("latitude", "longitude"), [("91", "0"), ("0", "-180.5"), ("NaN", "0")])
def test_a_place_is_on_the_globe(latitude, longitude):
    with pytest.raises((ValueError, ArithmeticError)):
        Place(Decimal(latitude), Decimal(longitude))
