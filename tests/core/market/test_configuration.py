"""What an installation configures: nothing without a setting, and each mistake by its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from networx.domain.market import MARKET_KINDS
from networx.errors import ConfigurationError
from networx.market.configuration import key_of, servers_of, sources_of
from networx.market.sources import Source
from networx.market.values import Unusable
from networx.settings import MarketSettings, read_settings
from tests.core.test_settings import COMPLETE, refusal

INDEX = {
    "name": "index", "kind": "lease_rate", "subjects": ["US"], "url": "https://rents.example.com/us", "value": "/rent",
    "as_of": "/day", "unit": "$/sqft/year", "licence": "by contract",
}  # fmt: skip


def sources(**environment: str) -> list[Source]:
    configured = read_settings({**COMPLETE, **environment}).market
    return sources_of(configured, lambda _call, _terms: pytest.fail("something was called"))


def test_without_a_setting_there_is_no_source():
    assert sources() == []
    assert servers_of(MarketSettings(), lambda _call, _terms: pytest.fail("called")) == []


def test_the_offices_are_asked_first_and_then_what_is_described_in_its_order():
    made = sources(
        NETWORX_EIA_SECRET="networx/eia",
        NETWORX_BLS_SECRET="networx/bls",
        NETWORX_BLS_SERIES="transport=CES4300000003 drivers=OEUN000000000000053303203 all=CES0500000003",
        NETWORX_MARKET_SOURCES=json.dumps([INDEX, {**INDEX, "name": "second"}]),
    )
    assert [(source.name, source.kind, tuple(source.subjects)) for source in made] == [
        ("eia", "diesel_price", ("US",)),
        ("bls", "hourly_wage", ("transport", "all")),
        ("bls", "occupation_wage", ("drivers",)),
        ("index", "lease_rate", ("US",)),
        ("second", "lease_rate", ("US",)),
    ]


def test_road_servers_keep_their_order():
    configured = read_settings(
        {**COMPLETE, "NETWORX_OSRM_URLS": "http://osrm.internal:5000/ https://roads.example.com/osrm"}
    ).market
    servers = servers_of(configured, lambda _call, _terms: pytest.fail("called"))
    assert [server.address for server in servers] == ["http://osrm.internal:5000", "https://roads.example.com/osrm"]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"NETWORX_EIA_SERIES": "EMD_EPD2D_PTE_NUS_DPG"}, "NETWORX_EIA_SERIES names each series"),
        ({"NETWORX_EIA_SERIES": "US=A US=B"}, "NETWORX_EIA_SERIES names each series"),
        ({"NETWORX_EIA_SERIES": "US=A&B"}, "NETWORX_EIA_SERIES names each series"),
        ({"NETWORX_BLS_SECRET": "x"}, "belong together"),
        ({"NETWORX_BLS_SERIES": "a=CES4300000003"}, "belong together"),
        ({"NETWORX_EIA_URL": "api.eia.gov"}, "NETWORX_EIA_URL is no address"),
        ({"NETWORX_OSRM_URLS": "http://user:secret@osrm:5000"}, "NETWORX_OSRM_URLS is no address"),
        ({"NETWORX_OSRM_PLACES": "1"}, "NETWORX_OSRM_PLACES"),
        ({"NETWORX_OSRM_PLACES": "many"}, "NETWORX_OSRM_PLACES"),
        ({"NETWORX_OSRM_PROFILE": "car/../x"}, "NETWORX_OSRM_PROFILE"),
        ({"NETWORX_MARKET_SOURCES": "{"}, "NETWORX_MARKET_SOURCES is no JSON"),
        ({"NETWORX_MARKET_SOURCES": "{}"}, "NETWORX_MARKET_SOURCES is no list"),
        ({"NETWORX_MARKET_SOURCES": "[1]"}, "NETWORX_MARKET_SOURCES is no list"),
    ],
)
def test_a_setting_that_is_wrong_is_refused_at_the_start(environment, said):
    assert said in refusal(**environment)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"NETWORX_BLS_SECRET": "x", "NETWORX_BLS_SERIES": "jobs=CES4300000001"}, "no series of dollars an hour"),
        ({"NETWORX_MARKET_SOURCES": json.dumps([INDEX, INDEX])}, "two sources have one name"),
        ({"NETWORX_MARKET_SOURCES": json.dumps([{**INDEX, "unit": "EUR"}])}, "unit is none of its kind"),
    ],
)
def test_a_source_that_cannot_work_is_refused_by_name(environment, said):
    with pytest.raises(ConfigurationError, match=said):
        sources(**environment)


def test_a_key_comes_from_its_secret_and_a_missing_one_is_a_reason(configured, aws):
    aws.secrets.create_secret(Name="networx/market-test", SecretString='{"key": "hush"}')
    assert key_of("networx/market-test")() == "hush"
    with pytest.raises(Unusable, match="its key cannot be read from the secret networx/none"):
        key_of("networx/none")()
    aws.secrets.create_secret(Name="networx/market-other", SecretString='{"api": "hush"}')
    with pytest.raises(Unusable, match="networx/market-other"):
        key_of("networx/market-other")()


def test_the_page_tells_the_kinds_as_they_are():
    page = (Path(__file__).parents[3] / "docs" / "market.md").read_text()
    for kind in MARKET_KINDS.values():
        hours = kind.fresh_for.total_seconds() / 3600
        again = f"{hours:g} h" if hours < 24 else f"{kind.fresh_for.days} d"
        row = (
            f"| `{kind.name}` | {kind.unit} | {kind.least} to {kind.most:,} | {', '.join(kind.units)} | {again} "
            f"| {kind.oldest.days} d |"
        )
        assert row in page
