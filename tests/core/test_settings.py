"""What a process is told by its environment, and how it says what is missing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from networx.blueprint import Leases
from networx.errors import ConfigurationError
from networx.settings import Address, Outbound, Settings, read_settings
from networx.topology import TOPOLOGY

COMPLETE = {
    "NETWORX_STAGE": "prod",
    "DATABASE_URL": "postgresql://db.internal:5432/networx",
    "REDIS_HOST": "cache.internal",
    "AWS_REGION": "us-east-1",
    **{queue.environment_name: f"https://sqs/{queue.name}" for queue in TOPOLOGY.queues},
    **{queue.dead_letter_environment_name: f"https://sqs/{queue.dead_letter_name}" for queue in TOPOLOGY.queues},
    **{bucket.environment_name: f"acme-{bucket.name}" for bucket in TOPOLOGY.buckets},
}


def refusal(**changes: str | None) -> str:
    environment = {name: value for name, value in {**COMPLETE, **changes}.items() if value is not None}
    with pytest.raises(ConfigurationError) as refused:
        read_settings(environment)
    return str(refused.value)


def test_a_complete_environment_is_read():
    settings = read_settings(COMPLETE)
    assert (settings.stage, settings.laptop, settings.redis_port, settings.log_level) == ("prod", False, 6379, "INFO")
    assert settings.queue_urls == {queue.name: f"https://sqs/{queue.name}" for queue in TOPOLOGY.queues}
    assert settings.buckets == {bucket.name: f"acme-{bucket.name}" for bucket in TOPOLOGY.buckets}
    assert settings.leases == TOPOLOGY.leases
    assert (settings.aws_endpoint, settings.redis_secret, settings.dev_key_file) == (None, None, None)


def test_the_laptop_is_a_stage():
    here = {"NETWORX_STAGE": "laptop", "DATABASE_URL": "postgresql://127.0.0.1:5432/networx", "REDIS_HOST": "127.0.0.1"}
    assert read_settings({**COMPLETE, **here}).laptop


@pytest.mark.parametrize("name", COMPLETE)
def test_a_missing_variable_is_named(name: str):
    assert refusal(**{name: None}) == f"The environment is incomplete: {name} is not set"
    assert refusal(**{name: ""}) == f"The environment is incomplete: {name} is not set"


def test_everything_missing_is_named_at_once():
    with pytest.raises(ConfigurationError) as refused:
        read_settings({})
    assert all(f"{name} is not set" in str(refused.value) for name in COMPLETE)


def test_a_password_in_the_address_of_the_database_is_refused_and_not_repeated():
    said = refusal(DATABASE_URL="postgresql://app:hunter2@db/networx")
    assert "DATABASE_URL carries a password" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REDIS_PORT", "six", "REDIS_PORT is not a port: six"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is none of DEBUG, INFO, WARNING, ERROR: LOUD"),
        ("NETWORX_LEASE_SECONDS", "soon", "NETWORX_LEASE_SECONDS is not a number: soon"),
        ("NETWORX_LEASE_SECONDS", "-1", "NETWORX_LEASE_SECONDS must be above 0: -1"),
        ("NETWORX_LEASE_SECONDS", "0", "NETWORX_LEASE_SECONDS must be above 0: 0"),
        ("NETWORX_LEASE_SECONDS", "nan", "NETWORX_LEASE_SECONDS is not a number: nan"),
        ("NETWORX_LEASE_SECONDS", "inf", "NETWORX_LEASE_SECONDS is not a number: inf"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str, said: str):
    assert said in refusal(**{name: value})


@pytest.mark.parametrize("name", Leases.__dataclass_fields__)
def test_every_clock_can_be_set_by_the_environment(name: str):
    leases = read_settings({**COMPLETE, f"NETWORX_{name.upper()}_SECONDS": "2.5"}).leases
    assert getattr(leases, name) == timedelta(seconds=2.5)
    others = set(Leases.__dataclass_fields__) - {name}
    assert all(getattr(leases, other) == getattr(TOPOLOGY.leases, other) for other in others)


def test_settings_never_carry_a_secret():
    assert not [
        name for name in Settings.__dataclass_fields__ if "password" in name or name.endswith(("_key", "_token"))
    ]


OIDC = {
    "NETWORX_OIDC_ISSUER": "https://login.example.com",
    "NETWORX_OIDC_CLIENT": "networx-web",
    "NETWORX_OIDC_SIGNER": "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/networx/0123",
    "NETWORX_OIDC_KEYS": "https://public-keys.auth.elb.us-east-1.amazonaws.com",
}


def test_a_sign_in_is_read_whole_or_there_is_none():
    assert read_settings(COMPLETE).sign_in is None
    found = read_settings({**COMPLETE, **OIDC}).sign_in
    assert found is not None
    assert [found.issuer, found.client, found.signer, found.keys] == list(OIDC.values())


@pytest.mark.parametrize("name", OIDC)
def test_a_sign_in_that_lacks_a_part_is_refused(name: str):
    assert f"{name} is not set" in refusal(**{**OIDC, name: ""})


@pytest.mark.parametrize("address", ["http://keys.example.com", "ftp://127.0.0.1/x", "keys", "https://", "http://["])
def test_keys_are_fetched_over_tls_unless_from_this_machine(address: str):
    assert "NETWORX_OIDC_KEYS must be an address of https" in refusal(**{**OIDC, "NETWORX_OIDC_KEYS": address})
    assert read_settings({**COMPLETE, **OIDC, "NETWORX_OIDC_KEYS": "http://127.0.0.1:9000"}).sign_in is not None


def test_no_host_of_our_own_network_is_called_unless_it_is_named():
    assert read_settings(COMPLETE).outbound == Outbound()
    named = read_settings({**COMPLETE, "NETWORX_OUTBOUND_PRIVATE_HOSTS": " OSRM.internal:5000  10.0.0.9:80 "}).outbound
    assert named.private_hosts == {Address("osrm.internal", 5000), Address("10.0.0.9", 80)}


@pytest.mark.parametrize("hosts", ["osrm.internal", "http://osrm.internal:5000", "*:80", "osrm:5000,other:80"])
def test_a_private_host_is_named_with_its_port(hosts):
    assert "NETWORX_OUTBOUND_PRIVATE_HOSTS names hosts" in refusal(NETWORX_OUTBOUND_PRIVATE_HOSTS=hosts)


def test_a_proxy_and_own_certificates_are_checked(tmp_path):
    bundle = tmp_path / "own.pem"
    assert "NETWORX_OUTBOUND_CA names" in refusal(NETWORX_OUTBOUND_CA=str(bundle))
    for proxy in ("proxy.internal:3128", "socks5://proxy:1080", "http://proxy:3128/path?x"):
        assert "NETWORX_OUTBOUND_PROXY" in refusal(NETWORX_OUTBOUND_PROXY=proxy)
    bundle.touch()
    settings = read_settings(
        {**COMPLETE, "NETWORX_OUTBOUND_CA": str(bundle), "NETWORX_OUTBOUND_PROXY": "http://proxy.internal:3128"}
    )
    assert settings.outbound == Outbound(frozenset(), "http://proxy.internal:3128", bundle)
