"""A workbook of what was fitted to shipments: the sheet FittedRates for a person to accept, and what was left out.

Nobody has accepted it yet: accepted_by and accepted_on are empty, and until a person fills them in, it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.domain.fitted_bands import FittedBand, UnfittedBand
from networx.domain.phrases import in_full
from networx.domain.schema import FITTED_RATES

WIDTH = 18


def write_fitted(target: Path, bands: Sequence[FittedBand | UnfittedBand], notes: Sequence[str]) -> None:
    """Write it; `notes` are lines for the sheet Notes, which no loader reads."""
    with xlsxwriter.Workbook(str(target)) as book:
        page, bold = book.add_worksheet(FITTED_RATES.name), book.add_format({"bold": True})
        page.freeze_panes(1, 0)
        for at, column in enumerate(FITTED_RATES.columns):
            page.set_column(at, at, WIDTH)
            page.write_string(0, at, column.name, bold)
            page.write_comment(0, at, column.note)
        fitted = [band for band in bands if isinstance(band, FittedBand)]
        for line, band in enumerate(fitted, 1):
            figures = asdict(band)
            for at, column in enumerate(FITTED_RATES.columns):
                _write(page, line, at, figures.get(column.name))
        told = book.add_worksheet("Notes")
        for line, note in enumerate([*notes, *(band_words(band) for band in bands)]):
            told.write_string(line, 0, note)
        page.activate()


def band_words(band: FittedBand | UnfittedBand) -> str:
    """One band in a sentence."""
    end = "and more" if band.weight_to is None else f"to {in_full(band.weight_to)}"
    name = f"{band.mode}, {in_full(band.weight_from)} {end} lb: {band.shipments:,} shipments"
    if isinstance(band, UnfittedBand):
        return f"{name}, not fitted: {band.reason}."
    errors = (
        f"half of them off by {band.median_error_percent:.1f} % at most (mean {band.mean_error_percent:.1f} %, "
        f"R2 {band.r_squared:.3f}, all together {band.total_error_percent:+.1f} %)"
    )
    miles, pounds = (
        f"{low:,.0f} to {high:,.0f}"
        for low, high in ((band.miles_from, band.miles_to), (band.pounds_from, band.pounds_to))
    )
    return f"{name}, {errors}, {miles} miles, {pounds} lb, {band.first_month} to {band.last_month}."


def _write(page: Any, line: int, at: int, cell: str | float | None) -> None:
    if isinstance(cell, str):
        page.write_string(line, at, cell)
    elif cell is not None:
        page.write_number(line, at, float(cell))
