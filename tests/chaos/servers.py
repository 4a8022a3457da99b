"""The servers of a chaos run: PostgreSQL that keeps what it committed, Valkey, the AWS emulator, the queues' double.

Each has its port for the whole run, can be killed as the kernel kills, frozen, and started again on what is left. None
is started again by itself: the case says when.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from local import aws as emulators
from local import postgres as clusters
from local import valkey as caches
from local.environment import Ports, inherited, settings_of
from local.home import CHECKOUT, LOOPBACK, Home, free_port
from local.processes import ProcessGroup, Program, stop_all, tail
from local.record import key_pepper, prepare_record, role_passwords
from local.resources import emulator, make_resources
from local.valkey import listens
from tests.chaos.clocks import CLOCKS, VISIBILITY_SECONDS
from tests.chaos.fifo_server import Control
from tests.core.standby import make_standby

POSTGRES, VALKEY, AWS, QUEUES = "postgres", "valkey", "aws", "queues"
STANDBY = "standby"  # runs only where a case asks for it


class Servers:
    """The servers on one home. `environment` is what every process under test is told."""

    def __init__(self, seed: int) -> None:
        # Not pytest's own folder: as root it is closed to the user the database runs as.
        self.home = Home(Path(tempfile.mkdtemp(prefix="networx chaos ")))
        self.ports = Ports(web=free_port(), postgres=free_port(), valkey=free_port(), aws=free_port())
        self.queue_port = free_port()
        self.queues = Control(self.queue_port)
        self.environment = inherited(os.environ) | settings_of(self.home, self.ports)
        self.environment |= {f"NETWORX_{name}_SECONDS": str(seconds) for name, seconds in CLOCKS.items()}
        self.environment["AWS_ENDPOINT_URL_SQS"] = f"http://{LOOPBACK}:{self.queue_port}"
        self._group = ProcessGroup()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._seed = seed
        # Durable: what was committed must outlive a SIGKILL, and how a COMMIT ends is what is judged.
        self.postgres = clusters.prepare(self.home, os.environ, self.ports.postgres, durable=True)
        self._programs: dict[str, Callable[[], Program]] = {
            POSTGRES: lambda: self.postgres.program(inherited(os.environ)),
            VALKEY: lambda: caches.program(
                self.home, inherited(os.environ), self.ports.valkey, self.home.secret("valkey")
            ),
            AWS: lambda: emulators.program(self.home, inherited(os.environ), self.ports.aws),
            QUEUES: self._queues,
        }

    def _queues(self) -> Program:
        return Program(
            name=QUEUES,
            arguments=(
                *(sys.executable, "-m", "tests.chaos.fifo_server", "--port", str(self.queue_port)),
                *("--seed", str(self._seed), "--visibility", str(VISIBILITY_SECONDS)),
            ),
            environment=self.environment,
            folder=CHECKOUT,
            ready=lambda _pid: listens(self.queue_port),
        )

    def start_all(self) -> None:
        for name in self._programs:
            self.start(name)
        passwords = role_passwords(self.home)
        prepare_record(self.postgres, passwords)
        clients = emulator(self.ports.aws)
        make_resources(
            clients,
            self.ports,
            self.environment,
            passwords,
            redis_password=self.home.secret("valkey"),
            pepper=key_pepper(self.home),
            functions=(),
        )

    def start(self, name: str, within: float = 30) -> None:
        """Start a server and wait until it is up. What a killed forerunner left may take a few attempts to go."""
        deadline = time.monotonic() + within
        while True:
            program = self._programs[name]()
            process = self._group.spawn(program, self.log(name))
            while process.poll() is None and not program.ready(process.pid):
                assert time.monotonic() < deadline, f"{name} did not come up\n{tail(self.log(name))}"
                time.sleep(0.02)
            if process.poll() is None:
                self._running[name] = process
                return
            assert time.monotonic() < deadline, f"{name} did not come up\n{tail(self.log(name))}"
            time.sleep(0.1)

    def log(self, name: str) -> Path:
        return self.home.logs / f"{name}.log"

    def kill(self, name: str) -> None:
        """End a server by SIGKILL; it neither hears of it nor tidies up."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def runs(self, name: str) -> bool:
        return name in self._running

    def freeze(self, name: str) -> None:
        """SIGSTOP: connections are still made and nothing is answered."""
        self._running[name].send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self._running[name].send_signal(signal.SIGCONT)

    @contextmanager
    def killed(self, name: str) -> Iterator[None]:
        """A server is gone while this lasts, and then started again on what is left."""
        self.kill(name)
        try:
            yield
        finally:
            self.start(name)

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """A server stands still while this lasts: connections are made, and nothing is answered."""
        self.freeze(name)
        try:
            yield
        finally:
            self.thaw(name)

    def restart(self, name: str) -> None:
        """Kill a server and start it again on what is left."""
        self.kill(name)
        self.start(name)

    def mend(self) -> None:
        """Have every server up and thawed, whatever a case did to it."""
        for name in self._programs:
            if self.runs(name) and self._running[name].poll() is None:
                self.thaw(name)
            else:
                self._running.pop(name, None)
                self.start(name)

    @contextmanager
    def standby(self) -> Iterator[int]:
        """A hot standby that follows PostgreSQL while this lasts, one of the servers until then; its port."""
        copy = replace(self.postgres, data=self.postgres.data.with_name("standby"), port=free_port())
        make_standby(self.postgres, copy)
        self._programs[STANDBY] = lambda: replace(copy.program(inherited(os.environ)), name=STANDBY)
        try:
            self.start(STANDBY)
            yield copy.port
        finally:
            del self._programs[STANDBY]
            if self.runs(STANDBY):
                self.kill(STANDBY)
            self.mend()
            self._forget_standby()
            shutil.rmtree(copy.data)

    def _forget_standby(self, within: float = 30) -> None:
        """What a standby that has gone did not receive would be kept for it for ever."""
        slots = "SELECT count(*) FROM pg_replication_slots"
        drop = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active"
        deadline = time.monotonic() + within
        with psycopg.connect(self.postgres.master_conninfo, autocommit=True) as master:
            while master.execute(slots).fetchone() != (0,):
                assert time.monotonic() < deadline, "the standby's slot stays in use"
                master.execute(drop)
                time.sleep(0.05)

    def close(self) -> None:
        stop_all(dict.fromkeys(self._running.values(), signal.SIGINT), seconds=3)
        self._group.close()
