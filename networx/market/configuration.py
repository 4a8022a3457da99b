"""The sources that an installation configured. Without a setting there is none, and nothing is ever called."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.errors import ConfigurationError
from networx.market.bls import Bls, kind_of
from networx.market.eia import Eia
from networx.market.generic import described
from networx.market.orchestrator import Market
from networx.market.osrm import Osrm
from networx.market.sources import Caller, Source
from networx.market.values import Unusable
from networx.resilience import aws
from networx.resilience.exchange import Answer, Call
from networx.resilience.http import Terms, outbound
from networx.settings import MarketSettings


def key_of(secret: str) -> Callable[[], str]:
    """How the member `key` of a secret is read: at each call, so that a new one is in use at once."""

    def read() -> str:
        try:
            return aws.secret(secret)["key"]
        except (BotoCoreError, ClientError, KeyError, ValueError, TypeError) as fault:
            raise Unusable(f"its key cannot be read from the secret {secret}") from fault

    return read


def sources_of(configured: MarketSettings, caller: Caller) -> list[Source]:
    """The sources in the order in which they are asked: the offices first. Raises ConfigurationError."""
    sources: list[Source] = []
    if configured.eia_secret is not None:
        sources.append(Eia(configured.eia_url, key_of(configured.eia_secret), configured.eia_series, caller))
    if configured.bls_secret is not None:
        kinds = {subject: kind_of(series) for subject, series in configured.bls_series.items()}
        for subject, kind in kinds.items():
            if kind is None:
                raise ConfigurationError(
                    what=f"NETWORX_BLS_SERIES: {configured.bls_series[subject]} is no series of dollars an hour"
                )
        sources += [
            Bls(
                configured.bls_url,
                key_of(configured.bls_secret),
                kind,
                {subject: series for subject, series in configured.bls_series.items() if kinds[subject] == kind},
                caller,
            )
            for kind in dict.fromkeys(kind for kind in kinds.values() if kind is not None)
        ]
    sources += [described(each, caller, key_of) for each in configured.sources]
    names = [(source.name, source.kind) for source in sources]
    if len(set(names)) < len(names):
        raise ConfigurationError(what="NETWORX_MARKET_SOURCES: two sources have one name")
    return sources


def servers_of(configured: MarketSettings, caller: Caller) -> list[Osrm]:
    """The road servers in the order in which they are asked."""
    return [
        Osrm(address, configured.osrm_profile, configured.osrm_most_places, caller) for address in configured.osrm_urls
    ]


@cache
def market() -> Market:
    """This process's market."""
    return Market(sources_of(settings.current().market, _call))


@cache
def road_servers() -> tuple[Osrm, ...]:
    """This process's road servers."""
    return tuple(servers_of(settings.current().market, _call))


def _call(call: Call, terms: Terms) -> Answer:
    return outbound().call(call, terms)
