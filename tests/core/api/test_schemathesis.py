"""Requests that nobody thought of: schemathesis reads the document and asks, with a key and without.

SCHEMATHESIS_SECONDS=600 goes on for longer, SCHEMATHESIS_SEED=7 asks the same again.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.types import Message, Receive, Scope, Send

from networx.api.app import create_app
from networx.db import pool
from networx.jobs import store
from tests.core.api.conftest import key_with
from tests.core.api.holdings import Holdings, hold
from tests.core.api.served import Generous, Served, served
from tests.core.api.test_tenancy import KINDS

SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", "40"))
SEED = os.environ.get("SCHEMATHESIS_SEED") or str(SystemRandom().randrange(10**6))
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "ignored_auth",
)


@pytest.fixture
def answered() -> Counter[tuple[str, int]]:
    """How often each route gave each status: whoever is refused everywhere has found nothing out."""
    return Counter()


@pytest.fixture
def platform(record, answered) -> Iterator[Served]:
    app = create_app()
    app.state.limiter = Generous()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered[f"{scope['method']} {getattr(scope.get('route'), 'path', '')}", message["status"]] += 1
            await send(message)

        await app(scope, receive, counted if scope["type"] == "http" else send)

    with served(counting) as running:
        yield running


@contextmanager
def kept_open(tenant_id: UUID) -> Iterator[None]:
    """Undoes what would blind the rest: a closed tenant, a revoked key, and jobs whose streams would never end."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(0.1):
            with pool.system() as connection:
                connection.execute("UPDATE tenants SET revoked_at = NULL WHERE id = %s", (tenant_id,))
                connection.execute("UPDATE api_keys SET revoked_at = NULL, expires_at = NULL WHERE name = 'asker'")
                open_jobs = connection.execute("SELECT id FROM jobs WHERE status IN ('queued', 'running')").fetchall()
            with pool.tenant(tenant_id) as connection:
                for (job_id,) in open_jobs:
                    store.cancel(connection, job_id, "a test")

    with ThreadPoolExecutor(1) as keeper:
        kept = keeper.submit(keep)
        try:
            yield
        finally:
            done.set()
            kept.result()


def ask(platform: Served, document: Path, report: Path, *options: str, checks: tuple[str, ...] = CHECKS) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        str(document),
        f"--url={platform.url}",
        f"--seed={SEED}",
        f"--checks={','.join(checks)}",
        f"--max-time={SECONDS}",
        "--continue-on-failure",
        "--request-timeout=30",
        "--warnings=off",
        "--no-color",
        "--report=json",
        f"--report-json-path={report}",
        *options,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 300, check=False, cwd=report.parent)
    print(ran.stdout)
    assert ran.returncode == 0, f"seed {SEED}\n{ran.stdout[-30_000:]}\n{ran.stderr[-2000:]}"


@pytest.fixture
def held(record, aws) -> Holdings:
    """A tenant that has something of everything."""
    return hold(f"asking-{uuid4().hex[:8]}", aws)


@pytest.fixture
def document(held, tmp_path: Path) -> Path:
    """The document, with examples that name things which are there."""
    made = copy.deepcopy(create_app().openapi())
    for operations in made["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in KINDS:
                    parameter["example"] = held.one(KINDS[parameter["name"]])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if isinstance(content["example"], dict):
                    _name_real_things(content["example"], held)
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(made))
    return path


def _name_real_things(example: dict[str, Any], held: Holdings) -> None:
    for name, value in example.items():
        if isinstance(value, dict):
            _name_real_things(value, held)
        elif name in KINDS and isinstance(value, str):
            example[name] = held.one(KINDS[name])


@pytest.mark.timeout(SECONDS + 400)
def test_with_a_key_no_answer_is_undocumented(held, platform, answered, document, tmp_path):
    key = key_with(held.tenant_id, "read", "write", "admin", "operator", name="asker")
    with kept_open(held.tenant_id):
        headers = [f"--header=X-API-Key: {key}", f"--header=Authorization: Bearer {key}"]
        ask(platform, document, tmp_path / "report.json", *headers)
    seen = Counter(status for _, status in answered.elements())
    print(sorted(seen.items()))
    assert len({route for route, status in answered if status < 300}) >= 35
    assert seen[429] == 0
    assert {404, 405, 422} <= seen.keys()


@pytest.mark.timeout(SECONDS + 400)
def test_without_a_key_no_answer_is_undocumented(platform, answered, document, tmp_path):
    ask(platform, document, tmp_path / "report.json", "--phases=examples,coverage", checks=CHECKS[:5])
    assert {route for route, status in answered if status < 300} == {"GET /api/health", "GET /api/health/live"}
    assert {status for _, status in answered} <= {200, 401, 405, 503}
