"""The findings of checkov that stand, for every template of every stage: its baseline.

After a change to it was looked at and explained at the head of .checkov.yaml,
`python -m tests.stacks.exceptions` writes it anew.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from local.home import CHECKOUT
from stacks.sizes import SIZES
from tests.stacks.synthesis import assembly

CHECKOV = CHECKOUT / ".venv" / "checkov" / "bin" / "checkov"
BASELINE = CHECKOUT / ".checkov.baseline"


def exceptions(baseline: Path) -> set[tuple[str, str, str]]:
    """(template, resource, rule) of a baseline."""
    return {
        (failed["file"], finding["resource"], rule)
        for failed in json.loads(baseline.read_text())["failed_checks"]
        for finding in failed["findings"]
        for rule in finding["check_ids"]
    }


def judge(folder: Path) -> tuple[Path, str]:
    """A baseline of what is found today, made in an empty folder, and what checkov said."""
    for stage in SIZES:
        (folder / stage).mkdir()
        for template in assembly(stage).templates.values():
            shutil.copy(template.path, folder / stage)
    command = [str(CHECKOV), "-d", str(folder), "--config-file", ".checkov.yaml", "--create-baseline"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    said = done.stdout + done.stderr
    found = folder / BASELINE.name
    assert found.exists(), said
    return found, said


def write_baseline() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found, _ = judge(Path(folder))
        shutil.copy(found, BASELINE)


if __name__ == "__main__":
    write_baseline()
