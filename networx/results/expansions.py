"""What the tiers of a plan add and cost, by year and facility, from the sheet Expansions alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables
from networx.domain.plan import TransportPlan


@dataclass(frozen=True, slots=True)
class Growth:
    """Of shape (T, I): units that the tiers in use add, and dollars for them, those paid once included."""

    units: Floats
    cost: Floats


def growth(tables: NetworkTables, plan: TransportPlan) -> Growth:
    """A tier is paid for once in the year in which it is in use and was not in use the year before."""
    units, cost = np.zeros(plan.opened.shape), np.zeros(plan.opened.shape)
    rows = tables.expansions
    once = np.nan_to_num(rows.one_time_cost)
    for row in range(len(rows)):
        site = rows.facility[row]
        used = plan.tiers[:, site] >= rows.tier[row]
        taken = used & ~np.concatenate([[False], used[:-1]])
        units[:, site] += used * rows.capacity_units[row]
        cost[:, site] += used * rows.fixed_cost_per_year[row] + taken * once[row]
    return Growth(units, cost)
