"""What the functions carry: one asset for all of them, made on this machine without a container engine.

Functions differ by their handler alone. The hash is over what goes in: the sources on the list below, the pinned
requirements and the platform, so that a change elsewhere in the checkout redeploys nothing.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as functions
from uv import find_uv_bin

from stacks.sizes import Architecture

CHECKOUT = Path(__file__).resolve().parents[1]
RUNTIME = functions.Runtime.PYTHON_3_13
REQUIREMENTS = "requirements/lambda.txt"
SOURCES = ("networx", "lambdas")
# No function serves pages or solves: these would only make every function start later.
LEFT_OUT = ("networx/api", "networx/models", "networx/results", "networx/solver", "networx/verify")
PLATFORMS = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}


def function_code(architecture: Architecture) -> functions.Code:
    """The code of every function, for the machines of the stage."""
    platform = PLATFORMS[architecture]
    return functions.Code.from_asset(
        str(CHECKOUT),
        exclude=["*", *(f"!{path}" for path in (*SOURCES, REQUIREMENTS)), *LEFT_OUT, "**/__pycache__", "**/*.pyc"],
        ignore_mode=cdk.IgnoreMode.DOCKER,
        asset_hash_type=cdk.AssetHashType.SOURCE,
        bundling=cdk.BundlingOptions(
            image=RUNTIME.bundling_image,
            # Never run, but part of the asset's hash: another platform is another asset.
            command=["--python-platform", platform],
            local=_OnThisMachine(platform),
        ),
    )


def bundle(target: Path, platform: str) -> None:
    """Puts the wheels of this platform and the sources into a folder. CalledProcessError when a wheel is missing."""
    install = [
        find_uv_bin(),
        *("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"),
        *("--python-version", RUNTIME.name.removeprefix("python"), "--python-platform", platform),
        *("--target", str(target), "--requirement", str(CHECKOUT / REQUIREMENTS)),
    ]
    subprocess.run(install, check=True)
    copy_sources(target)


def copy_sources(target: Path) -> None:
    """What of the checkout goes into the asset."""
    for source in SOURCES:
        shutil.copytree(CHECKOUT / source, target / source, ignore=_unwanted)


def _unwanted(folder: str, names: list[str]) -> set[str]:
    inside = Path(folder).relative_to(CHECKOUT)
    return {name for name in names if name == "__pycache__" or name.endswith(".pyc") or str(inside / name) in LEFT_OUT}


@jsii.implements(cdk.ILocalBundling)
class _OnThisMachine:
    """The CDK's hook for bundling without Docker."""

    def __init__(self, platform: str) -> None:
        self._platform = platform

    def try_bundle(self, output_dir: str, *_: Any, **__: Any) -> bool:
        bundle(Path(output_dir), self._platform)
        return True
