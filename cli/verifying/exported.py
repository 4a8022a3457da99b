"""A dataset out of a tenant's export: JSON lines for each table, of all its datasets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from cli.reading import tables_of
from cli.terminal import CommandFailed, Exit
from networx.domain.network import NetworkTables
from networx.domain.network_digest import DIGEST_COLUMNS
from networx.ingest.loading import table_name


def read_exported(folder: Path, sha256: str | None) -> NetworkTables:
    """The dataset with this digest. Raises CommandFailed where the export has none, or is none."""
    datasets = folder / "rows" / "datasets.jsonl"
    if not datasets.is_file():
        raise CommandFailed(f"{folder} is no export of a tenant: it has no rows/datasets.jsonl.", Exit.REFUSED)
    found = next((row["id"] for row in _rows(datasets) if row["sha256"] == sha256), None)
    if found is None:
        raise CommandFailed(f"{folder} has no dataset with the content {sha256} that the result names.", Exit.REFUSED)
    return tables_of({table: _table(folder, table, found) for table in DIGEST_COLUMNS})


def _table(folder: Path, table: str, dataset_id: str) -> list[tuple[Any, ...]]:
    path = folder / "rows" / f"{table_name(table)}.jsonl"
    if not path.is_file():
        return []  # exported before the table came to be
    names = [name for name, _ in DIGEST_COLUMNS[table]]
    mine = [row for row in _rows(path) if row["dataset_id"] == dataset_id]
    mine.sort(key=lambda row: int(row["position"]))
    return [tuple(row.get(name) for name in names) for row in mine]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                raise CommandFailed(f"{path.name}, line {number}, is no JSON.", Exit.REFUSED) from None
