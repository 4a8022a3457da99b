"""Location problems for tests: small ones of every kind, and a few with a shape that an engine must work for."""

from dataclasses import fields

import numpy as np
import numpy.typing as npt

from networx.domain.location_proof import LocationProof
from networx.solver.linear import Assembly, LinearModel
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.verify.location import LocationData, recomputed_bound

QUIET = Watch(lambda *_: None, lambda _: None, lambda: False)


def problem(
    fixed: npt.ArrayLike,
    cost: npt.ArrayLike,
    *,
    at_least: int = 0,
    at_most: int | None = None,
    must: npt.ArrayLike | None = None,
) -> LocationProblem:
    """Without capacities; `cost` is (I, J)."""
    costs = np.array(cost, dtype=np.float64)
    sites, customers = costs.shape
    return LocationProblem(
        fixed=np.array(fixed, dtype=np.float64),
        capacity=np.full(sites, np.inf),
        demand=np.ones(customers),
        cost=costs,
        must=np.zeros(sites, dtype=bool) if must is None else np.array(must, dtype=bool),
        at_least=at_least,
        at_most=sites if at_most is None else at_most,
    )


def on_a_map(
    sites: int, customers: int, *, seed: int, count: int | None = None, fixed: float = 0.0, weights: int = 36
) -> LocationProblem:
    """Sites and customers at random places of a square of 1,000, a whole weight below `weights` for each customer.

    With `count` exactly so many sites are open; else each costs `fixed`, more or less a fifth.
    """
    rng = np.random.default_rng(seed)
    here, there = rng.random((sites, 1, 2)) * 1000, rng.random((1, customers, 2)) * 1000
    cost = np.hypot(*np.moveaxis(here - there, 2, 0)) * rng.integers(5, weights, customers)
    if count is not None:
        return problem(np.zeros(sites), cost, at_least=count, at_most=count)
    return problem(rng.uniform(0.8, 1.2, sites) * fixed, cost)


def any_kind(seed: int) -> LocationProblem:
    """A small problem with whatever there is: ties, zeros, one site, missing lanes, mandatory sites, any count."""
    rng = np.random.default_rng(seed)
    sites, customers = int(rng.choice([1, 2, 3, 5, 8, 12, 20])), int(rng.choice([1, 2, 4, 9, 20, 40]))
    cost = _costs(rng, sites, customers)
    if rng.random() < 0.3:
        cost[rng.random(cost.shape) < rng.choice([0.1, 0.5, 0.8])] = np.inf
    finite = cost[np.isfinite(cost)]
    middle = float(finite.mean()) if finite.size else 1.0
    fixed = rng.choice([0.0, 1.0]) * rng.random(sites) * middle * customers * rng.choice([0.01, 0.2, 1.5])
    if rng.random() < 0.2:
        fixed[:] = fixed.mean()
    if rng.random() < 0.1:  # earnings, some sites
        fixed -= fixed.mean()
    at_least, at_most = 0, sites
    if rng.random() < 0.7:
        at_least = int(rng.integers(0, sites + 1))
        at_most = at_least if rng.random() < 0.6 else int(rng.integers(at_least, sites + 1))
    must = (rng.random(sites) < 0.15) & (rng.random() < 0.3)
    return problem(fixed, cost, at_least=at_least, at_most=at_most, must=must)


def _costs(rng: np.random.Generator, sites: int, customers: int) -> npt.NDArray[np.float64]:
    kind = rng.choice(["few", "whole", "same", "map", "cents", "unlike"])
    if kind == "few":
        return rng.integers(0, 4, (sites, customers)).astype(float)
    if kind == "whole":
        return rng.integers(0, rng.choice([20, 1000]), (sites, customers)).astype(float)
    if kind == "same":
        return np.full((sites, customers), float(rng.integers(0, 9)))
    miles = np.hypot(*(rng.random((2, sites, 1)) - rng.random((2, 1, customers))))
    cost = miles * rng.integers(1, 36, customers) * rng.choice([1e-3, 1.0, 1e4])
    if kind == "cents":
        return np.round(cost, 2)
    return cost * 10.0 ** rng.integers(-3, 4, customers) if kind == "unlike" else cost


def as_linear(problem: LocationProblem) -> LinearModel:
    """The same without capacities as a mixed-integer model, in its strong form."""
    sites, customers = problem.cost.shape
    assembly = Assembly()
    opened = assembly.add_columns("open", problem.fixed, problem.must.astype(float), 1.0, integer=True)
    site, customer = np.nonzero(np.isfinite(problem.cost))
    share = assembly.add_columns("share", problem.cost[site, customer], 0.0, 1.0)
    assembly.add_rows("served", 1.0, 1.0, customers, (customer, share, 1.0))
    lane = np.arange(len(site))
    assembly.add_rows("link", -np.inf, 0.0, len(site), (lane, share, 1.0), (lane, opened[site], -1.0))
    none = np.zeros(sites, dtype=int)
    assembly.add_rows("count", problem.at_least, problem.at_most, 1, (none, opened, 1.0))
    return assembly.model()


def flaws(problem: LocationProblem, plan: LocationPlan) -> list[str]:
    """What is wrong with a plan of a problem without capacities, its cost included."""
    found = []
    served = np.bincount(plan.customer, plan.share, minlength=len(problem.demand))
    if np.abs(served - 1.0).max(initial=0.0) > 1e-9 or (plan.share <= 0).any():
        found.append("a customer's shares are not all of its demand")
    if not plan.opened[plan.site].all():
        found.append("a closed site serves")
    if (problem.must & ~plan.opened).any():
        found.append("a mandatory site is closed")
    if not problem.at_least <= plan.opened.sum() <= problem.at_most:
        found.append("too many or too few sites are open")
    cost = problem.fixed[plan.opened].sum() + (problem.cost[plan.site, plan.customer] * plan.share).sum()
    if not abs(cost - plan.cost) <= 1e-9 * max(abs(cost), np.abs(problem.fixed).sum(), 1e-9):
        found.append(f"it costs {cost}, not {plan.cost}")
    return found


def proven(problem: LocationProblem, answer: LocationAnswer) -> float:
    """What the answer's proof shows, recomputed by the checker of certificates."""
    assert answer.proof is not None
    return recomputed_bound(_data(problem), answer.proof)


def proven_alone(problem: LocationProblem, answer: LocationAnswer) -> float:
    """What the answer's multipliers show by themselves, of all plans."""
    assert answer.multipliers is not None
    one = np.zeros(1, dtype=np.intp)
    none, nothing = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=bool)
    root, no = one - 1, np.zeros(1, dtype=bool)
    proof = LocationProof(root, root, no, no, one, answer.multipliers[None, :], np.zeros(1), none, none, nothing)
    return recomputed_bound(_data(problem), proof)


def _data(problem: LocationProblem) -> LocationData:
    return LocationData(**{field.name: getattr(problem, field.name) for field in fields(problem)})
