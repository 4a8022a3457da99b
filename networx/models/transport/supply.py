"""How much more suppliers would have to send for the rest to hold: the model again, with supply that gives way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy.sparse as sparse

from networx.domain.phrases import in_year
from networx.domain.plan import Clash
from networx.models.transport.formulation import formulate
from networx.models.transport.inbound import inbound_columns
from networx.models.transport.instance import TransportInstance
from networx.models.transport.periods import separate_years
from networx.models.transport.shortages import units
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Solution

PROVEN_SHORT = 1e-8  # share of a year's demand; less than this is the solver's tolerance


def supply_needed(instance: TransportInstance, run: Callable[[LinearModel], Solution]) -> list[Clash]:
    """A clash for each year in which more supply, over the lanes that there are, would do by itself."""
    inbound = instance.inbound
    limited = np.flatnonzero(np.isfinite(inbound.supply))
    if not len(limited):
        return []
    endless = replace(inbound, supply=np.full(len(inbound), np.inf))
    loose = replace(instance, inbound=endless)
    totals = instance.demand.sum(axis=1)
    least = run(_least_more(loose, inbound.supply, totals))
    if least.ending is not Ending.OPTIMAL or least.values is None:
        return []  # more supply alone does not help, or it is not known how much would
    more = least.values[-len(totals) * len(inbound) :].reshape(len(totals), len(inbound)) * totals[:, None]
    return [
        _clash(instance.years[year], float(more[year].sum()), _names(instance, more[year]))
        for year in np.flatnonzero(more.sum(axis=1) > PROVEN_SHORT * totals)
    ]


def _least_more(loose: TransportInstance, supply: np.ndarray, totals: np.ndarray) -> LinearModel:
    """Least units above the supply: a column more for each year and supplier, in shares of the year's demand."""
    periods = separate_years(loose)
    model = formulate(loose, periods, tighten=False)
    columns = inbound_columns(loose.inbound, periods.capacity)
    size, before = len(totals) * len(supply), model.matrix.shape[1]
    scale = np.repeat(np.where(totals > 0, totals, 1.0), len(supply))
    row = columns.period * len(supply) + loose.inbound.supplier[columns.lane]
    sent = sparse.csc_matrix(
        (
            columns.most_units / scale[row],
            (row, model.columns["inbound"].start + np.arange(len(row))),
        ),
        shape=(size, before),
    )
    more = sparse.csc_matrix(-sparse.identity(size))
    kept = sparse.csc_matrix((model.matrix.shape[0], size))
    return replace(
        model,
        cost=np.concatenate([np.zeros(before), scale]),
        offset=0.0,
        lower=np.concatenate([model.lower, np.zeros(size)]),
        upper=np.concatenate([model.upper, np.ones(size)]),
        integer=np.concatenate([model.integer, np.zeros(size, dtype=bool)]),
        matrix=sparse.bmat([[model.matrix, kept], [sent, more]], format="csc"),
        row_lower=np.concatenate([model.row_lower, np.full(size, -np.inf)]),
        row_upper=np.concatenate([model.row_upper, np.tile(supply, len(totals)) / scale]),
    )


def _names(instance: TransportInstance, more: np.ndarray) -> str:
    return ", ".join(
        f"{instance.inbound.names[supplier]} {units(float(more[supplier]))}" for supplier in np.flatnonzero(more > 0)
    )


def _clash(year: int, short: float, names: str) -> Clash:
    return Clash(
        "supply_units",
        f"What suppliers can send{in_year(year)} cannot meet the other requirements; {units(short)} more can.",
        short,
        "units",
        year,
        f"Raise supply_units, for example of {names}.",
    )
