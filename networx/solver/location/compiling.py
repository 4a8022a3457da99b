"""The compiled kernels at hand: compiled once an installation, in a process of its own, and loaded in long searches.

numba keeps what it has compiled in files, which it loads without a question. So they lie in a folder that belongs to
this user and to nobody else, named after all that they depend on. Where there is no such folder, or compiling
fails, searches go on in numpy, and `without_kernels` says why. The kernels of one period and those of years are
compiled together. Those of other versions go when nobody has used them for a month.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import metadata
from pathlib import Path

COMPLETE = "complete"  # the file that says that everything is compiled; its time is that of the last use
FAILED = "failed"  # the file that says why it could not be
_LOCK = "lock"  # held by who compiles
UNUSED_SECONDS = 30 * 86_400.0  # after this, those of other versions are removed
_NAMED = re.compile(r"kernels-[0-9a-f]{16}")


class _Known:
    """What this process knows: nothing yet, that they are being compiled, or whether there are kernels."""

    answer: bool | None = None
    why: str | None = None  # there are none
    compiler: subprocess.Popen[bytes] | None = None


def kernels_at_hand() -> bool:
    """Whether there are kernels to be used, which takes a quarter of a second when it is first found so.

    Where nothing is compiled yet, that begins, in a process of its own: nobody waits for it, and its time is not taken
    from a search. It goes on when this process ends.
    """
    if _Known.answer is None:
        try:
            _Known.answer = _looked()
        except (ImportError, OSError) as fault:  # no numba, no folder to write to, or no process to be had
            _Known.answer, _Known.why = False, _words(fault)
    return bool(_Known.answer)


def without_kernels() -> str | None:
    """Why searches of this process that asked for kernels go on without them; None where there are, or nobody asked."""
    return _Known.why if _Known.answer is False else None


class State(StrEnum):
    """How far the kernels of an installation are."""

    COMPLETE = "complete"
    COMPILING = "being compiled"
    ABSENT = "not compiled yet"  # no search has been long enough to ask for them
    FAILED = "could not be compiled"
    IMPOSSIBLE = "cannot be had"  # no numba, or no folder that this user alone may write to


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the kernels of this user's installation stand. `folder` is where they are kept, `why` says what failed."""

    state: State
    folder: Path | None = None
    why: str = ""

    @property
    def do(self) -> str:
        """What to do about it; empty where there is nothing."""
        return _DO[self.state]

    def as_dict(self) -> dict[str, str | None]:
        folder = None if self.folder is None else str(self.folder)
        return {"state": self.state.value, "folder": folder, "why": self.why or None, "do": self.do or None}


_AHEAD = f"`{Path(sys.executable).name} -m networx.solver.location.compiling`"
_DO = {
    State.COMPLETE: "",
    State.COMPILING: "Searches go on in numpy until it is done.",
    State.ABSENT: f"The first long search begins it and goes on in numpy; {_AHEAD} compiles ahead.",
    State.FAILED: f"Searches go on in numpy, slower. Mend that, then run {_AHEAD}.",
    State.IMPOSSIBLE: f"Searches go on in numpy, slower. Mend that, then run {_AHEAD}.",
}


def standing() -> Standing:
    """How the kernels stand for who looks after them: none is compiled for it, and none loaded."""
    try:
        folder = _private_folder()
    except (ImportError, OSError) as fault:
        return Standing(State.IMPOSSIBLE, why=_words(fault))
    if folder is None:
        return Standing(State.IMPOSSIBLE, why=_no_folder())
    if (folder / COMPLETE).exists():
        return Standing(State.COMPLETE, folder)
    if _locked(folder):
        return Standing(State.COMPILING, folder)
    with suppress(FileNotFoundError):
        return Standing(State.FAILED, folder, (folder / FAILED).read_text())
    return Standing(State.ABSENT, folder)


def _locked(folder: Path) -> bool:
    """Whether somebody compiles into it."""
    try:
        with (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _looked() -> bool | None:
    """None where they are being compiled. Raises ImportError and OSError."""
    folder = _private_folder()
    if folder is None:
        _Known.why = _no_folder()
        return False
    ended = _Known.compiler is not None and _Known.compiler.poll() is not None  # asked before what it leaves behind
    if (folder / COMPLETE).exists():
        return _loads(folder)
    if _Known.compiler is None:
        _Known.compiler = _compiling(folder)
    if not ended:
        return None
    failed = folder / FAILED
    _Known.why = f"compiling failed: {failed.read_text() if failed.exists() else 'its process was ended'}"
    return False


def wait_for_kernels() -> bool:
    """The same, when compiling is over."""
    while not kernels_at_hand() and _Known.answer is None:
        if _Known.compiler is not None:
            _Known.compiler.wait()
    return bool(_Known.answer)


def _loads(folder: Path) -> bool:
    """Load them from the folder by using them once."""
    try:
        import numba

        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
        from networx.solver.location.lagrangian.compiled import use_once
        from networx.solver.location.years.compiled import use_once as use_over_years

        use_once()
        use_over_years()
    except (ImportError, OSError, RuntimeError) as fault:  # the folder is full, or not to be written to any more
        _Known.why = _words(fault)
        return False
    with suppress(OSError):
        os.utime(folder / COMPLETE)  # there is none while they are compiled
    return True


def _words(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"[:300]


def _compiling(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "networx.solver.location.compiling", str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is not meant for it
    )


def _private_folder() -> Path | None:
    """One that only this user can write to, made if it is not there; None where there is none."""
    for parent in _parents():
        folder = parent / f"kernels-{_digest()}"
        try:
            for made in (parent, folder):
                made.mkdir(mode=0o700, parents=True, exist_ok=True)
            if all(_private(made) for made in (parent, folder)) and os.access(folder, os.W_OK | os.X_OK):
                return folder
        except OSError:
            continue
    return None


def _no_folder() -> str:
    return f"no folder that this user alone may write to: {' or '.join(map(str, _parents()))}"


def _parents() -> Iterator[Path]:
    with suppress(RuntimeError):  # a user without a home
        yield Path.home() / ".cache" / "networx"
    yield Path(tempfile.gettempdir()) / f"networx-{os.geteuid()}"


def _private(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


@cache
def _digest() -> str:
    """Of the sources, where they lie and since when, and of what compiles them.

    numba takes what it has kept for nobody's where a source was moved or written again, and would compile it anew in
    the middle of a search. The processor is its own affair: it looks before it loads.
    """
    digest = hashlib.sha256()
    here = Path(__file__)
    one, years = here.with_name("lagrangian"), here.with_name("years")
    kernels = (*sorted((one / "kernels").glob("*.py")), years / "kernels.py")
    for source in (here, one / "compiled.py", years / "compiled.py", *kernels):
        digest.update(f"{source} {source.stat().st_mtime_ns} ".encode())
        digest.update(source.read_bytes())
    for part in (sys.version, *(metadata.version(package) for package in ("numba", "llvmlite", "numpy"))):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


def compile_into(folder: Path) -> bool:
    """Once, however many processes do so at the same time: the others wait, and find it done."""
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / COMPLETE).exists():
            (folder / FAILED).unlink(missing_ok=True)
            if not _loads(folder):
                with suppress(OSError):
                    (folder / FAILED).write_text(_Known.why or "")
                return False
            (folder / COMPLETE).touch()
    _remove_unused(folder)
    return True


def _remove_unused(ours: Path) -> None:
    """Remove the kernels of other versions that nobody has used for a month; what cannot be removed stays.

    One who is compiling holds the lock. One who begins with them in this moment finds them not complete, or files
    missing, which numba then compiles for itself.
    """
    for folder in sorted(ours.parent.iterdir()):
        with suppress(OSError):
            if folder == ours or not _NAMED.fullmatch(folder.name) or not _private(folder) or not _unused(folder):
                continue
            with (folder / _LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                (folder / COMPLETE).unlink(missing_ok=True)
                shutil.rmtree(folder)


def _unused(folder: Path) -> bool:
    complete = folder / COMPLETE
    last = (complete if complete.exists() else folder).stat().st_mtime
    return last < time.time() - UNUSED_SECONDS


if __name__ == "__main__":
    # Without a folder: ahead of everything, and to wait for.
    done = compile_into(Path(sys.argv[1])) if len(sys.argv) > 1 else wait_for_kernels()
    sys.exit(0 if done else 1)
