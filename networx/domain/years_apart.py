"""Bounds of single years in the proof of a bound where years differ, as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from networx.domain.arrays import Arrays, Flags, Floats, Indices
from networx.domain.location_proof import LocationProof


@dataclass(frozen=True, slots=True)
class YearsApart(Arrays):
    """B bounds, L steps of a proof over T years that rest on them, I sites.

    A bound says what the flows of year `apart_year` (B,) cost at least together with `apart_rents` (B, I) of the sites
    that are open in it, where all demand near by is worth `apart_service` (B,). It holds in case `apart_case` (B,) once
    its first `apart_after` (B,) steps have settled what they do, and in every case within. Its proof is one of a
    location problem of one period, over the sites that are not closed there and the customers with demand. The proofs
    of all bounds stand one after the other, with so many of `apart_cases`, `apart_steps` and `apart_settled` (B,) each;
    what begins with `own_` are their arrays, `own_pays` row after row.

    Step `step` (L,) of the proof rests on `step_bound` (L, T), a bound for each year, in place of multipliers of
    customers: that, and schedules at what is left of the fixed costs, bounds its case.
    """

    apart_case: Indices
    apart_after: Indices
    apart_year: Indices
    apart_rents: Floats
    apart_service: Floats
    apart_cases: Indices
    apart_steps: Indices
    apart_settled: Indices
    own_parent: Indices
    own_site: Indices
    own_opened: Flags
    own_impossible: Flags
    own_step_case: Indices
    own_pays: Floats
    own_size_price: Floats
    own_settled_step: Indices
    own_settled_site: Indices
    own_settled_opened: Flags
    step: Indices
    step_bound: Indices

    @classmethod
    def none(cls) -> Self:
        """No bounds, and no step that rests on one."""
        whole, number, state = np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0, dtype=np.bool_)
        return cls(
            apart_case=whole,
            apart_after=whole,
            apart_year=whole,
            apart_rents=number,
            apart_service=number,
            apart_cases=whole,
            apart_steps=whole,
            apart_settled=whole,
            own_parent=whole,
            own_site=whole,
            own_opened=state,
            own_impossible=state,
            own_step_case=whole,
            own_pays=number,
            own_size_price=number,
            own_settled_step=whole,
            own_settled_site=whole,
            own_settled_opened=state,
            step=whole,
            step_bound=whole,
        )

    @classmethod
    def joined(
        cls,
        places: Sequence[tuple[int, int, int]],
        rents: Floats,
        service: Floats,
        proofs: Sequence[LocationProof],
        steps: Sequence[int],
        bounds: Sequence[Sequence[int]],
    ) -> Self:
        """From (case, after, year) and the proof of each bound, and the steps with the bounds they rest on."""
        if not places:
            return cls.none()
        whole = np.dtype(np.intp)
        case, after, year = np.array(places, dtype=whole).T

        def together(name: str) -> np.ndarray:
            return np.concatenate([np.ravel(getattr(proof, name)) for proof in proofs])

        return cls(
            apart_case=case,
            apart_after=after,
            apart_year=year,
            apart_rents=rents,
            apart_service=service,
            apart_cases=np.array([len(proof.parent) for proof in proofs], dtype=whole),
            apart_steps=np.array([len(proof.step_case) for proof in proofs], dtype=whole),
            apart_settled=np.array([len(proof.settled_step) for proof in proofs], dtype=whole),
            own_parent=together("parent"),
            own_site=together("site"),
            own_opened=together("opened"),
            own_impossible=together("impossible"),
            own_step_case=together("step_case"),
            own_pays=together("pays"),
            own_size_price=together("size_price"),
            own_settled_step=together("settled_step"),
            own_settled_site=together("settled_site"),
            own_settled_opened=together("settled_opened"),
            step=np.array(steps, dtype=whole),
            step_bound=np.array(bounds, dtype=whole),
        )

    def proof(self, bound: int, customers: Indices) -> LocationProof:
        """That of one bound; `customers` (T,) is how many have demand in each year. Raises ValueError for no arrays."""
        case, step, settled = (
            slice(int(counts[:bound].sum()), int(counts[: bound + 1].sum()))
            for counts in (self.apart_cases, self.apart_steps, self.apart_settled)
        )
        wide = customers[self.apart_year]
        first = int((self.apart_steps * wide)[:bound].sum())
        steps, width = int(self.apart_steps[bound]), int(wide[bound])
        return LocationProof(
            parent=self.own_parent[case],
            site=self.own_site[case],
            opened=self.own_opened[case].astype(bool),
            impossible=self.own_impossible[case].astype(bool),
            step_case=self.own_step_case[step],
            pays=self.own_pays[first : first + steps * width].reshape(steps, width),
            size_price=self.own_size_price[step],
            settled_step=self.own_settled_step[settled],
            settled_site=self.own_settled_site[settled],
            settled_opened=self.own_settled_opened[settled].astype(bool),
        )
