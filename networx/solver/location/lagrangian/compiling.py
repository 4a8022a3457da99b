"""The compiled kernels at hand: compiled once a machine, in a process of its own, and loaded where a search is long.

numba keeps what it has compiled in files, which it loads without a question. So they lie in a folder that belongs to
this user and to nobody else, named after all that they depend on. Where there is no such folder, or compiling
fails, searches go on in numpy.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

COMPLETE = "complete"  # the file that says that everything is compiled


class _Known:
    """What this process knows: nothing yet, that they are being compiled, or whether there are kernels."""

    answer: bool | None = None
    compiler: subprocess.Popen[bytes] | None = None


def kernels_at_hand() -> bool:
    """Whether what is in `kernels` can be used, which takes a quarter of a second when it is first found so.

    Where nothing is compiled yet, that begins, in a process of its own: nobody waits for it, and its time is not taken
    from a search. It goes on when this process ends.
    """
    if _Known.answer is None:
        folder = _private_folder()
        if folder is None:
            _Known.answer = False
        elif (folder / COMPLETE).exists():
            _Known.answer = _loads(folder)
        elif _Known.compiler is None:
            _Known.compiler = _compiling(folder)
        elif _Known.compiler.poll() is not None:
            _Known.answer = False  # it has ended without the file: there will be none
    return bool(_Known.answer)


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
    except (ImportError, OSError, RuntimeError):  # the folder is full, or not to be written to any more
        return False
    return True


def _compiling(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "networx.solver.location.lagrangian.compiling", str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])},
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


def _parents() -> list[Path]:
    temporary = Path(tempfile.gettempdir()) / f"networx-{os.geteuid()}"
    try:
        return [Path.home() / ".cache" / "networx", temporary]
    except RuntimeError:  # a user without a home
        return [temporary]


def _private(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _digest() -> str:
    """Of the sources and of what compiles them. The processor is numba's own affair: it looks before it loads."""
    digest = hashlib.sha256()
    here, years = Path(__file__), Path(__file__).parents[1] / "years"
    kernels = (*sorted(here.with_name("kernels").glob("*.py")), years / "kernels.py")
    for source in (here, here.with_name("compiled.py"), years / "compiled.py", *kernels):
        digest.update(source.read_bytes())
    for part in (sys.version, *(metadata.version(package) for package in ("numba", "llvmlite", "numpy"))):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    if len(sys.argv) == 1:  # ahead of everything, and to wait for
        sys.exit(0 if wait_for_kernels() else 1)
    if not _loads(Path(sys.argv[1])):
        sys.exit(1)
    (Path(sys.argv[1]) / COMPLETE).touch()
