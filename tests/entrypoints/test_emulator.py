"""The emulator holds on to inner names of one version of ministack, and says so where it finds another."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from local import emulator
from local.home import CHECKOUT
from local.processes import Program, StartFailed
from local.supervisor import Supervisor

OTHER_VERSION = "from local import emulator; emulator.PINNED = '0.0.1'; emulator.main()"


def test_the_version_it_knows_is_the_one_that_is_pinned() -> None:
    pinned = re.search(r"^ministack==(\S+)", (CHECKOUT / "requirements" / "runtime.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    assert pinned[1] == emulator.PINNED
    assert emulator.unfit(emulator.PINNED) is None


def test_another_version_is_named_with_the_cure() -> None:
    reason = emulator.unfit("2.0.0")
    assert reason is not None
    assert "its version is 2.0.0" in reason
    assert f"ministack=={emulator.PINNED}" in reason


@pytest.mark.parametrize(
    "name", ["ministack.services.s3:_no_such_name", "ministack.no_such_module:x", "ministack.app:main.no_such_part"]
)
def test_names_that_have_gone_are_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(emulator, "INNER_NAMES", (*emulator.INNER_NAMES, name))
    reason = emulator.unfit(emulator.PINNED)
    assert reason is not None
    assert f"it lacks {name}. Install" in reason


def test_a_start_on_another_version_fails_at_once_and_leaves_the_reason_in_the_log(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _line: None)
    program = Program(
        name="aws",
        arguments=(sys.executable, "-c", OTHER_VERSION),
        environment={"PATH": "/usr/bin:/bin"},
        folder=CHECKOUT,
        ready=lambda _pid: False,
    )
    began = time.monotonic()
    try:
        with pytest.raises(StartFailed, match="The AWS emulator does not start") as failed:
            supervisor.start(program)
    finally:
        supervisor.close()
    assert "it ended with code 1" in str(failed.value)
    assert time.monotonic() - began < program.start_seconds / 2
    assert "requirements/runtime.txt" in supervisor.log_of("aws").read_text()
