"""Whatever a host answers, a source raises nothing and tells of each subject a plausible figure or a reason."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from networx.domain.market import MARKET_KINDS
from networx.market.bls import Bls
from networx.market.eia import Eia
from networx.market.generic import described
from networx.market.osrm import Osrm
from networx.market.sources import Told
from networx.resilience.exchange import Answer
from tests.core.market.conftest import NOW
from tests.core.market.test_bls import EARNINGS, figure
from tests.core.market.test_bls import answer as bls_answer
from tests.core.market.test_eia import US, row
from tests.core.market.test_eia import answer as eia_answer
from tests.core.market.test_generic import DESCRIPTION
from tests.core.market.test_generic import answer as generic_answer
from tests.core.market.test_osrm import BERLIN, MITTE, table

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=12),
    st.sampled_from(["", "-", "P", "2026-11-16", "M10", "A01", "9" * 400, "1e999", "\0"]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(said: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, the whole first."""
    inner = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    return [path, *(place for step, each in inner for place in places(each, (*path, step)))]


@st.composite
def spoiled(draw: st.DrawFn, valid: Any) -> Any:
    """A valid answer with something else in some of its places, or without them."""
    said = copy.deepcopy(valid)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(said)))
        if not place:
            return draw(ANYTHING)
        holder = said
        for step in place[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            holder[place[-1]] = draw(ANYTHING)
        elif isinstance(holder, dict):
            del holder[place[-1]]
    return said


def answering(said: Any):
    body = json.dumps(said).encode()
    return lambda _call, _terms: Answer(200, httpx.Headers(), body, "HTTP/1.1")


def eia(said: Any) -> Told:
    return Eia("https://a", lambda: "k", {"US": US}, answering(said)).observe(("US",), NOW)


def bls(said: Any) -> Told:
    return Bls("https://a", lambda: "k", "hourly_wage", {"US": EARNINGS}, answering(said)).observe(("US",), NOW)


def generic(said: Any) -> Told:
    description = {**DESCRIPTION, "url": "https://a/{subject}?{secret}", "headers": {}}
    return described(description, answering(said), lambda _secret: lambda: "k").observe(("US",), NOW)


VALID = {
    "eia": (eia, eia_answer(row("2026-11-16", "3.7"), row("2026-11-09", 3.6))),
    "bls": (bls, bls_answer(figure("2026", "M09", "31", "P"), figure("2026", "M08", "30"))),
    "generic": (generic, generic_answer()),
}


@pytest.mark.parametrize("name", VALID)
def test_a_source_survives_any_answer(name):
    ask, valid = VALID[name]

    @effort(max_examples=150, deadline=None)
    @given(spoiled(valid))
    def holds(said: Any) -> None:
        told = ask(said)
        assert {*told.observations, *told.failures} == {"US"}
        for seen in told.observations.values():
            kind = MARKET_KINDS[seen.kind]
            assert kind.least <= seen.value <= kind.most
            assert 0 <= (NOW.date() - seen.as_of).days + 1 <= kind.oldest.days + 1

    assert "US" in ask(valid).observations
    holds()


@pytest.mark.parametrize(
    ("name", "place", "instead"),
    [
        ("bls", ("Results", "series", 0, "data", 0, "footnotes"), 5),
        ("bls", ("Results", "series", 0, "data", 0, "year"), "0000"),
        ("bls", ("Results", "series", 0, "data", 0, "value"), "1e999999999"),
        ("bls", ("status",), "\ud800"),
        ("bls", ("Results", "series", 0, "data", 0, "value"), "31." + "1" * 20_000),
        ("eia", ("response", "data", 0, "value"), "9e999999999999"),
        ("eia", ("response", "data", 0, "value"), 10**4000),
        ("eia", ("response", "data", 0, "units"), ["$/GAL"]),
        ("eia", ("response", "data", 0, "units"), "\ud800\0"),
        ("generic", ("prices", 0, "amount"), "9e999999999999"),
        ("generic", ("prices", 0, "day"), "0001-01-01T00:00:00+14:00"),
        ("generic", ("prices", 0, "day"), "9999-12-31T23:59:59-14:00"),
    ],
)
def test_the_answers_that_once_broke_a_source_are_reasons(name, place, instead):
    ask, valid = VALID[name]
    said = copy.deepcopy(valid)
    holder: Any = said
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = instead
    told = ask(said)
    assert {*told.observations, *told.failures} == {"US"}
    for reason in told.failures.values():
        assert reason.encode()
        assert reason.isprintable()
        assert len(reason) < 300


@effort(max_examples=200, deadline=None)
@given(spoiled(table([[1000]], [[60]])))
def test_a_road_server_may_answer_anything(said):
    ways = Osrm("https://a", "driving", 100, answering(said)).ways([BERLIN], [MITTE])
    assert {*ways.found, *ways.failures} == {(BERLIN, MITTE)}
    for way in ways.found.values():
        assert Decimal(0) <= way.miles <= MARKET_KINDS["road_miles"].most
