"""Where a stage's figures of the market come from: keys by ARN, series, road servers, hosts of its own network.

What a source means stands in docs/market.md. Here is what a stage says of it, what its processes are told of that, and
what is refused before anything is deployed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from stacks.shapes import faults_in_keys

_ENDPOINT = re.compile(r"[A-Za-z0-9.-]+:\d{1,5}", re.ASCII)
_SECRET = re.compile(r"arn:aws[a-z-]*:secretsmanager:(?P<region>[a-z0-9-]+):\d{12}:secret:\S+", re.ASCII)
_HTTPS = 443


@dataclass(frozen=True, slots=True)
class Market:
    """`eia_series` and `bls_series` by the subject they tell; `sources` as docs/market.md describes them.

    `private_hosts` are those of our own network that may be called, as `host:port`, each with the network (CIDR) it
    stands in; `proxy` is the address that all others are called through, in `proxy_network`.
    """

    eia_secret_arn: str | None = None
    eia_series: Mapping[str, str] = field(default_factory=dict)
    bls_secret_arn: str | None = None
    bls_series: Mapping[str, str] = field(default_factory=dict)
    osrm_urls: tuple[str, ...] = ()
    osrm_profile: str | None = None
    osrm_places: int | None = None
    sources: tuple[Mapping[str, Any], ...] = ()
    private_hosts: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None
    proxy_network: str | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Market:
        """What the context says, lists made unchangeable."""
        lists = {name: tuple(said[name]) for name in ("osrm_urls", "sources") if name in said}
        return cls(**{**said, **lists})

    @property
    def secrets(self) -> tuple[str, ...]:
        """The ARNs of the keys, each once."""
        described = (source.get("secret") for source in self.sources)
        return tuple(dict.fromkeys(arn for arn in (self.eia_secret_arn, self.bls_secret_arn, *described) if arn))

    @property
    def ways_out(self) -> tuple[tuple[str, int], ...]:
        """Networks and ports that are to be reached besides port 443 of everybody, each once."""
        ways = [(network, int(host.rpartition(":")[2])) for host, network in self.private_hosts.items()]
        if self.proxy is not None and self.proxy_network is not None:
            ways.append((self.proxy_network, _port_of(self.proxy)))
        return tuple(dict.fromkeys(ways))

    def told(self) -> dict[str, str]:
        """The variables that networx.settings reads; what is not stated is not told."""
        said = {
            "NETWORX_EIA_SECRET": self.eia_secret_arn,
            "NETWORX_EIA_SERIES": _pairs(self.eia_series),
            "NETWORX_BLS_SECRET": self.bls_secret_arn,
            "NETWORX_BLS_SERIES": _pairs(self.bls_series),
            "NETWORX_OSRM_URLS": " ".join(self.osrm_urls),
            "NETWORX_OSRM_PROFILE": self.osrm_profile,
            "NETWORX_OSRM_PLACES": None if self.osrm_places is None else str(self.osrm_places),
            "NETWORX_MARKET_SOURCES": json.dumps([dict(source) for source in self.sources]) if self.sources else None,
            "NETWORX_OUTBOUND_PRIVATE_HOSTS": " ".join(self.private_hosts),
            "NETWORX_OUTBOUND_PROXY": self.proxy,
        }
        return {name: value for name, value in said.items() if value}


def faults_in_shape(said: object) -> Iterator[str]:
    """What cannot be read as a market at all: one sentence each, with its cure."""
    yield from faults_in_keys("market", said, Market.__dataclass_fields__)
    if not isinstance(said, Mapping):
        return
    for key in ("eia_series", "bls_series", "private_hosts"):
        value = said.get(key, {})
        if not (isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values())):
            yield f'market "{key}" is an object of texts'
    for key, kind, what in (("osrm_urls", str, "addresses"), ("sources", dict, "objects")):
        value = said.get(key, [])
        if not (isinstance(value, list) and all(isinstance(each, kind) for each in value)):
            yield f'market "{key}" is a list of {what}'


def faults_in_market(market: Market, region: str) -> Iterator[str]:
    """What would not work, or would not be reached: one sentence each, with its cure."""
    for arn in market.secrets:
        yield from faults_in_secret("market", arn, region)
    if bool(market.bls_secret_arn) != bool(market.bls_series):
        yield "market bls_secret_arn and bls_series belong together"
    for host, network in market.private_hosts.items():
        if not (_ENDPOINT.fullmatch(host) and _is_network(network)):
            yield f"market private_hosts: {host} in {network} is not host:port with its network, such as 10.0.0.0/16"
    for address in market.osrm_urls:
        yield from faults_in_address("market", market, address)
    for source in market.sources:
        yield from faults_in_address("market", market, str(source.get("url", "")))
    if (market.proxy is None) != (market.proxy_network is None):
        yield "market proxy and proxy_network belong together: the way to it is opened to that network alone"
    elif market.proxy is not None and not (
        re.fullmatch(r"https?://[^/?#@\s]+/?", market.proxy) and _is_network(market.proxy_network or "")
    ):
        yield f"market proxy {market.proxy} in {market.proxy_network}: write http://host:port and its network"


def faults_in_secret(who: str, arn: str, region: str) -> Iterator[str]:
    """Whether `who` names a secret that the stage's processes could read."""
    found = _SECRET.fullmatch(arn)
    if found is None or found["region"] != region:
        yield f"{who} names the secret {arn}: give the whole ARN of one in {region}"


def faults_in_address(who: str, market: Market, address: str) -> Iterator[str]:
    """Whether an address outside that `who` names is reached by the ways out that the market opens."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield f"{who}: {address} is no address of http or https"
        return
    here = f"{parts.hostname}:{_port_of(address)}" in market.private_hosts
    # A proxy is asked for any port; without one only 443 is open, and what is ours.
    if not here and (parts.scheme != "https" or (_port_of(address) != _HTTPS and market.proxy is None)):
        yield f"{who}: {address} is not reached: use https on port 443, or name its host in market private_hosts"


def _port_of(address: str) -> int:
    parts = urlsplit(address)
    return parts.port or (_HTTPS if parts.scheme == "https" else 80)


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _pairs(series: Mapping[str, str]) -> str:
    return " ".join(f"{subject}={identity}" for subject, identity in series.items())
