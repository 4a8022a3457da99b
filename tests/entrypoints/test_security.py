"""What the scan makes of its findings; the scan itself is `make security`."""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import timedelta

import pytest

from local.home import CHECKOUT
from local.scan import Accepted, Finding, coverage, findings_in, report, requests_in, uncounted
from networx.resilience.cache import cache_client
from networx.resilience.limits import Limit, Limiter


def told(level: int, category: str = "Reflected Cross Site Scripting", path: str = "/jobs") -> dict[str, object]:
    """A report in the scanner's JSON, with one finding."""
    finding = {"level": level, "method": "GET", "path": path, "parameter": "next", "info": "it was said back"}
    return {"vulnerabilities": {category: [finding], "SQL Injection": []}, "anomalies": {}, "additionals": {}}


def test_findings_are_read_from_the_scanners_report():
    (found,) = findings_in(told(3))
    assert found == Finding("Reflected Cross Site Scripting", 3, "GET", "/jobs", "next", "it was said back")
    assert str(found) == "high: Reflected Cross Site Scripting: GET /jobs (next): it was said back"


@pytest.mark.parametrize(("level", "code"), [(0, 0), (1, 1), (2, 1), (3, 1), (4, 1)])
def test_what_is_of_low_level_or_higher_fails(level, code, capsys):
    assert report(list(findings_in(told(level)))) == code
    shown = capsys.readouterr().out
    assert "Reflected Cross Site Scripting" in shown
    assert ("it was said back" in shown) == bool(code)


def test_what_is_accepted_with_a_reason_passes_and_no_longer_when_it_is_gone(capsys):
    known = [Accepted("Reflected Cross Site Scripting", "/jobs", "the page is of the scanner's own making")]
    assert report(list(findings_in(told(3))), known) == 0
    assert report(list(findings_in(told(3, path="/elsewhere"))), known) == 1
    assert report([], known) == 1
    assert "No longer found" in capsys.readouterr().out


def answered(method: str, endpoint: str, status: int) -> bytes:
    return json.dumps(
        {"message": "request.answered", "method": method, "endpoint": endpoint, "status": status}
    ).encode()


def test_the_coverage_is_counted_from_the_webs_own_log():
    document = {"paths": {"/jobs": {"get": {}, "post": {}}, "/keys": {"get": {}}}}
    log = [
        *(answered("GET", "/jobs", status) for status in (200, 200, 404)),
        answered("POST", "/jobs", 422),
        answered("GET", "unrouted", 404),
        b'{"message": "job.submitted"}',
        b"Traceback of something",
    ]
    said = coverage(document, requests_in(log))
    assert "Scanned 2 of 3 operations with 5 requests; 1 of them did what they were asked" in said
    assert said.endswith("Never asked: GET /keys.")


def test_a_scan_whose_requests_were_refused_for_their_number_is_none():
    document = {"paths": {"/jobs": {"get": {}}}}
    with pytest.raises(RuntimeError, match="too many"):
        coverage(document, requests_in([answered("GET", "/jobs", 200), answered("GET", "/jobs", 429)]))


def test_while_a_scan_lasts_no_request_is_counted_for_long(configured, valkey, machine):
    hour = Limit("key", 3, timedelta(hours=1))
    cells = cache_client()
    cells.flushdb()
    limiter = Limiter()
    assert [limiter.take(hour, "scanner").admitted for _ in range(4)] == [True, True, True, False]
    cells.set("networx:jobs:kept", "1")
    deadline = time.monotonic() + 30
    with uncounted(valkey, machine.home.secret("valkey")):
        while not limiter.take(hour, "scanner").admitted:
            assert time.monotonic() < deadline, "the cells are not emptied"
            time.sleep(0.05)
    assert cells.get("networx:jobs:kept") == "1"
    [limiter.take(hour, "scanner") for _ in range(3)]
    assert not limiter.take(hour, "scanner").admitted


def test_without_a_python_that_can_the_reason_is_told_and_nothing_fails(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "security.txt").touch()
    (tmp_path / "bin" / "security").write_text((CHECKOUT / "bin" / "security").read_text())
    shell = {"PATH": os.defpath.replace("/usr/local/bin:", ""), "HOME": str(tmp_path), "SECURITY_PYTHON": "false"}
    bare = tmp_path / "tools"
    bare.mkdir()
    for tool in ("dirname", "sh"):
        (bare / tool).symlink_to(f"/usr/bin/{tool}")
    ran = subprocess.run(
        ["/bin/sh", str(tmp_path / "bin" / "security")],
        env={**shell, "PATH": str(bare)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Python 3.12 or later" in ran.stdout
