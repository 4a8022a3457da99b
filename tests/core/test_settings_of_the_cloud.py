"""Settings: what a deployed environment says is read, and what would weaken it is refused in one go, by name."""

from __future__ import annotations

import pytest

from networx.errors import ConfigurationError
from networx.settings import AUTHORITIES, Address, read_settings
from networx.topology import TOPOLOGY

QUEUES = {
    name: "https://sqs/q" for q in TOPOLOGY.queues for name in (q.environment_name, q.dead_letter_environment_name)
}
DEPLOYED = {
    "NETWORX_STAGE": "prod",
    "DATABASE_URL": "postgresql://instance.example:5432/networx",
    "REDIS_HOST": "cache.example",
    "AWS_REGION": "eu-central-1",
    **QUEUES,
    **{bucket.environment_name: bucket.name for bucket in TOPOLOGY.buckets},
}


def refusal(**changes: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_settings(DEPLOYED | changes)
    return str(refused.value)


def test_a_deployed_stage_verifies_its_database_by_the_authorities_that_come_along():
    settings = read_settings(DEPLOYED)
    assert settings.database == Address("instance.example", 5432)
    assert settings.authorities == AUTHORITIES
    assert (settings.proxy, settings.replica) == (None, None)
    assert settings.database_secret_prefix == "networx/prod/database/"


def test_proxy_replica_and_own_authorities_are_taken(tmp_path):
    own = tmp_path / "company.pem"
    own.write_text("")
    settings = read_settings(
        DEPLOYED
        | {
            "RDS_PROXY_ENDPOINT": "proxy.example",
            "NETWORX_DATABASE_REPLICA": "replica.example:6432",
            "NETWORX_DATABASE_CA": str(own),
        }
    )
    assert settings.proxy == Address("proxy.example", 5432)
    assert settings.replica == Address("replica.example", 6432)
    assert settings.authorities == own


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_the_laptop_speaks_plainly_to_itself(host):
    settings = read_settings(
        DEPLOYED | {"NETWORX_STAGE": "laptop", "DATABASE_URL": f"postgresql://{host}:5433/networx"}
    )
    assert settings.authorities is None
    assert settings.database.port == 5433


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"NETWORX_STAGE": "laptop"}, "DATABASE_URL names instance.example, but NETWORX_STAGE is laptop"),
        (
            {"NETWORX_STAGE": "laptop", "RDS_PROXY_ENDPOINT": "proxy.example"},
            "RDS_PROXY_ENDPOINT names proxy.example, but NETWORX_STAGE is laptop",
        ),
        ({"DATABASE_URL": "postgresql://app:hunter2@instance.example/networx"}, "DATABASE_URL carries a password"),
        ({"DATABASE_URL": "postgresql://instance.example/networx?sslmode=disable"}, "DATABASE_URL carries options"),
        ({"DATABASE_URL": "mysql://instance.example/networx"}, "does not look like postgresql://host:port/database"),
        ({"DATABASE_URL": "postgresql://instance.example"}, "does not look like postgresql://host:port/database"),
        ({"DATABASE_URL": "postgresql://instance.example:port/networx"}, "DATABASE_URL cannot be read"),
        ({"RDS_PROXY_ENDPOINT": "instance.example"}, "DATABASE_URL names the proxy"),
        ({"RDS_PROXY_ENDPOINT": "postgresql://proxy.example"}, "RDS_PROXY_ENDPOINT is neither a host nor host:port"),
        ({"NETWORX_DATABASE_REPLICA": "replica.example/networx"}, "NETWORX_DATABASE_REPLICA is neither a host"),
        ({"NETWORX_DATABASE_SECRETS": "networx/prod"}, "ends with /: networx/prod"),
        ({"NETWORX_DATABASE_CA": "/nowhere.pem"}, "NETWORX_DATABASE_CA names /nowhere.pem"),
    ],
)
def test_what_would_weaken_a_connection_is_refused(changes, sentence):
    assert sentence in refusal(**changes)


def test_every_fault_is_named_at_once():
    said = refusal(NETWORX_STAGE="", REDIS_PORT="x", RDS_PROXY_ENDPOINT="a b")
    assert all(name in said for name in ("NETWORX_STAGE", "REDIS_PORT", "RDS_PROXY_ENDPOINT"))


def test_no_refusal_repeats_a_password():
    assert "hunter2" not in refusal(DATABASE_URL="postgresql://app:hunter2@instance.example:port/networx?x=1")
