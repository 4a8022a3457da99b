"""Which files are models, by the end of their name: a command has to know before it opens one."""

from __future__ import annotations

from pathlib import Path

from networx.domain.model_file import FORMATS

JSON = ".json"
_ENDINGS = (JSON, *(f".{kind}{packed}" for kind in FORMATS for packed in (".gz", "")))


def model_suffix(file: Path) -> str | None:
    """`.json`, `.mps`, `.mps.gz`, `.lp` or `.lp.gz`; None for what is no model by its name."""
    name = file.name.lower()
    return next((ending for ending in _ENDINGS if name.endswith(ending)), None)
