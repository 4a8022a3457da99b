"""What comes in from suppliers, in exact fractions: what comes in goes out, supply holds, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check, TransportPlan
from networx.verify.generic.exact import exact
from networx.verify.measure import check
from networx.verify.transport.inbound import RESIDUAL, ways_in

Units = dict[tuple[int, int], Fraction]
_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class InboundSums:
    """Nothing without suppliers. `from_miles` flows have a price that is computed in floats."""

    checks: tuple[Check, ...]
    cost: Fraction
    from_miles: int


def inbound_sums(
    tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan, sent: Units
) -> InboundSums:
    """`sent` is what goes out, by year and facility."""
    if not len(tables.suppliers):
        return InboundSums((), _NOTHING, 0)
    rows, suppliers = tables.inbound_lanes, tables.suppliers
    own = [exact(cost) for cost in np.nan_to_num(suppliers.cost_per_unit).tolist()]
    pairs = zip(rows.supplier.tolist(), rows.facility.tolist(), rows.cost_per_unit.tolist(), strict=True)
    listed = {(start, end): exact(price) + own[start] for start, end, price in pairs}
    by_mile = ways_in(tables, parameters).price
    came: Units = {}
    left: Units = {}
    cost, from_miles = _NOTHING, 0
    flows = (plan.inbound_year, plan.inbound_supplier, plan.inbound_facility, plan.inbound_units)
    for year, start, end, amount in zip(*(column.tolist() for column in flows), strict=True):
        units = exact(amount)
        came[year, end] = came.get((year, end), _NOTHING) + units
        left[year, start] = left.get((year, start), _NOTHING) + units
        price = listed.get((start, end))
        from_miles += price is None
        cost += units * (exact(float(by_mile[start, end])) if price is None else price)
    balance = {
        at: abs(came.get(at, _NOTHING) - sent.get(at, _NOTHING)) / (sent.get(at, _NOTHING) or 1) for at in came | sent
    }
    supply = suppliers.supply_units
    over = {
        at: (units - exact(supply[at[1]])) / (exact(supply[at[1]]) or 1)
        for at, units in left.items()
        if np.isfinite(supply[at[1]])
    }
    checks = (
        _worst("exactly: what comes in goes out", balance, tables.facilities.name, plan.years),
        _worst("exactly: supply holds", over, suppliers.name, plan.years),
    )
    return InboundSums(checks, cost, from_miles)


def _worst(name: str, violations: Units, names: tuple[str, ...], years: tuple[int, ...]) -> Check:
    if not violations:
        return check(name, 0.0, RESIDUAL, "")
    at = max(violations, key=lambda found: violations[found])
    return check(name, float(max(violations[at], _NOTHING)), RESIDUAL, f"{names[at[1]]}, {years[at[0]]}")
