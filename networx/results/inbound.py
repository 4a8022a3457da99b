"""What a plan brings in from suppliers: each flow with its price, and each supplier with its years.

They are priced like the flows to destinations; what the supplier asks for a unit is on top. Nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from networx.domain.arrays import Floats, Ints
from networx.domain.inbound_network import inbound_network
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import TransportPlan
from networx.results.assignments import fitted_column, mode_column
from networx.results.flow_costs import flow_costs, lane_miles
from networx.results.pricing import priced_by


@dataclass(frozen=True, slots=True)
class InboundCosts:
    """Per inbound flow of the plan: dollars per unit, dollars, miles (NaN where not known), and its row of Lanes."""

    cost_per_unit: Floats
    cost: Floats
    distance_miles: Floats
    row: Ints

    def by_year_and_site(self, plan: TransportPlan) -> Floats:
        """Dollars of shape (T, I)."""
        total = np.zeros(plan.opened.shape)
        np.add.at(total, (plan.inbound_year, plan.inbound_facility), self.cost)
        return total


def inbound_costs(tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan) -> InboundCosts:
    """Price every inbound flow. Raises SolverFault when the plan uses a lane that nothing prices."""
    flows = TransportPlan(
        years=plan.years,
        opened=plan.opened,
        flow_year=plan.inbound_year,
        flow_facility=plan.inbound_supplier,
        flow_destination=plan.inbound_facility,
        flow_units=plan.inbound_units,
        flow_mode=plan.inbound_mode,
        modes=plan.inbound_modes,
    )
    found = flow_costs(inbound_network(tables), parameters, flows)
    price = found.cost_per_unit + np.nan_to_num(tables.suppliers.cost_per_unit)[plan.inbound_supplier]
    return InboundCosts(price, price * plan.inbound_units, found.distance_miles, found.row)


def inbound_priced_by(tables: NetworkTables, parameters: TransportParameters) -> dict[str, int] | None:
    """How many lanes from suppliers have which kind of price; None without suppliers."""
    if not len(tables.suppliers):
        return None
    network = inbound_network(tables)
    return priced_by(network, parameters, lane_miles(network, parameters))


def supplier_figures(tables: NetworkTables, plan: TransportPlan, costs: InboundCosts) -> list[dict[str, Any]]:
    """One entry a supplier, with one for each year in which it sends anything; unlimited supply is None."""
    suppliers = tables.suppliers
    units, spent = np.zeros((2, len(plan.years), len(suppliers)))
    np.add.at(units, (plan.inbound_year, plan.inbound_supplier), plan.inbound_units)
    np.add.at(spent, (plan.inbound_year, plan.inbound_supplier), costs.cost)
    return [
        {
            "name": suppliers.name[at],
            "latitude": _known(suppliers.latitude[at]),
            "longitude": _known(suppliers.longitude[at]),
            "supply_units": _known(suppliers.supply_units[at]),
            "units": float(units[:, at].sum()),
            "inbound_cost": float(spent[:, at].sum()),
            "years": [
                {
                    "year": year,
                    "units": float(units[row, at]),
                    "utilization": _utilization(units[row, at], suppliers.supply_units[at]),
                    "inbound_cost": float(spent[row, at]),
                }
                for row, year in enumerate(plan.years)
                if units[row, at] > 0
            ],
        }
        for at in range(len(suppliers))
    ]


def write_inbound(path: str | Path, tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan) -> int:
    """Write one row an inbound flow as Parquet, in the order of the plan, and return how many.

    Columns: year, supplier, facility, mode (only where lanes from suppliers have modes), units, cost_per_unit, cost,
    distance_miles and price_fitted (only where the network has FittedRates).
    """
    costs = inbound_costs(tables, parameters, plan)
    years = np.asarray(plan.years, dtype=np.int32)[plan.inbound_year]
    columns = {
        "year": pa.array(years),
        "supplier": _names(tables.suppliers.name, plan.inbound_supplier),
        "facility": _names(tables.facilities.name, plan.inbound_facility),
        **({"mode": mode_column(plan.inbound_modes, plan.inbound_mode)} if plan.inbound_modes else {}),
        "units": pa.array(plan.inbound_units),
        "cost_per_unit": pa.array(costs.cost_per_unit),
        "cost": pa.array(costs.cost),
        "distance_miles": pa.array(costs.distance_miles, from_pandas=True),
        **fitted_column(inbound_network(tables), parameters, costs.row),
    }
    pq.write_table(pa.table(columns), str(path), compression="zstd")
    return len(years)


def iter_inbound(path: str | Path) -> Iterator[dict[str, Any]]:
    """Every row in the file's order, one row group in memory at a time."""
    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        yield from file.read_row_group(group).to_pylist()


def _names(names: tuple[str, ...], codes: np.ndarray) -> pa.DictionaryArray[Any, Any]:
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(names, type=pa.string()))


def _utilization(units: float, supply: float) -> float | None:
    return float(units / supply) if np.isfinite(supply) and supply > 0 else None


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
