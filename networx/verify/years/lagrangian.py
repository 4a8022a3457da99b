"""What steps show by multipliers: what ties sites together has a price, and each site does what is best for it."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.domain.years_proof import YearsProof
from networx.verify.years.data import Part, Shown, Sizes, YearsData
from networx.verify.years.knapsacks import Knapsacks


class Multipliers:
    """Those of one proof."""

    def __init__(self, data: YearsData, sizes: Sizes, proof: YearsProof) -> None:
        self._data, self._sizes, self._proof = data, sizes, proof
        whole = np.where(sizes.total > 0, sizes.total, 1.0)
        self._reward = proof.service_price / whole
        highest = np.zeros(len(whole)) if not len(self._reward) else self._reward.max(axis=0)
        most = proof.pays.max(axis=0, initial=-math.inf)
        self._knapsacks = Knapsacks(data, sizes, self._by_unit(most), highest)

    def _by_unit(self, pays: Floats) -> Floats:
        """(T, J): of what customers with demand pay for all of it."""
        unit = np.zeros(self._data.demand.shape)
        unit[self._sizes.asked] = pays / self._data.demand[self._sizes.asked]
        return unit

    def shown(self, step: int, part: Part, fewest: Indices) -> Shown:
        """What a step says of a case in which `fewest` (T,) sites or more are open in a year."""
        data, proof, share = self._data, self._proof, self._sizes.share
        years, sites = data.fixed.shape
        pays, size, count = proof.pays[step], proof.size_price[step], proof.count_price[step]
        change, service = proof.change_price[step], proof.service_price[step]
        gains = self._knapsacks.gains(self._by_unit(pays), self._reward[step], ~part.closed)
        most = 0.0 if math.isinf(data.most_changes) else data.most_changes
        wanted = np.where(count > 0, fewest, part.most)
        parts = np.concatenate([pays, size, count * wanted, data.level * service, -most * change])
        magnitude = gains.magnitude + float(np.abs(parts).sum() + (size[:, None] * share).sum())
        magnitude += float(sites * np.abs(count).sum() + 2 * years * (data.opening + data.closing).sum())
        magnitude += float(2 * sites * change.sum())
        return Shown(
            parts=parts.tolist(),
            cost=data.fixed + gains.gain - size[:, None] * share - count[:, None],
            change=change,
            magnitude=magnitude,
            # Those of a knapsack are no more than there are customers.
            terms=len(parts) + 4 * data.fixed.size + 16,
        )
