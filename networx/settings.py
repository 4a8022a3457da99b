"""What this process was told by its environment, read once and checked.

Names are the ones operators know: DATABASE_URL without a password, REDIS_HOST, REDIS_PORT, AWS_REGION, LOG_LEVEL,
and names derived from the topology for queues and buckets. Secrets are named here and fetched elsewhere.
Whatever would weaken a connection (options in a URL, an unencrypted one that leaves the machine) is refused here.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from networx import __version__
from networx.assistant_terms import AssistantTerms, read_terms
from networx.blueprint import Leases
from networx.errors import ConfigurationError
from networx.topology import TOPOLOGY

LAPTOP = "laptop"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
POSTGRES_PORT = 5432
_ENDPOINT = re.compile(r"(?P<host>[\w.-]+)(:(?P<port>\d{1,5}))?", re.ASCII)
AUTHORITIES = Path(__file__).parent / "db" / "data" / "authorities.pem"


@dataclass(frozen=True, slots=True)
class Address:
    """A server's host and port."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people sign in: at the load balancer, through an issuer of OpenID Connect.

    `signer` is the balancer's ARN, and `keys` the address under which its region tells the keys it signs with.
    """

    issuer: str
    client: str
    signer: str
    keys: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """How hosts outside are called. `private_hosts` are those of our own network that may be called at all.

    `authorities` is a file of certificates that sign a company's own, beside the public ones.
    """

    private_hosts: frozenset[Address] = frozenset()
    proxy: str | None = None
    authorities: Path | None = None


@dataclass(frozen=True, slots=True)
class MarketSettings:
    """The sources of market figures. `series` by the subject that they tell; `sources` as operators describe them."""

    eia_secret: str | None = None
    eia_url: str = "https://api.eia.gov"
    eia_series: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    bls_secret: str | None = None
    bls_url: str = "https://api.bls.gov"
    bls_series: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    osrm_urls: tuple[str, ...] = ()
    osrm_profile: str = "driving"
    osrm_most_places: int = 100
    sources: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's settings.

    `database` is the instance itself; `proxy` and `replica` stand beside it where there are some. `authorities` is the
    file with the certificates that sign theirs; None means a connection without TLS, on the laptop alone.
    """

    stage: str
    database: Address
    database_name: str
    proxy: Address | None
    replica: Address | None
    authorities: Path | None
    database_secret_prefix: str
    master_secret: str | None
    redis_host: str
    redis_port: int
    redis_secret: str | None
    region: str
    aws_endpoint: str | None
    log_level: str
    queue_urls: Mapping[str, str]
    dead_letter_urls: Mapping[str, str]
    buckets: Mapping[str, str]
    public_url: str
    sqs_endpoint: str | None = None
    dev_key_file: str | None = None
    key_pepper_secret: str | None = None
    sign_in: SignIn | None = None
    alive_file: str | None = None
    task_agent: str | None = None
    task_metadata: str | None = None
    database_instance: str | None = None
    backup_vault: str | None = None
    slack_secret: str | None = None
    trusted_proxies: int = 0
    outbound: Outbound = field(default_factory=Outbound)
    market: MarketSettings = field(default_factory=MarketSettings)
    assistant: AssistantTerms | None = None
    scratch: str = "/tmp"  # noqa: S108  # the platform names its own; containers mount theirs here
    leases: Leases = field(default_factory=lambda: TOPOLOGY.leases)
    version: str = __version__

    @property
    def laptop(self) -> bool:
        return self.stage == LAPTOP


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from an environment. Raises ConfigurationError that names every missing or bad variable."""
    faults: list[str] = []

    def required(name: str) -> str:
        value = environment.get(name, "")
        if not value:
            faults.append(f"{name} is not set")
        return value

    stage = required("NETWORX_STAGE")
    database, database_name = _database(required("DATABASE_URL"), faults)
    proxy = _endpoint("RDS_PROXY_ENDPOINT", environment, faults)
    replica = _endpoint("NETWORX_DATABASE_REPLICA", environment, faults)
    secret_prefix = environment.get("NETWORX_DATABASE_SECRETS") or _secret_prefix(stage)
    if not secret_prefix.endswith("/"):
        faults.append(f"NETWORX_DATABASE_SECRETS is the part before the role's name and ends with /: {secret_prefix}")
    if proxy is not None and proxy == database:
        faults.append("DATABASE_URL names the proxy; loads and migrations need the host of the database itself there")
    redis_host = required("REDIS_HOST")
    redis_port = environment.get("REDIS_PORT", "6379")
    if not redis_port.isdigit():
        faults.append(f"REDIS_PORT is not a port: {redis_port}")
    log_level = environment.get("LOG_LEVEL", "INFO").upper()
    if log_level not in LOG_LEVELS:
        faults.append(f"LOG_LEVEL is none of {', '.join(LOG_LEVELS)}: {log_level}")
    # The load balancer, off the laptop: it appends the address it sees, and what stands before that is hearsay.
    trusted_proxies = environment.get("NETWORX_TRUSTED_PROXIES", "")
    if not (trusted_proxies == "" or trusted_proxies.isdecimal()):
        faults.append(f"NETWORX_TRUSTED_PROXIES is no number of proxies: {trusted_proxies}")
        trusted_proxies = ""
    if stage == LAPTOP:
        _stay_on_this_machine(database, proxy, replica, faults)
    settings = Settings(
        stage=stage,
        database=database,
        database_name=database_name,
        proxy=proxy,
        replica=replica,
        authorities=None if stage == LAPTOP else _authorities(environment, faults),
        database_secret_prefix=secret_prefix,
        master_secret=environment.get("NETWORX_DATABASE_MASTER_SECRET") or None,
        redis_host=redis_host,
        redis_port=int(redis_port) if redis_port.isdigit() else 0,
        redis_secret=environment.get("NETWORX_REDIS_SECRET") or None,
        region=required("AWS_REGION"),
        aws_endpoint=environment.get("AWS_ENDPOINT_URL") or None,
        log_level=log_level,
        queue_urls={queue.name: required(queue.environment_name) for queue in TOPOLOGY.queues},
        dead_letter_urls={queue.name: required(queue.dead_letter_environment_name) for queue in TOPOLOGY.queues},
        buckets={bucket.name: required(bucket.environment_name) for bucket in TOPOLOGY.buckets},
        public_url=environment.get("NETWORX_PUBLIC_URL", ""),
        sqs_endpoint=environment.get("AWS_ENDPOINT_URL_SQS") or None,
        dev_key_file=environment.get("NETWORX_DEV_KEY_FILE") or None,
        key_pepper_secret=environment.get("NETWORX_KEY_PEPPER_SECRET") or None,
        sign_in=_sign_in(environment, faults),
        slack_secret=environment.get("NETWORX_SLACK_SECRET") or None,
        trusted_proxies=int(trusted_proxies or (0 if stage == LAPTOP else 1)),
        alive_file=environment.get("NETWORX_ALIVE_FILE") or None,
        task_agent=environment.get("ECS_AGENT_URI") or None,
        task_metadata=environment.get("ECS_CONTAINER_METADATA_URI_V4") or None,
        database_instance=environment.get("NETWORX_DATABASE_INSTANCE") or None,
        backup_vault=environment.get("NETWORX_BACKUP_VAULT") or None,
        outbound=_outbound(environment, faults),
        market=_market(environment, faults),
        assistant=read_terms(environment, faults),
        scratch=environment.get("NETWORX_SCRATCH", "/tmp"),  # noqa: S108
        leases=_leases(environment, faults),
    )
    if faults:
        raise ConfigurationError(what="The environment is incomplete: " + "; ".join(faults))
    return settings


def _database(url: str, faults: list[str]) -> tuple[Address, str]:
    """The instance and the name of its database. The URL has neither user nor password: the code chooses the role."""
    try:
        parts = urlsplit(url)
        address = Address(parts.hostname or "", parts.port or POSTGRES_PORT)
    except ValueError as fault:
        faults.append(f"DATABASE_URL cannot be read: {fault}")
        return Address("", POSTGRES_PORT), ""
    name = parts.path.removeprefix("/")
    if parts.password:
        faults.append("DATABASE_URL carries a password; secrets come from Secrets Manager")
    if parts.query:
        faults.append(
            "DATABASE_URL carries options; TLS is always on and time limits stand on the roles, so leave them out"
        )
    if url and not (parts.scheme in {"postgres", "postgresql"} and address.host and name):
        faults.append("DATABASE_URL does not look like postgresql://host:port/database")
    return address, name


def _endpoint(name: str, environment: Mapping[str, str], faults: list[str]) -> Address | None:
    text = environment.get(name)
    if not text:
        return None
    found = _ENDPOINT.fullmatch(text)
    if found is None:
        faults.append(f"{name} is neither a host nor host:port: {text}")
        return None
    return Address(found["host"], int(found["port"] or POSTGRES_PORT))


def _secret_prefix(stage: str) -> str:
    return "networx/database/" if stage == LAPTOP else f"networx/{stage}/database/"


def _stay_on_this_machine(database: Address, proxy: Address | None, replica: Address | None, faults: list[str]) -> None:
    named = {"DATABASE_URL": database, "RDS_PROXY_ENDPOINT": proxy, "NETWORX_DATABASE_REPLICA": replica}
    for name, address in named.items():
        if address is not None and address.host and not address.loopback:
            faults.append(
                f"{name} names {address.host}, but NETWORX_STAGE is {LAPTOP}, where nothing is encrypted and only this "
                "machine may be spoken to; set NETWORX_STAGE to the stage that the database belongs to"
            )


def _authorities(environment: Mapping[str, str], faults: list[str]) -> Path:
    given = environment.get("NETWORX_DATABASE_CA")
    path = Path(given) if given else AUTHORITIES
    if not path.is_file():
        faults.append(f"NETWORX_DATABASE_CA names {path}, where there is no file of certificates")
    return path


def _sign_in(environment: Mapping[str, str], faults: list[str]) -> SignIn | None:
    said = {
        "NETWORX_OIDC_ISSUER": environment.get("NETWORX_OIDC_ISSUER", ""),
        "NETWORX_OIDC_CLIENT": environment.get("NETWORX_OIDC_CLIENT", ""),
        "NETWORX_OIDC_SIGNER": environment.get("NETWORX_OIDC_SIGNER", ""),
        "NETWORX_OIDC_KEYS": environment.get("NETWORX_OIDC_KEYS", ""),
    }
    if not any(said.values()):
        return None
    # With one of them missing, that one would not be checked.
    faults += [f"{name} is not set, but others of NETWORX_OIDC_* are" for name, value in said.items() if not value]
    if not _encrypted_or_here(said["NETWORX_OIDC_KEYS"]):
        faults.append(f"NETWORX_OIDC_KEYS must be an address of https: {said['NETWORX_OIDC_KEYS']}")
    return SignIn(*said.values())


def _outbound(environment: Mapping[str, str], faults: list[str]) -> Outbound:
    hosts: set[Address] = set()
    for named in environment.get("NETWORX_OUTBOUND_PRIVATE_HOSTS", "").split():
        found = _ENDPOINT.fullmatch(named)
        if found is None or found["port"] is None:
            faults.append(f"NETWORX_OUTBOUND_PRIVATE_HOSTS names hosts with their ports, between spaces: {named}")
        else:
            hosts.add(Address(found["host"].lower(), int(found["port"])))
    proxy = environment.get("NETWORX_OUTBOUND_PROXY") or None
    if proxy is not None and re.fullmatch(r"https?://[^/?#\s]+/?", proxy) is None:
        faults.append("NETWORX_OUTBOUND_PROXY does not look like http://host:port")
    given = environment.get("NETWORX_OUTBOUND_CA")
    if given and not Path(given).is_file():
        faults.append(f"NETWORX_OUTBOUND_CA names {given}, where there is no file of certificates")
    return Outbound(frozenset(hosts), proxy, Path(given) if given else None)


def _market(environment: Mapping[str, str], faults: list[str]) -> MarketSettings:
    bls_secret = environment.get("NETWORX_BLS_SECRET") or None
    bls_series = _series("NETWORX_BLS_SERIES", environment.get("NETWORX_BLS_SERIES", ""), faults)
    if bool(bls_secret) != bool(bls_series):
        faults.append("NETWORX_BLS_SECRET and NETWORX_BLS_SERIES belong together")
    urls = {
        "NETWORX_EIA_URL": environment.get("NETWORX_EIA_URL", MarketSettings().eia_url),
        "NETWORX_BLS_URL": environment.get("NETWORX_BLS_URL", MarketSettings().bls_url),
    }
    servers = environment.get("NETWORX_OSRM_URLS", "").split()
    for name, url in (*urls.items(), *(("NETWORX_OSRM_URLS", server) for server in servers)):
        if re.fullmatch(r"https?://[^/?#@\s]+(/[^?#\s]*)?", url) is None:
            faults.append(f"{name} is no address of http or https: {url}")
    places = environment.get("NETWORX_OSRM_PLACES", "100")
    if not (places.isascii() and places.isdecimal() and 2 <= int(places) <= 1_000):
        faults.append(f"NETWORX_OSRM_PLACES is no number from 2 to 1000: {places}")
        places = "100"
    profile = environment.get("NETWORX_OSRM_PROFILE", "driving")
    if re.fullmatch(r"[A-Za-z0-9_-]+", profile, re.ASCII) is None:
        faults.append(f"NETWORX_OSRM_PROFILE is no name of a profile: {profile}")
    return MarketSettings(
        eia_secret=environment.get("NETWORX_EIA_SECRET") or None,
        eia_url=urls["NETWORX_EIA_URL"].rstrip("/"),
        eia_series=_series(
            "NETWORX_EIA_SERIES", environment.get("NETWORX_EIA_SERIES", "US=EMD_EPD2D_PTE_NUS_DPG"), faults
        ),
        bls_secret=bls_secret,
        bls_url=urls["NETWORX_BLS_URL"].rstrip("/"),
        bls_series=bls_series,
        osrm_urls=tuple(server.rstrip("/") for server in servers),
        osrm_profile=profile,
        osrm_most_places=int(places),
        sources=_described(environment.get("NETWORX_MARKET_SOURCES", ""), faults),
    )


def _series(name: str, text: str, faults: list[str]) -> Mapping[str, str]:
    series: dict[str, str] = {}
    for pair in text.split():
        subject, _, identity = pair.partition("=")
        if not subject or re.fullmatch(r"[A-Z0-9_#-]+", identity, re.ASCII) is None or subject in series:
            faults.append(f"{name} names each series once as subject=SERIES, between spaces: {pair}")
        series[subject] = identity
    return MappingProxyType(series)


def _described(text: str, faults: list[str]) -> tuple[Mapping[str, Any], ...]:
    try:
        sources = json.loads(text) if text else []
    except ValueError as fault:
        faults.append(f"NETWORX_MARKET_SOURCES is no JSON: {fault}")
        return ()
    if not (isinstance(sources, list) and all(isinstance(source, dict) for source in sources)):
        faults.append("NETWORX_MARKET_SOURCES is no list of objects")
        return ()
    return tuple(sources)


def _encrypted_or_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and Address(host, 0).loopback))


def _leases(environment: Mapping[str, str], faults: list[str]) -> Leases:
    # Every clock of a job can be shortened, so that tests of its end take seconds: NETWORX_LEASE_SECONDS and so on.
    leases = TOPOLOGY.leases
    for name in Leases.__dataclass_fields__:
        variable = f"NETWORX_{name.upper()}_SECONDS"
        text = environment.get(variable)
        if text is None:
            continue
        seconds = _finite(text)
        if seconds is None:
            faults.append(f"{variable} is not a number: {text}")
        elif seconds <= 0:
            faults.append(f"{variable} must be above 0: {text}")
        else:
            leases = replace(leases, **{name: timedelta(seconds=seconds)})
    return leases


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@cache
def current() -> Settings:
    """This process's settings, read from its environment once."""
    return read_settings(os.environ)
