"""The proof of a lower bound where one site serves all of a customer, as plain arrays: cases that cover every plan.

An engine writes it and `networx.verify` checks it; neither knows the other. What they share is how units are counted on
a grid, so that whatever fits in units fits in steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Arrays, Flags, Floats, Indices, Ints

MOST_STEPS = 2.0**53  # beyond, floats do not count
TOLERANCE = 1e-9  # relative; what exceeds a site's size by less counts as fitting


def weight_on_grid(demand: Floats, grid: float) -> Ints:
    """Demands in whole steps of `grid` units, rounded down."""
    return np.floor(np.minimum(demand / grid * (1 + TOLERANCE), MOST_STEPS)).astype(np.int64)


def room_on_grid(size: Floats, grid: float) -> Ints:
    """Sizes in whole steps: as many as demands that fit, with the tolerance, can come to."""
    return np.floor(np.minimum(size / grid * (1 + 4 * TOLERANCE), MOST_STEPS)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class SingleSourceProof(Arrays):
    """N cases, M steps, K settled questions. Case 0 is the whole problem.

    `parent`, `site`, `customer` and `chosen` (N,): a case is its parent with one more question answered, and the two
    answers come in pairs. With `customer` -1 the question is whether the site is open, else whether it serves that
    customer. Steps belong to a case (`step_case` (M,), in order) and give what each customer pays, `pays` (M, J), and
    the price of a unit of size, `size_price` (M,); the Lagrangian function there, with a knapsack of whole customers
    for each site, bounds the case. A step may settle questions: `settled_step`, `settled_site`, `settled_customer` and
    `settled_chosen` (K,) say that with the other answer that bound holds, so that from then on the case has this one.
    A case without children ends with a step that bounds it, or has none and is `impossible` (N,). Knapsacks count in
    steps of `grid` (1,) units. Every cost is a multiple of `lattice` (1,), but for rounding; 0 where none is.
    """

    parent: Indices
    site: Indices
    customer: Indices
    chosen: Flags
    impossible: Flags
    step_case: Indices
    pays: Floats
    size_price: Floats
    settled_step: Indices
    settled_site: Indices
    settled_customer: Indices
    settled_chosen: Flags
    grid: Floats
    lattice: Floats
