"""A result's file, its proof, and the dataset that it claims to answer, each read as strangers' files are: strictly."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit
from cli.verifying.exported import read_exported
from networx.domain.network import NetworkTables
from networx.results.kpis import SCHEMA
from networx.results.proof import FILE, MEMBER

LARGEST_RESULT_BYTES = 1024**3
LARGEST_PROOF_BYTES = 4 * 1024**3  # unpacked


def opened_result(file: Path) -> dict[str, Any]:
    """The result object. Raises CommandFailed for what is none."""
    if file.stat().st_size > LARGEST_RESULT_BYTES:
        raise _refused(f"{file.name} is larger than any result")
    content = file.read_bytes()
    try:
        stated = orjson.loads(content)
        json.loads(content, object_pairs_hook=_once)
    except (orjson.JSONDecodeError, RecursionError, _Twice) as fault:
        said = f"{file.name} is no JSON, and so no result ({fault}). The result comes first, then its data"
        raise _refused(f"{said}: networx verify result.json network.xlsx") from None
    if isinstance(stated, dict) and stated.get("success") is True:
        stated = stated.get("data")  # as the API sends it
    if not isinstance(stated, dict) or stated.get("schema") != SCHEMA:
        raise _refused(f"{file.name} is no result: its member schema is not {SCHEMA}")
    return stated


class _Twice(ValueError):
    """A member that stands in one object twice: which of the two counts, each reader decides for itself."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise _Twice(f"its member {max(names, key=names.count)} stands there twice")


def opened_proof(result: Mapping[str, Any], file: Path, beside: Path | None) -> dict[str, Any]:
    """What the result is proven by: its own member, or the file that this names. Raises CommandFailed."""
    stated = result.get(MEMBER)
    if stated is None:
        raise _refused(
            f"{file.name} does not hold what it is proven by: there was no answer, or an earlier version of NetWORX "
            "wrote it. Run the scenario again and download its result"
        )
    if "file" not in stated:
        return dict(stated)
    path = beside or file.parent / FILE
    if not path.is_file():
        raise _refused(
            f"The proof of {file.name} is a file of its own: download {FILE} of the same job and lay it beside, or "
            "name it with --proof"
        )
    with path.open("rb") as raw:
        if hashlib.file_digest(raw, "sha256").hexdigest() != stated["sha256"]:
            raise _refused(f"{path.name} is not the proof of this result: its SHA-256 is another")
    return _unpacked(path)


def opened_network(path: Path, sha256: str | None, *, demand_alone: bool = False) -> NetworkTables:
    """The network in a workbook or in a tenant's export. Raises RefusedInput, and CommandFailed for another dataset."""
    if path.is_dir():
        tables = read_exported(path, sha256)
    else:
        content = path.stat()
        tables = _workbook(path, demand_alone, content.st_mtime_ns, content.st_size)
    require_same(path, tables.sha256(), sha256)
    return tables


@lru_cache(maxsize=1)
def _workbook(path: Path, demand_alone: bool, _changed_ns: int, _bytes: int) -> NetworkTables:
    """Read once for all runs of a sweep; a file that was changed is another."""
    return read_workbook(path, demand_alone=demand_alone)[0]


def require_same(path: Path, actual: str, claimed: str | None) -> None:
    """Raises CommandFailed where a result answers other data than these."""
    if actual != claimed:
        raise _refused(
            f"The result answers other data than {path.name}: it names {claimed or 'no dataset'}, and this is {actual}"
        )


def _unpacked(path: Path) -> dict[str, Any]:
    try:
        with gzip.open(path, "rb") as packed:
            content = packed.read(LARGEST_PROOF_BYTES + 1)
        if len(content) > LARGEST_PROOF_BYTES:
            raise _refused(f"{path.name} is larger than any proof")
        stated: dict[str, Any] = orjson.loads(content)
    except (EOFError, OSError, zlib.error, orjson.JSONDecodeError) as fault:
        raise _refused(f"{path.name} cannot be read: {fault}") from None
    return stated


def _refused(what: str) -> CommandFailed:
    return CommandFailed(f"{what}.", Exit.REFUSED)
