"""The command `networx`, run as a process of its own, or within this one where the process is not what is tested."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from cli.__main__ import main
from local.home import CHECKOUT

# A command's imports alone take many seconds where many processes share a machine.
LONGEST_SECONDS = 240


def networx_process(*arguments: str, home: Path | None = None) -> CompletedProcess[str]:
    """A process of its own, as a person starts one; it costs its imports."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=CHECKOUT,
        env=os.environ if home is None else {**os.environ, "NETWORX_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )


def networx(*arguments: str, home: Path | None = None) -> CompletedProcess[str]:
    """The same within this process: the whole command with its exit code and all that it says."""
    said, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, chdir(CHECKOUT), redirect_stdout(said), redirect_stderr(errors):
        patch.setattr(sys, "argv", ["networx", *arguments])
        if home is not None:
            patch.setenv("NETWORX_HOME", str(home))
        with pytest.raises(SystemExit) as ended:
            main()
    return CompletedProcess(arguments, int(ended.value.code or 0), said.getvalue(), errors.getvalue())
