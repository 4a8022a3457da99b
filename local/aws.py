"""Starts the AWS emulator: loopback, S3 and queues kept under the home, everything else made anew from the topology."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from local.emulator import KEEP_VERSIONS
from local.home import CHECKOUT, LOOPBACK, Home
from local.processes import Program
from local.valkey import listens

REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
# What clients put there and messages nobody has taken yet. Functions, rules and secrets follow the code of today.
_KEPT_STATE = ("s3.json", "sqs.json")


def program(home: Home, environment: Mapping[str, str], port: int, *, keep_versions: bool = False) -> Program:
    """How the emulator is started. It unpacks functions under the home, too, which is cleared first.

    With `keep_versions` an object may bring the version that it had: for a restore alone.
    """
    folder = home.root / "aws"
    state = folder / "state"
    unpacked = folder / "functions"
    shutil.rmtree(unpacked, ignore_errors=True)
    for path in (state, unpacked):
        path.mkdir(parents=True, exist_ok=True)
    # The secrets are in it.
    folder.chmod(0o700)
    for path in state.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in _KEPT_STATE:
            path.unlink()
    _move_queues(state / "sqs.json", port)
    own = {
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": LOOPBACK,
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        # It would look for containers of its own on a Docker that happens to run here.
        "DOCKER_HOST": "unix:///nonexistent",
        "TMPDIR": str(unpacked),
        "LOG_LEVEL": "WARNING",
    }
    return Program(
        name="aws",
        arguments=(sys.executable, "-m", "local.emulator", *([KEEP_VERSIONS] if keep_versions else [])),
        environment={**environment, **CREDENTIALS, **own},
        folder=CHECKOUT,
        ready=lambda _pid: listens(port),
    )


def _move_queues(state: Path, port: int) -> None:
    """Queues are kept under their URLs, which name the port of the last run."""
    if state.exists():
        state.write_text(re.sub(rf"http://{re.escape(LOOPBACK)}:\d+/", f"{endpoint(port)}/", state.read_text()))


def endpoint(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"
