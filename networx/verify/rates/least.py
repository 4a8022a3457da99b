"""Whether figures fitted to one band have the least loss, shown by a bound that no others can be below.

The loss is the sum of h(a x - b) over the shipments: a their columns (1, miles, cwt x miles), b their dollars, h(r) =
r^2 / 2 up to k and k |r| - k^2 / 2 beyond it (Huber). For every y with |y| <= k and a'y >= 0 in each column, no
x >= 0 has a loss below -b'y - y'y / 2 (weak duality: h(r) is the largest of y r - y^2 / 2). The residuals of the
figures, cut off at k, are such a y but for rounding, where a'y is 0 for each figure above 0: what is left of that is
taken from the shipments within k, and since no column is below 0, a little added to all mends the rest.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from networx.domain.arrays import Floats

ODD = 1.345 * 1.4826  # of the median of what plain least squares leave
DEPENDENT = 1e-6  # of scaled columns; closer together they say the same
_TRIES = 60
_ROUNDS = 3


def scaled_columns(miles: Floats, pounds: Floats) -> tuple[Floats, Floats]:
    """1, miles and cwt x miles of each shipment, a column each, none above 1; and what each was divided by."""
    columns = np.stack([np.ones(len(miles)), miles, miles * pounds / 100], axis=1)
    scale = columns.max(axis=0)
    return columns / np.where(scale > 0, scale, 1.0), scale


def tell_apart(columns: Floats) -> bool:
    """Whether none of the columns is made of the others."""
    return bool(columns.max(axis=0).all()) and int(np.linalg.matrix_rank(columns, rtol=DEPENDENT)) == columns.shape[1]


def odd_beyond(columns: Floats, dollars: Floats, least: float) -> float:
    """The k of the loss, `least` or more: of plain least squares with no figure below 0, each set of figures tried."""
    best, left = float(dollars @ dollars), dollars
    for count in range(1, columns.shape[1] + 1):
        for used in combinations(range(columns.shape[1]), count):
            part = columns[:, used]
            figures = np.linalg.lstsq(part, dollars, rcond=None)[0]
            residual = part @ figures - dollars
            if (figures >= 0).all() and float(residual @ residual) < best:
                best, left = float(residual @ residual), residual
    return max(ODD * float(np.median(np.abs(left))), least)


def loss_and_bound(columns: Floats, dollars: Floats, figures: Floats, odd: float) -> tuple[float, float]:
    """The loss of the figures, and what none can be below."""
    left = columns @ figures - dollars
    cut = np.clip(left, -odd, odd)
    loss = float((cut * (left - cut / 2)).sum())
    cut = _balanced(columns[:, figures > 0], cut, odd)
    more = max(0.0, -float((columns.T @ cut / columns.sum(axis=0)).min()))
    for _ in range(_TRIES):
        told = np.minimum(cut + more, odd)
        if (columns.T @ told >= 0).all():
            return loss, -float(dollars @ told) - float(told @ told) / 2
        more = 2 * more if more > 0 else 1e-300
    return loss, -np.inf


def _balanced(columns: Floats, cut: Floats, most: float) -> Floats:
    """`cut` so changed within its limits that each of the columns comes to nearly 0."""
    for _ in range(_ROUNDS):
        inside = columns[np.abs(cut) < most]
        change = np.linalg.lstsq(inside.T @ inside, columns.T @ cut, rcond=None)[0]
        cut = np.where(np.abs(cut) < most, np.clip(cut - columns @ change, -most, most), cut)
    return cut
