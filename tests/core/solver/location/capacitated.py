"""Random location problems of every awkward kind, and their optimum by HiGHS on the plain model."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse

from networx.solver import highs
from networx.solver.linear import Assembly
from networx.solver.location.problem import LocationPlan, LocationProblem
from networx.solver.outcome import Ending, Limits


def random_problem(seed: int) -> LocationProblem:
    """Small: unequal and tight capacities, ties, zeros, one site or customer, missing lanes and counts by turns."""
    draw = np.random.default_rng(seed)
    sites, customers = int(draw.integers(1, 13)), int(draw.integers(1, 31))
    demands = [draw.integers(1, 36, customers), np.ones(customers), draw.uniform(0.1, 9, customers)]
    demand = draw.choice(demands).astype(float)
    places, ends = draw.random((sites, 2)), draw.random((customers, 2))
    miles = np.hypot(places[:, None, 0] - ends[None, :, 0], places[:, None, 1] - ends[None, :, 1])
    kind = draw.integers(0, 6)
    if kind == 0:
        cost = draw.integers(0, 4, (sites, customers)).astype(float)
    elif kind == 1:
        cost = np.full((sites, customers), float(draw.integers(0, 3)))
    else:
        cost = np.round(miles * demand * 10, 2)
    capacity = draw.integers(10, 161, sites).astype(float)
    ratio = draw.choice([0.98, 1.0, 1.05, 1.5, 3.0, 6.0])
    capacity = capacity * ratio * demand.sum() / capacity.sum()
    if draw.random() < 0.25:
        capacity[:] = capacity.mean()
    if draw.random() < 0.3:
        capacity = np.ceil(capacity)
    capacity[draw.random(sites) < draw.choice([0.0, 0.0, 0.3])] = np.inf
    capacity[draw.random(sites) < draw.choice([0.0, 0.0, 0.2])] = 0.0
    finite = np.where(np.isfinite(capacity), capacity, demand.sum())
    fixed = np.round(draw.uniform(0, 90, sites) + draw.uniform(100, 110, sites) * np.sqrt(finite), 2)
    fixed *= draw.choice([0.0, 0.05, 0.3, 1.0])
    fixed[draw.random(sites) < draw.choice([0.0, 0.0, 0.3])] = 0.0
    cost = np.where(draw.random(cost.shape) < draw.choice([0.0, 0.0, 0.2, 0.6]), np.inf, cost)
    must = draw.random(sites) < draw.choice([0.0, 0.0, 0.2])
    at_least, at_most = 0, sites
    if draw.random() < 0.3:
        at_least = int(draw.integers(0, sites + 1))
    if draw.random() < 0.4:
        at_most = int(draw.integers(max(at_least, 1), sites + 1))
    return LocationProblem(fixed, capacity, demand, cost, must, at_least, at_most)


def by_highs(problem: LocationProblem) -> float | None:
    """The optimum, or None where there is none."""
    sites = len(problem.fixed)
    site, customer = np.nonzero(np.isfinite(problem.cost))
    assembly = Assembly()
    opened = assembly.add_columns("open", problem.fixed, problem.must, 1.0, integer=True)
    share = assembly.add_columns("share", problem.cost[site, customer], 0.0, 1.0)
    lane = np.arange(len(site))
    assembly.add_rows("demand", 1.0, 1.0, len(problem.demand), (customer, share, 1.0))
    assembly.add_rows("link", -np.inf, 0.0, len(site), (lane, share, 1.0), (lane, opened[site], -1.0))
    total = problem.demand.sum()
    size = np.minimum(problem.capacity, total)
    assembly.add_rows(
        "capacity",
        -np.inf,
        0.0,
        sites,
        (site, share, problem.demand[customer] / total),
        (np.arange(sites), opened, -size / total),
    )
    assembly.add_rows("count", problem.at_least, problem.at_most, 1, (np.zeros(sites), opened, 1.0))
    solution = highs.solve(assembly.model(), Limits(60.0, 1e-9))
    if solution.ending is Ending.INFEASIBLE:
        return None
    assert solution.ending is Ending.OPTIMAL
    return solution.objective


def faults_of(problem: LocationProblem, plan: LocationPlan) -> list[str]:
    """What is wrong with a plan, recomputed."""
    sent = sparse.coo_matrix((plan.share, (plan.site, plan.customer)), shape=problem.cost.shape).toarray()
    count = int(plan.opened.sum())
    used = sent > 0
    cost = problem.fixed[plan.opened].sum() + (sent[used] * problem.cost[used]).sum()
    wrong = {
        "demand": np.abs(sent.sum(axis=0) - 1).max() > 1e-9,
        "capacity": (sent @ problem.demand > problem.capacity * (1 + 1e-7) + 1e-9 * problem.demand.sum()).any(),
        "closed": used[~plan.opened].any(),
        "must": (problem.must & ~plan.opened).any(),
        "count": not problem.at_least <= count <= problem.at_most,
        "cost": not abs(cost - plan.cost) <= 1e-9 * max(abs(cost), 1.0),
        "negative": (plan.share <= 0).any(),
    }
    return [name for name, faulty in wrong.items() if faulty]
