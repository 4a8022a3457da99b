"""Packs the functions' code the way a deployment would: the handlers and the core, without web, models and solver.

The bytes depend on the sources alone. Libraries are not in it: the emulator runs functions with this Python.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from local.home import CHECKOUT

_SUFFIXES = (".py", ".sql", ".json")
_LEFT_OUT = ("networx/api", "networx/models", "networx/results", "networx/solver", "networx/verify")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def function_code() -> bytes:
    """A zip of everything a function imports from this repository."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(_sources()):
            packed.writestr(zipfile.ZipInfo(path.relative_to(CHECKOUT).as_posix(), _EPOCH), path.read_bytes())
    return archive.getvalue()


def _sources() -> Iterator[Path]:
    for package in ("networx", "lambdas"):
        for path in (CHECKOUT / package).rglob("*"):
            place = path.relative_to(CHECKOUT).as_posix()
            if path.suffix in _SUFFIXES and not any(place.startswith(f"{folder}/") for folder in _LEFT_OUT):
                yield path
