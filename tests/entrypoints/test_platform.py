"""The servers of a platform: what they keep, whom they let in, and how they end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from local.home import CHECKOUT
from local.resources import emulator, remove_temporary
from networx.topology import POSTGRES_MAJOR, TOPOLOGY

from .conftest import Start, Started, processes_of, wait_until

pytestmark = [
    pytest.mark.platform,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc"),
]


def secrets_of(platform: Started) -> dict[str, str]:
    known: dict[str, str] = json.loads((platform.home / "secrets.json").read_text())
    return known


def database(platform: Started, user: str = "networx_system", **more: Any) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host="127.0.0.1",
        port=platform.state()["ports"]["postgres"],
        dbname="networx",
        user=user,
        password=secrets_of(platform)[user],
        autocommit=True,
        **more,
    )


def python_for_everyone() -> str:
    """A Python of this version that a user without rights may run; root's own may stand in a closed folder."""
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        asked = subprocess.run(
            ["/bin/sh", "-c", 'exec "$0" -c "import sys; print(sys.version_info[:2])"', python],
            user="nobody",
            capture_output=True,
            text=True,
        )
        if asked.stdout.strip() == str(sys.version_info[:2]):
            return python
    pytest.skip("no Python of this version is open to other users")


def open_environment(folder: Path) -> str:
    """The Python of a fresh environment with this one's libraries, open to everyone."""
    subprocess.run([python_for_everyone(), "-m", "venv", "--without-pip", folder], check=True)
    libraries = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (libraries / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return str(folder / "bin" / "python")


def test_the_database_is_migrated_and_asks_for_a_password(platform: Started) -> None:
    with database(platform) as connection:
        assert connection.execute("SELECT slug FROM tenants").fetchall() == [("dev",)]
        assert connection.info.server_version // 10_000 == POSTGRES_MAJOR
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1", port=platform.state()["ports"]["postgres"], user="networx_app", password="guess"
        )


def test_valkey_asks_for_its_password(platform: Started) -> None:
    port = platform.state()["ports"]["valkey"]
    with pytest.raises(redis.AuthenticationError):
        redis.Redis("127.0.0.1", port, retry=Retry(NoBackoff(), 0)).ping()
    assert redis.Redis("127.0.0.1", port, password=secrets_of(platform)["valkey"]).ping()


def test_servers_listen_on_loopback_alone(platform: Started) -> None:
    ports = platform.state()["ports"]
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    addresses = {line.split()[1] for line in listening if line.split()[3] == "0A"}
    for name in ("postgres", "valkey", "aws"):
        where = {address.split(":")[0] for address in addresses if int(address.split(":")[1], 16) == ports[name]}
        assert where == {"0100007F"}, name


def test_secrets_are_readable_by_their_owner_alone(platform: Started) -> None:
    for name in ("secrets.json", "dev-api-key", "platform.json", "valkey.conf"):
        assert stat.S_IMODE((platform.home / name).stat().st_mode) == 0o600, name
    assert stat.S_IMODE((platform.home / "aws").stat().st_mode) == 0o700


def test_the_emulator_has_what_the_topology_names(platform: Started) -> None:
    clients = emulator(platform.state()["ports"]["aws"])
    queues = {url.rsplit("/", 1)[1] for url in clients.sqs.list_queues()["QueueUrls"]}
    assert queues == {name for queue in TOPOLOGY.queues for name in (queue.name, queue.dead_letter_name)}
    assert len(clients.s3.list_buckets()["Buckets"]) == len(TOPOLOGY.buckets)
    functions = {function["FunctionName"] for function in clients.functions.list_functions()["Functions"]}
    assert functions == {function.name for function in TOPOLOGY.functions}


def test_rows_objects_and_messages_outlive_a_restart(start: Start) -> None:
    platform = start()
    with database(platform) as connection:
        connection.execute("INSERT INTO tenants (slug, name) VALUES ('kept', 'Kept')")
    clients = emulator(platform.state()["ports"]["aws"])
    version = clients.s3.put_object(Bucket="networx-results", Key="a/b c.txt", Body=b"kept")["VersionId"]
    queue = clients.sqs.get_queue_url(QueueName="optimization.fifo")["QueueUrl"]
    clients.sqs.send_message(QueueUrl=queue, MessageBody="kept", MessageGroupId="g", MessageDeduplicationId="d")
    key = (platform.home / "dev-api-key").read_text()
    platform.stop()

    again = start()
    with database(again) as connection:
        assert connection.execute("SELECT name FROM tenants WHERE slug = 'kept'").fetchone() == ("Kept",)
    clients = emulator(again.state()["ports"]["aws"])
    body = clients.s3.get_object(Bucket="networx-results", Key="a/b c.txt", VersionId=version)["Body"].read()
    assert body == b"kept"
    queue = clients.sqs.get_queue_url(QueueName="optimization.fifo")["QueueUrl"]
    assert clients.sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "kept"
    assert (again.home / "dev-api-key").read_text() == key


def test_an_upload_reaches_the_validator_with_its_version(platform: Started) -> None:
    clients = emulator(platform.state()["ports"]["aws"])
    key = "uploads/dev/notes.txt"
    version = clients.s3.put_object(Bucket="networx-input", Key=key, Body=b"no workbook")["VersionId"]

    def refused() -> bool:
        with database(platform) as connection:
            row = connection.execute("SELECT status FROM uploads WHERE key = %s AND version_id = %s", (key, version))
            return row.fetchone() == ("rejected",)

    log = platform.home / "logs" / "aws.log"
    assert wait_until(refused, 60), log.read_text()
    # What the function logs stands in the emulator's file.
    assert wait_until(lambda: version in log.read_text(), 30)


def test_temporary_files_go_when_they_are_old_and_nothing_else_does(platform: Started) -> None:
    clients = emulator(platform.state()["ports"]["aws"])
    bucket = "networx-results"
    for key in ("tmp/checkpoints/plan", "tmp/checkpoints/plan", "results/tmp/kept"):
        clients.s3.put_object(Bucket=bucket, Key=key, Body=b"some")
    assert remove_temporary(clients, bucket, older_than=timedelta(days=1)) == 0
    assert remove_temporary(clients, bucket, older_than=timedelta(0)) == 2
    listed = clients.s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [found["Key"] for found in listed if "tmp/" in found["Key"]] == ["results/tmp/kept"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_platform_that_was_ended(start: Start, how: signal.Signals) -> None:
    platform = start()
    clients = emulator(platform.state()["ports"]["aws"])
    # A function's process is a grandchild, and the likeliest to be left.
    clients.functions.invoke(FunctionName="upload-validator", Payload=b'{"Records": []}')
    assert any("ministack-lambda" in command for command in processes_of(platform.home).values())
    with database(platform):
        platform.stop(how)
    assert wait_until(lambda: not processes_of(platform.home), 60), processes_of(platform.home)


def test_a_platform_that_was_killed_starts_again_with_its_data(start: Start) -> None:
    platform = start()
    with database(platform) as connection:
        connection.execute("INSERT INTO tenants (slug, name) VALUES ('kept', 'Kept')")
    s3 = emulator(platform.state()["ports"]["aws"]).s3
    version = s3.put_object(Bucket="networx-results", Key="kept", Body=b"kept")["VersionId"]
    platform.stop(signal.SIGKILL)
    again = start()
    with database(again) as connection:
        assert connection.execute("SELECT count(*) FROM tenants WHERE slug = 'kept'").fetchone() == (1,)
    s3 = emulator(again.state()["ports"]["aws"]).s3
    kept = s3.get_object(Bucket="networx-results", Key="kept", VersionId=version)
    assert kept["Body"].read() == b"kept"


def test_a_database_killed_under_the_platform_comes_back(start: Start) -> None:
    platform = start()
    before = platform.state()["processes"]["postgres"]
    os.kill(before, signal.SIGKILL)

    def back() -> bool:
        try:
            with database(platform, connect_timeout=1):
                return bool(platform.state()["processes"]["postgres"] != before)
        except psycopg.OperationalError:
            return False

    assert wait_until(back, 60), (platform.home / "logs" / "postgres.log").read_text()
    assert "postgres ended" in platform.said()


def test_a_lock_file_naming_a_strangers_process_does_not_stop_the_database(start: Start) -> None:
    platform = start()
    platform.stop()
    pid_file = platform.home / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{platform.home}/postgres\n1795300000\n5432\n\n127.0.0.1\n\nready\n")
    shutil.copystat(platform.home / "postgres" / "PG_VERSION", pid_file)
    with database(start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_second_platform_on_the_same_home_is_refused_by_name(platform: Started, start: Start) -> None:
    first = platform
    second = start(first.home)
    assert second.process.wait(60) != 0
    assert f"process {first.process.pid}" in second.said()
    assert "NETWORX_HOME" in second.said()
    with database(first) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_two_platforms_run_side_by_side(start: Start, folder: Path) -> None:
    one, other = start(folder / "one"), start(folder / "other")
    with database(one) as connection:
        connection.execute("INSERT INTO tenants (slug, name) VALUES ('only-here', 'One')")
    with database(other) as connection:
        assert connection.execute("SELECT slug FROM tenants").fetchall() == [("dev",)]
    for name in ("postgres", "valkey", "aws"):
        assert one.state()["ports"][name] != other.state()["ports"][name]


def test_a_port_that_is_taken_is_a_clear_error(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        platform = start(NETWORX_PORT=str(port))
        assert platform.process.wait(60) != 0
    assert f"Port {port} (NETWORX_PORT) is taken" in platform.said()
    assert not processes_of(platform.home)


def test_a_wrong_place_for_postgresql_is_a_clear_error(start: Start, folder: Path) -> None:
    platform = start(PG_BIN=str(folder))
    assert platform.process.wait(60) != 0
    assert "PG_BIN names" in platform.said()
    assert wait_until(lambda: not processes_of(platform.home), 20)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's database runs as another user")
def test_a_home_behind_a_closed_folder_works_for_root(start: Start, folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    platform = start(closed / "home")
    place = (platform.home / "postgres-place").readlink()
    try:
        with database(platform) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        platform.stop()
    finally:
        shutil.rmtree(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_a_user_without_rights_can_run_a_platform(folder: Path) -> None:
    home = folder / "home"
    folder.chmod(0o777)
    program = (
        "from local.platform import running\n"
        "with running(services=()) as platform:\n"
        "    print(sorted(platform.supervisor.pids()))\n"
    )
    ran = subprocess.run(
        [open_environment(folder / "venv"), "-c", program],
        cwd=CHECKOUT,
        env={"NETWORX_HOME": str(home), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        user="nobody",
        group="nogroup",
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout == "['aws', 'postgres', 'valkey']\n", ran.stderr
