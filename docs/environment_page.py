"""The page of environment variables: what the settings read, asked of them, and what each means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from docs.clocks import CLOCKS
from docs.markdown import table
from networx.blueprint import Leases
from networx.errors import ConfigurationError
from networx.settings import read_settings
from networx.topology import POSTGRES_MAJOR, TOPOLOGY

REQUIRED = "required"

_INTRODUCTION = """# Environment variables

Generated from `networx/settings.py` and `networx/topology.py`; `make docs` writes this page anew. On a laptop a person
sets none or some of the first table, and perhaps `LOG_LEVEL` or a clock; the platform sets the others for its
processes."""

_MEANINGS = {
    "DATABASE_URL": "where the record is, with neither user nor password: the role is chosen by the code",
    "NETWORX_STAGE": "`laptop`, or the name of a deployed stage",
    "NETWORX_DATABASE_SECRETS": "prefix of the secrets with the roles' passwords",
    "REDIS_HOST": "where Valkey is",
    "REDIS_PORT": "its port",
    "RDS_PROXY_ENDPOINT": "the proxy that the roles networx_app and networx_system go through",
    "NETWORX_DATABASE_REPLICA": "the replica that the role networx_report reads",
    "NETWORX_DATABASE_MASTER_SECRET": "the master user's secret; migrations alone are told it",
    "NETWORX_DATABASE_CA": "the certificates that sign the database's",
    "NETWORX_SLACK_SECRET": "the secret with the address that alarms are told to",
    "NETWORX_DATABASE_INSTANCE": "the instance whose backups the database monitor looks at",
    "NETWORX_BACKUP_VAULT": "the vault with the daily copies of the database",
    "NETWORX_ALIVE_FILE": "the file a worker touches while it lives; the container's health check looks at its age",
    "ECS_AGENT_URI": "set by ECS: where a task protects itself while it works",
    "ECS_CONTAINER_METADATA_URI_V4": "set by ECS: where a worker learns which version it is",
    "NETWORX_REDIS_SECRET": "the secret with its password",
    "AWS_REGION": "the region of queues, buckets and secrets",
    "AWS_ENDPOINT_URL": "the AWS emulator, on a laptop",
    "AWS_ENDPOINT_URL_SQS": "where the queues stand, if not there",
    "LOG_LEVEL": "`DEBUG`, `INFO`, `WARNING` or `ERROR`",
    "NETWORX_PUBLIC_URL": "the address under which people reach the web page",
    "NETWORX_DEV_KEY_FILE": "the laptop's API key",
    "NETWORX_TRUSTED_PROXIES": "how many proxies stand before the web and append to X-Forwarded-For; "
    "without it 0 on a laptop, else 1: the load balancer",
    "NETWORX_KEY_PEPPER_SECRET": "the secret that stored API keys are computed under; the web alone is told it",
    "NETWORX_OIDC_ISSUER": "who signs people in; with the three below, or none of them",
    "NETWORX_OIDC_CLIENT": "the client that the load balancer is at the issuer",
    "NETWORX_OIDC_SIGNER": "the ARN of the load balancer whose word on who signed in is believed",
    "NETWORX_OIDC_KEYS": "the address under which the balancer's region tells the keys that it signs with",
    "NETWORX_OUTBOUND_PRIVATE_HOSTS": "hosts of our own network that may be called, as `host:port` between spaces; "
    "all others must have a public address and speak TLS",
    "NETWORX_OUTBOUND_PROXY": "the proxy that hosts outside are called through; no other variable sets one",
    "NETWORX_OUTBOUND_CA": "a company's own certificates, trusted beside the public ones when hosts outside are called",
    "NETWORX_EIA_SECRET": "the secret whose `key` is that of the EIA's API; without it diesel prices are not asked for",
    "NETWORX_EIA_SERIES": "the weekly series of diesel prices, as `subject=SERIES` between spaces",
    "NETWORX_EIA_URL": "where the EIA's API is",
    "NETWORX_BLS_SECRET": "the secret whose `key` is that of the BLS's API; with the series below, or neither",
    "NETWORX_BLS_SERIES": "the series of wages in dollars an hour, as `subject=SERIES` between spaces",
    "NETWORX_BLS_URL": "where the BLS's API is",
    "NETWORX_OSRM_URLS": "road servers of the OSRM kind, the first asked first; without one no ways by road are known",
    "NETWORX_OSRM_PROFILE": "the profile that they were built with",
    "NETWORX_OSRM_PLACES": "the most places that they take in one request",
    "NETWORX_MARKET_SOURCES": "further sources of market figures, as JSON; see [market.md](../market.md)",
    "NETWORX_ASSISTANT_URL": "where the assistant's models are asked: the address before `/chat/completions` of any "
    "OpenAI-compatible endpoint; with the three below, or none of them; see [assistant.md](assistant.md)",
    "NETWORX_ASSISTANT_SECRET": "the secret whose `key` opens it",
    "NETWORX_ASSISTANT_MODEL": "the model that is asked",
    "NETWORX_ASSISTANT_PRICES": "each model's dollars for a million tokens, as JSON; without a price it is refused",
    "NETWORX_ASSISTANT_CHEAPER_MODEL": "the model that is asked instead near the limits",
    "NETWORX_ASSISTANT_ANSWER_BOUND": "the word that bounds an answer there; older endpoints know `max_tokens` alone",
    "OPENAI_DAILY_TOKEN_LIMIT": "the most tokens of a day (UTC), of all tenants together",
    "OPENAI_MONTHLY_TOKEN_LIMIT": "the most tokens of a month",
    "OPENAI_DAILY_COST_LIMIT": "the most dollars of a day",
    "OPENAI_MONTHLY_COST_LIMIT": "the most dollars of a month",
    "OPENAI_ENABLE_FALLBACK": "`false`: the cheaper model is never asked",
    "NETWORX_SCRATCH": "where workers keep a job's files while it runs",
}

# Read outside networx.settings; a test looks through the code for others.
PLATFORM_VARIABLES = {
    "NETWORX_HOME": ("`.run` in the checkout", "the folder of one local platform: data, logs, secrets, results"),
    "NETWORX_PORT": ("8080, else the next free one", "the port of the web page; one that is set and taken is an error"),
    "PG_BIN": ("the embedded PostgreSQL", f"a folder with `postgres` and `initdb`, version {POSTGRES_MAJOR} or later"),
}
MIGRATION_VARIABLES = {
    "NETWORX_MIGRATIONS_CLUSTER": (REQUIRED, "the cluster in which the migrations' task runs"),
    "NETWORX_MIGRATIONS_TASK": (REQUIRED, "its task definition"),
    "NETWORX_MIGRATIONS_SUBNETS": (REQUIRED, "its subnets, between commas"),
    "NETWORX_MIGRATIONS_SECURITY_GROUP": (REQUIRED, "its security group"),
}
WEB_VARIABLES = {
    "NETWORX_WEB_HOST": ("`127.0.0.1`", "the address the web process listens on"),
    "NETWORX_WEB_PORT": (REQUIRED, "its port"),
}


def render_environment() -> str:
    """The text of operations/environment.md."""
    asked = settings_variables()
    urls = {queue.environment_name: f"URL of the queue `{queue.name}`" for queue in TOPOLOGY.queues}
    urls |= {queue.dead_letter_environment_name: f"URL of `{queue.dead_letter_name}`" for queue in TOPOLOGY.queues}
    names = {bucket.environment_name: f"name of the bucket `{bucket.name}`" for bucket in TOPOLOGY.buckets}
    clocks = {_clock_variable(spec.name): spec.name for spec in fields(Leases)}
    meanings = {**_MEANINGS, **urls, **names}
    settings = (
        (f"`{name}`", _stated(default), meanings[name]) for name, default in asked.items() if name not in clocks
    )
    shortened = (
        (f"`{name}`", f"{getattr(TOPOLOGY.leases, clocks[name]).total_seconds():g}", CLOCKS[clocks[name]])
        for name in asked
        if name in clocks
    )
    sections = [
        _INTRODUCTION,
        table("The local platform", ("variable", "without it", "meaning"), _read_elsewhere(PLATFORM_VARIABLES)),
        table("Every process", ("variable", "without it", "meaning"), settings),
        table("The web process", ("variable", "without it", "meaning"), _read_elsewhere(WEB_VARIABLES)),
        table("The step that migrates", ("variable", "without it", "meaning"), _read_elsewhere(MIGRATION_VARIABLES)),
        table("The clocks of a job, in seconds", ("variable", "without it", "meaning"), shortened),
    ]
    return "\n\n".join(sections) + "\n"


def settings_variables() -> dict[str, str | None]:
    """Every variable that the settings read and what stands in for it: REQUIRED, a default, or None for nothing."""
    asked = _Asked()
    try:
        read_settings(asked)
    except ConfigurationError as fault:
        missing = str(fault)
    return {
        name: REQUIRED if f"{name} is not set" in missing else default or None
        for name, default in asked.defaults.items()
    }


class _Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for, and the defaults."""

    def __init__(self) -> None:
        self.defaults: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        self.defaults.setdefault(name, default)
        return default

    def __getitem__(self, name: str) -> str:
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _read_elsewhere(variables: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for name, (default, meaning) in variables.items():
        yield f"`{name}`", default, meaning


def _clock_variable(name: str) -> str:
    return f"NETWORX_{name.upper()}_SECONDS"


def _stated(default: str | None) -> str:
    if default is None:
        return ""
    return default if default == REQUIRED else f"`{default}`"
