"""The proof of a lower bound in a facility location problem, as plain arrays: cases that cover every set of sites.

An engine writes it and `networx.verify` checks it; neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from networx.domain.arrays import Arrays, Flags, Floats, Indices


@dataclass(frozen=True, slots=True)
class LocationProof(Arrays):
    """N cases, M steps, K settled sites. Case 0 is the whole problem.

    `parent`, `site` and `opened` (N,): a case is its parent with one more site opened or closed, and the two come in
    pairs; -1 for case 0. Steps belong to a case (`step_case` (M,), in order) and give what each customer pays, `pays`
    (M, J), and the price of a unit of size, `size_price` (M,); the Lagrangian function there bounds the case. A step
    may settle sites: `settled_step`, `settled_site` and `settled_opened` (K,) say that with the site in the other
    state that bound holds, so that from then on the case has it opened or closed. A case without children ends with a
    step that bounds it, or has none and is `impossible` (N,): the sites that are left cannot hold the demand.
    """

    parent: Indices
    site: Indices
    opened: Flags
    impossible: Flags
    step_case: Indices
    pays: Floats
    size_price: Floats
    settled_step: Indices
    settled_site: Indices
    settled_opened: Flags
