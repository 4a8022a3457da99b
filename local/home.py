"""The folder a platform keeps everything in: data, logs, secrets and lock. Whoever holds the lock is the platform.

Set by NETWORX_HOME; without it `.run` in the checkout. The port for the web page is chosen here too, since both answer
the question whether another platform stands in the way.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from threading import Lock
from typing import Any

from networx.errors import ConfigurationError
from networx.identity.api_key import make_key, read_key

CHECKOUT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
USUAL_WEB_PORT = 8080
_PORTS_TRIED = 200
# Below all that systems lend to outgoing connections (Linux from 32768 on, others from 49152 on): a port asked of the
# system itself is one of those, and may be lent again before the server it was chosen for listens on it.
_LISTENED_ON = range(20_000, 32_000)


class Home:
    """The paths of one platform. Making one creates the folder; nothing is locked yet."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        # As root the database runs as another user, who must be able to walk through.
        _make_folder(self.root, 0o711 if os.geteuid() == 0 else 0o700)
        self.logs = _make_folder(self.root / "logs", 0o700)
        self.scratch = _make_folder(self.root / "scratch", 0o700)
        self.results = self.root / "results"
        self.dev_key_file = self.root / "dev-api-key"
        self._secrets_file = self.root / "secrets.json"
        self._state_file = self.root / "platform.json"
        self._lock_file = self.root / "lock"
        self._making_secrets = Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold this folder. Raises ConfigurationError naming the process that holds it already."""
        with self._lock_file.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as fault:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise ConfigurationError(
                    what=f"A platform runs already on {self.root} (process {holder}). Stop it with `networx down`, "
                    "or choose another folder with NETWORX_HOME."
                ) from fault
            # A platform that was killed has left the addresses it had.
            self._state_file.unlink(missing_ok=True)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            try:
                yield
            finally:
                self._state_file.unlink(missing_ok=True)
                file.truncate(0)

    def holder(self) -> int | None:
        """The process that holds this folder now, or None."""
        if not self._lock_file.exists():
            return None
        with self._lock_file.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(file.read().strip() or 0)
        return None

    def secret(self, name: str) -> str:
        """A random secret of this folder, made when it is first asked for."""
        with self._making_secrets:
            file = self._secrets_file
            known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
            if name not in known:
                known[name] = secrets.token_urlsafe(24)
                write_private(file, json.dumps(known, indent=2))
            return known[name]

    def adopt_secret(self, name: str, value: str) -> None:
        """Keep a secret that an earlier home had. Only before this one has made it itself."""
        with self._making_secrets:
            known: dict[str, str] = json.loads(self._secrets_file.read_text()) if self._secrets_file.exists() else {}
            assert name not in known, "a secret that is in use is not replaced"
            write_private(self._secrets_file, json.dumps({**known, name: value}, indent=2))

    def dev_key(self) -> str:
        """The laptop's API key, made at the first start, and anew where the file holds none of today's form."""
        if not self.dev_key_file.exists() or read_key(self.dev_key_file.read_text().strip()) is None:
            write_private(self.dev_key_file, make_key().text)
        return self.dev_key_file.read_text().strip()

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Publish where the running platform is found."""
        write_private(self._state_file, json.dumps(state, indent=2))

    def read_state(self) -> dict[str, Any] | None:
        """Where the running platform is found, or None when none is up."""
        if self.holder() is None:
            return None
        try:
            state: dict[str, Any] = json.loads(self._state_file.read_text())
        except FileNotFoundError:
            return None
        return state


def home_from(environment: Mapping[str, str]) -> Home:
    """The home that NETWORX_HOME names, or `.run` in the checkout."""
    return Home(Path(environment.get("NETWORX_HOME") or CHECKOUT / ".run").expanduser())


def write_private(path: Path, text: str) -> None:
    """Replace a file at once; only its owner may read it."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    fresh.replace(path)


def _make_folder(path: Path, mode: int) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
    except OSError as fault:
        raise ConfigurationError(
            what=f"The folder {path} cannot be used ({fault.strerror}); choose another with NETWORX_HOME."
        ) from fault
    return path


def free_port() -> int:
    """A loopback port nobody listens on, and that the system lends to no outgoing connection before someone does.

    Raises ConfigurationError when all are taken.
    """
    ports = [*_LISTENED_ON]
    SystemRandom().shuffle(ports)  # programs that choose at the same moment must not choose alike
    chosen: int | None = next((port for port in ports if _is_free(port)), None)
    if chosen is None:
        raise ConfigurationError(what=f"No port from {_LISTENED_ON[0]} to {_LISTENED_ON[-1]} is free on this machine.")
    return chosen


def web_port(environment: Mapping[str, str]) -> int:
    """NETWORX_PORT when set, else 8080 or the next free one. Raises ConfigurationError when the port set is taken."""
    wanted = environment.get("NETWORX_PORT")
    if not wanted:
        return next(port for port in range(USUAL_WEB_PORT, USUAL_WEB_PORT + _PORTS_TRIED) if _is_free(port))
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise ConfigurationError(what=f"NETWORX_PORT is not a port: {wanted}")
    if not _is_free(int(wanted)):
        raise ConfigurationError(
            what=f"Port {wanted} (NETWORX_PORT) is taken by another program. Stop that program, set NETWORX_PORT to "
            "another port, or unset it to take the next free one."
        )
    return int(wanted)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A connection that lingers from the last run does not count; a listener does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
