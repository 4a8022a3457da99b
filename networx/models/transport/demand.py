"""Demand of each destination in each year, from Demand rows, the Forecast and the base demand; nothing is filled in."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Floats, Ints
from networx.domain.network import NetworkTables
from networx.domain.phrases import SINGLE_YEAR, counted
from networx.errors import Problem, RefusedInput
from networx.models.transport.refusals import NAMED_ROWS, name_rows, repeated, row_name


def demand_by_year(tables: NetworkTables) -> tuple[tuple[int, ...], Floats]:
    """The years, ascending, and units of shape (years, destinations). Raises RefusedInput."""
    if not len(tables.demand) and not len(tables.forecast):
        return (SINGLE_YEAR,), tables.destinations.demand_units[np.newaxis, :].astype(np.float64)
    _refuse_repeats(tables)
    years: Ints = np.union1d(tables.demand.year, tables.forecast.year)
    units = np.full((len(years), len(tables.destinations)), np.nan)
    units[np.searchsorted(years, tables.forecast.year)] = _scaled(tables)
    units[np.searchsorted(years, tables.demand.year), tables.demand.destination] = tables.demand.units
    _refuse_gaps(tables, years, units)
    return tuple(int(year) for year in years), units


def _scaled(tables: NetworkTables) -> Floats:
    """Base demand scaled to each forecast year's units, of shape (forecast rows, destinations)."""
    base, annual = tables.destinations.demand_units, tables.forecast.annual_units
    total = float(base.sum())
    if total > 0:
        scaled: Floats = np.outer(annual / total, base)
        return scaled
    problems = name_rows(
        annual > 0,
        lambda row: Problem(
            f"{annual[row]:,.0f} units are forecast for {tables.forecast.year[row]}, but the demand_units of all "
            "destinations are 0, so that there is nothing to scale; state demand_units, or this year in the sheet "
            "Demand.",
            "forecast_without_base",
            "Forecast",
            None,
            "annual_units",
            f"{annual[row]:g}",
        ),
    )
    if problems:
        raise RefusedInput(problems)
    return np.zeros((len(annual), len(base)))


def _refuse_repeats(tables: NetworkTables) -> None:
    demand, forecast = tables.demand, tables.forecast
    problems = name_rows(
        repeated(demand.destination, demand.year),
        lambda row: Problem(
            f"{row_name(tables, 'Demand', row)} is stated more than once; keep one row.",
            "repeated",
            "Demand",
            None,
            "year",
            str(demand.year[row]),
        ),
    )
    problems += name_rows(
        repeated(forecast.year, forecast.year),
        lambda row: Problem(
            f"{forecast.year[row]} is stated more than once; keep one row.",
            "repeated",
            "Forecast",
            None,
            "year",
            str(forecast.year[row]),
        ),
    )
    if problems:
        raise RefusedInput(problems)


def _refuse_gaps(tables: NetworkTables, years: Ints, units: Floats) -> None:
    gaps = np.argwhere(np.isnan(units))
    problems = [
        Problem(
            f"Destination {tables.destinations.name[place]} has no demand for {years[year]}, which the Forecast does "
            "not cover either; add the row (0 where there is none).",
            "missing_demand",
            "Demand",
            None,
            "units",
        )
        for year, place in gaps[:NAMED_ROWS]
    ]
    if len(gaps) > NAMED_ROWS:
        rest = len(gaps) - NAMED_ROWS
        message = f"{counted(rest, 'more such row')} {'is' if rest == 1 else 'are'} missing."
        problems.append(Problem(message, "missing_demand", "Demand"))
    if problems:
        raise RefusedInput(problems)
