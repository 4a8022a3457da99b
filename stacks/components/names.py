"""Construct ids from the topology's names: a logical id must not change because code moved."""

from __future__ import annotations


def construct_id(name: str) -> str:
    """`file-processing.fifo` -> `FileProcessing`."""
    return "".join(part.capitalize() for part in name.removesuffix(".fifo").split("-"))
