"""`networx tenants export` and `erase` on a platform that runs, by a person who may read its home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.resources import emulator

from .conftest import Started
from .test_backup import networx
from .test_platform import database

pytestmark = [
    pytest.mark.platform,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc"),
]


def test_a_tenant_is_exported_previewed_and_erased(platform: Started, tmp_path: Path) -> None:
    with database(platform) as connection:
        connection.execute("INSERT INTO tenants (slug, name) VALUES ('acme', 'Acme Logistics')")
    s3 = emulator(platform.state()["ports"]["aws"]).s3
    s3.put_object(Bucket="networx-processed", Key="uploads/acme/a", Body=b"theirs")
    s3.put_object(Bucket="networx-processed", Key="uploads/dev/a", Body=b"ours")

    exported = networx(platform.home, "tenants", "export", "acme", "--to", str(tmp_path / "acme"), "--json")
    assert exported.returncode == 0, exported.stderr
    assert json.loads(exported.stdout)["objects"] == 1

    unasked = networx(platform.home, "tenants", "erase", "acme")
    assert unasked.returncode == 2
    assert "rows of tenants" in unasked.stdout
    erased = networx(platform.home, "tenants", "erase", "acme", "--yes", "--json")
    assert erased.returncode == 0, erased.stderr
    said = json.loads(erased.stdout)
    assert said["nothing_left"]
    assert said["removed"]["objects"]["processed"] == 1
    with database(platform) as connection:
        assert connection.execute("SELECT slug FROM tenants").fetchall() == [("dev",)]
        doers = connection.execute("SELECT action, actor FROM audit WHERE target = 'acme' ORDER BY id").fetchall()
    assert [action for action, _ in doers] == ["tenant.exported", "tenant.revoked", "tenant.erased"]
    assert all("networx tenants" in actor for _, actor in doers)
    assert s3.get_object(Bucket="networx-processed", Key="uploads/dev/a")["Body"].read() == b"ours"
    assert networx(platform.home, "tenants", "erase", "acme", "--yes").returncode == 1


def test_this_machines_own_tenant_is_not_erased(platform: Started) -> None:
    refused = networx(platform.home, "tenants", "erase", "dev", "--yes")
    assert refused.returncode == 2
    assert "own tenant" in refused.stderr
