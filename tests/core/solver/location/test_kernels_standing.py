"""What is told of the compiled kernels to who looks after an installation: nothing is compiled or loaded for it."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from networx.readiness import kernels
from networx.readiness.check import Check, Outcome, Place, find
from networx.solver.location import compiling
from networx.solver.location.compiling import Standing, State, standing

HERE = Place("", "", Path(), lambda: datetime.now(UTC))
CHECK = Check("compiled kernels", "", kernels.compiled_kernels, "docs/operations/doctor.md")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where this installation would keep its kernels, with nothing in it; who compiles or loads fails the test."""
    monkeypatch.setattr(compiling, "_parents", lambda: (tmp_path / "home",))
    monkeypatch.setattr(compiling, "_digest", lambda: "0" * 16)
    for act in ("_compiling", "_loads"):
        monkeypatch.setattr(compiling, act, lambda *_, act=act: pytest.fail(act))
    for name in ("answer", "compiler", "why"):
        monkeypatch.setattr(compiling._Known, name, None)
    return tmp_path / "home" / f"kernels-{'0' * 16}"


def test_each_state_says_where_they_are_kept_and_what_to_do(folder: Path) -> None:
    absent = standing()
    assert (absent.state, absent.folder) == (State.ABSENT, folder)
    assert "-m networx.solver.location.compiling` compiles ahead" in absent.do
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert standing().state is State.COMPILING
        (folder / compiling.FAILED).write_text("OSError: No space left on device")
        assert standing().state is State.COMPILING  # what failed before is tried again
    failed = standing()
    assert (failed.state, failed.why) == (State.FAILED, "OSError: No space left on device")
    (folder / compiling.COMPLETE).touch()
    assert standing() == Standing(State.COMPLETE, folder)
    assert standing().as_dict() == {"state": "complete", "folder": str(folder), "why": None, "do": None}


def test_looking_neither_ends_nor_delays_who_compiles(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    standing()
    monkeypatch.setattr(compiling, "_loads", lambda _: True)
    assert compiling.compile_into(folder)
    assert standing().state is State.COMPLETE


def test_where_none_can_be_had_it_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    nowhere = standing()
    assert (nowhere.state, nowhere.folder) == (State.IMPOSSIBLE, None)
    assert nowhere.why.endswith(f"may write to: {tmp_path / 'home'}")

    def without_numba() -> str:
        raise PackageNotFoundError("numba")

    monkeypatch.setattr(compiling, "_digest", without_numba)
    assert "numba" in standing().why
    assert standing().do.startswith("Searches go on in numpy, slower.")


def test_the_doctor_skips_what_nobody_needed_yet_and_fails_what_is_broken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find(CHECK, HERE)
    assert found.outcome is Outcome.SKIPPED
    assert found.seen.startswith(f"They are not compiled yet ({folder}).")
    (folder / compiling.FAILED).write_text("OSError: No space left on device")
    found = find(CHECK, HERE)
    assert (found.outcome, found.seen) == (
        Outcome.FAILED,
        "They could not be compiled: OSError: No space left on device",
    )
    assert "Mend that" in found.do
    (folder / compiling.COMPLETE).touch()

    def broken(_: Path) -> bool:
        compiling._Known.why = "RuntimeError: cannot be read"
        return False

    monkeypatch.setattr(compiling, "_loads", broken)
    found = find(CHECK, HERE)
    assert found.outcome is Outcome.FAILED
    assert found.seen.endswith("cannot be used: RuntimeError: cannot be read")
    assert found.do.startswith(f"Remove {folder};")


def test_the_kernels_of_this_installation_are_found_complete_and_used() -> None:
    assert compiling.wait_for_kernels()
    found = find(CHECK, HERE)
    assert found.outcome is Outcome.PASSED, found.seen
    assert found.seen == f"complete in {standing().folder}, and each was used"
