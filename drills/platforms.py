"""A platform in a home of its own, in a process of its own, started and ended as a person or a power cut would."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from local import postgres
from local.home import CHECKOUT, Home, free_port
from local.postgres import Postgres

_START_SECONDS = 180.0
_STARTS = 3
_STOP_SECONDS = 60.0


class DrillFailed(Exception):
    """The rehearsal did not go as it must; the message says where."""


class OwnPlatform:
    """A platform on `home`; `start` may follow `kill` and `stop`. A home that has gone is made anew."""

    def __init__(self, home: Path) -> None:
        self.root = home
        self.log = home.with_name(f"{home.name}.log")
        self._process: subprocess.Popen[bytes] | None = None
        # The same for every start: whoever put it under load finds it again.
        self._port = free_port()

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "NETWORX_HOME": str(self.root), "NETWORX_PORT": str(self._port), "COLUMNS": "200"}

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was started"
        return self._process

    def start(self) -> None:
        """Until it is up. A machine that is busy may need a second start. Raises DrillFailed."""
        for _ in range(_STARTS):
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "cli", "up"],
                    cwd=CHECKOUT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            end = time.monotonic() + _START_SECONDS
            while self._process.poll() is None and time.monotonic() < end:
                if self._is_up():
                    return
                time.sleep(0.1)
            self.kill()
        raise DrillFailed(f"The platform did not come up:\n{self.log.read_text()[-2000:]}")

    def _is_up(self) -> bool:
        state = self._state_file()
        return state is not None and state["pid"] == self.process.pid

    def _state_file(self) -> dict[str, Any] | None:
        try:
            state: dict[str, Any] = json.loads((self.root / "platform.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return state

    def state(self) -> dict[str, Any]:
        state = self._state_file()
        if state is None:
            raise DrillFailed(f"The platform says no more where it is found:\n{self.log.read_text()[-2000:]}")
        return state

    def wait_until_well(self) -> None:
        """Until web and record answer again after the last fault. Raises DrillFailed."""
        end = time.monotonic() + _START_SECONDS
        while True:
            with suppress(psycopg.OperationalError, httpx.TransportError), self.database():
                if httpx.get(f"{self.state()['url']}/api/health", trust_env=False).is_success:
                    return
            if time.monotonic() > end:
                raise DrillFailed(f"The platform does not recover:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.5)

    @property
    def key(self) -> str:
        return (self.root / "dev-api-key").read_text().strip()

    def command(self, *arguments: str, seconds: float = 900) -> subprocess.CompletedProcess[str]:
        """One command of `networx` on this home, as a person gives it."""
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    def cluster(self) -> Postgres:
        """The platform's PostgreSQL, while it runs."""
        return postgres.prepare(Home(self.root), os.environ, self.state()["ports"]["postgres"])

    def database(self) -> psycopg.Connection[Any]:
        """A connection of the master, who sees every row, to the record of the platform that runs."""
        return psycopg.connect(
            self.cluster().master_conninfo, dbname="networx", autocommit=True, options="-c search_path=networx"
        )

    def kill(self) -> None:
        """End it all as the kernel does: nothing is told, nothing is tidied."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ctrl-C."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def destroy(self) -> None:
        """Remove the home with everything in it, wherever its database stands."""
        place = self.root / "postgres-place"
        if place.is_symlink():
            shutil.rmtree(place.readlink(), ignore_errors=True)
        # What was killed a moment ago may still be letting go of its files.
        for _ in range(50):
            shutil.rmtree(self.root, ignore_errors=True)
            if not self.root.exists():
                return
            time.sleep(0.1)
        raise DrillFailed(f"{self.root} cannot be removed")


@contextmanager
def place_for(what: str) -> Iterator[Path]:
    """A folder for homes and backups that the database's user can walk through; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"networx {what} "))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lines_of(facts: Mapping[str, str]) -> str:
    """Names and values, one pair a line, the values under one another."""
    width = max(map(len, facts))
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in facts.items())
