"""Log lines: JSON, bound ids, and no secret in any of them."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from networx.observability.logs import REDACTED, JsonFormatter, Log, bound, configure

SOME_ID = UUID("0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11")
SIGNED = (
    "http://127.0.0.1:4566/networx-input/uploads/dev/a.xlsx?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAEXAMPLE%2F20261122&X-Amz-Expires=3600&X-Amz-Security-Token=FwoGZXIvYXdzE"
    "&X-Amz-Signature=d34db33f"
)


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the logger `tested` wrote, line by line."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter("worker-file"))
    logger = logging.getLogger("tested")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.propagate = True


def test_a_line_is_one_json_object_with_its_sentence_and_fields(lines):
    before = datetime.now(UTC).replace(microsecond=0)
    Log("tested").info("job.claimed", attempt=1, jobId=SOME_ID, note="two\nlines")
    (line,) = lines()
    assert before <= datetime.fromisoformat(line.pop("timestamp")) <= datetime.now(UTC)
    assert line == {
        "level": "INFO",
        "service": "worker-file",
        "logger": "tested",
        "message": "job.claimed",
        "attempt": 1,
        "jobId": str(SOME_ID),
        "note": "two\nlines",
    }


def test_every_level_has_its_word(lines):
    log = Log("tested")
    for say in (log.debug, log.info, log.warning, log.error):
        say("said")
    assert [line["level"] for line in lines()] == ["DEBUG", "INFO", "WARNING", "ERROR"]


def test_bound_ids_stand_on_every_line_inside_and_on_none_after(lines):
    log = Log("tested")
    with bound(jobId="j", tenantId="t"):
        with bound(attempt=2, jobId="inner"):
            log.info("inside")
        log.info("between")
    log.info("after")
    inside, between, after = lines()
    assert (inside["jobId"], inside["tenantId"], inside["attempt"]) == ("inner", "t", 2)
    assert (between["jobId"], "attempt" in between) == ("j", False)
    assert "jobId" not in after


def test_bound_ids_are_let_go_when_the_work_fails(lines):
    with pytest.raises(RuntimeError), bound(jobId="j"):
        raise RuntimeError
    Log("tested").info("after")
    assert "jobId" not in lines()[0]


def test_what_one_thread_binds_another_does_not_say(lines):
    with bound(jobId="mine"):
        thread = threading.Thread(target=lambda: Log("tested").info("theirs"))
        thread.start()
        thread.join()
    assert "jobId" not in lines()[0]


@pytest.mark.parametrize(
    "name",
    ["password", "db_password", "clientSecret", "token", "Authorization", "apiKey", "api_key", "X-API-Key", "Cookie"],
)
def test_a_field_named_like_a_secret_is_not_written(lines, name: str):
    Log("tested").info("said", **{name: "hunter2"}, nested={name: {"deep": "hunter2"}})
    (line,) = lines()
    assert line[name] == REDACTED
    assert "hunter2" not in json.dumps(line)


@pytest.mark.parametrize(
    ("text", "secret", "kept"),
    [
        ("postgresql://networx_app:hunter2@db:5432/networx", "hunter2", "db:5432/networx"),
        ("redis://:hunter2@cache:6379/0", "hunter2", "cache:6379/0"),
        ("sent Authorization: Bearer abc.def-ghi to it", "abc.def-ghi", "to it"),
        (SIGNED, "d34db33f", "uploads/dev/a.xlsx"),
        (SIGNED, "FwoGZXIvYXdzE", "X-Amz-Expires=3600"),
        ("the key nwx_Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy is old", "Zm9vYmFyZm9v", "is old"),
    ],
)
def test_a_secret_inside_a_text_is_cut_out_wherever_it_stands(lines, text: str, secret: str, kept: str):
    log = Log("tested")
    log.info("said", url=text, several=[text, {"deep": text}], pair=(text,), fault=ValueError(text))
    logging.getLogger("tested").warning("a library says %s", text)
    try:
        raise ValueError(text)
    except ValueError as fault:
        log.exception("failed")
        log.error("failed", fault=fault)
    written = [json.dumps(line) for line in lines()]
    assert len(written) == 4
    for line in written:
        assert secret not in line
        assert REDACTED in line
        assert kept in line


def test_an_error_carries_its_traceback_in_the_line(lines):
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        Log("tested").exception("failed", code="X")
    (line,) = lines()
    assert line["exception"].startswith("Traceback")
    assert "by nothing" in line["exception"]
    assert line["code"] == "X"


def test_what_json_cannot_say_is_written_as_text(lines):
    Log("tested").info("said", when=datetime(2026, 1, 1, tzinfo=UTC), odd=object(), number=float("nan"))
    (line,) = lines()
    assert line["when"].startswith("2026-01-01")
    assert line["odd"].startswith("<object")
    assert line["number"] is None


def test_a_configured_process_logs_to_stderr_in_its_name(capsys):
    configure("web", "WARNING")
    Log("any").info("too quiet")
    Log("any").warning("heard")
    logging.getLogger("botocore").info("chatter")
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = [json.loads(line) for line in err.splitlines()]
    assert (line["service"], line["message"]) == ("web", "heard")


CONFIGURING = """
from networx.observability.logs import Log, configure

def test_configures(capsys):
    configure("web", "INFO")

def test_comes_after(capsys):
    Log("any").warning("heard")
    assert capsys.readouterr().err == ""
"""


def test_logs_that_a_test_configures_end_with_it(tmp_path):
    """Else every line after it goes to a stream that is closed, with a traceback on whatever stderr is there."""
    written = tmp_path / "test_configuring.py"
    written.write_text(CONFIGURING)
    options = ["-q", "-s", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, str(written)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout
