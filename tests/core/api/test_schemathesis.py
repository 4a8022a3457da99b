"""Requests that nobody thought of: schemathesis reads the document and asks, with a key and without.

SCHEMATHESIS_SECONDS=600 goes on for longer, SCHEMATHESIS_SEED=7 asks the same again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from uuid import UUID

import pytest

from networx.api.app import create_app
from networx.db import pool
from tests.core.api.conftest import key_with
from tests.core.api.served import Generous, Served, served

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
def platform(record) -> Iterator[Served]:
    app = create_app()
    app.state.limiter = Generous()
    with served(app) as running:
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
                connection.execute(
                    "UPDATE jobs SET status = 'cancelled', finished_at = now() WHERE status = 'queued' "
                    "AND created_at < now() - interval '1 second'"
                )

    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


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
    ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 300, check=False)
    print(ran.stdout)
    assert ran.returncode == 0, f"seed {SEED}\n{ran.stdout[-30_000:]}\n{ran.stderr[-2000:]}"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(create_app().openapi()))
    return path


@pytest.mark.timeout(SECONDS + 400)
def test_with_a_key_no_answer_is_undocumented(record, platform, document, tmp_path):
    key = key_with(record.tenant_id, "read", "write", "admin", "operator", name="asker")
    with kept_open(record.tenant_id):
        ask(platform, document, tmp_path / "report.json", f"--header=X-API-Key: {key}")


@pytest.mark.timeout(SECONDS + 400)
def test_without_a_key_no_answer_is_undocumented(platform, document, tmp_path):
    ask(platform, document, tmp_path / "report.json", "--phases=examples,coverage", checks=CHECKS[:5])
