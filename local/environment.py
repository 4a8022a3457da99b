"""What every process of a platform is told: the settings a deployed task would get, with the laptop's addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local import aws
from local.home import LOOPBACK, Home
from networx.blueprint import Bucket
from networx.db.bootstrap import DATABASE
from networx.settings import LAPTOP
from networx.topology import TOPOLOGY

DATABASE_SECRETS = "networx/database/"
REDIS_SECRET = "networx/redis"  # noqa: S105  # the name of a secret
KEY_PEPPER_SECRET = "networx/key-pepper"  # noqa: S105  # this too

# Everything must have stopped within ten seconds: a worker hands its job back sooner than it would in the cloud.
DRAIN_SECONDS = 4

# What a program may inherit. The rest of the caller's environment (AWS profiles, proxies, PG* variables) stays out.
_INHERITED = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "LOG_LEVEL", "PG_BIN", "SYSTEMROOT"),
    # What the assistant may spend; of its address and key nothing but the NETWORX_ variables counts.
    *("OPENAI_DAILY_TOKEN_LIMIT", "OPENAI_MONTHLY_TOKEN_LIMIT", "OPENAI_DAILY_COST_LIMIT", "OPENAI_MONTHLY_COST_LIMIT"),
    "OPENAI_ENABLE_FALLBACK",
)


@dataclass(frozen=True)
class Ports:
    """The loopback ports of one platform."""

    web: int
    postgres: int
    valkey: int
    aws: int


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of the caller's environment that programs get: the usual variables and every NETWORX_ one."""
    return {name: value for name, value in environment.items() if name in _INHERITED or name.startswith("NETWORX_")}


def physical_name(bucket: Bucket) -> str:
    return f"networx-{bucket.name}"


def queue_url(name: str, ports: Ports) -> str:
    return f"{aws.endpoint(ports.aws)}/{aws.ACCOUNT}/{name}"


def web_address(ports: Ports) -> str:
    return f"http://{LOOPBACK}:{ports.web}"


def settings_of(home: Home, ports: Ports) -> dict[str, str]:
    """The environment that networx.settings reads, for web, workers and functions alike."""
    return {
        "NETWORX_DRAIN_SECONDS": str(DRAIN_SECONDS),
        # A worker waiting for messages hears only afterwards that it should stop.
        "NETWORX_RECEIVE_WAIT_SECONDS": "1",
        "NETWORX_STAGE": LAPTOP,
        "NETWORX_HOME": str(home.root),
        "NETWORX_WEB_PORT": str(ports.web),
        "NETWORX_PUBLIC_URL": web_address(ports),
        "NETWORX_DEV_KEY_FILE": str(home.dev_key_file),
        "NETWORX_SCRATCH": str(home.scratch),
        "NETWORX_DATABASE_SECRETS": DATABASE_SECRETS,
        "NETWORX_REDIS_SECRET": REDIS_SECRET,
        "NETWORX_KEY_PEPPER_SECRET": KEY_PEPPER_SECRET,
        "DATABASE_URL": f"postgresql://{LOOPBACK}:{ports.postgres}/{DATABASE}",
        "REDIS_HOST": LOOPBACK,
        "REDIS_PORT": str(ports.valkey),
        "AWS_ENDPOINT_URL": aws.endpoint(ports.aws),
        "AWS_REGION": aws.REGION,
        "AWS_DEFAULT_REGION": aws.REGION,
        **aws.CREDENTIALS,
        **{bucket.environment_name: physical_name(bucket) for bucket in TOPOLOGY.buckets},
        **{queue.environment_name: queue_url(queue.name, ports) for queue in TOPOLOGY.queues},
        **{queue.dead_letter_environment_name: queue_url(queue.dead_letter_name, ports) for queue in TOPOLOGY.queues},
    }
