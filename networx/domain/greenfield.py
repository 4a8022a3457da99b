"""What a greenfield study is: which ZIP codes are candidates, and the best places for each number of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from networx.domain.arrays import Indices
from networx.domain.location_proof import LocationProof
from networx.domain.plan import ResultStatus


class CandidateRule(StrEnum):
    """Which ZIP centroids may be chosen."""

    OWN = "own"  # those of the destinations' own ZIP codes
    ZIP3 = "zip3"  # of every three-digit area, the ZIP code in its middle
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Places:
    """The best `count` places: `zips` in ascending order, and which of them serves each destination with demand.

    `serves` are indices into `zips` by destination, -1 for one without demand. `unit_miles` are those of all years; no
    `count` places have less than `bound`, as `proof` shows, where it was kept. Where a limit came before the proof,
    `status` is feasible.
    """

    count: int
    status: ResultStatus
    zips: tuple[str, ...]
    serves: Indices
    unit_miles: float
    bound: float | None
    gap: float | None
    proof: LocationProof | None
    seconds: float
