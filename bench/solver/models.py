"""A location problem as a mixed-integer model, in the two forms that solvers are given."""

from __future__ import annotations

from pathlib import Path

import highspy
import numpy as np

from networx.solver.linear import Assembly, LinearModel
from networx.solver.location.problem import LocationProblem


def linear(problem: LocationProblem, *, strong: bool) -> LinearModel:
    """`strong` has a row a lane (a site serves only when it is open); weak has one a site, over all it serves."""
    sites, customers = problem.cost.shape
    assembly = Assembly()
    opened = assembly.add_columns("open", problem.fixed, problem.must.astype(float), 1.0, integer=True)
    site, customer = np.nonzero(np.isfinite(problem.cost))
    share = assembly.add_columns("share", problem.cost[site, customer], 0.0, 1.0)
    assembly.add_rows("served", 1.0, 1.0, customers, (customer, share, 1.0))
    if strong:
        lane = np.arange(len(site))
        assembly.add_rows("link", -np.inf, 0.0, len(site), (lane, share, 1.0), (lane, opened[site], -1.0))
    limited = np.isfinite(problem.capacity)
    if limited.any():
        place = np.cumsum(limited) - 1
        lanes = limited[site]
        use = (place[site[lanes]], share[lanes], problem.demand[customer[lanes]])
        room = (np.arange(limited.sum()), opened[limited], -problem.capacity[limited])
        assembly.add_rows("capacity", -np.inf, 0.0, int(limited.sum()), use, room)
    if not (strong or limited.all()):
        lanes = np.bincount(site, minlength=sites).astype(float)
        rest = np.flatnonzero(~limited)
        place = np.cumsum(~limited) - 1
        of_rest = ~limited[site]
        use = (place[site[of_rest]], share[of_rest], 1.0)
        assembly.add_rows("serves", -np.inf, 0.0, len(rest), use, (np.arange(len(rest)), opened[rest], -lanes[rest]))
    none = np.zeros(sites, dtype=int)
    assembly.add_rows("count", max(problem.at_least, 1), problem.at_most, 1, (none, opened, 1.0))
    return assembly.model()


def write_mps(model: LinearModel, path: Path) -> None:
    """The model as an MPS file, for solvers in an environment of their own."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = model.matrix.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = model.matrix.indptr, model.matrix.indices
    lp.a_matrix_.value_ = model.matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[whole] for whole in model.integer.tolist()]
    highs.passModel(lp)
    highs.writeModel(str(path))
