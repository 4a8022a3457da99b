"""A database with a hot standby that really follows it, for tests of what is read there and of how far it is behind."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from local import postgres as clusters
from local.environment import inherited
from local.home import Home, free_port
from local.postgres import Postgres
from local.processes import unprivileged_user
from local.record import prepare_record, role_passwords
from local.supervisor import Supervisor
from tests.conftest import Machine


class Standby:
    """A hot standby of a cluster of its own, both with the record in them."""

    def __init__(self, primary: Postgres, copy: Postgres, supervisor: Supervisor) -> None:
        self.primary, self.copy, self._supervisor = primary, copy, supervisor

    def write(self) -> int:
        """Write a row; how many there are now."""
        with psycopg.connect(self.primary.master_conninfo, autocommit=True) as master:
            master.execute("CREATE TABLE IF NOT EXISTS written (at timestamptz)")
            master.execute("INSERT INTO written VALUES (clock_timestamp())")
            return _count(master)

    def follow(self) -> None:
        """Write a row and wait until it shows on the standby."""
        wanted = self.write()
        awaited(self._shown, lambda seen: seen == wanted)

    def _shown(self) -> int | None:
        with psycopg.connect(self.copy.master_conninfo, autocommit=True) as master:
            try:
                return _count(master)
            except psycopg.errors.UndefinedTable:
                return None

    def command(self, statement: str) -> None:
        with psycopg.connect(self.copy.master_conninfo, autocommit=True) as master:
            master.execute(statement)

    def start(self) -> None:
        self._supervisor.start(replace(self.copy.program(inherited(os.environ)), name="standby"))

    def stop(self) -> None:
        self._supervisor.stop(["standby"], seconds=5)


@contextmanager
def running_standby(machine: Machine) -> Iterator[Standby]:
    """Both servers in folders of their own, with the roles' passwords of the machine, gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="networx standby "))
    home = Home(folder)
    supervisor = Supervisor(home.logs, announce=print)
    primary = clusters.prepare(home, os.environ, free_port(), durable=False)
    copy = replace(primary, data=primary.data.with_name("standby"), port=free_port())
    made = Standby(primary, copy, supervisor)
    try:
        supervisor.start(primary.program(inherited(os.environ)))
        prepare_record(primary, role_passwords(machine.home))
        make_standby(primary, copy)
        made.start()
        yield made
    finally:
        supervisor.stop(["standby", "postgres"], seconds=3)
        supervisor.close()
        shutil.rmtree(primary.data.parent, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _count(connection: psycopg.Connection) -> int:
    found = connection.execute("SELECT count(*) FROM written").fetchone()
    assert found is not None
    return int(found[0])


def make_standby(primary: Postgres, copy: Postgres) -> None:
    user = unprivileged_user()
    copy.data.mkdir(mode=0o700)
    if user is not None:
        shutil.chown(copy.data, user, pwd.getpwnam(user).pw_gid)
    # -R has it follow, and promises it a slot: what it has not received is kept for it.
    command = [str(primary.binaries / "pg_basebackup"), "-D", str(copy.data), "-R", "-C", "-S", "standby"]
    command += ["--checkpoint=fast", "-d", primary.master_conninfo]
    group = None if user is None else pwd.getpwnam(user).pw_gid
    subprocess.run(command, cwd=copy.data, user=user, group=group, check=True, timeout=60)


def awaited(seen: Callable[[], float | None], wanted: Callable[[float], bool], seconds: float = 40) -> float:
    deadline = time.monotonic() + seconds
    while True:
        value = seen()
        if value is not None and wanted(value):
            return value
        assert time.monotonic() < deadline, value
        time.sleep(0.1)
