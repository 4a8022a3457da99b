"""The functions' code: one asset for all of them, made without Docker. Functions differ by their handler only."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from stacks.sizes import Architecture

CHECKOUT = Path(__file__).resolve().parents[1]
REQUIREMENTS = "requirements/lambda.txt"
PYTHON = "3.13"
PLATFORMS = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}
_LEFT_OUT = ("api", "models", "results", "solver", "verify")
# An allow-list: what is hashed is what is packed, and nothing else of the checkout may change the asset.
_EXCLUDED = [
    "*",
    "!networx",
    "!networx/**",
    *(f"networx/{package}" for package in _LEFT_OUT),
    "!lambdas",
    "!lambdas/**",
    "!requirements",
    "requirements/*",
    f"!{REQUIREMENTS}",
    "**/__pycache__",
    "**/*.pyc",
]


def function_code(architecture: Architecture) -> lambda_.Code:
    """The asset with handlers, core and libraries. Bundled when a stack that holds it is synthesised or deployed."""
    return lambda_.Code.from_asset(
        str(CHECKOUT),
        exclude=_EXCLUDED,
        ignore_mode=cdk.IgnoreMode.GIT,
        bundling=cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("bundled-without-docker"),
            local=_Bundle(architecture),
        ),
    )


@jsii.implements(cdk.ILocalBundling)
class _Bundle:
    def __init__(self, architecture: Architecture) -> None:
        self._platform = PLATFORMS[architecture]

    def try_bundle(self, output_dir: str, options: Any = None, **_: Any) -> bool:
        """Fill the asset's folder: the libraries for Lambda's platform, the core, the handlers."""
        target = Path(output_dir)
        subprocess.run(  # noqa: S603
            [_uv(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
            + ["--python-platform", self._platform, "--python-version", PYTHON]
            + ["--target", str(target), "-r", str(CHECKOUT / REQUIREMENTS)],
            check=True,
        )
        for package in ("networx", "lambdas"):
            shutil.copytree(CHECKOUT / package, target / package, ignore=_unwanted)
        return True


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else "uv"


def _unwanted(folder: str, names: list[str]) -> set[str]:
    unwanted = {name for name in names if name == "__pycache__" or name.endswith(".pyc")}
    if Path(folder) == CHECKOUT / "networx":
        unwanted |= set(_LEFT_OUT) & set(names)
    return unwanted
