"""The app as a whole: its stages, its flags, and that two runs say the same."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.home import CHECKOUT
from stacks.packaging import LEFT_OUT, copy_sources
from stacks.sizes import SIZES
from tests.stacks.synthesis import Assembly, synthesise

RECOMMENDED = CHECKOUT / "node_modules" / "aws-cdk" / "lib" / "init-templates" / ".recommended-feature-flags.json"
# Exports: CloudFormation itself refuses to take away what another stack uses. Weak references would guard nothing.
OUR_OWN = {"@aws-cdk/core:defaultCrossStackReferences": "strong"}


def templates(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.template.json")):
        yield path.name, hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_stage_has_the_same_stacks(dev: Assembly, prod: Assembly) -> None:
    assert set(dev.templates) == set(prod.templates)
    assert {"Network", "Data", "Storage", "Queues"} <= set(dev.templates)


def test_two_runs_make_the_same_templates(dev: Assembly, tmp_path: Path) -> None:
    synthesise("dev", tmp_path / "again", PYTHONHASHSEED="7", TZ="Pacific/Auckland")
    assert dict(templates(tmp_path / "again")) == dict(templates(dev.path))


def test_a_stage_that_does_not_exist_ends_with_the_sentence_that_mends_it(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=f"there are {', '.join(SIZES)}"):
        synthesise("production", tmp_path)


@pytest.mark.skipif(not RECOMMENDED.exists(), reason="needs `bin/node-tools`, which `make test` runs")
def test_the_flags_are_those_that_the_pinned_command_line_recommends() -> None:
    flags = json.loads((CHECKOUT / "cdk.json").read_text())["context"]
    assert flags == json.loads(RECOMMENDED.read_text()) | OUR_OWN


def test_functions_import_from_what_is_packed_alone(tmp_path: Path) -> None:
    copy_sources(tmp_path)
    handlers = [f"lambdas.{path.stem}" for path in sorted((tmp_path / "lambdas").glob("[!_]*.py"))]
    assert handlers
    assert not any((tmp_path / path).exists() for path in LEFT_OUT)
    done = subprocess.run(
        [sys.executable, "-c", "import " + ", ".join(handlers)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
