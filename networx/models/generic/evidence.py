"""Why a model has no answer: multipliers that add up to a contradiction, an elastic optimum, or a ray without end.

Each is found by a linear model of its own, so that it can be checked without trusting the solver that said so.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse

from networx.domain.arrays import Floats
from networx.solver.highs import solve
from networx.solver.linear import LinearModel
from networx.solver.outcome import Ending, Limits, Solution

_NOTHING = 1e-9


def farkas(model: LinearModel, seconds: float) -> Floats | None:
    """Multipliers of the rows (each in [-1, 1]) that prove the relaxation empty, or None if they prove nothing.

    A row with a positive multiplier stands for its lower end, one with a negative for its upper end.
    """
    rows, columns = model.matrix.shape
    ends = (model.row_lower, -model.row_upper, model.lower, -model.upper)
    worth = np.concatenate(ends)
    usable = np.isfinite(worth)
    identity = sparse.identity(columns, format="csc")
    transposed = model.matrix.T
    stacked = sparse.hstack([transposed, -transposed, identity, -identity], format="csc")
    matrix = sparse.csc_matrix(stacked[:, usable])
    proof = _linear(cost=-worth[usable], lower=0.0, upper=_scaled(rows, columns)[usable], matrix=matrix)
    found = solve(proof, Limits(seconds, 0.0))
    if found.ending is not Ending.OPTIMAL or found.values is None or (found.objective or 0.0) >= -_NOTHING:
        return None
    weights = np.zeros(len(worth))
    weights[usable] = found.values
    multipliers: Floats = weights[:rows] - weights[rows : 2 * rows]
    largest = np.abs(multipliers).max(initial=0.0)
    return multipliers / largest if largest > 0 else multipliers


def _scaled(rows: int, columns: int) -> Floats:
    # Only the rows need a limit for the proof to have one; bounds follow from them.
    return np.concatenate([np.ones(2 * rows), np.full(2 * columns, np.inf)])


def elastic(model: LinearModel, limits: Limits) -> tuple[Solution, Floats, Floats]:
    """The least that rows must give way in all for an answer to exist; by row what is short and what is over."""
    rows, columns = model.matrix.shape
    short, over = np.isfinite(model.row_lower), np.isfinite(model.row_upper)
    identity = sparse.identity(rows, format="csc")
    matrix = sparse.csc_matrix(sparse.hstack([model.matrix, identity[:, short], -identity[:, over]]))
    slacks = int(short.sum() + over.sum())
    softened = LinearModel(
        cost=np.concatenate([np.zeros(columns), np.ones(slacks)]),
        lower=np.concatenate([model.lower, np.zeros(slacks)]),
        upper=np.concatenate([model.upper, np.full(slacks, np.inf)]),
        row_lower=model.row_lower,
        row_upper=model.row_upper,
        matrix=matrix,
        integer=np.concatenate([model.integer, np.zeros(slacks, dtype=bool)]),
        rows={},
        columns={},
    )
    found = solve(softened, limits)
    by_row = np.zeros((2, rows))
    if found.values is not None:
        slack = found.values[columns:]
        by_row[0, short] = slack[: int(short.sum())]
        by_row[1, over] = slack[int(short.sum()) :]
    return found, by_row[0], by_row[1]


def ray(model: LinearModel, seconds: float) -> Floats | None:
    """A direction (each part in [-1, 1]) that no row and no bound ends and along which the cost falls, or None."""
    directions = _linear(
        cost=model.cost,
        lower=np.where(np.isfinite(model.lower), 0.0, -1.0),
        upper=np.where(np.isfinite(model.upper), 0.0, 1.0),
        matrix=model.matrix,
        row_lower=np.where(np.isfinite(model.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(model.row_upper), 0.0, np.inf),
    )
    found = solve(directions, Limits(seconds, 0.0))
    if found.ending is not Ending.OPTIMAL or found.values is None or (found.objective or 0.0) >= -_NOTHING:
        return None
    return found.values


def _linear(
    *,
    cost: Floats,
    lower: Floats | float,
    upper: Floats | float,
    matrix: sparse.csc_matrix,
    row_lower: Floats | float = 0.0,
    row_upper: Floats | float = 0.0,
) -> LinearModel:
    rows, columns = matrix.shape
    return LinearModel(
        cost=cost,
        lower=np.broadcast_to(lower, columns).astype(float),
        upper=np.broadcast_to(upper, columns).astype(float),
        row_lower=np.broadcast_to(row_lower, rows).astype(float),
        row_upper=np.broadcast_to(row_upper, rows).astype(float),
        matrix=matrix,
        integer=np.zeros(columns, dtype=bool),
        rows={},
        columns={},
    )
