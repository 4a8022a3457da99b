"""Where facilities get their units from: suppliers, the lanes that lead from them to facilities, and their rows.

In a network with suppliers all that a facility ships in a year has to come in over these lanes in that year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Flags, Floats, Indices, numbered
from networx.domain.inbound_network import inbound_network
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.errors import Problem, RefusedInput
from networx.models.transport.lanes import PricedLanes, without_dearer_modes, without_idle_limits
from networx.models.transport.pricing import priced_lanes
from networx.models.transport.service import no_service
from networx.solver.linear import Assembly

DUST = 1e-9  # a share of what a facility ships below this is the solver's rounding, not a shipment


@dataclass(frozen=True, slots=True)
class Inbound:
    """Suppliers S with their `supply` (S,), units a year, inf: unlimited, and the lanes from them to facilities.

    In `lanes` a supplier is the facility that ships and a facility the destination; their prices hold the supplier's
    own. Without suppliers there is no such echelon, and nothing has to come in.
    """

    names: tuple[str, ...]
    supply: Floats
    lanes: PricedLanes

    def __len__(self) -> int:
        """How many suppliers."""
        return len(self.names)

    @property
    def supplier(self) -> Indices:
        """Of each lane."""
        return self.lanes.facility

    @property
    def facility(self) -> Indices:
        """Of each lane."""
        return self.lanes.destination

    @property
    def cost_per_unit(self) -> Floats:
        """Of each lane."""
        return self.lanes.cost_per_unit

    @property
    def carries(self) -> Floats:
        """(T, L): units a year that a lane brings at most, 0 in a year in which it is none."""
        most = np.minimum(self.supply[self.supplier], self.lanes.capacity)
        units: Floats = np.where(self.lanes.counts, most, 0.0)
        return units

    def keep(self, kept: npt.NDArray[np.generic]) -> Inbound:
        """With some of the lanes."""
        return replace(self, lanes=self.lanes.keep(kept))

    def without_idle(self, most: Floats) -> Inbound:
        """Without limits of lanes that never bind and modes that are never better; `most` (T, I) facilities ship."""
        if not len(self):
            return self
        lanes = without_idle_limits(self.lanes, most)
        return replace(self, lanes=without_dearer_modes(lanes, np.broadcast_to(np.False_, lanes.counts.shape)))

    def of_years(self, years: slice) -> Inbound:
        """The same for some of the years alone."""
        return replace(self, lanes=self.lanes.of_years(years)) if len(self) else self

    def most(self, sites: int) -> Floats:
        """(T, I): units that a facility can get at most in a year; in a network without suppliers (1, I), inf."""
        if not len(self):
            return np.full((1, sites), np.inf)
        years = len(self.lanes.counts)
        pair = self.supplier * sites + self.facility
        units = np.array([np.bincount(pair, carried, len(self) * sites) for carried in self.carries])
        most: Floats = np.minimum(units.reshape(years, len(self), sites), self.supply[:, None]).sum(axis=1)
        return most


@dataclass(frozen=True, slots=True)
class FreeSupply:
    """Suppliers that limit nothing: in each year a facility gets all its units over one lane, (T, I), -1 for none.

    What they cost is then in the prices of the lanes that leave the facility.
    """

    inbound: Inbound
    lane: Indices


_NONE, _NOTHING = np.zeros(0, dtype=np.intp), np.zeros(0)
# Of a network without suppliers, whatever its years.
NO_INBOUND = Inbound(
    (),
    _NOTHING,
    PricedLanes(_NONE, _NONE, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NONE, np.ones((1, 0), dtype=bool)),
)


def inbound_of(tables: NetworkTables, parameters: TransportParameters, years: tuple[int, ...], ever: Flags) -> Inbound:
    """The suppliers and their lanes to facilities that may `ever` be open: those that the sheet Lanes lists and, with
    cost_per_unit_mile, all others. Raises RefusedInput.
    """
    suppliers = tables.suppliers
    if not len(suppliers):
        return NO_INBOUND
    if not len(tables.inbound_lanes) and parameters.cost_per_unit_mile is None:
        message = (
            "There are Suppliers, but no lane from any of them and no cost_per_unit_mile, so that nothing prices what "
            "comes in; add rows from suppliers to facilities to the sheet Lanes, or state cost_per_unit_mile and "
            "circuity in Parameters."
        )
        raise RefusedInput([Problem(message, "missing_lanes", "Lanes")])
    lanes = priced_lanes(
        inbound_network(tables),
        parameters,
        no_service(len(years)),
        years,
        np.ones(len(suppliers), dtype=bool),
        ends=ever,
        sheets=("Suppliers", "Facilities"),
    )
    return Inbound(suppliers.name, suppliers.supply_units, lanes)


@dataclass(frozen=True, slots=True)
class InboundColumns:
    """What each inbound column stands for: its period, its lane, and the units that a value of 1 carries."""

    period: Indices
    lane: Indices
    most_units: Floats


def inbound_columns(inbound: Inbound, capacity: Floats) -> InboundColumns:
    """One for each year and lane that can carry anything; `capacity` (T, I) is the most that facilities ship."""
    most = np.minimum(inbound.carries, capacity[:, inbound.facility])
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
    outbound: tuple[Indices, Indices, Floats],
) -> None:
    """What comes in goes out, by period and facility, and suppliers send no more than they have.

    `outbound` are the flows: where each starts (see `FlowColumns`), its column and the units that a value of 1 carries.
    """
    columns = inbound_columns(inbound, capacity)
    facility, supplier = inbound.facility[columns.lane], inbound.supplier[columns.lane]
    start, flow, units = outbound
    row_of, count = numbered(capacity > 0)
    assembly.add_rows(
        "balance",
        0.0,
        0.0,
        count,
        (row_of.take(start), flow, units / capacity.take(start)),
        (row_of[columns.period, facility], column, -columns.most_units / capacity[columns.period, facility]),
    )
    asked = np.zeros((len(capacity), len(inbound)))
    np.add.at(asked, (columns.period, supplier), columns.most_units)
    row_of, count = numbered(asked > inbound.supply)
    row = row_of[columns.period, supplier]
    used = np.flatnonzero(row >= 0)
    shares = columns.most_units[used] / inbound.supply[supplier[used]]
    assembly.add_rows("supply", -np.inf, 1.0, count, (row[used], column[used], shares))


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
        lanes = np.flatnonzero((inbound.facility == site) & (inbound.carries[year] > 0))
        units[year, lanes[np.argmin(inbound.cost_per_unit[lanes])]] = total[year, site] = shipped[year, site]
    scale = np.divide(shipped, total, out=np.zeros_like(shipped), where=total > 0)
    scaled: Floats = units * scale[:, inbound.facility]
    return scaled
