"""What a step shows by multipliers: what ties sites together has a price, and each site does what is best for it."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.domain.years_proof import YearsProof
from networx.verify.years.data import Part, Shown, Sizes, YearsData


def shown_by_multipliers(
    data: YearsData, sizes: Sizes, proof: YearsProof, step: int, part: Part, fewest: Indices
) -> Shown:
    """Of a case in which `fewest` (T,) sites or more are open in a year."""
    years, sites = data.fixed.shape
    pays = np.zeros(data.demand.shape)
    pays[sizes.asked] = proof.pays[step]
    size, count = proof.size_price[step], proof.count_price[step]
    change, service = proof.change_price[step], proof.service_price[step]
    gain, magnitude = _gains(data, sizes, pays, service, ~part.closed)
    most = 0.0 if math.isinf(data.most_changes) else data.most_changes
    wanted = np.where(count > 0, fewest, part.most)
    parts = [*pays.ravel(), *size, *(count * wanted), *(data.level * service), *(-most * change)]
    magnitude += float(np.abs(parts).sum() + np.abs(data.fixed).sum() + (size[:, None] * sizes.share).sum())
    magnitude += float(sites * np.abs(count).sum() + 2 * years * (data.opening + data.closing).sum())
    magnitude += float(2 * sites * change.sum())
    return Shown(
        parts=parts,
        cost=data.fixed + gain - size[:, None] * sizes.share - count[:, None],
        change=change,
        magnitude=magnitude,
        terms=len(parts) + 4 * data.fixed.size + 16,
    )


def _gains(data: YearsData, sizes: Sizes, pays: Floats, service: Floats, usable: Flags) -> tuple[Floats, float]:
    """The least that service adds for each year and site, (T, I), and the sizes of all numbers added up.

    Any rent on a unit of size gives a valid bound of a knapsack, be it below 0 where a site has to ship; the one
    where it is full, or has shipped what it must, gives the best.
    """
    gain, magnitude = np.zeros(usable.shape), 0.0
    for year in np.flatnonzero(usable.any(axis=1) & (sizes.total > 0)):
        asked, sites = sizes.asked[year], np.flatnonzero(usable[year])
        demand = data.demand[year, asked]
        unit = pays[year, asked] / demand
        lanes = np.ix_(sites, asked)
        price = data.price[year][lanes] - data.near[year][lanes] * (service[year] / sizes.total[year])
        worth = price - unit
        for row, site in enumerate(sites):
            size, least = sizes.size[year, site], data.least[site]
            # What would only cost is shipped by no one but who has to ship; without a lane it is inf, and never.
            lane = np.flatnonzero(np.isfinite(worth[row]) if least > 0 else worth[row] < 0)
            rent = _rent(worth[row, lane], demand[lane], size, least)
            left = demand[lane] * np.minimum(worth[row, lane] + rent, 0.0)
            gain[year, site] = float(left.sum()) - max(rent, 0.0) * size + max(-rent, 0.0) * least
            taken = lane[left < 0]
            numbers = np.abs(price[row, taken]) + np.abs(unit[taken]) + abs(rent)
            magnitude += float(numbers @ demand[taken]) + abs(rent) * max(size, least)
    return gain, magnitude


def _rent(worth: Floats, demand: Floats, size: float, least: float) -> float:
    """The rent on a unit of size at which a knapsack of lanes worth `worth` a unit is best bounded."""
    wanted = float(demand[worth < 0].sum())
    if least <= wanted <= size or not len(worth):
        return 0.0
    order = np.argsort(worth)
    filled = np.cumsum(demand[order])
    at = int(np.searchsorted(filled, size if wanted > size else least))
    return float(-worth[order[min(at, len(order) - 1)]])
