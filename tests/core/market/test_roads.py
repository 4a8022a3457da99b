"""Ways by road over the real record: stored ones first, then server after server, and a refusal pair by pair."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from networx.errors import MarketDataUnavailable
from networx.market.osrm import Osrm, Place
from networx.market.roads import roads
from networx.market.values import Confidence, Origin
from tests.core.market.conftest import NOW
from tests.core.market.test_osrm import table

BOSTON = Place(Decimal("42.3601"), Decimal("-71.0589"))
ALBANY = Place(Decimal("42.6526"), Decimal("-73.7562"))
HILO = Place(Decimal("19.7074"), Decimal("-155.0885"))
AWAY = "503 Away", {}


def server(host, say) -> tuple[Osrm, object]:
    served = host(lambda _target, _body: say() if callable(say) else say)
    return Osrm(served.address, "driving", 100, served.call), served


def pair_table() -> object:
    return table([[272_000]], [[10_000]], (BOSTON,), (ALBANY,))


def test_a_way_is_asked_for_once_and_travels_with_its_label(record, host):
    osrm, served = server(host, pair_table)
    road = roads([osrm], [BOSTON], [ALBANY], NOW)[(BOSTON, ALBANY)]
    assert (road.miles.value, road.miles.unit, road.minutes.value) == (Decimal("169.013"), "miles", Decimal("166.67"))
    assert (road.miles.source, road.miles.confidence, road.miles.origin) == ("osrm", Confidence.MEDIUM, Origin.SOURCE)
    assert "OpenStreetMap" in road.miles.licence
    again = roads([osrm], [BOSTON], [ALBANY], NOW + timedelta(days=29))[(BOSTON, ALBANY)]
    assert (again.miles.id, again.miles.origin, len(served.asked)) == (road.miles.id, Origin.STORED, 1)
    roads([osrm], [BOSTON], [ALBANY], NOW + timedelta(days=31))
    assert len(served.asked) == 2


def test_only_what_is_missing_is_asked_for(record, host):
    osrm, _ = server(host, pair_table)
    roads([osrm], [BOSTON], [ALBANY], NOW)
    other, served = server(host, table([[5]], [[6]], (BOSTON,), (HILO,)))
    found = roads([other], [BOSTON], [ALBANY, HILO], NOW)
    assert {pair: road.miles.origin for pair, road in found.items()} == {
        (BOSTON, ALBANY): Origin.STORED, (BOSTON, HILO): Origin.SOURCE,
    }  # fmt: skip
    assert len(served.asked) == 1
    assert "-73.7562" not in served.asked[0]


def test_the_second_server_is_asked_for_what_the_first_does_not_know(record, host):
    first, _ = server(host, AWAY)
    second, served = server(host, pair_table)
    assert roads([first, second], [BOSTON], [ALBANY], NOW)[(BOSTON, ALBANY)].miles.origin is Origin.SOURCE
    assert len(served.asked) == 1


def test_a_pair_without_a_way_is_refused_by_name_and_the_rest_is_kept(record, host):
    osrm, served = server(host, table([[272_000, None]], [[10_000, None]], (BOSTON,), (ALBANY, HILO)))
    with pytest.raises(MarketDataUnavailable) as refused:
        roads([osrm], [BOSTON], [ALBANY, HILO], NOW)
    said = str(refused.value)
    assert "from -71.058900,42.360100 to -155.088500,19.707400" in said
    assert "there is no way by road" in said
    assert "-73.756200" not in said
    assert roads([], [BOSTON], [ALBANY], NOW)[(BOSTON, ALBANY)].miles.origin is Origin.STORED
    assert len(served.asked) == 1


@pytest.mark.parametrize(("days", "known"), [(400, True), (401, False)])
def test_the_last_known_way_stands_in_until_it_is_too_old(record, host, days, known):
    osrm, _ = server(host, pair_table)
    roads([osrm], [BOSTON], [ALBANY], NOW)
    away, _ = server(host, AWAY)
    later = NOW + timedelta(days=days)
    if known:
        road = roads([away], [BOSTON], [ALBANY], later)[(BOSTON, ALBANY)]
        assert (road.miles.origin, road.miles.confidence) == (Origin.LAST_KNOWN_GOOD, Confidence.LOW)
    else:
        with pytest.raises(MarketDataUnavailable, match="HTTP 503"):
            roads([away], [BOSTON], [ALBANY], later)


def test_without_a_server_no_way_is_made_up(record):
    with pytest.raises(MarketDataUnavailable, match="no server is configured"):
        roads([], [BOSTON], [ALBANY], NOW)


def test_of_many_missing_pairs_the_first_are_named_and_the_others_counted(record):
    places = [Place(Decimal(number), Decimal(number)) for number in range(12)]
    with pytest.raises(MarketDataUnavailable, match="and 7 more pairs"):
        roads([], [BOSTON], places, NOW)
