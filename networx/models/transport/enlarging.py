"""How much larger facilities would have to be for the rest to hold: the model again, with capacity that gives way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Floats
from networx.domain.phrases import listed
from networx.models.transport.flows import flow_columns
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import separate_years
from networx.models.transport.shortages import enough
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Solution

PROVEN = 1e-8  # share of a year's demand; less than this is the solver's tolerance
NAMED = 5


def least_enlargement(
    instance: TransportInstance,
    formulate: Callable[[TransportInstance], LinearModel],
    run: Callable[[LinearModel], Solution],
) -> Floats | None:
    """(I,): units by which facilities would have to be larger in all years, the fewest together; None: no cure.

    `formulate` gives the model of an instance whose columns are those of `formulation`.
    """
    loose = replace(instance, capacity=np.where(instance.rules.may, np.inf, instance.capacity))
    solution = run(_with_growth(formulate(loose), instance, loose))
    if solution.ending is not Ending.OPTIMAL or solution.values is None:
        return None  # larger facilities alone do not help, or it is not known how large
    largest = _largest(instance)
    more: Floats = solution.values[-len(instance.facility_names) :] * largest
    return np.where(more > PROVEN * largest, more, 0.0)


def enlarge_words(instance: TransportInstance, more: Floats) -> str | None:
    """The cure as a clause: `enlarge Reno by 40 units and Erie by 5 units`; None where there is none to say."""
    larger = np.flatnonzero(more)
    if not len(larger):
        return None
    said = [f"{instance.facility_names[site]} by {enough(float(more[site]))}" for site in larger]
    if len(said) > NAMED:
        return f"enlarge {len(said):,} facilities by {enough(float(more.sum()))} together, for example {said[0]}"
    return f"enlarge {listed(said, 'and')}"


def _with_growth(model: LinearModel, instance: TransportInstance, loose: TransportInstance) -> LinearModel:
    """Least units above the capacities: a column more for each facility, in shares of the largest year's demand."""
    years, sites = instance.capacity.shape
    largest = _largest(instance)
    flows, tiers = flow_columns(loose, separate_years(loose)), instance.tiers
    limited = instance.rules.may & np.isfinite(instance.capacity)
    before, rows = model.matrix.shape[1], years * sites
    entries = [(flows.most_units / largest, flows.start, model.columns["flow"].start + np.arange(len(flows.lane)))]
    if len(tiers):
        use = np.arange(model.columns["tier"].start, model.columns["tier"].stop).reshape(-1, len(tiers))
        row = np.arange(years)[:, None] * sites + tiers.facility
        added = np.broadcast_to(-tiers.units / largest, row.shape)
        entries.append((added.ravel(), row.ravel(), np.broadcast_to(use, row.shape).ravel()))
    values, row_of, column = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    held = sparse.csc_matrix((values, (row_of, column)), shape=(rows, before))
    more = sparse.csc_matrix(-sparse.vstack([sparse.identity(sites)] * years))
    kept = sparse.csc_matrix((model.matrix.shape[0], sites))
    return replace(
        model,
        cost=np.concatenate([np.zeros(before), np.full(sites, largest)]),
        offset=0.0,
        lower=np.concatenate([model.lower, np.zeros(sites)]),
        upper=np.concatenate([model.upper, np.ones(sites)]),
        integer=np.concatenate([model.integer, np.zeros(sites, dtype=bool)]),
        matrix=sparse.bmat([[model.matrix, kept], [held, more]], format="csc"),
        row_lower=np.concatenate([model.row_lower, np.full(rows, -np.inf)]),
        row_upper=np.concatenate([model.row_upper, np.where(limited, instance.capacity / largest, np.inf).ravel()]),
    )


def _largest(instance: TransportInstance) -> float:
    """Units of the largest year; 1 where nobody asks for anything."""
    return float(instance.demand.sum(axis=1).max()) or 1.0
