"""A worker's sign of life, as the container's health check sees it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from local.home import CHECKOUT
from networx import settings
from networx.jobs import alive


@pytest.fixture
def sign(machine, monkeypatch, tmp_path):
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NETWORX_ALIVE_FILE", str(tmp_path / "alive"))
    settings.current.cache_clear()
    yield tmp_path / "alive"
    settings.current.cache_clear()


def health() -> int:
    return subprocess.run([sys.executable, "-m", "networx.jobs.alive"], cwd=CHECKOUT, timeout=30).returncode


def test_a_worker_that_was_never_seen_is_unhealthy(sign):
    assert health() == 1


def test_a_worker_is_healthy_until_it_falls_silent(sign):
    alive.touch()
    assert health() == 0
    long_ago = time.time() - alive.SILENT_FOR_SECONDS - 1
    os.utime(sign, (long_ago, long_ago))
    assert health() == 1


def test_nothing_is_written_where_nobody_asked(sign, monkeypatch):
    monkeypatch.delenv("NETWORX_ALIVE_FILE")
    settings.current.cache_clear()
    alive.touch()
    assert not sign.exists()
