"""The kinds of proof that may come with a plan's bound, and how each is told from its arrays."""

from __future__ import annotations

from typing import Any

from networx.domain.location_proof import LocationProof
from networx.domain.single_source_proof import SingleSourceProof
from networx.domain.years_proof import YearsProof

BoundProof = LocationProof | SingleSourceProof | YearsProof

# By the name that a result gives them.
KINDS: dict[str, type[BoundProof]] = {
    "location": LocationProof,
    "single_source": SingleSourceProof,
    "years": YearsProof,
}


def kind_of(proof: BoundProof) -> str:
    """The name of the proof's kind."""
    return next(name for name, kind in KINDS.items() if type(proof) is kind)


def bound_proof(arrays: Any) -> BoundProof:
    """The proof whose arrays these are, by the one that it alone has. Raises KeyError where a part is missing."""
    if "settled_year" in arrays:
        return YearsProof.from_arrays(arrays)
    return SingleSourceProof.from_arrays(arrays) if "customer" in arrays else LocationProof.from_arrays(arrays)
