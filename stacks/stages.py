"""A stage: its size and what only its account knows, as one frozen value that refuses to be wrong.

Sizes stand in sizes.py; account, domain, certificate, alert targets and images come from the CDK context under
"stages". Nothing is looked up: what a stage needs, it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import aws_cdk as cdk

from stacks import assistant, market
from stacks.assistant import Assistant
from stacks.market import Market
from stacks.shapes import faults_in_keys
from stacks.sizes import SIZES, Architecture, Cache, Database, Sizes, WebSize, WorkerSize
from stacks.stage_rules import faults_in


class StageRefused(Exception):
    """The stage cannot be built as it is described. The message says what to mend, and where."""

    def __init__(self, stage: str, faults: list[str]) -> None:
        super().__init__(f"Stage {stage} cannot be built:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.stage = stage
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Oidc:
    """Who signs people in: any OpenID Connect issuer. The client's secret is named, never given."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    client_id: str
    client_secret_arn: str


@dataclass(frozen=True, slots=True)
class Alerts:
    """Who hears of it. At least one of them."""

    pagerduty_url: str | None = None
    slack_secret_arn: str | None = None
    email: str | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(target for target in (self.pagerduty_url, self.slack_secret_arn, self.email) if target)


@dataclass(frozen=True, slots=True)
class Stage:
    """One environment. Images are digest URIs; without them they are built from the checkout when deploying."""

    name: str
    account: str
    region: str
    zones: tuple[str, ...]
    domain: str
    hosted_zone_id: str
    alerts: Alerts
    nat_gateways: int
    database: Database
    cache: Cache
    web: WebSize
    workers: Mapping[str, WorkerSize]
    retain: bool
    log_days: int
    architecture: Architecture = "x86_64"
    certificate_arn: str | None = None
    oidc: Oidc | None = None
    market: Market = field(default_factory=Market)
    assistant: Assistant | None = None
    image_web: str | None = None
    image_worker: str | None = None

    @property
    def env(self) -> cdk.Environment:
        return cdk.Environment(account=self.account, region=self.region)

    @property
    def removal_policy(self) -> cdk.RemovalPolicy:
        """What becomes of data when its resource leaves the template."""
        return cdk.RemovalPolicy.RETAIN if self.retain else cdk.RemovalPolicy.DESTROY


_TEXTS = (
    "account",
    "region",
    "domain",
    "hosted_zone_id",
    "certificate_arn",
    "architecture",
    "image_web",
    "image_worker",
)
_SAID_BY_THE_ACCOUNT = (*_TEXTS, "zones", "oidc", "alerts", "market", "assistant")
_REQUIRED = ("account", "region", "zones", "domain", "hosted_zone_id", "alerts")


def stage_of(name: str | None, context: Mapping[str, Any] | None) -> Stage:
    """The stage of this name, from its sizes and from `context` (stage name -> what its account says).

    Raises StageRefused with one sentence for each fault.
    """
    known = ", ".join(SIZES)
    if name is None or name not in SIZES:
        raise StageRefused(str(name), [f"there are {known}: choose one with `-c stage=dev`"])
    said = (context or {}).get(name)
    if not isinstance(said, Mapping):
        raise StageRefused(name, [f'cdk.context.json says nothing of it: add "{name}" under "stages"'])
    faults = [*_faults_in_shape(said)]
    if faults:
        raise StageRefused(name, faults)
    stage = _merge(name, SIZES[name], said)
    if faults := [*faults_in(stage)]:
        raise StageRefused(name, faults)
    return stage


def _merge(name: str, sizes: Sizes, said: Mapping[str, Any]) -> Stage:
    values = {size.name: getattr(sizes, size.name) for size in fields(Sizes)}
    values |= said
    values["zones"] = tuple(said["zones"])
    values["alerts"] = Alerts(**said["alerts"])
    values["oidc"] = Oidc(**said["oidc"]) if said.get("oidc") else None
    values["market"] = Market.of(said.get("market") or {})
    values["assistant"] = Assistant(**said["assistant"]) if said.get("assistant") else None
    return Stage(name=name, **values)


def _faults_in_shape(said: Mapping[str, Any]) -> Iterator[str]:
    for key in _REQUIRED:
        if not said.get(key):
            yield f'"{key}" is missing: give it in cdk.context.json'
    yield from faults_in_keys("the stage", said, _SAID_BY_THE_ACCOUNT)
    for key in _TEXTS:
        if said.get(key) and not isinstance(said[key], str):
            yield f'"{key}" is text: put {said[key]} in quotes'
    if not isinstance(said.get("zones", []), list):
        yield '"zones" is a list of two or more availability zones'
    alerts, oidc = said.get("alerts") or {}, said.get("oidc")
    yield from faults_in_keys("alerts", alerts, Alerts.__dataclass_fields__)
    if oidc:
        yield from faults_in_keys("oidc", oidc, Oidc.__dataclass_fields__, Oidc.__dataclass_fields__)
    if said.get("market"):
        yield from market.faults_in_shape(said["market"])
    if said.get("assistant"):
        yield from assistant.faults_in_shape(said["assistant"])
