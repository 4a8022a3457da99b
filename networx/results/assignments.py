"""Assignments as Parquet: who serves whom, each year, written once and read a page at a time.

Rows are sorted by year, facility and destination, so that a page or a filter touches few row groups. The file is
the record of the flows: they never stand in the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from networx.domain.arrays import Codes, Floats, Ints
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import TransportPlan
from networx.results.fitted import fitted_labels, fitted_rows
from networx.results.flow_costs import flow_costs

ROWS_PER_GROUP = 50_000
Source = str | Path | IO[Any]


def write_assignments(
    path: str | Path, tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan
) -> int:
    """Write one row a flow and return how many.

    Columns: year, facility, destination, mode (only where the network has modes; null for a lane without one), units,
    cost_per_unit and cost (dollars), distance_miles (null where not known), price_fitted (only where the network has
    FittedRates; what the price was fitted to, null for others), share_of_demand (of the destination's units that year),
    destination_latitude, destination_longitude.
    """
    costs = flow_costs(tables, parameters, plan)
    facilities, destinations = tables.facilities, tables.destinations
    order = np.lexsort(
        (
            plan.flow_mode,
            _name_rank(destinations.name)[plan.flow_destination],
            _name_rank(facilities.name)[plan.flow_facility],
            plan.flow_year,
        )
    )
    destination = plan.flow_destination[order]
    columns = {
        "year": pa.array(np.asarray(plan.years, dtype=np.int32)[plan.flow_year[order]]),
        "facility": _names(facilities.name, plan.flow_facility[order]),
        "destination": _names(destinations.name, destination),
        **({"mode": mode_column(plan.modes, plan.flow_mode[order])} if plan.modes else {}),
        "units": pa.array(plan.flow_units[order]),
        "cost_per_unit": pa.array(costs.cost_per_unit[order]),
        "cost": pa.array(costs.cost[order]),
        "distance_miles": pa.array(costs.distance_miles[order], from_pandas=True),
        **fitted_column(tables, parameters, costs.row[order]),
        "share_of_demand": pa.array(_share_of_demand(plan)[order]),
        "destination_latitude": pa.array(destinations.latitude[destination], from_pandas=True),
        "destination_longitude": pa.array(destinations.longitude[destination], from_pandas=True),
    }
    pq.write_table(pa.table(columns), str(path), row_group_size=ROWS_PER_GROUP, compression="zstd")
    return len(order)


def read_assignments_page(
    source: Source, offset: int, limit: int, year: int | None = None, facility: str | None = None
) -> tuple[list[dict[str, Any]], int]:
    """Rows `offset` to `offset + limit` of those of the year and facility, and how many such rows there are."""
    file = pq.ParquetFile(source)
    wanted = {name: value for name, value in (("year", year), ("facility", facility)) if value is not None}
    rows: list[dict[str, Any]] = []
    seen = 0
    for group in range(file.num_row_groups):
        matching = _matching_rows(file, group, wanted)
        first, last = max(offset - seen, 0), min(offset + limit - seen, len(matching))
        if first < last:
            rows += file.read_row_group(group).take(matching[first:last]).to_pylist()
        seen += len(matching)
    return rows, seen


def iter_pages(
    source: Source, rows: int, *, offset: int = 0, year: int | None = None, facility: str | None = None
) -> Iterator[list[dict[str, Any]]]:
    """The rows from `offset` on of those of the year and facility, at most `rows` at a time."""
    file = pq.ParquetFile(source)
    wanted = {name: value for name, value in (("year", year), ("facility", facility)) if value is not None}
    seen = 0
    for group in range(file.num_row_groups):
        matching = _matching_rows(file, group, wanted)
        mine = matching[max(offset - seen, 0) :]
        seen += len(matching)
        if not len(mine):
            continue
        table = file.read_row_group(group)
        for first in range(0, len(mine), rows):
            yield table.take(mine[first : first + rows]).to_pylist()


def iter_assignments(source: Source) -> Iterator[dict[str, Any]]:
    """Every row in the file's order, one row group in memory at a time."""
    file = pq.ParquetFile(source)
    for group in range(file.num_row_groups):
        yield from file.read_row_group(group).to_pylist()


def largest_assignments(
    source: Source, limit: int, year: int | None = None, facility: str | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """The assignments with the most units, largest first, those that are as large in the file's order; of the year and
    facility if given."""
    file = pq.ParquetFile(source)
    table = file.read()
    if year is not None:
        table = table.filter(pc.field("year") == year)
    if facility is not None:
        table = table.filter(pc.field("facility").cast(pa.string()) == facility)
    order = pc.sort_indices(table, sort_keys=[("units", "descending")])
    return list(table.take(order[offset : offset + limit]).to_pylist())


def _matching_rows(
    file: pq.ParquetFile, group: int, wanted: dict[str, Any]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    metadata = file.metadata.row_group(group)
    every_row = np.arange(metadata.num_rows)
    undecided: dict[str, Any] = {}
    for name, value in wanted.items():
        statistics = metadata.column(file.schema_arrow.get_field_index(name)).statistics
        if statistics is None or not statistics.has_min_max:
            undecided[name] = value
        elif not statistics.min <= value <= statistics.max:
            return every_row[:0]
        elif statistics.min != statistics.max:
            undecided[name] = value
    if not undecided:
        return every_row
    columns = file.read_row_group(group, columns=list(undecided))
    mask = np.ones(metadata.num_rows, dtype=bool)
    for name, value in undecided.items():
        mask &= pc.equal(columns.column(name).cast(pa.int64() if name == "year" else pa.string()), value).to_numpy()
    return every_row[mask]


def _share_of_demand(plan: TransportPlan) -> Floats:
    key = plan.flow_destination.astype(np.int64) * len(plan.years) + plan.flow_year
    served = np.bincount(key, weights=plan.flow_units)
    share: Floats = plan.flow_units / served[key]
    return share


def _names(names: tuple[str, ...], codes: Codes) -> pa.DictionaryArray[Any, Any]:
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(names, type=pa.string()))


def fitted_column(tables: NetworkTables, parameters: TransportParameters, rows: Ints) -> dict[str, Any]:
    """What the prices of these rows of Lanes were fitted to; nothing where the network has no fits."""
    if not len(tables.fitted_rates):
        return {}
    fits = np.append(fitted_rows(tables, parameters), -1)[rows]
    places = pa.array(fits.astype(np.int32), mask=fits < 0, type=pa.int32())
    return {"price_fitted": pa.DictionaryArray.from_arrays(places, pa.array(fitted_labels(tables), type=pa.string()))}


def mode_column(modes: tuple[str, ...], codes: Codes) -> pa.DictionaryArray[Any, Any]:
    """The names of modes by their codes, null where that is -1."""
    places = pa.array(codes, mask=codes < 0, type=pa.int32())
    return pa.DictionaryArray.from_arrays(places, pa.array(modes, type=pa.string()))


def _name_rank(names: tuple[str, ...]) -> Codes:
    rank = np.empty(len(names), dtype=np.int32)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names), dtype=np.int32)
    return rank
