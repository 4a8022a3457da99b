"""`networx doctor` over a whole platform, and over what it says when a protection is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import typer

from cli import doctor
from cli.doctor import tell
from local.home import CHECKOUT
from local.resources import emulator
from networx.readiness.catalogue import CHECKS
from networx.readiness.check import Finding, Outcome

from .conftest import Started

pytestmark = pytest.mark.platform


def asked(platform: Started, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "doctor", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "NETWORX_HOME": str(platform.home), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


@pytest.mark.timeout(400)
def test_a_whole_platform_is_ready(whole_platform: Started) -> None:
    ran = asked(whole_platform, "--json")
    told = json.loads(ran.stdout)
    assert {check["check"]: check["seen"] for check in told["checks"] if check["outcome"] == "fail"} == {}
    assert [check["check"] for check in told["checks"]] == [check.name for check in CHECKS]
    assert (told["ready"], ran.returncode, ran.stderr) == (True, 0, "")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", ["stale-job-monitor", "cleanup"])
def test_a_clock_that_is_switched_off_is_named(whole_platform: Started, name: str) -> None:
    events = emulator(whole_platform.state()["ports"]["aws"]).events
    events.disable_rule(Name=name)
    try:
        ran = asked(whole_platform, "--only", "schedules")
    finally:
        events.enable_rule(Name=name)
    assert ran.returncode == 1, ran.stderr
    assert f"{name} (its rule is disabled)" in " ".join(ran.stdout.split())
    assert "Not ready: 1 protection missing." in ran.stdout


def test_an_unknown_check_is_wrong_use_and_the_known_ones_are_listed(whole_platform: Started) -> None:
    ran = asked(whole_platform, "--only", "luck")
    assert ran.returncode == 2
    assert "stale-job recovery" in " ".join(ran.stderr.split())


FINDINGS = [
    Finding("gate", Outcome.PASSED, "closed", "", 0.1),
    Finding("clocks", Outcome.SKIPPED, "no clock here", "", 0.0),
]
MISSING = Finding("fencing", Outcome.FAILED, "a worker with an [old] fence could publish", "Stop the workers.", 0.2)


def test_what_is_skipped_does_not_fail_and_what_failed_says_what_to_do(capsys, monkeypatch) -> None:
    monkeypatch.setattr(doctor.out, "width", 100)
    tell(FINDINGS, 1.0, as_json=False)
    assert "Ready. 1 hold, 1 skipped, in 1.0 s." in capsys.readouterr().out
    with pytest.raises(typer.Exit) as ended:
        tell([*FINDINGS, MISSING], 1.0, as_json=False)
    shown = capsys.readouterr().out
    assert ended.value.exit_code == 1
    assert "an [old] fence" in shown
    assert "fencing: Stop the workers." in shown


def test_for_a_script_the_same_stands_in_one_document(capsys) -> None:
    with pytest.raises(typer.Exit):
        tell([*FINDINGS, MISSING], 1.0, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["ready"] is False
    assert [check["outcome"] for check in told["checks"]] == ["pass", "skipped", "fail"]
