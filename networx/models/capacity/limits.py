"""The rows of a year whose duals are prices: of facilities, lanes, suppliers and their lanes, each a whole price.

The transport model puts a limit where it is tightest: on a column, or on a row that stands for another. Such a limit
takes its share of the price, or all of it. Here each limit is a row of its own, and no other is left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Codes, Flags, Floats, Indices
from networx.domain.capacity_answer import Multipliers
from networx.models.transport.flows import FlowColumns
from networx.models.transport.inbound import inbound_columns
from networx.models.transport.instance import TransportInstance
from networx.models.transport.lanes import PricedLanes
from networx.models.transport.periods import Periods
from networx.models.transport.relaxations import rows_with_minimum
from networx.solver.linear import LinearModel

LANES, SUPPLIES, INBOUND_LANES = "lane limit", "supply limit", "inbound lane limit"
_LIMITED_COLUMNS = ("flow", "inbound", "shortfall")


def with_own_limits(
    model: LinearModel, instance: TransportInstance, periods: Periods, flows: FlowColumns
) -> LinearModel:
    """The model of one year with a row for each capacity of a facility, a lane and a supplier, and no other limit.

    A lane is one to a destination or from a supplier.
    """
    upper, row_upper = model.upper.copy(), model.row_upper.copy()
    for name in _LIMITED_COLUMNS:
        if name in model.columns:
            upper[model.columns[name]] = np.inf
    if "supply" in model.rows:
        row_upper[model.rows["supply"]] = np.inf
    row_upper[model.rows["capacity"]] = np.where(_own(instance, periods), row_upper[model.rows["capacity"]], np.inf)
    loose = replace(model, upper=upper, row_upper=row_upper)
    limited = limited_lanes(instance, flows)
    share = flows.most_units[limited] / instance.lanes.capacity[flows.lane[limited]]
    first = model.columns["flow"].start
    whole = _with_rows(loose, LANES, np.arange(len(limited)), first + limited, share)
    if not len(instance.inbound):
        return whole
    columns = inbound_columns(instance.inbound, periods.capacity)
    supply = instance.inbound.supply[instance.inbound.supplier[columns.lane]]
    used = np.flatnonzero(np.isfinite(supply))
    supplier = instance.inbound.supplier[columns.lane[used]]
    row = np.searchsorted(limited_suppliers(instance, periods), supplier)
    first = model.columns["inbound"].start
    whole = _with_rows(whole, SUPPLIES, row, first + used, columns.most_units[used] / supply[used])
    held = instance.inbound.lanes.capacity[columns.lane]
    full = np.flatnonzero(np.isfinite(held))
    return _with_rows(whole, INBOUND_LANES, np.arange(len(full)), first + full, columns.most_units[full] / held[full])


def limited_lanes(instance: TransportInstance, flows: FlowColumns) -> Indices:
    """The flows whose lane has a capacity, in the order of their rows."""
    return np.flatnonzero(np.isfinite(instance.lanes.capacity[flows.lane]))


def limited_suppliers(instance: TransportInstance, periods: Periods) -> Indices:
    """The suppliers whose supply ends and who can send anything, in the order of their rows."""
    inbound = instance.inbound
    sending = np.unique(inbound.supplier[inbound_columns(inbound, periods.capacity).lane])
    limited: Indices = sending[np.isfinite(inbound.supply[sending])]
    return limited


def limited_inbound_lanes(instance: TransportInstance, periods: Periods) -> Indices:
    """The lanes from suppliers that have a capacity and can bring anything, in the order of their rows."""
    bringing = inbound_columns(instance.inbound, periods.capacity).lane
    limited: Indices = bringing[np.isfinite(instance.inbound.lanes.capacity[bringing])]
    return limited


def multipliers(
    duals: Floats, model: LinearModel, instance: TransportInstance, periods: Periods, flows: FlowColumns
) -> Multipliers:
    """The duals of the scaled rows as prices of a unit; what has the wrong sign is rounding and counts as none."""
    total = float(instance.demand.sum())
    held = periods.capacity[0]
    facility = _facilities(periods)
    own = _own(instance, periods)
    capacity = np.zeros(len(held))
    capacity[facility[own]] = np.minimum(duals[model.rows["capacity"]][own] / held[facility[own]], 0.0)
    least = np.zeros(len(held) if "throughput" in model.rows else 0)
    if "throughput" in model.rows:
        asked = rows_with_minimum(instance)[1]
        least[asked] = np.maximum(duals[model.rows["throughput"]] / instance.rules.min_throughput[asked], 0.0)
    supply = np.zeros(len(instance.inbound))
    if SUPPLIES in model.rows:
        sending = limited_suppliers(instance, periods)
        supply[sending] = np.minimum(duals[model.rows[SUPPLIES]] / instance.inbound.supply[sending], 0.0)

    def of_all_demand(row: str) -> float:
        return float(duals[model.rows[row]].sum()) / total if row in model.rows and total > 0 else 0.0

    inbound, brought = np.zeros((0, 3), dtype=np.int32), np.zeros(0)
    if INBOUND_LANES in model.rows:
        inbound, brought = _priced(
            instance.inbound.lanes, limited_inbound_lanes(instance, periods), duals[model.rows[INBOUND_LANES]]
        )
    lane, price = _priced(instance.lanes, flows.lane[limited_lanes(instance, flows)], duals[model.rows[LANES]])
    return Multipliers(
        capacity,
        max(of_all_demand("service"), 0.0),
        min(of_all_demand("unserved"), 0.0),
        supply,
        lane,
        price,
        least,
        inbound,
        brought,
    )


def _priced(lanes: PricedLanes, limited: Indices, duals: Floats) -> tuple[Codes, Floats]:
    """Start, end and mode of the lanes whose capacity has a price, and that price; `duals` are those of their rows."""
    price = np.minimum(duals / lanes.capacity[limited], 0.0)
    at = limited[price < 0]
    ends = np.stack([lanes.facility[at], lanes.destination[at], lanes.mode[at]], axis=1).astype(np.int32)
    return ends, price[price < 0]


def _facilities(periods: Periods) -> Indices:
    """The facility of each row of `capacity`."""
    return np.flatnonzero(periods.binding[0] & (periods.capacity[0] > 0))


def _own(instance: TransportInstance, periods: Periods) -> Flags:
    """Which rows of `capacity` are the facility's own, and not what its suppliers have."""
    (supplied,) = instance.inbound.most(len(instance.facility_names))
    own: Flags = (instance.capacity[0] <= supplied)[_facilities(periods)]
    return own


def _with_rows(model: LinearModel, name: str, row: Indices, column: Indices, share: Floats) -> LinearModel:
    """The model with rows that sum to 1 at most, `share` of each column in each row."""
    count, before = int(row.max(initial=-1)) + 1, model.matrix.shape
    rows = sparse.csc_matrix((share, (row, column)), shape=(count, before[1]))
    return replace(
        model,
        matrix=sparse.vstack([model.matrix, rows], format="csc"),
        row_lower=np.append(model.row_lower, np.full(count, -np.inf)),
        row_upper=np.append(model.row_upper, np.ones(count)),
        rows={**model.rows, name: slice(before[0], before[0] + count)},
    )
