"""Requests sent again under their keys while the web process is killed again and again: each creates exactly once."""

from __future__ import annotations

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from .conftest import Started, wait_until

CLIENTS = 6
KILLS = 5
GIVEN_UP_AFTER_SECONDS = 60


class Sender:
    """A client that knows no answer but the last: it sends the same request until it is answered."""

    def __init__(self, platform: Started) -> None:
        state = platform.state()
        key = Path(state["dev_key_file"]).read_text().strip()
        self.cut_off = 0
        self._http = httpx.Client(base_url=state["url"], headers={"X-API-Key": key}, timeout=10, trust_env=False)

    def get(self, path: str) -> Any:
        return self._http.get(path).json()["data"]

    def until_answered(self, key: str, path: str, **request: Any) -> dict[str, Any]:
        began = time.monotonic()
        while time.monotonic() - began < GIVEN_UP_AFTER_SECONDS:
            try:
                answer = self._http.post(path, headers={"Idempotency-Key": key}, **request)
            except httpx.TransportError as fault:
                self.cut_off += not isinstance(fault, httpx.ConnectError)
                time.sleep(0.05)
                continue
            if answer.is_success:
                data: dict[str, Any] = answer.json()["data"]
                return data
            assert answer.status_code in {409, 503}, answer.text
            assert "Retry-After" in answer.headers, answer.text
            time.sleep(0.2)
        raise AssertionError(f"{key} was never answered")


def kill_web(platform: Started, chance: random.Random) -> None:
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 1.2))
        pid = platform.state()["processes"]["web"]
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda pid=pid: platform.state()["processes"].get("web", pid) != pid, 60)


@pytest.mark.platform
def test_what_is_sent_again_while_the_web_is_killed_is_created_once(whole_platform: Started) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    sender = Sender(whole_platform)
    killer = ThreadPoolExecutor(1)
    killing = killer.submit(kill_web, whole_platform, random.Random(seed))
    killer.shutdown(wait=False)

    def project(number: str) -> str:
        made = sender.until_answered(f"project-{number}", "/api/projects", json={"name": number})
        return str(made["project_id"])

    def upload(number: str) -> str:
        # No workbook: it will be refused, which is the validator's to say, and once.
        file = {"file": (f"{number}.xlsx", f"content {number}".encode() * 1000)}
        return str(sender.until_answered(f"upload-{number}", "/api/uploads", files=file)["upload_id"])

    def one_after_another(client: int) -> dict[str, tuple[str, str]]:
        made = {}
        while not killing.done():
            number = f"{client}-{len(made)}"
            made[number] = project(number), upload(number)
        return made

    with ThreadPoolExecutor(CLIENTS) as threads:
        made = {name: ids for part in threads.map(one_after_another, range(CLIENTS)) for name, ids in part.items()}
    print(f"{len(made)} projects and uploads, {sender.cut_off} requests cut off")
    killing.result()
    assert sender.cut_off > 0
    for name, ids in list(made.items())[:20]:
        assert (project(name), upload(name)) == ids
    assert sorted(found["name"] for found in sender.get("/api/projects")) == sorted(made)
    uploads = sorted(upload_id for _, upload_id in made.values())
    assert sorted(found["upload_id"] for found in all_uploads(sender)) == uploads

    def every_file_was_looked_at() -> bool:
        return all(found["status"] == "rejected" for found in all_uploads(sender))

    assert wait_until(every_file_was_looked_at, 60), {found["status"] for found in all_uploads(sender)}


def all_uploads(sender: Sender) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sender.get("/api/uploads?limit=200")
    while len(page := sender.get(f"/api/uploads?limit=200&before={quote(found[-1]['created_at'])}")) > 0:
        found += page
    return found
