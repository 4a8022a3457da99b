"""What opens stays open for its lease: the rows that tie the years together where the set of facilities may change.

`start` is 1 where a facility opens in a year after the first. What opened within the last L years is still open: the
tightest form of such rows (Rajan and Takriti 2005, minimum up times). The first year opens what it needs, and no lease
that began before it is known.
"""

from __future__ import annotations

import numpy as np

from networx.domain.network import Floats
from networx.models.transport.instance import TransportInstance
from networx.models.transport.lanes import Flags, Indices
from networx.solver.linear import Assembly


def add_lease_rows(assembly: Assembly, instance: TransportInstance, opened: Indices) -> None:
    """Leases of two years or more, and the budget of changes; `opened` are columns of shape (T, I)."""
    if not has_starts(instance):
        return  # every year is free to have its own set
    lease, most = instance.parameters.lease_years, instance.parameters.max_changes_per_year
    assert lease is not None
    later, sites = opened.shape[0] - 1, opened.shape[1]
    start = assembly.add_columns("start", np.zeros(later * sites), 0.0, 1.0).reshape(later, sites)
    rows = np.arange(start.size)
    assembly.add_rows(
        "start",
        0.0,
        np.inf,
        start.size,
        (rows, start.ravel(), 1.0),
        (rows, opened[1:].ravel(), -1.0),
        (rows, opened[:-1].ravel(), 1.0),
    )
    if lease > 1:
        _leases(assembly, opened, start, lease)
    if most is not None:
        # What opens and what closes: twice what opens, less by how many more are open than the year before.
        rows = np.repeat(np.arange(later), sites)
        assembly.add_rows(
            "changes",
            -np.inf,
            most,
            later,
            (rows, start.ravel(), 2.0),
            (rows, opened[1:].ravel(), -1.0),
            (rows, opened[:-1].ravel(), 1.0),
        )


def _leases(assembly: Assembly, opened: Indices, start: Indices, lease: int) -> None:
    """In each year after the first, what opened in this year or the lease's years before it is open."""
    later, sites = start.shape
    rows = np.arange(start.size).reshape(later, sites)
    first = rows[: lease - 1]  # the lease of the first year covers these
    begun = [(rows[back:].ravel(), start[: later - back].ravel(), 1.0) for back in range(min(lease, later))]
    assembly.add_rows(
        "lease",
        -np.inf,
        0.0,
        start.size,
        (rows.ravel(), opened[1:].ravel(), -1.0),
        (first.ravel(), np.tile(opened[0], len(first)), 1.0),
        *begun,
    )


def starts(opened: Flags) -> Floats:
    """The values of the columns `start` for a plan: where a facility opens in a year after the first."""
    begun: Floats = (opened[1:] & ~opened[:-1]).astype(np.float64)
    return begun


def has_starts(instance: TransportInstance) -> bool:
    """Whether a model of this instance has columns `start`."""
    parameters = instance.parameters
    return not instance.fixed_set and (parameters.lease_years != 1 or parameters.max_changes_per_year is not None)
