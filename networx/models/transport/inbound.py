"""Where facilities get their units from: suppliers, the lanes that lead from them to facilities, and their rows.

In a network with suppliers all that a facility ships in a year has to come in over these lanes in that year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.network import InboundLanes, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.errors import Problem, RefusedInput
from networx.models.transport.distance import great_circle_miles
from networx.models.transport.pricing import without_place
from networx.models.transport.refusals import name_rows, repeated, row_name
from networx.solver.linear import Assembly

DUST = 1e-9  # a share of what a facility ships below this is the solver's rounding, not a shipment


@dataclass(frozen=True, slots=True)
class Inbound:
    """Suppliers S with their `supply` (S,), units a year, inf: unlimited; lanes L with their price, the supplier's too.

    Without suppliers there is no such echelon, and nothing has to come in.
    """

    names: tuple[str, ...]
    supply: Floats
    supplier: Indices
    facility: Indices
    cost_per_unit: Floats

    def __len__(self) -> int:
        """How many suppliers."""
        return len(self.names)

    def keep(self, kept: npt.NDArray[np.generic]) -> Inbound:
        """With some of the lanes."""
        return replace(
            self,
            supplier=self.supplier[kept],
            facility=self.facility[kept],
            cost_per_unit=self.cost_per_unit[kept],
        )

    def most(self, sites: int) -> Floats:
        """(I,): units a year that a facility can get at most; inf in a network without suppliers."""
        if not len(self):
            return np.full(sites, np.inf)
        units = np.zeros(sites)
        np.add.at(units, self.facility, self.supply[self.supplier])
        return units


NO_INBOUND = Inbound((), np.zeros(0), np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0))


def inbound_of(tables: NetworkTables, parameters: TransportParameters, ever: Flags) -> Inbound:
    """The suppliers and their lanes to facilities that may be open in some year: those that the sheet Lanes lists and,
    with cost_per_unit_mile, all others. Raises RefusedInput.
    """
    suppliers, rows = tables.suppliers, tables.inbound_lanes
    if not len(suppliers):
        return NO_INBOUND
    _refuse_bad_lanes(rows, tables, parameters)
    kept = np.flatnonzero(ever[rows.facility])
    supplier, facility = rows.supplier[kept].astype(np.intp), rows.facility[kept].astype(np.intp)
    price = rows.cost_per_unit[kept].astype(np.float64)
    if parameters.cost_per_unit_mile is not None:
        missing = np.zeros((len(suppliers), len(tables.facilities)), dtype=bool)
        missing[:, ever] = True
        missing[supplier, facility] = False
        start, end = np.nonzero(missing)
        supplier, facility = np.concatenate([supplier, start]), np.concatenate([facility, end])
        price = np.concatenate([price, _by_the_mile(tables, parameters, missing)])
    own = np.where(np.isnan(suppliers.cost_per_unit), 0.0, suppliers.cost_per_unit)
    return Inbound(suppliers.name, suppliers.supply_units, supplier, facility, price + own[supplier])


def _refuse_bad_lanes(rows: InboundLanes, tables: NetworkTables, parameters: TransportParameters) -> None:
    problems = name_rows(
        repeated(rows.supplier, rows.facility),
        lambda row: Problem(
            f"{row_name(tables, 'inbound Lanes', row)} is listed more than once; keep one row.",
            "repeated",
            "Lanes",
            None,
            "destination",
        ),
    )
    if not len(rows) and parameters.cost_per_unit_mile is None:
        message = (
            "There are Suppliers, but no lane from any of them and no cost_per_unit_mile, so that nothing prices what "
            "comes in; add rows from suppliers to facilities to the sheet Lanes, or state cost_per_unit_mile and "
            "circuity in Parameters."
        )
        problems.append(Problem(message, "missing_lanes", "Lanes"))
    if problems:
        raise RefusedInput(problems)


def _by_the_mile(tables: NetworkTables, parameters: TransportParameters, missing: Flags) -> Floats:
    """The prices of the pairs that no row lists, in their order."""
    problems = without_place(tables.suppliers, missing.any(axis=1), "Suppliers")
    problems += without_place(tables.facilities, missing.any(axis=0), "Facilities")
    if problems:
        raise RefusedInput(problems)
    assert parameters.cost_per_unit_mile is not None
    assert parameters.circuity is not None
    start, end = np.nonzero(missing)
    from_, to = tables.suppliers, tables.facilities
    miles = great_circle_miles(from_.latitude[start], from_.longitude[start], to.latitude[end], to.longitude[end])
    return parameters.cost_per_unit_mile * (miles * parameters.circuity)


@dataclass(frozen=True, slots=True)
class InboundColumns:
    """What each inbound column stands for: its period, its lane, and the units that a value of 1 carries."""

    period: Indices
    lane: Indices
    most_units: Floats


def inbound_columns(inbound: Inbound, capacity: Floats) -> InboundColumns:
    """One for each period and lane that can carry anything; `capacity` (P, I) is the most that facilities ship."""
    most = np.minimum(inbound.supply[inbound.supplier], capacity[:, inbound.facility])
    period, lane = np.nonzero(most)
    return InboundColumns(period, lane, most[period, lane])


def add_inbound_columns(assembly: Assembly, inbound: Inbound, capacity: Floats) -> Indices:
    columns = inbound_columns(inbound, capacity)
    return assembly.add_columns("inbound", inbound.cost_per_unit[columns.lane] * columns.most_units, 0.0, 1.0)


def add_inbound_rows(
    assembly: Assembly,
    inbound: Inbound,
    capacity: Floats,
    column: Indices,
    outbound: tuple[Indices, Indices, Indices, Floats],
) -> None:
    """What comes in goes out, by period and facility, and suppliers send no more than they have.

    `outbound` are the flows: their period, facility, column and the units that a value of 1 carries.
    """
    columns = inbound_columns(inbound, capacity)
    facility, supplier = inbound.facility[columns.lane], inbound.supplier[columns.lane]
    period, site, flow, units = outbound
    row_of, count = _numbered(capacity > 0)
    assembly.add_rows(
        "balance",
        0.0,
        0.0,
        count,
        (row_of[period, site], flow, units / capacity[period, site]),
        (row_of[columns.period, facility], column, -columns.most_units / capacity[columns.period, facility]),
    )
    asked = np.zeros((len(capacity), len(inbound)))
    np.add.at(asked, (columns.period, supplier), columns.most_units)
    row_of, count = _numbered(asked > inbound.supply)
    row = row_of[columns.period, supplier]
    used = np.flatnonzero(row >= 0)
    shares = columns.most_units[used] / inbound.supply[supplier[used]]
    assembly.add_rows("supply", -np.inf, 1.0, count, (row[used], column[used], shares))


def _numbered(flags: Flags) -> tuple[Indices, int]:
    """A row for each True, numbered; -1 elsewhere."""
    row_of = np.full(flags.shape, -1, dtype=np.intp)
    count = int(flags.sum())
    row_of[flags] = np.arange(count)
    return row_of, count


def units_in(inbound: Inbound, capacity: Floats, values: Floats, shipped: Floats) -> Floats:
    """Units over each lane in each year, (T, L), that together are what each facility ships, (T, I).

    `values` begin with those of the inbound columns; periods are years.
    """
    columns = inbound_columns(inbound, capacity)
    units = np.zeros((len(shipped), len(inbound.supplier)))
    units[columns.period, columns.lane] = np.maximum(values[: len(columns.lane)], 0.0) * columns.most_units
    units[units < DUST * shipped[:, inbound.facility]] = 0.0
    total = np.zeros(shipped.shape)
    np.add.at(total.T, inbound.facility, units.T)
    for year, site in np.argwhere((shipped > 0) & (total == 0)):  # so little that the solver rounded it to nothing
        lanes = np.flatnonzero((inbound.facility == site) & (inbound.supply[inbound.supplier] > 0))
        units[year, lanes[np.argmin(inbound.cost_per_unit[lanes])]] = total[year, site] = shipped[year, site]
    scale = np.divide(shipped, total, out=np.zeros_like(shipped), where=total > 0)
    scaled: Floats = units * scale[:, inbound.facility]
    return scaled
