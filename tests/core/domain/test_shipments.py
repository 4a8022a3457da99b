"""The columns of shipments, and choices of their rows."""

from __future__ import annotations

import numpy as np
import pytest

from networx.domain.shipments import NOT_STATED, Shipments


def shipments(**columns: object) -> Shipments:
    """Three shipments; `columns` replace what they are."""
    rows = 3
    stated = {
        "ship_day": np.arange(rows, dtype=np.int32),
        "origin_zip": np.array([60601, 2139, NOT_STATED], dtype=np.int32),
        "dest_zip": np.array([501, 99950, 10001], dtype=np.int32),
        **{name: np.full(rows, NOT_STATED, dtype=np.int32) for name in ("origin", "destination")},
        **{name: np.zeros(rows, dtype=np.int8) for name in ("mode", "direction")},
        **{name: np.full(rows, np.nan) for name in ("weight_lb", "cube_cf", "units", "pkgs", "miles")},
        "charge_cents": np.array([100, -50, 7], dtype=np.int64),
    }
    return Shipments(**{**stated, **columns})  # type: ignore[arg-type]


def test_a_choice_of_rows_is_made_of_every_column() -> None:
    kept = shipments().where(np.array([True, False, True]))
    assert (len(kept), kept.charge_cents.tolist(), kept.dest_zip.tolist()) == (2, [100, 7], [501, 10001])


def test_columns_of_different_lengths_are_no_shipments() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        shipments(charge_cents=np.zeros(2, dtype=np.int64))
