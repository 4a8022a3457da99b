"""Stages: what each is, and that a wrong one is refused with the sentence that mends it."""

from __future__ import annotations

import copy
import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from local.home import CHECKOUT
from networx.topology import TOPOLOGY
from stacks.sizes import SIZES, Cache, WorkerSize
from stacks.stage_rules import faults_in
from stacks.stages import Stage, StageRefused, stage_of

SAID: dict[str, Any] = json.loads((CHECKOUT / "cdk.context.json").read_text())["stages"]
SECRET = "arn:aws:secretsmanager:us-east-1:111111111111:secret:networx/key-AbCdEf"
PRICE = {"input": "0.15", "output": "0.60"}
ASSISTANT = {"url": "https://api.example.com/v1", "secret_arn": SECRET, "model": "small", "prices": {"small": PRICE}}
WRONG_SAYINGS: list[tuple[dict[str, Any], str]] = [
    ({"account": ""}, '"account" is missing'),
    ({"account": "12345"}, "twelve digits"),
    ({"account": 111111111111}, '"account" is text: put 111111111111 in quotes'),
    ({"alerts": "on-call@example.com"}, "alerts is an object"),
    ({"domain": ""}, '"domain" is missing'),
    ({"domain": "https://networx.example.com"}, "is not a host name"),
    ({"alerts": {}}, '"alerts" is missing'),
    ({"alerts": {"slack_secret_arn": None}}, "nobody would hear an alarm"),
    ({"alerts": {"email": "on-call"}}, "is not an address"),
    ({"alerts": {"telephone": "5551234"}}, 'alerts does not know "telephone"'),
    ({"region": "Virginia"}, "write it like us-east-1"),
    ({"zones": ["us-east-1a"]}, "give two or more"),
    ({"zones": ["us-east-1a", "eu-west-1a"]}, "zone eu-west-1a is not in us-east-1"),
    ({"zones": "us-east-1a"}, '"zones" is a list'),
    ({"hosted_zone_id": "example.com"}, "beginning with Z"),
    ({"certificate_arn": "arn:aws:acm:eu-west-1:111111111111:certificate/a"}, "where the load balancer is"),
    ({"architecture": "mips"}, "neither x86_64 nor arm64"),
    ({"image_web": "repository:latest"}, "names no digest"),
    ({"oidc": {"issuer": "https://login.example.com"}}, 'oidc lacks "client_id"'),
    ({"vcpu": 64}, 'does not know "vcpu"'),
    ({"market": "eia"}, "market is an object"),
    ({"market": {"eia_key": "123"}}, 'market does not know "eia_key"'),
    ({"market": {"osrm_urls": "https://osrm.example.com"}}, 'market "osrm_urls" is a list of addresses'),
    ({"market": {"sources": ["eia"]}}, 'market "sources" is a list of objects'),
    ({"market": {"bls_series": ["a"]}}, 'market "bls_series" is an object of texts'),
    ({"market": {"eia_secret_arn": "networx/eia"}}, "give the whole ARN of one in us-east-1"),
    (
        {"market": {"eia_secret_arn": SECRET.replace("us-east-1", "eu-west-1")}},
        "give the whole ARN of one in us-east-1",
    ),
    ({"market": {"bls_secret_arn": SECRET}}, "bls_secret_arn and bls_series belong together"),
    ({"market": {"osrm_urls": ["http://osrm.example.com"]}}, "is not reached: use https on port 443"),
    ({"market": {"osrm_urls": ["https://osrm.example.com:8443"]}}, "is not reached: use https on port 443"),
    ({"market": {"osrm_urls": ["osrm.example.com"]}}, "is no address of http or https"),
    ({"market": {"sources": [{"url": "http://figures.example.com"}]}}, "is not reached"),
    ({"market": {"sources": [{"url": "https://x.example.com", "secret": "mine"}]}}, "give the whole ARN"),
    ({"market": {"private_hosts": {"osrm": "10.0.0.0/16"}}}, "is not host:port with its network"),
    ({"market": {"private_hosts": {"osrm:5000": "anywhere"}}}, "is not host:port with its network"),
    ({"market": {"proxy": "http://proxy.example.com:3128"}}, "proxy and proxy_network belong together"),
    ({"market": {"proxy": "proxy:3128", "proxy_network": "10.0.0.0/16"}}, "write http://host:port and its network"),
    ({"assistant": "gpt"}, "assistant is an object"),
    ({"assistant": {"url": "https://api.example.com/v1"}}, 'assistant lacks "secret_arn"'),
    ({"assistant": {"key": "sk-123"}}, 'assistant does not know "key"'),
    ({"assistant": ASSISTANT | {"daily_tokens": 5}}, 'assistant "daily_tokens" is a text'),
    ({"assistant": ASSISTANT | {"prices": {"small": 1}}}, 'assistant "prices" gives each model'),
    ({"assistant": ASSISTANT | {"prices": {"other": PRICE}}}, "has no price of small"),
    ({"assistant": ASSISTANT | {"cheaper_model": "tiny"}}, "has no price of tiny"),
    ({"assistant": ASSISTANT | {"secret_arn": "networx/assistant"}}, "assistant names the secret networx/assistant"),
    (
        {"assistant": ASSISTANT | {"url": "http://api.example.com/v1"}},
        "assistant: http://api.example.com/v1 is not reached",
    ),
    ({"assistant": ASSISTANT | {"url": "api.example.com"}}, "assistant: api.example.com is no address"),
    ({"assistant": ASSISTANT | {"answer_bound": "tokens"}}, "write max_completion_tokens or max_tokens"),
    ({"assistant": ASSISTANT | {"daily_tokens": "1.5"}}, "assistant daily_tokens 1.5: write a whole number"),
    ({"assistant": ASSISTANT | {"monthly_dollars": "a lot"}}, "assistant monthly_dollars a lot: write dollars"),
]
MARKETS: list[tuple[dict[str, Any], tuple[str, ...], tuple[tuple[str, int], ...]]] = [
    ({}, (), ()),
    ({"osrm_urls": ["https://osrm.example.com"]}, (), ()),
    (
        {"osrm_urls": ["http://osrm:5000"], "private_hosts": {"osrm:5000": "10.0.0.0/24"}},
        (),
        (("10.0.0.0/24", 5000),),
    ),
    (
        {
            "sources": [{"url": "https://figures.example.com:8443/rents", "secret": SECRET}],
            "proxy": "http://proxy:3128",
            "proxy_network": "10.1.0.0/24",
        },
        (SECRET,),
        (("10.1.0.0/24", 3128),),
    ),
]


@pytest.fixture
def stage() -> Stage:
    return stage_of("prod", SAID)


def refusal(name: str | None, said: Any) -> str:
    with pytest.raises(StageRefused) as refused:
        stage_of(name, said)
    return str(refused.value)


@pytest.mark.parametrize("name", SIZES)
def test_every_stage_of_the_checkout_can_be_built(name: str) -> None:
    assert stage_of(name, SAID).name == name


def test_an_assistant_of_the_own_network_is_named_as_a_private_host() -> None:
    told = copy.deepcopy(SAID)
    told["dev"]["assistant"] = ASSISTANT | {"url": "http://models.internal:8000/v1"}
    told["dev"]["market"] = {"private_hosts": {"models.internal:8000": "10.3.0.0/24"}}
    stage = stage_of("dev", told)
    assert stage.assistant is not None
    assert stage.assistant.told()["NETWORX_ASSISTANT_URL"] == "http://models.internal:8000/v1"
    assert stage.market.ways_out == (("10.3.0.0/24", 8000),)


def test_a_stage_cannot_be_changed(stage: Stage) -> None:
    with pytest.raises(FrozenInstanceError):
        stage.retain = False  # type: ignore[misc]


@pytest.mark.parametrize(("said", "sentence"), WRONG_SAYINGS)
def test_a_wrong_account_is_refused_with_its_cure(said: dict[str, Any], sentence: str) -> None:
    told = copy.deepcopy(SAID)
    told["dev"] |= said
    assert sentence in refusal("dev", told)


@pytest.mark.parametrize(("said", "secrets", "ways_out"), MARKETS)
def test_a_market_says_which_keys_it_needs_and_which_ways_out(
    said: dict[str, Any], secrets: tuple[str, ...], ways_out: tuple[tuple[str, int], ...]
) -> None:
    told = copy.deepcopy(SAID)
    told["dev"]["market"] = said
    market = stage_of("dev", told).market
    assert (market.secrets, market.ways_out) == (secrets, ways_out)


def test_every_fault_is_told_at_once() -> None:
    told = {"dev": {**SAID["dev"], "account": "1", "domain": "no host"}}
    message = refusal("dev", told)
    assert "twelve digits" in message
    assert "is not a host name" in message


def test_an_unknown_stage_is_told_which_there_are() -> None:
    assert "dev, staging, prod" in refusal("production", SAID)
    assert "-c stage=dev" in refusal(None, SAID)


def test_a_stage_that_the_context_does_not_know_is_told_where_to_add_it() -> None:
    assert "cdk.context.json" in refusal("staging", {})
    assert "cdk.context.json" in refusal("staging", None)


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (WorkerSize(1, 20, vcpu=8, memory_gib=17), "optimization: Fargate sells no task of 8 vCPU with 17 GiB"),
        (WorkerSize(1, 20, vcpu=3, memory_gib=8), "vCPU is one of 1, 2, 4, 8"),
        (WorkerSize(5, 2, vcpu=8, memory_gib=16), "cannot scale from 5 to 2"),
        (WorkerSize(0, 0, vcpu=8, memory_gib=16), "cannot scale from 0 to 0"),
        (WorkerSize(1, 20, vcpu=2, memory_gib=8), "4 children of transport do not fit"),
        (WorkerSize(1, 300, vcpu=8, memory_gib=16), "raise max_connections"),
    ],
)
def test_a_size_that_cannot_be_bought_or_cannot_work_is_refused(stage: Stage, size: WorkerSize, sentence: str) -> None:
    wrong = replace(stage, workers={**stage.workers, "optimization": size})
    assert sentence in " ".join(faults_in(wrong))


def test_the_database_must_bear_two_versions_of_the_web_at_once(stage: Stage) -> None:
    open_to_all = stage.database.max_connections * 0.8
    once = int(open_to_all / 2 / TOPOLOGY.limits.web_connections) + 1
    assert once * TOPOLOGY.limits.web_connections < open_to_all
    wrong = replace(stage, web=replace(stage.web, max=once))
    assert "raise max_connections" in " ".join(faults_in(wrong))


def test_times_and_protections_that_contradict_are_refused(stage: Stage) -> None:
    database = replace(stage.database, backup_days=90, deletion_protection=False)
    message = " ".join(faults_in(replace(stage, database=database, log_days=100, nat_gateways=9)))
    assert "RDS cannot keep backups for 90 days" in message
    assert "set deletion_protection" in message
    assert "CloudWatch cannot keep logs for 100 days" in message
    assert "9 NAT gateways do not fit 3 zones" in message


def test_workers_are_those_of_the_topology(stage: Stage) -> None:
    workers = {name: size for name, size in stage.workers.items() if name != "file"}
    assert "the topology has optimization, file, capacity" in " ".join(faults_in(replace(stage, workers=workers)))


def test_production_is_what_was_specified(stage: Stage) -> None:
    assert (stage.database.instance, stage.database.replica_instance) == ("db.r6g.xlarge", "db.r6g.large")
    assert stage.database.multi_az
    assert stage.database.backup_days == 30
    assert stage.cache.replicas == 2
    assert (stage.web.vcpu, stage.web.memory_gib, stage.web.min, stage.web.max) == (2, 4, 2, 10)
    for worker in TOPOLOGY.workers:
        size = stage.workers[worker.name]
        assert (size.vcpu, size.memory_gib, size.min, size.max) == (worker.vcpu, worker.memory_gib, 1, 20)


def test_dev_is_smaller_than_production_and_keeps_nothing() -> None:
    dev, prod = SIZES["dev"], SIZES["prod"]
    assert not dev.retain
    assert not dev.database.multi_az
    assert dev.cache == Cache(dev.cache.node, replicas=0)
    assert all(dev.workers[name].max < prod.workers[name].max for name in prod.workers)
