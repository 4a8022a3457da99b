"""What a dataset's content is, column by column, and its digest."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

# The content of a dataset, column by column: `f` float64 with NaN for empty, `i` int64, `s` text with None as "\x01".
DIGEST_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "facilities": (
        ("name", "s"),
        ("city", "s"),
        ("state", "s"),
        ("zip", "s"),
        ("latitude", "f"),
        ("longitude", "f"),
        ("capacity_units", "f"),
        ("fixed_cost_per_year", "f"),
        ("status", "s"),
        ("existing", "s"),
        ("available_from_year", "f"),
        ("available_to_year", "f"),
        ("forced_from_year", "f"),
        ("forced_to_year", "f"),
        ("lease_years", "f"),
        ("opening_cost", "f"),
        ("closing_cost", "f"),
        ("variable_cost_per_unit", "f"),
        ("min_throughput_units", "f"),
        ("square_feet", "f"),
        ("lease_rate_per_sqft", "f"),
        ("operating_cost_per_sqft", "f"),
    ),
    "destinations": (
        ("name", "s"),
        ("city", "s"),
        ("state", "s"),
        ("zip", "s"),
        ("latitude", "f"),
        ("longitude", "f"),
        ("demand_units", "f"),
    ),
    "demand": (("destination", "i"), ("year", "i"), ("units", "f")),
    "forecast": (("year", "i"), ("annual_units", "f")),
    "lanes": (
        ("facility", "i"),
        ("destination", "i"),
        ("cost_per_unit", "f"),
        ("distance_miles", "f"),
        ("transit_days", "f"),
        ("capacity_units", "f"),
        ("mode", "s"),
        ("year", "f"),
        ("zone", "s"),
    ),
    "facility_years": (("facility", "i"), ("year", "i"), ("fixed_cost", "f"), ("capacity_units", "f"), ("status", "s")),
    "parameters": (("name", "s"), ("value", "s")),
    "assignments": (("facility", "i"), ("destination", "i"), ("rule", "s")),
    "skus": (("sku", "s"), ("annual_volume", "f"), ("units_per_case", "f"), ("cases_per_pallet", "f")),
    "warehouse": (("name", "s"), ("value", "s"), ("facility", "s")),
    "inventory": (("name", "s"), ("value", "s"), ("facility", "s")),
    "expansions": (
        ("facility", "i"),
        ("tier", "i"),
        ("capacity_units", "f"),
        ("fixed_cost_per_year", "f"),
        ("one_time_cost", "f"),
    ),
    "suppliers": (
        ("name", "s"),
        ("zip", "s"),
        ("latitude", "f"),
        ("longitude", "f"),
        ("supply_units", "f"),
        ("cost_per_unit", "f"),
    ),
    "service_years": (
        ("year", "i"),
        ("service_level", "f"),
        ("max_distance_miles", "f"),
        ("max_transit_days", "f"),
        ("service_penalty_per_unit", "f"),
    ),
    "rates": (
        ("mode", "s"),
        ("basis", "s"),
        ("rate", "f"),
        ("zone", "s"),
        ("distance_from", "f"),
        ("distance_to", "f"),
        ("weight_from", "f"),
        ("weight_to", "f"),
        ("minimum", "f"),
        ("fuel_percent", "f"),
    ),
    "fitted_rates": (
        ("mode", "s"),
        ("weight_from", "f"),
        ("weight_to", "f"),
        ("fixed", "f"),
        ("per_mile", "f"),
        ("per_cwt_mile", "f"),
        ("miles_from", "f"),
        ("miles_to", "f"),
        ("pounds_from", "f"),
        ("pounds_to", "f"),
        ("shipments", "f"),
        ("median_error_percent", "f"),
        ("mean_error_percent", "f"),
        ("r_squared", "f"),
        ("first_month", "s"),
        ("last_month", "s"),
        ("accepted_by", "s"),
        ("accepted_on", "s"),
    ),
    # The rows of the sheet Lanes that start at a supplier.
    "inbound_lanes": (
        ("supplier", "i"),
        ("facility", "i"),
        ("cost_per_unit", "f"),
        ("distance_miles", "f"),
        ("capacity_units", "f"),
        ("mode", "s"),
        ("year", "f"),
        ("zone", "s"),
    ),
    "operating_costs": (("facility", "i"), ("year", "i"), ("line", "s"), ("amount", "f")),
    "control_totals": (("year", "i"), ("line", "s"), ("amount", "f")),
    "one_time_costs": (("year", "i"), ("line", "s"), ("amount", "f")),
}
# How many columns each table had at first. What came later and is empty throughout leaves the digest as it was, so that
# the digest of a dataset outlives the version that took it.
_FIRST_COLUMNS = {
    "facilities": 9,
    "lanes": 4,
    "facility_years": 4,
    "assignments": 0,
    "expansions": 0,
    "suppliers": 0,
    "inbound_lanes": 0,
    "service_years": 0,
    "rates": 0,
    "fitted_rates": 0,
    "operating_costs": 0,
    "control_totals": 0,
    "one_time_costs": 0,
    "skus": 0,
    "warehouse": 0,
    "inventory": 0,
}


_EMPTY_TEXT = "\x01\x00"


class NetworkDigest:
    """SHA-256 of a dataset's content, one running hash a column, so that any batching of the rows gives the same."""

    def __init__(self) -> None:
        self._columns = {table: [hashlib.sha256() for _ in columns] for table, columns in DIGEST_COLUMNS.items()}
        self._rows = dict.fromkeys(DIGEST_COLUMNS, 0)
        self._stated = {table: [False] * len(columns) for table, columns in DIGEST_COLUMNS.items()}

    def update_rows(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows in sheet order, cells in the order of DIGEST_COLUMNS; None stands for an empty cell."""
        if rows:
            self.update_columns(table, list(zip(*rows, strict=True)))

    def update_columns(self, table: str, columns: Sequence[Any]) -> None:
        """Add whole columns (sequences or arrays) of equal length."""
        described = DIGEST_COLUMNS[table]
        for at, (running, values, (_, kind)) in enumerate(zip(self._columns[table], columns, described, strict=True)):
            running.update(ENCODE[kind](values))
            if at >= _FIRST_COLUMNS.get(table, len(described)) and not self._stated[table][at]:
                self._stated[table][at] = _any_stated(values, kind)
        self._rows[table] += len(columns[0])

    def hexdigest(self) -> str:
        whole = hashlib.sha256()
        for table in sorted(DIGEST_COLUMNS):
            first = _FIRST_COLUMNS.get(table, len(DIGEST_COLUMNS[table]))
            if not first and not self._rows[table]:
                continue
            whole.update(table.encode() + struct.pack("<q", self._rows[table]))
            for at, running in enumerate(self._columns[table]):
                if at < first or self._stated[table][at]:
                    whole.update(DIGEST_COLUMNS[table][at][0].encode() * (at >= first) + running.digest())
        return whole.hexdigest()


def _any_stated(values: Any, kind: str) -> bool:
    if kind == "f":
        return not bool(np.isnan(np.asarray(values, dtype=np.float64)).all())
    return kind == "i" or not _empty(values)


def _encode_floats(values: Any) -> bytes:
    # None becomes NaN, every NaN the same bits, and -0.0 becomes 0.0: equal content must hash equally.
    array = np.asarray(values, dtype=np.float64) + 0.0
    return np.where(np.isnan(array), np.nan, array).astype("<f8").tobytes()


def _encode_ints(values: Any) -> bytes:
    return np.asarray(values, dtype="<i8").tobytes()


def _encode_texts(values: Sequence[str | None]) -> bytes:
    if _empty(values):
        return _EMPTY_TEXT.encode() * len(values)
    return "".join(_EMPTY_TEXT if value is None else f"{value}\x00" for value in values).encode()


def _empty(values: Sequence[Any]) -> bool:
    # Optional columns of a hundred thousand rows are mostly empty, and counting is quicker than looking at each cell.
    return not len(values) or (values[0] is None and tuple(values).count(None) == len(values))


ENCODE = {"f": _encode_floats, "i": _encode_ints, "s": _encode_texts}
