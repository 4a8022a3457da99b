"""The digest of a dataset of domain *transport*."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from networx.domain.network_digest import ENCODE
from networx.domain.shipment_columns import SHIPMENT_COLUMNS, TABLE

_EMPTY_CENTS = -(2**63)


class ShipmentDigest:
    """SHA-256 of the rows of a dataset, one running hash a column, so that any batching of them gives the same."""

    def __init__(self) -> None:
        self._columns = [hashlib.sha256() for _ in SHIPMENT_COLUMNS]
        self._rows = 0

    def update_rows(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows in their order, cells in the order of SHIPMENT_COLUMNS; None stands for an empty cell."""
        assert table == TABLE, table
        for running, values, (_, kind) in zip(
            self._columns, zip(*rows, strict=True) if rows else (), SHIPMENT_COLUMNS, strict=bool(rows)
        ):
            running.update(_cents(values) if kind == "c" else ENCODE["i" if kind == "d" else kind](values))
        self._rows += len(rows)

    def hexdigest(self) -> str:
        whole = hashlib.sha256(TABLE.encode() + struct.pack("<q", self._rows))
        for (name, _), running in zip(SHIPMENT_COLUMNS, self._columns, strict=True):
            whole.update(name.encode() + running.digest())
        return whole.hexdigest()


def _cents(values: Sequence[int | None]) -> bytes:
    return np.array([_EMPTY_CENTS if value is None else value for value in values], dtype="<i8").tobytes()
