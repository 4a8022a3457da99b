"""Files that are made while their client waits, by a confined child: of the web process they take no memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from networx.resilience.confine import Child, Confinement

_CHUNK_BYTES = 65_536


def made_file(
    maker: Confinement, request: Mapping[str, Any], target: Path, longest: timedelta
) -> tuple[Iterator[bytes], int]:
    """The file that the child writes to `target`, which it is told as its request's `target`, in chunks, and its size.

    Raises LimitExceeded, ChildLost and what the child raised.
    """
    for _ in Child(maker).run({**request, "target": str(target)}, longest=longest):
        pass
    # Open, it outlives its folder, and goes with the answer however that ends.
    return _chunks(target.open("rb")), target.stat().st_size


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
