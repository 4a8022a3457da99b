"""The recomputed bound of a location problem: confirmed when right, never above the optimum, refused with gaps."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from networx.domain.location_proof import LocationProof
from networx.solver.location.lagrangian import solve
from networx.solver.location.problem import LocationProblem, Watch
from networx.solver.outcome import Limits
from networx.verify.location import LocationData, ProofRefused, recomputed_bound

Proven = tuple[LocationData, LocationProof, float]
GAP = 1e-6


@pytest.fixture(scope="module")
def proven() -> Proven:
    """A problem that needs a tree, its proof and the cost of its plan."""
    draw = np.random.default_rng(8)
    demand = draw.integers(5, 36, 40).astype(float)
    capacity = draw.integers(10, 161, 10).astype(float)
    capacity *= 2.5 * demand.sum() / capacity.sum()
    places, ends = draw.random((10, 2)), draw.random((40, 2))
    problem = LocationProblem(
        fixed=100 * np.sqrt(capacity),
        capacity=capacity,
        demand=demand,
        cost=np.hypot(places[:, None, 0] - ends[:, 0], places[:, None, 1] - ends[:, 1]) * demand * 10,
        must=np.zeros(10, dtype=bool),
        at_least=0,
        at_most=10,
    )
    answer = solve(problem, Limits(60.0, GAP), Watch(lambda *_: None, lambda _: None, lambda: False))
    assert answer.plan is not None
    assert answer.proof is not None
    assert len(answer.proof.parent) > 2
    assert len(answer.proof.settled_site) > 0
    data = LocationData(*(getattr(problem, name) for name in LocationData.__slots__))
    return data, answer.proof, answer.plan.cost


def test_the_whole_gap_is_proven_again(proven: Proven) -> None:
    data, proof, cost = proven
    assert cost * (1 - GAP) <= recomputed_bound(data, proof) <= cost


def test_the_bound_is_never_above_the_exact_one(proven: Proven) -> None:
    """Of one step on the whole problem, the Lagrangian function in fractions over all sets of sites."""
    data, proof, _ = proven
    first = replace(
        proof,
        **{name: getattr(proof, name)[:1] for name in ("parent", "site", "opened", "impossible", "pays", "size_price")},
        step_case=np.zeros(1, dtype=np.intp),
        **{name: getattr(proof, name)[:0] for name in ("settled_step", "settled_site", "settled_opened")},
    )
    pays = [Fraction(number) for number in proof.pays[0]]
    demand = [Fraction(number) for number in data.demand]
    saved = []
    for site in range(10):
        left, gain = Fraction(data.capacity[site]), Fraction(0)
        worth = [Fraction(data.cost[site, customer]) - pays[customer] for customer in range(40)]
        for customer in sorted(range(40), key=lambda customer: worth[customer] / demand[customer]):
            taken = max(min(left, demand[customer]), Fraction(0))
            if worth[customer] < 0:
                gain += worth[customer] * taken / demand[customer]
                left -= taken
        saved.append(Fraction(data.fixed[site]) + gain)
    sets = product((False, True), repeat=10)
    exact = sum(pays) + min(
        sum((value for value, chosen in zip(saved, chosen_sites, strict=True) if chosen), Fraction(0))
        for chosen_sites in sets
        if sum(size for size, chosen in zip(data.capacity, chosen_sites, strict=True) if chosen) >= data.demand.sum()
    )
    assert Fraction(recomputed_bound(data, first)) <= exact


def test_wrong_multipliers_only_lower_it(proven: Proven) -> None:
    data, proof, cost = proven
    draw = np.random.default_rng(1)
    for _ in range(20):
        pays = proof.pays * draw.uniform(0.5, 1.5, proof.pays.shape)
        price = proof.size_price * draw.uniform(0, 2, proof.size_price.shape)
        assert recomputed_bound(data, replace(proof, pays=pays, size_price=price)) <= cost


def test_sites_settled_without_reason_lower_it(proven: Proven) -> None:
    data, proof, _ = proven
    truth = recomputed_bound(data, proof)
    flipped = replace(proof, settled_opened=~proof.settled_opened)
    try:
        assert recomputed_bound(data, flipped) < truth
    except ProofRefused:
        return


def test_a_case_left_out_is_refused(proven: Proven) -> None:
    data, proof, _ = proven
    last = len(proof.parent) - 1
    without = replace(
        proof, **{name: getattr(proof, name)[:last] for name in ("parent", "site", "opened", "impossible")}
    )
    kept = proof.step_case < last
    without = replace(
        without, step_case=proof.step_case[kept], pays=proof.pays[kept], size_price=proof.size_price[kept]
    )
    with pytest.raises(ProofRefused):
        recomputed_bound(data, without)


def test_a_case_without_its_steps_bounds_nothing(proven: Proven) -> None:
    data, proof, _ = proven
    last = next(case for case in proof.step_case[::-1] if case not in proof.parent)
    kept = np.flatnonzero(proof.step_case != last)
    settled = np.isin(proof.settled_step, kept)
    bare = replace(
        proof,
        step_case=proof.step_case[kept],
        pays=proof.pays[kept],
        size_price=proof.size_price[kept],
        settled_step=np.searchsorted(kept, proof.settled_step[settled]),
        settled_site=proof.settled_site[settled],
        settled_opened=proof.settled_opened[settled],
    )
    assert recomputed_bound(data, bare) == 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"impossible": True},
        {"opened": "same"},
        {"site": 99},
        {"parent": "late"},
        {"size_price": -1.0},
        {"pays": np.nan},
        {"step_case": 10**6},
    ],
    ids=lambda change: next(iter(change)),
)
def test_planted_faults_are_refused(proven: Proven, change: dict[str, object]) -> None:
    data, proof, _ = proven
    name, value = next(iter(change.items()))
    array = getattr(proof, name).copy()
    match name:
        case "impossible":
            array[:] = True
        case "opened":
            array[1:] = True
        case "parent":
            array[-1] = len(array) - 1
        case _:
            array[-1] = value
    with pytest.raises(ProofRefused):
        recomputed_bound(data, replace(proof, **{name: array}))


def test_another_problem_is_not_proven(proven: Proven) -> None:
    """Cheaper sites than the proof was made for: the bound follows the data."""
    data, proof, cost = proven
    assert recomputed_bound(replace(data, fixed=data.fixed / 2), proof) < cost * 0.8


def test_what_rounding_may_have_added_is_that_of_the_sites_that_can_be_open() -> None:
    """Of a thousand candidates for one site: counted over all of them, it hid a part of the proof."""
    draw = np.random.default_rng(2)
    places, ends = draw.random((1000, 1, 2)), draw.random((1, 200, 2))
    cost = np.hypot(*np.moveaxis(places - ends, 2, 0)) * draw.integers(1, 30, 200)
    nothing, none = np.zeros(1000), np.zeros(0, dtype=np.intp)
    data = LocationData(nothing, nothing + np.inf, np.ones(200), cost, nothing.astype(bool), 1, 1)
    best = cost[cost.sum(axis=1).argmin()]
    root, no = np.full(1, -1), np.zeros(1, dtype=bool)
    step = np.zeros(1, dtype=np.intp)
    # With one site open, paying its prices and the dearest site's everywhere settles the cost to the last digit.
    pays = cost.max(axis=0)[None, :]
    proof = LocationProof(root, root, no, no, step, pays, np.zeros(1), none, none, no[:0])
    assert recomputed_bound(data, proof) == pytest.approx(best.sum(), rel=1e-9)
