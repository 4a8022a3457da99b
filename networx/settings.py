"""What this process was told by its environment, read once and checked.

Names are the ones operators know: DATABASE_URL without a password, REDIS_HOST, REDIS_PORT, AWS_REGION, LOG_LEVEL,
and names derived from the topology for queues and buckets. Secrets are named here and fetched elsewhere.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from urllib.parse import urlsplit

from networx import __version__
from networx.errors import ConfigurationError
from networx.topology import TOPOLOGY, Leases

LAPTOP = "laptop"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's settings. `database_url` has no user and no password: the role is chosen by the code."""

    stage: str
    database_url: str
    database_secret_prefix: str
    redis_host: str
    redis_port: int
    redis_secret: str | None
    region: str
    aws_endpoint: str | None
    log_level: str
    queue_urls: Mapping[str, str]
    buckets: Mapping[str, str]
    public_url: str
    dev_key_file: str | None = None
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

    database_url = required("DATABASE_URL")
    if database_url and urlsplit(database_url).password:
        faults.append("DATABASE_URL carries a password; secrets come from Secrets Manager")
    redis_port = environment.get("REDIS_PORT", "6379")
    if not redis_port.isdigit():
        faults.append(f"REDIS_PORT is not a port: {redis_port}")
    log_level = environment.get("LOG_LEVEL", "INFO").upper()
    if log_level not in LOG_LEVELS:
        faults.append(f"LOG_LEVEL is none of {', '.join(LOG_LEVELS)}: {log_level}")
    settings = Settings(
        stage=required("NETWORX_STAGE"),
        database_url=database_url,
        database_secret_prefix=environment.get("NETWORX_DATABASE_SECRETS", "networx/database/"),
        redis_host=required("REDIS_HOST"),
        redis_port=int(redis_port) if redis_port.isdigit() else 0,
        redis_secret=environment.get("NETWORX_REDIS_SECRET") or None,
        region=required("AWS_REGION"),
        aws_endpoint=environment.get("AWS_ENDPOINT_URL") or None,
        log_level=log_level,
        queue_urls={queue.name: required(queue.environment_name) for queue in TOPOLOGY.queues},
        buckets={bucket.name: required(bucket.environment_name) for bucket in TOPOLOGY.buckets},
        public_url=environment.get("NETWORX_PUBLIC_URL", ""),
        dev_key_file=environment.get("NETWORX_DEV_KEY_FILE") or None,
        scratch=environment.get("NETWORX_SCRATCH", "/tmp"),  # noqa: S108
        leases=_leases(environment, faults),
    )
    if faults:
        raise ConfigurationError(what="The environment is incomplete: " + "; ".join(faults))
    return settings


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
