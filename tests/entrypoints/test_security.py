"""What the scan makes of its findings; the scan itself is `make security`."""

from __future__ import annotations

import os
import subprocess

import pytest

from local.home import CHECKOUT
from local.scan import Accepted, Finding, findings_in, report


def told(level: int, category: str = "Reflected Cross Site Scripting", path: str = "/jobs") -> dict[str, object]:
    """A report in the scanner's JSON, with one finding."""
    finding = {"level": level, "method": "GET", "path": path, "parameter": "next", "info": "it was said back"}
    return {"vulnerabilities": {category: [finding], "SQL Injection": []}, "anomalies": {}, "additionals": {}}


def test_findings_are_read_from_the_scanners_report():
    (found,) = findings_in(told(3))
    assert found == Finding("Reflected Cross Site Scripting", 3, "GET", "/jobs", "next", "it was said back")
    assert str(found) == "high: Reflected Cross Site Scripting: GET /jobs (next): it was said back"


@pytest.mark.parametrize(("level", "code"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1)])
def test_what_is_of_medium_level_or_higher_fails(level, code, capsys):
    assert report(list(findings_in(told(level)))) == code
    assert "it was said back" in capsys.readouterr().out


def test_what_is_accepted_with_a_reason_passes_and_no_longer_when_it_is_gone(capsys):
    known = [Accepted("Reflected Cross Site Scripting", "/jobs", "the page is of the scanner's own making")]
    assert report(list(findings_in(told(3))), known) == 0
    assert report(list(findings_in(told(3, path="/elsewhere"))), known) == 1
    assert report([], known) == 1
    assert "No longer found" in capsys.readouterr().out


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
