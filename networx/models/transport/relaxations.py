"""The transport model with a requirement that may give way: the models behind the explanation of a clash.

Each takes one more kind of column for what gives way, and costs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Floats, Indices
from networx.models.transport.formulation import demand_rows, service_rows
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import Periods
from networx.solver.linear import LinearModel


def demand_may_stay_unserved(model: LinearModel, instance: TransportInstance, periods: Periods) -> LinearModel:
    """Least units unserved: one more column, from 0 to 1, for each row of `demand`."""
    period, destination = demand_rows(periods)
    count = len(period)
    demand = periods.demand[period, destination]
    rows, columns, values = [_span(model.rows["demand"])], [_span(slice(0, count))], [np.ones(count)]
    if "service" in model.rows:
        asked, _ = service_rows(instance, periods)
        row_of = np.full(len(periods.demand), -1, dtype=np.intp)
        row_of[asked] = np.arange(len(asked))
        of_level = np.flatnonzero(row_of[period] >= 0)
        rows.append(model.rows["service"].start + row_of[period[of_level]])
        columns.append(of_level)
        values.append(demand[of_level] / periods.demand.sum(axis=1)[period[of_level]])
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    slack = sparse.csc_matrix(entries, shape=(model.matrix.shape[0], count))
    return _with_columns(replace(model, cost=np.zeros_like(model.cost), offset=0.0), slack, demand)


def throughput_may_be_missed(model: LinearModel, instance: TransportInstance) -> LinearModel:
    """The same, with minimum throughputs that may be missed at their units: one more column for each of their rows."""
    if "throughput" not in model.rows:
        return model
    rows = _span(model.rows["throughput"])
    entries = (np.ones(len(rows)), (rows, np.arange(len(rows))))
    slack = sparse.csc_matrix(entries, shape=(model.matrix.shape[0], len(rows)))
    return _with_columns(model, slack, instance.rules.min_throughput[rows_with_minimum(instance)[1]])


def rows_with_minimum(instance: TransportInstance) -> tuple[Indices, Indices]:
    """Year and facility of each row of `throughput`."""
    year, facility = np.nonzero(instance.rules.may & instance.allowed & (instance.rules.min_throughput > 0))
    return year, facility


def as_low_as_can_be(model: LinearModel, families: Sequence[str], stated: int, most: int) -> LinearModel:
    """The least number, up to `most`, that would do in place of the `stated` upper end of these rows.

    The objective is that number. The lower end of the rows still holds.
    """
    rows = np.concatenate([_span(model.rows[family]) for family in families])
    kept = sparse.hstack([model.matrix[rows], sparse.csc_matrix((len(rows), 1))], format="csc")
    ends, lower = model.row_upper.copy(), model.row_lower.copy()
    ends[rows] -= stated
    lower[rows] = -np.inf
    elastic = _with_number(replace(model, row_upper=ends, row_lower=lower), rows, -1.0, most)
    return replace(
        elastic,
        matrix=sparse.vstack([elastic.matrix, kept], format="csc"),
        row_lower=np.concatenate([elastic.row_lower, model.row_lower[rows]]),
        row_upper=np.concatenate([elastic.row_upper, np.full(len(rows), np.inf)]),
    )


def as_high_as_can_be(model: LinearModel, most: int) -> LinearModel:
    """The most facilities that can be open in each year, with min_facilities set aside; the objective is its negative.

    The upper end of the rows still holds.
    """
    rows = _span(model.rows["count"])
    kept = sparse.hstack([model.matrix[rows], sparse.csc_matrix((len(rows), 1))], format="csc")
    upper, lower = model.row_upper.copy(), model.row_lower.copy()
    upper[rows] = np.inf
    lower[rows] = 0.0
    elastic = _with_number(replace(model, row_upper=upper, row_lower=lower), rows, -1.0, most, cost=-1.0)
    return replace(
        elastic,
        matrix=sparse.vstack([elastic.matrix, kept], format="csc"),
        row_lower=np.concatenate([elastic.row_lower, np.full(len(rows), -np.inf)]),
        row_upper=np.concatenate([elastic.row_upper, model.row_upper[rows]]),
    )


def lowest_service_raised(model: LinearModel) -> LinearModel:
    """The highest share within the distance that every year can reach: one more column, the share."""
    rows = _span(model.rows["service"])
    slack = sparse.csc_matrix(
        (-np.ones(len(rows)), (rows, np.zeros(len(rows), dtype=np.intp))), shape=(model.matrix.shape[0], 1)
    )
    lower = model.row_lower.copy()
    lower[model.rows["service"]] = 0.0
    return _with_columns(replace(model, cost=np.zeros_like(model.cost), row_lower=lower), slack, np.array([-1.0]))


def _with_number(model: LinearModel, rows: Indices, sign: float, most: int, cost: float = 1.0) -> LinearModel:
    """One more column that stands in these rows and is all that costs: a number up to `most`, in shares of it."""
    entries = (np.full(len(rows), sign * most), (rows, np.zeros(len(rows), dtype=np.intp)))
    column = sparse.csc_matrix(entries, shape=(model.matrix.shape[0], 1))
    free = replace(model, cost=np.zeros_like(model.cost), offset=0.0)
    return _with_columns(free, column, np.array([cost * most]))


def _with_columns(model: LinearModel, columns: sparse.csc_matrix, cost: Floats) -> LinearModel:
    """The model with more continuous columns between 0 and 1 at its end."""
    count = len(cost)
    return replace(
        model,
        cost=np.concatenate([model.cost, cost]),
        lower=np.concatenate([model.lower, np.zeros(count)]),
        upper=np.concatenate([model.upper, np.ones(count)]),
        integer=np.concatenate([model.integer, np.zeros(count, dtype=bool)]),
        matrix=sparse.hstack([model.matrix, columns], format="csc"),
    )


def _span(rows: slice) -> Indices:
    return np.arange(rows.start, rows.stop, dtype=np.intp)
