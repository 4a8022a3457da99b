"""Shipments out of the record: their rows as they were stored, and as columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from networx.db.pool import Connection
from networx.domain.shipment_columns import PLACES, TABLE
from networx.domain.shipments import DIRECTIONS, MODES, NOT_STATED, Shipments
from networx.ingest.loading import TRANSPORT

BATCH_ROWS = 20_000
_CODES = {name: place for place, name in enumerate(MODES)}, {name: place for place, name in enumerate(DIRECTIONS)}
_NUMBERS = ("weight_lb", "cube_cf", "units", "pkgs", "miles")

Rows = Sequence[Sequence[Any]]


def iter_shipments(connection: Connection, dataset_id: UUID, columns: Sequence[str] = tuple(PLACES)) -> Iterator[Rows]:
    """The rows of a dataset in their order, BATCH_ROWS at a time, cells in the order of `columns` (all of them)."""
    assert PLACES.keys() >= set(columns), columns
    names = ", ".join(columns)
    with connection.cursor(f"shipments_{dataset_id.hex}", binary=True) as cursor:
        cursor.execute(
            f"SELECT {names} FROM {TRANSPORT.table_name(TABLE)} WHERE dataset_id = %s ORDER BY position", (dataset_id,)
        )
        while batch := cursor.fetchmany(BATCH_ROWS):
            yield batch


def shipments_of(batches: Iterable[Rows]) -> Shipments:
    """Rows as columns; what texts they hold beyond the names of the two ends is left behind."""
    names: dict[str, int] = {}
    parts: dict[str, list[Any]] = {}
    for rows in batches:
        columns = dict(zip(PLACES, zip(*rows, strict=True), strict=True))
        for name, values in _numbers(columns, names).items():
            parts.setdefault(name, []).append(values)
    if not parts:
        empty = _numbers(dict.fromkeys(PLACES, ()), names)
        parts = {name: [values] for name, values in empty.items()}
    return Shipments(**{name: np.concatenate(pieces) for name, pieces in parts.items()}, names=tuple(names))


def _numbers(columns: dict[str, Any], names: dict[str, int]) -> dict[str, Any]:
    modes, directions = _CODES

    def named(values: Iterable[str | None]) -> Any:
        codes = [NOT_STATED if value is None else names.setdefault(value, len(names)) for value in values]
        return np.array(codes, dtype=np.int32)

    return {
        "ship_day": np.array(columns["ship_date"], dtype=np.int32),
        **{name: _zips(columns[name]) for name in ("origin_zip", "dest_zip")},
        **{name: named(columns[name]) for name in ("origin", "destination")},
        "mode": np.array([modes[value] for value in columns["mode"]], dtype=np.int8),
        "direction": np.array([directions.get(value, NOT_STATED) for value in columns["direction"]], dtype=np.int8),
        **{name: np.array(columns[name], dtype=np.float64) for name in _NUMBERS},
        "charge_cents": np.array(columns["charge"], dtype=np.int64),
    }


def _zips(values: Iterable[str | None]) -> Any:
    return np.array([NOT_STATED if value is None else int(value[:5]) for value in values], dtype=np.int32)
