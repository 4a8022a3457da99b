"""The chaos suite's own servers, made once; and for each case an empty record and a stage."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from networx import settings
from networx.db import pool
from networx.resilience import aws as aws_clients
from networx.resilience.cache import cache_client
from tests.chaos.servers import Servers
from tests.chaos.stage import Stage, clean, seed_from

SEED = seed_from(os.environ)


@pytest.fixture(scope="session")
def platform() -> Iterator[Servers]:
    """The servers, for all cases of this process."""
    servers = Servers(SEED)
    try:
        servers.start_all()
        yield servers
    finally:
        servers.close()
        shutil.rmtree(servers.home.root, ignore_errors=True)


@pytest.fixture
def playing(platform: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Stage]]:
    """Makes stages on an empty record; this process, too, is told where the servers are."""
    print(f"CHAOS_SEED={SEED}")
    for name, value in platform.environment.items():
        monkeypatch.setenv(name, value)
    # As in the processes under test: an absent database is noticed while a case lasts.
    monkeypatch.setattr(pool, "_TIMEOUT_SECONDS", 2.0)
    _forget()
    folder = Path(tempfile.mkdtemp(prefix="networx case "))
    stages: list[Stage] = []

    def play(planted: str | None = None) -> Stage:
        clean(platform)
        place = folder / str(len(stages))
        place.mkdir()
        stages.append(Stage(platform, SEED, place, planted))
        return stages[-1]

    yield play
    for stage in stages:
        stage.close()
    pool.close_pools()
    platform.mend()
    _forget()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stage(playing: Callable[..., Stage]) -> Stage:
    return playing()


def _forget() -> None:
    for remembered in (settings.current, aws_clients.client, aws_clients.secret_during, cache_client):
        remembered.cache_clear()
