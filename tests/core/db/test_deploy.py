"""A deploy as the cloud sees it: a master who is no superuser, secrets in Secrets Manager, TLS before every server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from local import postgres as clusters
from local.environment import inherited
from local.home import CHECKOUT, Home, free_port
from local.postgres import Postgres
from local.supervisor import Supervisor
from networx import settings
from networx.db import pool
from networx.db.deploy import deploy
from networx.db.migrate import migrations
from networx.db.pool import Role
from networx.errors import DatabaseUnavailable, NetworxError
from networx.resilience import aws as aws_clients
from tests.core.db.fronts import LOOPBACK, TlsFront, certificate, serving

STAGE = "dev"
MASTER_SECRET = "networx/dev/database/master"


@dataclass(frozen=True)
class Cloud:
    """A fresh cluster behind its three fronts."""

    cluster: Postgres
    instance: TlsFront
    proxy: TlsFront
    replica: TlsFront
    certificate: Path


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    folder = Path(tempfile.mkdtemp(prefix="networx cluster "))
    home = Home(folder)
    supervisor = Supervisor(home.logs, announce=print)
    try:
        cluster = clusters.prepare(home, os.environ, free_port(), durable=False)
        supervisor.start(cluster.program(inherited(os.environ)))
        with psycopg.connect(cluster.master_conninfo, autocommit=True) as superuser:
            superuser.execute("CREATE ROLE managed LOGIN CREATEROLE CREATEDB PASSWORD 'first of all'")
            # As the managed service gives its master.
            superuser.execute("GRANT pg_monitor TO managed WITH ADMIN OPTION")
        own = certificate(home.scratch)
        fronts = [TlsFront(cluster.port, own) for _ in range(3)]
        with serving(*fronts):
            yield Cloud(cluster, *fronts, own)
    finally:
        supervisor.stop(["postgres"], seconds=3)
        supervisor.close()
        shutil.rmtree(folder)


@pytest.fixture
def told(cloud, machine, aws, monkeypatch) -> Iterator[pytest.MonkeyPatch]:
    """This process told of the cloud, with a secret for every role."""
    for name, value in {
        **machine.environment,
        "NETWORX_STAGE": STAGE,
        "DATABASE_URL": f"postgresql://{LOOPBACK}:{cloud.instance.port}/networx",
        "RDS_PROXY_ENDPOINT": f"{LOOPBACK}:{cloud.proxy.port}",
        "NETWORX_DATABASE_REPLICA": f"{LOOPBACK}:{cloud.replica.port}",
        "NETWORX_DATABASE_CA": str(cloud.certificate),
        "NETWORX_DATABASE_MASTER_SECRET": MASTER_SECRET,
        "NETWORX_DATABASE_SECRETS": "",
    }.items():
        monkeypatch.setenv(name, value)
    forget()
    put_secret(aws, MASTER_SECRET, username="managed", password="first of all")
    for role in Role:
        put_secret(aws, f"networx/{STAGE}/database/{role}", username=role, password=f"of {role}, at first")
    yield monkeypatch
    forget()


def forget() -> None:
    pool.close_pools()
    settings.current.cache_clear()
    aws_clients.client.cache_clear()
    aws_clients.secret_during.cache_clear()


def put_secret(aws, name: str, **value: str) -> None:
    try:
        aws.secrets.create_secret(Name=name, SecretString=json.dumps(value))
    except aws.secrets.exceptions.ResourceExistsException:
        aws.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))


def run_deploy() -> tuple[int, list[dict]]:
    """The exit code of a deploy in a process of its own, and its log lines."""
    done = subprocess.run(
        [sys.executable, "-m", "networx.db.deploy"], cwd=CHECKOUT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == ""
    return done.returncode, [json.loads(line) for line in done.stderr.splitlines()]


def new_tenant() -> UUID:
    with pool.system() as connection:
        row = connection.execute(
            "INSERT INTO tenants (slug, name) VALUES (%s, 'A tenant') RETURNING id", (f"t-{uuid4().hex}",)
        ).fetchone()
    return row[0]


def test_a_master_without_superuser_makes_everything_and_then_nothing_is_left_to_do(told, cloud):
    code, lines = run_deploy()
    assert (code, lines[-1]["message"]) == (0, "deploy.done")
    assert lines[-1]["applied"] == [path.name for path in migrations()]
    assert deploy() == []


def test_of_all_roles_the_system_alone_sees_what_other_sessions_do(told, cloud):
    deploy()
    asked = "SELECT pg_has_role(%s, 'pg_read_all_stats', 'USAGE')"
    with psycopg.connect(cloud.cluster.master_conninfo) as superuser:
        seeing = {role for role in Role if superuser.execute(asked, (role.value,)).fetchone() == (True,)}
    assert seeing == {Role.SYSTEM}


def test_a_master_that_may_not_let_it_see_deploys_all_the_same(told, cloud):
    deploy()
    with psycopg.connect(cloud.cluster.master_conninfo, autocommit=True) as superuser:
        superuser.execute("REVOKE pg_monitor FROM managed CASCADE")
        try:
            assert deploy() == []
        finally:
            superuser.execute("GRANT pg_monitor TO managed WITH ADMIN OPTION")


def test_each_role_takes_its_way_and_all_of_them_are_encrypted(told, cloud):
    deploy()
    for front in (cloud.instance, cloud.proxy, cloud.replica):
        front.users.clear()
    deploy()
    tenant = new_tenant()
    with pool.tenant(tenant) as connection:
        connection.execute("INSERT INTO projects (tenant_id, name) VALUES (%s, 'ours')", (tenant,))
    with pool.tenant(tenant, Role.REPORT) as connection:
        assert connection.execute("SELECT name FROM projects").fetchall() == [("ours",)]
    with pool.connect(Role.LOADER) as connection:
        connection.execute("SELECT 1")
    assert set(cloud.instance.users) == {"managed", Role.OWNER, Role.LOADER}
    assert set(cloud.proxy.users) == {Role.APP, Role.SYSTEM}
    assert set(cloud.replica.users) == {Role.REPORT}


def test_without_proxy_and_replica_every_role_goes_to_the_instance(told, cloud):
    told.delenv("RDS_PROXY_ENDPOINT")
    told.delenv("NETWORX_DATABASE_REPLICA")
    forget()
    deploy()
    for role in Role:
        with pool.connect(role) as connection:
            connection.execute("SELECT 1")
    assert set(Role) <= set(cloud.instance.users)


def test_text_is_ordered_as_on_a_laptop(told, cloud):
    deploy()
    asked = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'networx'"
    with pool.connect(Role.OWNER) as connection:
        assert connection.execute(asked).fetchone() == ("b", "C.UTF-8")


def test_a_pool_follows_a_rotated_password(told, aws, cloud):
    deploy()
    told.setattr(aws_clients, "SECRET_KEPT_SECONDS", 0.01)
    new_tenant()
    put_secret(aws, f"networx/{STAGE}/database/{Role.SYSTEM}", username=Role.SYSTEM, password="rotated")
    with psycopg.connect(cloud.cluster.master_conninfo, autocommit=True) as superuser:
        superuser.execute("ALTER ROLE networx_system PASSWORD 'rotated'")
        superuser.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'networx_system'"
        )
    assert new_tenant()


def test_a_deploy_sets_the_passwords_of_today_and_mends_what_a_broken_one_left(told, aws, cloud):
    deploy()
    with psycopg.connect(cloud.cluster.master_conninfo, autocommit=True) as superuser:
        superuser.execute("REVOKE CONNECT ON DATABASE networx FROM networx_app")
    put_secret(aws, f"networx/{STAGE}/database/{Role.APP}", username=Role.APP, password="of today")
    aws_clients.secret_during.cache_clear()
    with pytest.raises(DatabaseUnavailable):
        pool.connect(Role.APP)
    deploy()
    pool.connect(Role.APP).close()


@pytest.mark.parametrize("host", ["127.0.0.2", LOOPBACK])
def test_a_server_that_cannot_prove_who_it_is_gets_no_password(told, cloud, tmp_path, host):
    # Signed for another host, by an authority that is known; or for this host, by one that is not.
    foreign = certificate(tmp_path, host=host)
    front = TlsFront(cloud.cluster.port, foreign)
    with serving(front):
        told.setenv("DATABASE_URL", f"postgresql://{LOOPBACK}:{front.port}/networx")
        if host != LOOPBACK:
            told.setenv("NETWORX_DATABASE_CA", str(foreign))
        forget()
        with pytest.raises(DatabaseUnavailable) as refused:
            pool.connect(Role.OWNER)
        assert "certificate" in str(refused.value.__cause__)
    assert front.users == []


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("NETWORX_DATABASE_MASTER_SECRET", "", "NETWORX_DATABASE_MASTER_SECRET is not set"),
        ("NETWORX_DATABASE_MASTER_SECRET", "nowhere", "secret nowhere cannot be read .ResourceNotFoundException"),
        ("NETWORX_DATABASE_MASTER_SECRET", "networx/redis", "secret networx/redis has no username"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/networx", "database cannot be reached"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/other", "names the database other, not networx"),
    ],
)
def test_what_stands_in_the_way_of_a_deploy_is_named(told, variable, value, reason):
    told.setenv(variable, value)
    forget()
    with pytest.raises(NetworxError, match=reason):
        deploy()


def test_a_deploy_that_failed_ends_with_one_and_says_why_without_a_password(told):
    told.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/networx")
    code, lines = run_deploy()
    assert (code, lines[-1]["message"]) == (1, "deploy.failed")
    assert lines[-1]["reason"] == "The database cannot be reached; try again shortly."
    assert "first of all" not in json.dumps(lines)
