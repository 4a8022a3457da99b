"""The BLS's public data API, version 2, in the shapes of https://www.bls.gov/developers/api_signature_v2.htm.

What a series measures is in its id: https://www.bls.gov/help/hlpforma.htm.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from networx.market.bls import SERIES_AT_ONCE, Bls, kind_of
from networx.market.values import Confidence
from tests.core.market.conftest import NOW

EARNINGS = "CES4300000003"
DRIVERS = "OEUN000000000000053303203"
SERIES = {"transportation": EARNINGS}


def figure(year: str, period: str, value: str, *codes: str) -> dict[str, object]:
    notes = [{"code": code, "text": "Preliminary."} for code in codes] or [{}]
    return {"year": year, "period": period, "periodName": "October", "value": value, "footnotes": notes}


def answer(*figures: dict[str, object], series: str = EARNINGS, wrapped: bool = False) -> dict[str, object]:
    results = {"series": [{"seriesID": series, "data": list(figures)}]}
    return {
        "status": "REQUEST_SUCCEEDED",
        "responseTime": 78,
        "message": [],
        "Results": [results] if wrapped else results,
    }


def observe(host, said, series=SERIES, kind="hourly_wage"):
    served = host(lambda _target, _body: said)
    told = Bls(served.address, lambda: "a-key", kind, series, served.call).observe(tuple(series), NOW)
    return told, served


@pytest.mark.parametrize("wrapped", [False, True], ids=["as the service", "as the published sample"])
def test_the_newest_month_is_told_as_of_its_last_day(host, wrapped):
    said = answer(figure("2026", "M09", "31.02"), figure("2026", "M08", "30.95"), wrapped=wrapped)
    told, served = observe(host, said)
    seen = told.observations["transportation"]
    assert (seen.value, seen.unit, seen.as_of.isoformat()) == (Decimal("31.02"), "$/h", "2026-09-30")
    assert (seen.confidence, seen.preliminary) == (Confidence.HIGH, False)
    assert served.asked == ["POST /publicAPI/v2/timeseries/data/ HTTP/1.1"]
    assert served.body(0) == {
        "seriesid": [EARNINGS], "startyear": "2024", "endyear": "2026", "registrationkey": "a-key",
    }  # fmt: skip


def test_a_preliminary_figure_says_so_and_counts_for_less(host):
    told, _ = observe(host, answer(figure("2026", "M10", "31.10", "P"), figure("2026", "M09", "31.02")))
    seen = told.observations["transportation"]
    assert (seen.preliminary, seen.confidence, str(seen.value)) == (True, Confidence.MEDIUM, "31.10")


def test_a_month_that_is_withheld_and_a_mean_of_the_year_are_passed_over(host):
    said = answer(figure("2026", "M13", "99"), figure("2026", "M10", "-"), figure("2026", "M09", "31.02"))
    assert observe(host, said)[0].observations["transportation"].as_of.isoformat() == "2026-09-30"


def test_the_estimates_by_occupation_are_those_of_may(host):
    said = answer(figure("2025", "A01", "27.54"), series=DRIVERS)
    told, _ = observe(host, said, {"drivers": DRIVERS}, "occupation_wage")
    assert told.observations["drivers"].as_of.isoformat() == "2025-05-31"


def test_more_series_than_a_query_takes_are_asked_for_in_parts(host):
    many = {f"industry-{number}": f"CES{number:08d}03" for number in range(SERIES_AT_ONCE + 1)}
    _, served = observe(host, answer(), many)
    assert [len(served.body(number)["seriesid"]) for number in range(2)] == [SERIES_AT_ONCE, 1]


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (EARNINGS, "hourly_wage"),
        ("CEU0800000003", "hourly_wage"),
        ("CES0500000008", "hourly_wage"),
        ("SMU19197802023800003", "hourly_wage"),
        (DRIVERS, "occupation_wage"),
        ("OEUN000000000000053303208", "occupation_wage"),
        ("OEUN000000054192027402104", None),
        ("CES4300000001", None),
        ("LNS14000000", None),
        ("SMU19197802023800001", None),
        ("CES430000000\u0663", None),
    ],
)
def test_only_a_series_of_dollars_an_hour_is_a_wage(series, kind):
    assert kind_of(series) == kind


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            {"status": "REQUEST_NOT_PROCESSED", "responseTime": 0, "Results": {}, "message": [
                "Request could not be serviced, as the daily threshold for total requests has been reached."]},
            "daily threshold",
        ),
        (
            {"status": "REQUEST_NOT_PROCESSED", "message": ["The key:a-key provided by the User is invalid."]},
            "The key:[redacted] provided by the User is invalid.",
        ),
        ({"status": "REQUEST_NOT_PROCESSED"}, "no reason given"),
        ({"status": "REQUEST_SUCCEEDED", "message": ["Series does not exist for Series X"], "Results": {"series": []}},
         "has no figure of the last 3 years"),
        ({"status": "REQUEST_SUCCEEDED", "Results": {}}, "no series"),
        ({"status": "REQUEST_SUCCEEDED", "Results": []}, "no series"),
        ({"status": "REQUEST_SUCCEEDED", "Results": {"series": "none"}}, "no series"),
        ({}, "no status"),
        (answer(figure("2026", "M10", "-")), "has no figure"),
        (answer(figure("2026", "Q03", "31")), "has no figure"),
        (answer(figure("twenty", "M10", "31")), "has no figure"),
        (answer(figure("2026", "M09", "0.31")), "0.31 $/h is implausible"),
        (answer(figure("2026", "M09", "62,000")), "is no number"),
        (answer(figure("2026", "M01", "31.02")), "days ago; a hourly_wage may be 200 days old at most"),
        (("500 Internal", {}), "HTTP 500"),
    ],
)  # fmt: skip
def test_what_is_no_wage_is_told_as_such_and_never_with_the_key(host, said, why):
    told, _ = observe(host, said)
    assert told.observations == {}
    assert why in told.failures["transportation"]
    assert "a-key" not in str(told.failures)
