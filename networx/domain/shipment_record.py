"""What a dataset of domain *transport* holds, column by column, and its digest."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from networx.domain.network_digest import ENCODE

TABLE = "shipments"
# `s` text, `d` days since 1970-01-01, `f` float64, `c` whole cents; all but ship_date, mode and charge may be empty.
SHIPMENT_COLUMNS: tuple[tuple[str, str], ...] = (
    ("tab", "s"),
    ("order_id", "s"),
    ("ship_date", "d"),
    ("origin_zip", "s"),
    ("dest_zip", "s"),
    ("origin", "s"),
    ("destination", "s"),
    ("origin_city", "s"),
    ("origin_state", "s"),
    ("dest_city", "s"),
    ("dest_state", "s"),
    ("service_level", "s"),
    ("mode", "s"),
    ("carrier", "s"),
    ("direction", "s"),
    ("weight_lb", "f"),
    ("cube_cf", "f"),
    ("pkgs", "f"),
    ("units", "f"),
    ("miles", "f"),
    ("freight_class", "s"),
    ("zone", "s"),
    ("tracking_number", "s"),
    ("net_charge", "c"),
    ("freight_cost_usd", "c"),
    ("gross_charge", "c"),
    ("fuel_charge", "c"),
    ("accessorial_charge", "c"),
    ("charge", "c"),
)
TRANSPORT_COLUMNS = {TABLE: SHIPMENT_COLUMNS}
PLACES = {name: at for at, (name, _) in enumerate(SHIPMENT_COLUMNS)}
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
