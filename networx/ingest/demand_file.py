"""What counts of shipments for demand, in a file between the process that reads the record and the child that adds."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path

from networx.ingest.freight_datasets import Rows


def write_cells(path: Path, batches: Iterable[Rows]) -> None:
    """The parent's side; cells in the order of paid_demand.CELLS. Only the parent may write this file."""
    with path.open("wb") as file:
        for rows in batches:
            pickle.dump(rows, file, protocol=pickle.HIGHEST_PROTOCOL)


def read_cells(path: Path) -> Iterator[Rows]:
    """The child's side: the batches, one at a time."""
    with path.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)  # noqa: S301  # written by this child's own parent
