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
from networx.identity.pepper import pepper
from networx.jobs import sqs
from networx.resilience import aws as aws_clients
from networx.resilience import cache, objects
from networx.resilience.cache import cache_client
from tests.chaos.servers import Servers
from tests.chaos.stage import Stage, clean, seed_from

HERE = Path(__file__).parent
# What a case says of itself at the end of the run, by its name.
STORM, FAILOVER = "storm", "failover"

SEED = seed_from(os.environ)
os.environ["CHAOS_SEED"] = str(SEED)  # for the other processes of this run


def pytest_sessionstart(session: pytest.Session) -> None:
    """The seed comes first: a run that does not come to its end can be repeated, too."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"CHAOS_SEED={SEED}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The storm first: it takes longest, and the cases go on beside it."""
    items.sort(key=lambda item: item.path.name != "test_storm.py" if item.path.parent == HERE else True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The seed, and what cases say of themselves, also where they ran in another process."""
    terminalreporter.write_line(f"CHAOS_SEED={SEED}")
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        for name, said in report.user_properties:
            if name in (STORM, FAILOVER):
                terminalreporter.write_line(f"{name}: {said}")


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
    forget()
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
    forget()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stage(playing: Callable[..., Stage]) -> Stage:
    return playing()


def forget() -> None:
    """Have this process look anew where its servers are, and how they are."""
    cache.breaker().close()  # its probe ends
    aws_known = (aws_clients.client, aws_clients.secret_during, pepper, sqs.breaker, objects.breaker)
    for remembered in (settings.current, *aws_known, cache_client, cache.breaker):
        remembered.cache_clear()
