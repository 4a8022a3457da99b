"""What comes in from suppliers, in exact fractions: what comes in goes out, supply holds, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check, TransportPlan
from networx.verify.generic.exact import exact
from networx.verify.measure import check
from networx.verify.transport.facts import Facts
from networx.verify.transport.inbound import RESIDUAL, inbound_lanes

Units = dict[tuple[int, int], Fraction]
_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class InboundSums:
    """Nothing without suppliers. `from_miles` flows have a price that is computed in floats."""

    checks: tuple[Check, ...]
    cost: Fraction
    from_miles: int


def inbound_sums(
    tables: NetworkTables, parameters: TransportParameters, facts: Facts, plan: TransportPlan, sent: Units
) -> InboundSums:
    """`sent` is what goes out, by year and facility."""
    if not len(tables.suppliers):
        return InboundSums((), _NOTHING, 0)
    rows, suppliers = tables.inbound_lanes, tables.suppliers
    own = [exact(cost) for cost in np.nan_to_num(suppliers.cost_per_unit).tolist()]
    listed = [None if price != price else exact(price) for price in rows.cost_per_unit.tolist()]
    lanes = inbound_lanes(tables, parameters, facts, plan)
    came: Units = {}
    left: Units = {}
    carried: Units = {}
    cost, from_miles = _NOTHING, 0
    flows = (
        plan.inbound_year,
        plan.inbound_supplier,
        plan.inbound_facility,
        plan.inbound_units,
        lanes.row,
        lanes.price,
    )
    for year, start, end, amount, row, price in zip(*(column.tolist() for column in flows), strict=True):
        units = exact(amount)
        for total, at in ((came, end), (left, start), (carried, row)):
            total[year, at] = total.get((year, at), _NOTHING) + units
        stated = listed[row] if row >= 0 else None
        from_miles += stated is None
        cost += units * (exact(price) if stated is None else stated + own[start])
    balance = {
        at: abs(came.get(at, _NOTHING) - sent.get(at, _NOTHING)) / (sent.get(at, _NOTHING) or 1) for at in came | sent
    }
    names = tuple(f"row {row + 1} of the Lanes from suppliers" for row in range(len(rows)))
    checks = (
        _worst("exactly: what comes in goes out", balance, tables.facilities.name, plan.years),
        _worst("exactly: supply holds", _over(left, suppliers.supply_units), suppliers.name, plan.years),
        _worst("exactly: capacities of what comes in hold", _over(carried, rows.capacity_units), names, plan.years),
    )
    return InboundSums(checks, cost, from_miles)


def _over(carried: Units, most: Floats) -> Units:
    """By how much what is carried is above what may be, as a share of that; -1 is no row."""
    return {
        at: (units - exact(most[at[1]])) / (exact(most[at[1]]) or 1)
        for at, units in carried.items()
        if at[1] >= 0 and np.isfinite(most[at[1]])
    }


def _worst(name: str, violations: Units, names: tuple[str, ...], years: tuple[int, ...]) -> Check:
    if not violations:
        return check(name, 0.0, RESIDUAL, "")
    at = max(violations, key=lambda found: violations[found])
    return check(name, float(max(violations[at], _NOTHING)), RESIDUAL, f"{names[at[1]]}, {years[at[0]]}")
