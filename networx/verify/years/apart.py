"""What a step shows by bounds of single years: each is that of a location problem, whose proof is gone through here."""

from __future__ import annotations

import math

import numpy as np

from networx.domain.years_apart import YearsApart
from networx.domain.years_proof import YearsProof
from networx.verify.location import LocationData, ProofRefused, recomputed_bound
from networx.verify.years.data import Part, Shown, Sizes, YearsData


class BoundsOfYears:
    """Those of one proof, each recomputed in the case it was proven for, and then for every case within."""

    def __init__(self, data: YearsData, sizes: Sizes, proof: YearsProof) -> None:
        self._data, self._sizes, self._apart = data, sizes, proof.apart
        self._parent, self._change = proof.parent, proof.change_price
        self._check_shapes(proof)
        self._known: dict[int, float] = {}
        self._of_step = {int(step): at for at, step in enumerate(self._apart.step)}

    def recompute(self, case: int, after: int, part: Part) -> None:
        """The bounds that are said to hold in a case once so many of its steps are taken."""
        apart = self._apart
        for bound in np.flatnonzero((apart.apart_case == case) & (apart.apart_after == after)):
            self._known[int(bound)] = self._one(int(bound), part)

    def shows(self, step: int) -> bool:
        """Whether the step rests on bounds of years."""
        return step in self._of_step

    def shown(self, step: int, case: int) -> Shown:
        """What such a step says."""
        data, apart = self._data, self._apart
        bounds = apart.step_bound[self._of_step[step]]
        for year, bound in enumerate(bounds):
            if apart.apart_year[bound] != year or int(bound) not in self._known or not self._holds(int(bound), case):
                raise ProofRefused(f"step {step} rests on a bound of a year that does not hold there")
        rents, change = apart.apart_rents[bounds], self._change[step]
        most = 0.0 if math.isinf(data.most_changes) else data.most_changes
        parts = [*(self._known[int(bound)] for bound in bounds), *(-most * change)]
        if not np.isfinite(parts).all():
            raise ProofRefused(f"step {step} rests on a bound of a year that is none")
        years, sites = data.fixed.shape
        magnitude = float(np.abs(parts).sum() + np.abs(rents).sum())
        magnitude += float(2 * years * (data.opening + data.closing).sum() + 2 * sites * change.sum())
        return Shown(parts, data.fixed - rents, change, magnitude, len(parts) + 4 * data.fixed.size + 16)

    def _holds(self, bound: int, case: int) -> bool:
        """Whether the case lies within the one that the bound was proven for."""
        while case > self._apart.apart_case[bound]:
            case = int(self._parent[case])
        return case == int(self._apart.apart_case[bound])

    def _one(self, bound: int, part: Part) -> float:
        data, apart = self._data, self._apart
        year, service = int(apart.apart_year[bound]), float(apart.apart_service[bound])
        site, customer = np.flatnonzero(~part.closed[year]), np.flatnonzero(self._sizes.asked[year])
        if not len(site) or not len(customer):
            raise ProofRefused("a year apart has nothing to decide")
        place, demand = np.ix_(site, customer), data.demand[year, customer]
        reward = data.near[year][place] * (service / self._sizes.total[year])
        proof = apart.proof(bound, self._sizes.asked.sum(axis=1))
        own = LocationData(
            fixed=apart.apart_rents[bound, site],
            capacity=self._sizes.size[year, site],
            demand=demand,
            cost=(data.price[year][place] - reward) * demand,
            must=part.opened[year, site],
            at_least=int(part.least[year]),
            at_most=int(part.most[year]),
        )
        known = recomputed_bound(own, proof)
        credit = float(data.level[year]) * service
        # Prices less a reward are rounded, and so is what is added again.
        return known + credit - 8 * 2.0**-53 * (abs(known) + 2 * abs(credit) + service)

    def _check_shapes(self, proof: YearsProof) -> None:
        apart, (years, sites) = self._apart, self._data.fixed.shape
        bounds, steps = len(apart.apart_year), len(apart.step)
        if not bounds and not steps:
            return
        customers = self._sizes.asked.sum(axis=1)
        of_bound = (apart.apart_case, apart.apart_after, apart.apart_service, apart.apart_cases)
        fits = (
            all(part.shape == (bounds,) for part in (*of_bound, apart.apart_steps, apart.apart_settled))
            and apart.apart_rents.shape == (bounds, sites)
            and apart.step_bound.shape == (steps, years)
            and _within(apart.step, len(proof.step_case))
            and len(np.unique(apart.step)) == steps
            and _within(apart.step_bound, bounds)
            and _within(apart.apart_year, years)
            and bool(np.isfinite(apart.apart_rents).all() and np.isfinite(apart.apart_service).all())
            and bool((apart.apart_service >= 0).all())
            and all(bool((part >= 0).all()) for part in (apart.apart_cases, apart.apart_steps, apart.apart_settled))
        )
        if not fits or not _together(apart, int((apart.apart_steps * customers[apart.apart_year]).sum())):
            raise ProofRefused("its arrays do not fit together")


def _together(apart: YearsApart, numbers: int) -> bool:
    """Whether the proofs of all bounds are as long as they say."""
    cases = (apart.own_parent, apart.own_site, apart.own_opened, apart.own_impossible)
    settled = (apart.own_settled_step, apart.own_settled_site, apart.own_settled_opened)
    return (
        all(len(part) == apart.apart_cases.sum() for part in cases)
        and all(len(part) == apart.apart_steps.sum() for part in (apart.own_step_case, apart.own_size_price))
        and all(len(part) == apart.apart_settled.sum() for part in settled)
        and apart.own_pays.shape == (numbers,)
    )


def _within(indices: np.ndarray, count: int) -> bool:
    return bool(((indices >= 0) & (indices < count)).all())
