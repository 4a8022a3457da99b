"""The proof of a bound gone through again, with dense sums and no code of the engines: problems without capacities."""

import numpy as np
import numpy.typing as npt

from networx.solver.location.problem import LocationProblem, LocationProof

ROUNDING = 1e-9  # of all that is added up


def lagrangian(problem: LocationProblem, multipliers: npt.ArrayLike) -> float:
    """The bound that multipliers prove by themselves."""
    none = np.zeros_like(problem.must)
    bound, _ = _bounds(problem, np.array(multipliers), problem.must, none)
    return bound


def is_proven(problem: LocationProblem, proof: LocationProof, claim: float) -> bool:
    """Whether every end of the branching proves the claim."""
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(proof.parent.tolist()):
        children.setdefault(parent, []).append(node)
    sums = np.abs(problem.cost[np.isfinite(problem.cost)]).sum() + np.abs(problem.fixed).sum()
    enough = claim - ROUNDING * (abs(claim) + 1e-3 * sums)
    waiting = [(0, problem.must.copy(), np.zeros_like(problem.must), -1)]
    if children[-1] != [0]:
        return False
    while waiting:
        node, opened, closed, use = waiting.pop()
        use = int(proof.use[node]) if proof.use[node] >= 0 else use
        bound, flips = _bounds(problem, proof.multipliers[use], opened, closed)
        free = ~(opened | closed)
        if bound >= enough or opened.sum() > problem.at_most or (~closed).sum() < _least(problem):
            continue
        # A flip to open has its bound in the first row, one to closed in the second.
        opened, closed = opened | (free & (flips[1] >= enough)), closed | (free & (flips[0] >= enough))
        if (opened & closed).any():
            continue
        below = children.get(node, [])
        if not below:
            if (opened | closed).all() and opened.any() and _cost(problem, opened) >= enough:
                continue
            return False
        held = [(int(proof.site[child]), bool(proof.opened[child])) for child in below]
        if len(held) == 1 and held[0][0] == -1:
            waiting.append((below[0], opened, closed, use))
            continue
        if sorted(held) != [(held[0][0], False), (held[0][0], True)]:
            return False
        for child, (site, is_open) in zip(below, held, strict=True):
            more = np.zeros_like(opened)
            more[site] = True
            if (more & (closed if is_open else opened)).any():
                continue
            waiting.append((child, opened | (more & is_open), closed | (more & (not is_open)), use))
    return True


def _least(problem: LocationProblem) -> int:
    return max(problem.at_least, 1)


def _bounds(problem: LocationProblem, multipliers: np.ndarray, opened: np.ndarray, closed: np.ndarray):
    """The Lagrangian bound with sites held, and (2, I) the bounds with one more held open or closed."""
    values = problem.fixed + np.minimum(problem.cost - multipliers, 0.0).sum(axis=1)
    base = multipliers.sum()

    def least(opened: np.ndarray, closed: np.ndarray) -> float:
        free = np.sort(values[~(opened | closed)])
        inside, most = int(opened.sum()), min(problem.at_most, len(values))
        counts = [count for count in range(len(free) + 1) if _least(problem) <= inside + count <= most]
        totals = np.concatenate([[0.0], free.cumsum()])
        return float(base + values[opened].sum() + min((totals[count] for count in counts), default=np.inf))

    flips = np.full((2, len(values)), np.inf)
    for site in np.flatnonzero(~(opened | closed)):
        one = np.arange(len(values)) == site
        flips[:, site] = least(opened | one, closed), least(opened, closed | one)
    return least(opened, closed), flips


def _cost(problem: LocationProblem, opened: np.ndarray) -> float:
    return float(problem.fixed[opened].sum() + problem.cost[opened].min(axis=0).sum())
