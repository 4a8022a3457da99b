"""A workbook read without any service: its tables in memory, or the problems that stand in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cli.terminal import say
from networx.domain.network import (
    Assignments,
    CostLines,
    Demand,
    Destinations,
    Expansions,
    Facilities,
    FacilityYears,
    FittedRates,
    Forecast,
    InboundLanes,
    Lanes,
    NetworkTables,
    OperatingCosts,
    Rates,
    ServiceYears,
    Suppliers,
)
from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.storage import Skus, StatedValues
from networx.errors import RefusedInput
from networx.ingest.batches import Batch
from networx.ingest.network import Summary, parse_network

_INDEXES = frozenset({"facility", "destination", "supplier"})


def read_workbook(path: Path, *, demand_alone: bool = False) -> tuple[NetworkTables, Summary]:
    """The network in a workbook, or its demand alone. Raises RefusedInput with every problem."""
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in DIGEST_COLUMNS}

    def keep(batch: Batch) -> None:
        rows[batch.table] += batch.rows

    summary = parse_network(path, keep, lambda _reached: None, demand_alone=demand_alone)
    if summary.problem_count:
        raise RefusedInput(summary.problems)
    return tables_of(rows), summary


def read_to_solve(path: Path) -> NetworkTables:
    """The network in a workbook, what was not read of it said on standard error. Raises RefusedInput."""
    tables, summary = read_workbook(path)
    for warning in summary.warnings:
        say(f"Note: {warning}")
    return tables


def tables_of(rows: Mapping[str, Sequence[Sequence[Any]]]) -> NetworkTables:
    """A network of rows by table, cells in the order of DIGEST_COLUMNS."""
    columns = {table: _columns(table, kept) for table, kept in rows.items()}
    return NetworkTables(
        facilities=Facilities(**columns["facilities"]),
        destinations=Destinations(**columns["destinations"]),
        demand=Demand(**columns["demand"]),
        forecast=Forecast(**columns["forecast"]),
        lanes=Lanes(**columns["lanes"]),
        facility_years=FacilityYears(**columns["facility_years"]),
        parameters={name: value for name, value in rows["parameters"]},  # noqa: C416  # rows are sequences of two
        assignments=Assignments(**columns["assignments"]),
        skus=Skus(**columns["skus"]),
        warehouse=StatedValues(**columns["warehouse"]),
        inventory=StatedValues(**columns["inventory"]),
        expansions=Expansions(**columns["expansions"]),
        suppliers=Suppliers(**columns["suppliers"]),
        inbound_lanes=InboundLanes(**columns["inbound_lanes"]),
        rates=Rates(**columns["rates"]),
        fitted_rates=FittedRates(**columns["fitted_rates"]),
        service_years=ServiceYears(**columns["service_years"]),
        operating_costs=OperatingCosts(**columns["operating_costs"]),
        control_totals=CostLines(**columns["control_totals"]),
        one_time_costs=CostLines(**columns["one_time_costs"]),
    )


def _columns(table: str, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    layout = DIGEST_COLUMNS[table]
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(layout)
    return {name: _column(name, kind, cells) for (name, kind), cells in zip(layout, by_column, strict=True)}


def _column(name: str, kind: str, cells: tuple[Any, ...]) -> Any:
    if kind == "s":
        return cells
    if kind == "i":
        return np.asarray(cells, dtype=np.int32 if name in _INDEXES else np.int64)
    # An empty cell is NaN; unlimited capacity comes as the text `inf`.
    return np.asarray([np.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)
