"""Problems in which one site serves all of a customer: their optimum by HiGHS or by trying everything, and faults."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from itertools import product

import numpy as np

from networx.solver import highs
from networx.solver.linear import Assembly
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem
from networx.solver.outcome import Ending, Limits
from networx.verify.location import LocationData
from networx.verify.single_source import recomputed_single_source_bound
from tests.core.solver.location.capacitated import faults_of


def holmberg_like(sites: int, customers: int, *, seed: int, ratio: float, whole: bool = True) -> LocationProblem:
    """Sites and customers on a map, unequal capacities of `ratio` times the demand; whole numbers, or cents."""
    draw = np.random.default_rng(seed)
    places, ends = draw.uniform(0, 200, (sites, 1, 2)), draw.uniform(0, 200, (1, customers, 2))
    demand = draw.integers(10, 31, customers).astype(float)
    capacity = draw.uniform(0.6, 1.4, sites)
    capacity = np.ceil(capacity * ratio * demand.sum() / capacity.sum())
    cost = np.hypot(*np.moveaxis(places - ends, 2, 0)) * 4
    fixed = draw.uniform(300, 700, sites)
    decimals = 0 if whole else 2
    return LocationProblem(
        np.round(fixed, decimals), capacity, demand, np.round(cost, decimals), np.zeros(sites, bool), 0, sites
    )


def by_trying_all(problem: LocationProblem) -> float | None:
    """The optimum of a very small problem, or None where there is none."""
    sites, customers = problem.cost.shape
    best = None
    for chosen in product((False, True), repeat=sites):
        opened = np.array(chosen)
        if (problem.must & ~opened).any() or not problem.at_least <= opened.sum() <= problem.at_most:
            continue
        for assignment in product(np.flatnonzero(opened), repeat=customers):
            site = np.array(assignment, dtype=np.intp)
            used = np.bincount(site, problem.demand, sites)
            cost = problem.fixed[opened].sum() + problem.cost[site, np.arange(customers)].sum()
            fits = (used <= problem.capacity * (1 + 1e-9)).all()
            if fits and np.isfinite(cost) and (best is None or cost < best):
                best = float(cost)
    return best


def whole_by_highs(problem: LocationProblem, seconds: float = 60.0) -> float | None:
    """The optimum, None where there is none, or NaN where HiGHS does not know after that time."""
    sites = len(problem.fixed)
    holds = problem.demand <= problem.capacity[:, None] * (1 + 1e-9)
    site, customer = np.nonzero(np.isfinite(problem.cost) & holds)
    assembly = Assembly()
    opened = assembly.add_columns("open", problem.fixed, problem.must, 1.0, integer=True)
    serves = assembly.add_columns("serves", problem.cost[site, customer], 0.0, 1.0, integer=True)
    lane = np.arange(len(site))
    assembly.add_rows("demand", 1.0, 1.0, len(problem.demand), (customer, serves, 1.0))
    assembly.add_rows("link", -np.inf, 0.0, len(site), (lane, serves, 1.0), (lane, opened[site], -1.0))
    total = problem.demand.sum()
    size = np.minimum(problem.capacity, total)
    assembly.add_rows(
        "capacity",
        -np.inf,
        0.0,
        sites,
        (site, serves, problem.demand[customer] / total),
        (np.arange(sites), opened, -size / total),
    )
    assembly.add_rows("count", problem.at_least, problem.at_most, 1, (np.zeros(sites), opened, 1.0))
    solution = highs.solve(assembly.model(), Limits(seconds, 1e-9))
    if solution.ending in {Ending.INFEASIBLE, Ending.UNBOUNDED_OR_INFEASIBLE}:
        return None
    if solution.ending is not Ending.OPTIMAL:
        return math.nan
    return solution.objective


def faults_of_whole(problem: LocationProblem, plan: LocationPlan) -> list[str]:
    """What is wrong with a plan, recomputed."""
    split = [] if len(plan.customer) == len(problem.demand) and (plan.share == 1).all() else ["a customer is split"]
    return faults_of(problem, plan) + split


def proven_bound(problem: LocationProblem, answer: LocationAnswer) -> float:
    """What the answer's proof shows, recomputed by the checker of certificates."""
    assert answer.proof is not None
    return recomputed_single_source_bound(data_of(problem), answer.proof)


def data_of(problem: LocationProblem) -> LocationData:
    return LocationData(**{field.name: getattr(problem, field.name) for field in fields(problem)})


def tiny(seed: int, problem: LocationProblem) -> LocationProblem:
    """A part of a problem, small enough to try everything."""
    sites, customers = min(4, len(problem.fixed)), min(5, len(problem.demand))
    cut = replace(
        problem,
        fixed=problem.fixed[:sites],
        capacity=problem.capacity[:sites],
        demand=problem.demand[:customers],
        cost=problem.cost[:sites, :customers],
        must=problem.must[:sites],
        at_least=min(problem.at_least, sites),
        at_most=min(problem.at_most, sites),
    )
    scale = np.random.default_rng(seed).choice([0.3, 0.6, 1.0])
    return replace(cut, capacity=cut.capacity * scale)
