"""The EIA's API, version 2, in the shapes of https://www.eia.gov/opendata/documentation.php.

A row of petroleum/pri/gnd has period, duoarea, area-name, product, product-name, process, process-name, series,
series-description, value and units; since version 2.1.6 numbers are text.
"""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from networx.market.eia import PATH, SERIES_AT_ONCE, Eia
from networx.market.values import Confidence, Unusable
from tests.core.market.conftest import NOW

US = "EMD_EPD2D_PTE_NUS_DPG"
EAST = "EMD_EPD2D_PTE_R10_DPG"


def row(period: str, value: object, series: str = US, units: str = "$/GAL") -> dict[str, object]:
    return {
        "period": period,
        "duoarea": "NUS",
        "area-name": "U.S.",
        "product": "EPD2D",
        "product-name": "No 2 Diesel",
        "process": "PTE",
        "process-name": "Retail Sales",
        "series": series,
        "series-description": "U.S. No 2 Diesel Retail Prices (Dollars per Gallon)",
        "value": value,
        "units": units,
    }


def answer(*rows: dict[str, object]) -> dict[str, object]:
    return {
        "response": {"total": "1730", "dateFormat": "YYYY-MM-DD", "frequency": "weekly", "data": list(rows)},
        "request": {"command": PATH, "params": {"frequency": "weekly", "data": ["value"]}},
        "apiVersion": "2.1.8",
    }


def observe(host, said, subjects=("US",), series=None):
    served = host(lambda _target, _body: said)
    source = Eia(served.address, lambda: "a-key", series or {"US": US, "east": EAST}, served.call)
    return source.observe(subjects, NOW), served


def reason(host, said) -> str:
    told, _ = observe(host, said)
    assert told.observations == {}
    return told.failures["US"]


def test_the_newest_week_is_told_with_all_that_travels_with_it(host):
    told, served = observe(host, answer(row("2026-11-09", "3.71"), row("2026-11-16", "3.745")))
    seen = told.observations["US"]
    assert (seen.value, seen.unit, seen.as_of.isoformat()) == (Decimal("3.745"), "$/gal", "2026-11-16")
    assert (seen.source, seen.confidence, seen.preliminary) == ("eia", Confidence.HIGH, False)
    assert "public domain" in seen.licence
    assert US in seen.request
    assert "a-key" not in seen.request
    asked = urlsplit(served.asked[0].split(" ")[1])
    assert asked.path == PATH
    assert dict(parse_qsl(asked.query)) == {
        "api_key": "a-key",
        "frequency": "weekly",
        "data[0]": "value",
        "facets[series][]": US,
        "sort[0][column]": "period",
        "sort[0][direction]": "desc",
        "offset": "0",
        "length": "12",
    }


def test_a_week_without_a_price_is_passed_over(host):
    told, _ = observe(host, answer(row("2026-11-16", None), row("2026-11-09", ""), row("2026-11-02", "3.70")))
    assert told.observations["US"].as_of.isoformat() == "2026-11-02"


def test_numbers_may_be_numbers_and_keep_the_digits_that_were_written(host):
    told, _ = observe(host, answer(row("2026-11-16", 3.7450000000000001)))
    assert str(told.observations["US"].value) == "3.745"


def test_several_series_are_asked_for_at_once_and_told_apart(host):
    told, served = observe(host, answer(row("2026-11-16", "3.7"), row("2026-11-16", "3.9", EAST)), ("US", "east"))
    assert {subject: str(seen.value) for subject, seen in told.observations.items()} == {"US": "3.7", "east": "3.9"}
    assert len(served.asked) == 1
    assert "length=24" in served.asked[0]


def test_more_series_than_an_answer_has_rows_for_are_asked_for_in_parts(host):
    many = {f"area-{number}": f"S{number}" for number in range(SERIES_AT_ONCE + 1)}
    told, served = observe(host, answer(row("2026-11-16", "3.7", "S0")), tuple(many), many)
    assert len(served.asked) == 2
    assert list(told.observations) == ["area-0"]
    assert len(told.failures) == SERIES_AT_ONCE


def test_a_part_that_is_missing_does_not_spoil_the_rest(host):
    told, _ = observe(host, answer(row("2026-11-16", "3.7")), ("US", "east"))
    assert list(told.observations) == ["US"]
    assert told.failures == {"east": f"no week of the series {EAST} has a price"}


@pytest.mark.parametrize(
    ("value", "units", "why"),
    [
        ("0", "$/GAL", "0 $/gal is implausible"),
        ("400", "$/GAL", "400 $/gal is implausible"),
        ("-3.7", "$/GAL", "implausible"),
        ("374.5", "cents/GAL", "its unit 'cents/GAL' is none of"),
        ("3.7", None, "its unit 'None' is none of"),
        ("NaN", "$/GAL", "no number"),
        ("Infinity", "$/GAL", "no number"),
        ("three", "$/GAL", "no number"),
        (True, "$/GAL", "no number"),
        ([3.7], "$/GAL", "no number"),
    ],
)
def test_what_cannot_be_a_price_is_refused_by_name(host, value, units, why):
    assert why in reason(host, answer(row("2026-11-16", value, units=units)))


@pytest.mark.parametrize(
    ("period", "why"),
    [
        ("2026-10-24", "29 days ago; a diesel_price may be 28 days old"),
        ("2026-12-07", "yet to come"),
        ("November 16", "is no day"),
        ("", "is no day"),
    ],
)
def test_a_price_of_another_time_is_refused(host, period, why):
    assert why in reason(host, answer(row(period, "3.7")))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("403 Forbidden", {"error": {"code": "API_KEY_INVALID", "message": "No"}}), "HTTP 403 (API_KEY_INVALID)"),
        (("400 Bad Request", {"error": "Invalid frequency 'weakly' provided.", "code": 400}), "HTTP 400"),
        (("404 Not Found", b"<html>"), "HTTP 404"),
        (("503 Away", {}), "HTTP 503"),
        (b"<html>maintenance</html>", "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"response": {"data": [NaN]}}', "no JSON"),
        ({"response": {"data": None}}, "no rows"),
        ({"response": {}}, "no data"),
        ({"response": []}, "no data"),
        ([], "no response"),
        (answer(), "no week"),
        (answer(row("2026-11-16", None)), "none of the last 1 weeks"),
        ({"response": {"data": [None, 5, {"series": US}]}}, "none of the last 1 weeks"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_told_as_such(host, said, why):
    assert why in reason(host, said)


def test_a_key_that_cannot_be_read_is_a_reason(host):
    served = host(lambda _target, _body: answer())

    def unreadable() -> str:
        raise Unusable("its key cannot be read")

    told = Eia(served.address, unreadable, {"US": US}, served.call).observe(("US",), NOW)
    assert (told.failures, served.asked) == ({"US": "its key cannot be read"}, [])
