"""Chromium, the pages over recorded answers, and the pages over a whole platform."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Page

from local.home import Home
from local.platform import Platform, running
from tests.browser.canned import Canned

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: install the package chromium")
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture
def faults(page: Page) -> list[str]:
    """What the page's console complained of, a refused style or script among it."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


class Shown:
    """A server of recorded answers, and where it is."""

    def __init__(self) -> None:
        self.canned = Canned()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(self.canned.app(), log_level="error", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> Shown:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


@pytest.fixture
def shown() -> Iterator[Shown]:
    """The pages over recorded answers, which the test may change."""
    with Shown() as server:
        yield server


@pytest.fixture(scope="session")
def platform(browser_type_launch_args: dict[str, Any]) -> Iterator[Platform]:
    """Everything, really running. Asked for after Chromium, so that without it nothing is started."""
    folder = Path(tempfile.mkdtemp(prefix="networx browser "))
    try:
        with running(Home(folder)) as started:
            yield started
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def signed_in(page: Page, platform: Platform, faults: list[str]) -> Page:
    """A person at the platform's first page."""
    page.goto(platform.url)
    page.get_by_role("button", name="Continue as the local developer").click()
    page.get_by_role("heading", name="Which facilities to open").wait_for()
    return page
