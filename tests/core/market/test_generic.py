"""A source by description: where its figure stands, in which unit and of which day."""

from __future__ import annotations

from decimal import Decimal

import pytest

from networx.errors import ConfigurationError
from networx.market.generic import described, pointed
from networx.market.values import Confidence, Unusable
from tests.core.market.conftest import NOW

DESCRIPTION = {
    "name": "carrier-index",
    "kind": "diesel_price",
    "subjects": ["US", "R 10/a"],
    "url": "/fuel?area={subject}&key={secret}",
    "value": "/prices/0/amount",
    "as_of": "/prices/0/day",
    "unit": "cents/gal",
    "licence": "by contract",
    "secret": "carrier/key",
    "headers": {"Authorization": "Bearer {secret}"},
    "time_zone": "America/New_York",
}


def answer(amount: object = 374.5, day: object = "2026-11-20") -> dict[str, object]:
    return {"prices": [{"amount": amount, "day": day}]}


def made(host, said, **changes):
    served = host(lambda _target, _body: said)
    url = served.address + str(changes.pop("url", DESCRIPTION["url"]))
    source = described({**DESCRIPTION, **changes, "url": url}, served.call, lambda _secret: lambda: "hu&sh")
    return source, served


def told(host, said, **changes):
    source, _ = made(host, said, **changes)
    return source.observe(("US",), NOW)


def test_the_figure_is_found_converted_and_labelled(host):
    source, served = made(host, answer())
    seen = source.observe(("R 10/a",), NOW).observations["R 10/a"]
    assert (seen.value, seen.unit, seen.as_of.isoformat()) == (Decimal("3.745"), "$/gal", "2026-11-20")
    assert (seen.source, seen.confidence, seen.licence) == ("carrier-index", Confidence.MEDIUM, "by contract")
    assert served.asked == ["GET /fuel?area=R%2010%2Fa&key=hu%26sh HTTP/1.1"]
    assert b"Authorization: Bearer hu&sh" in served.server.requests[0]
    assert "hu" not in seen.request.replace("http", "")


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-21T03:30:00Z", "2026-11-20"),
        ("2026-11-21T03:30:00", "2026-11-21"),
        ("2026-11-20 23:30:00-05:00", "2026-11-20"),
        ("2026-11-21T04:30:00+09:00", "2026-11-20"),
    ],
)
def test_an_instant_is_of_the_day_where_the_source_is(host, said, day):
    assert told(host, answer(day=said)).observations["US"].as_of.isoformat() == day


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"prices": []}, "nothing at /prices/0/day"),
        (answer(day=20261120), "as_of is no date"),
        (answer(day="yesterday"), "is no date"),
        (answer(day="2026-09-01"), "days ago"),
        (answer(amount=3.745), "0.03745 $/gal is implausible"),
        (answer(amount=None), "no number"),
        (b"not JSON", "no JSON"),
    ],
)
def test_what_is_not_as_described_is_a_reason(host, said, why):
    assert why in told(host, said).failures["US"]


@pytest.mark.parametrize(
    ("pointer", "found"),
    [("/a~1b/m~0n/1", 2), ("/a~1b/m~0n/0", 1), ("", {"a/b": {"m~n": [1, 2]}})],
)
def test_a_pointer_is_read_as_its_standard_says(pointer, found):
    assert pointed({"a/b": {"m~n": [1, 2]}}, pointer) == found


@pytest.mark.parametrize(
    "pointer", ["/x", "/a~1b/m~0n/2", "/a~1b/m~0n/01", "/a~1b/m~0n/-", "/a~1b/m~0n/-1", "/a~1b/m~0n/\u0661"]
)
def test_a_pointer_at_nothing_is_a_reason(pointer):
    with pytest.raises(Unusable):
        pointed({"a/b": {"m~n": [1, 2]}}, pointer)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "gold_price"}, "kind is none"),
        ({"kind": "road_miles", "unit": "miles"}, "kind is none"),
        ({"unit": "EUR/L"}, "unit is none of its kind"),
        ({"subjects": "US"}, "subjects are not a list"),
        ({"url": "ftp://rates/{subject}{secret}"}, "url must begin with http"),
        ({"value": "prices.0"}, "JSON pointers"),
        ({"url": "https://rates/?{secret}"}, "needs {subject}"),
        ({"secret": None}, "belong together"),
        ({"headers": {}, "url": "https://rates/{subject}"}, "belong together"),
        ({"headers": ["x"]}, "headers are not texts"),
        ({"time_zone": "Mars/Olympus"}, "time_zone is not known"),
        ({"requests_per_day": 0}, "requests_per_day"),
        ({"licence": ""}, "licence is missing"),
        ({"adress": "x"}, "adress is not known"),
    ],
)
def test_a_description_that_is_wrong_is_refused_by_name(changes, why):
    description = {**DESCRIPTION, "url": "https://rates/{subject}?{secret}", **changes}
    with pytest.raises(ConfigurationError, match=r"The market source carrier-index: ") as refused:
        described(description, lambda _call, _terms: pytest.fail("called"), lambda _secret: lambda: "")
    assert why in str(refused.value)
