"""One whole platform for all acceptance tests, and a client that reaches it only as a client can.

Nothing is stood in for. The clocks of a lost worker are shortened, so that its jobs are missed within seconds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.home import Home, free_port
from local.platform import Platform, running
from tests.acceptance.client import Client
from tests.acceptance.record import Record
from tests.acceptance.store import Store

CLOCKS = {"HEARTBEAT": 1, "SELF_FENCE": 6, "LEASE": 8}


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Servers, functions, web and workers, in a folder with a space in its path."""
    folder = Path(tempfile.mkdtemp(prefix="networx acceptance "))
    environment = {
        **os.environ,
        "NETWORX_PORT": str(free_port()),
        **{f"NETWORX_{name}_SECONDS": str(seconds) for name, seconds in CLOCKS.items()},
    }
    try:
        with running(Home(folder), environment=environment) as started:
            yield started
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def client(platform: Platform) -> Iterator[Client]:
    """The API, with the laptop's key."""
    with Client(platform.url, platform.dev_key) as made:
        yield made


@pytest.fixture(scope="session")
def store(platform: Platform) -> Store:
    """The buckets, queues and functions, the way the AWS command line reaches them."""
    return Store(platform.ports.aws)


@pytest.fixture(scope="session")
def record(platform: Platform) -> Record:
    """The database as its superuser sees it, over all tenants: to look at what is left, and to admit tenants."""
    return Record(platform)
