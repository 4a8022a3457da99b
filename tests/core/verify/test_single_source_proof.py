"""Proofs of a single-source bound: what is wrong in them is refused, or only lowers the bound."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from networx.domain.bound_proofs import bound_proof
from networx.domain.single_source_proof import SingleSourceProof
from networx.solver.location.problem import LocationProblem
from networx.solver.location.single.engine import solve
from networx.solver.outcome import Limits
from networx.verify.location import LocationData, ProofRefused
from networx.verify.packing import most_profit, most_profit_forced
from networx.verify.single_source import recomputed_single_source_bound
from tests.core.solver.location.problems import QUIET
from tests.core.solver.location.whole_customers import data_of, holmberg_like

Proven = tuple[LocationData, SingleSourceProof, float]


@pytest.fixture(scope="module")
def proven() -> Proven:
    """One whose proof branches on sites and on pairs, and settles both."""
    problem = holmberg_like(7, 18, seed=0, ratio=1.2, whole=False)
    answer = solve(problem, Limits(60.0, 1e-6), QUIET)
    assert answer.plan is not None
    assert isinstance(answer.proof, SingleSourceProof)
    assert (answer.proof.customer >= 0).any()
    assert (answer.proof.settled_customer >= 0).any()
    assert (answer.proof.settled_customer < 0).any()
    return data_of(problem), answer.proof, answer.plan.cost


def test_a_sound_proof_shows_the_bound(proven: Proven):
    data, proof, cost = proven
    bound = recomputed_single_source_bound(data, proof)
    assert cost * (1 - 1e-6) <= bound <= cost
    again = bound_proof(proof.arrays())
    assert isinstance(again, SingleSourceProof)
    assert recomputed_single_source_bound(data, again) == bound


def test_packing_is_what_trying_everything_finds():
    draw = np.random.default_rng(4)
    for _ in range(40):
        profit, weight, room = draw.integers(-3, 9, 6).astype(float), draw.integers(0, 9, 6), int(draw.integers(0, 25))
        sets = [np.array(chosen) for chosen in product((False, True), repeat=6)]
        fitting = [chosen for chosen in sets if weight[chosen].sum() <= room]
        assert most_profit(profit, weight, room) == max(profit[chosen].sum() for chosen in fitting)
        with_it, without = most_profit_forced(profit, weight, room)
        for one in range(6):
            inside = [profit[chosen].sum() for chosen in fitting if chosen[one]]
            assert with_it[one] == max(inside, default=-np.inf)
            assert without[one] == max(profit[chosen].sum() for chosen in fitting if not chosen[one])


def test_wrong_multipliers_grids_and_lattices_never_lift_it_above_the_cost(proven: Proven):
    data, proof, cost = proven
    draw = np.random.default_rng(1)
    for _ in range(6):
        changed = replace(
            proof,
            pays=proof.pays * draw.uniform(0.5, 1.5, proof.pays.shape),
            size_price=proof.size_price * draw.uniform(0, 2, proof.size_price.shape),
            grid=proof.grid * draw.uniform(0.2, 3.0),
            lattice=draw.choice([0.01, 0.02, 1.0, 50.0], 1),
        )
        assert recomputed_single_source_bound(data, changed) <= cost * (1 + 1e-12)


def test_pairs_settled_the_other_way_lower_it(proven: Proven):
    data, proof, cost = proven
    pair = int(np.flatnonzero(proof.settled_customer >= 0)[0])
    flipped = proof.settled_chosen.copy()
    flipped[pair] = ~flipped[pair]
    try:
        assert recomputed_single_source_bound(data, replace(proof, settled_chosen=flipped)) < cost * (1 - 1e-6)
    except ProofRefused:
        return


@pytest.mark.parametrize("seed", [0, 11, 17, 18, 19, 20])
def test_customers_larger_than_a_site_have_no_part_in_its_size_or_in_the_step_of_the_costs(seed: int):
    draw = np.random.default_rng(seed)
    demand, capacity = draw.integers(3, 30, 6).astype(float), draw.integers(10, 60, 4).astype(float)
    cost = draw.integers(1, 60, (4, 6)) * 10.0
    cost[demand > capacity[:, None]] += 0.37  # all others are multiples of 10
    fixed = draw.integers(5, 20, 4) * 10.0
    problem = LocationProblem(fixed, capacity, demand, cost, np.zeros(4, dtype=bool), 0, 4)

    answer = solve(problem, Limits(60.0, 1e-6), QUIET)

    assert answer.bound is not None
    assert answer.proof is not None
    assert recomputed_single_source_bound(data_of(problem), answer.proof) >= answer.bound * (1 - 1e-9)


def test_a_case_left_out_is_refused(proven: Proven):
    data, proof, _ = proven
    last = len(proof.parent) - 1
    kept = proof.step_case < last
    settled = kept[proof.settled_step]
    without = replace(
        proof,
        **{name: getattr(proof, name)[:last] for name in ("parent", "site", "customer", "chosen", "impossible")},
        **{name: getattr(proof, name)[kept] for name in ("step_case", "pays", "size_price")},
        settled_step=np.searchsorted(np.flatnonzero(kept), proof.settled_step[settled]),
        **{name: getattr(proof, name)[settled] for name in ("settled_site", "settled_customer", "settled_chosen")},
    )
    with pytest.raises(ProofRefused, match="a case is missing"):
        recomputed_single_source_bound(data, without)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("impossible", True),
        ("site", 99),
        ("customer", 99),
        ("customer", -2),
        ("parent", 10**6),
        ("chosen", True),
        ("size_price", -1.0),
        ("pays", np.nan),
        ("step_case", 10**6),
        ("settled_customer", 10**6),
        ("grid", 0.0),
        ("grid", 1e-9),
        ("grid", 1e-300),
        ("lattice", np.inf),
        ("lattice", 1e-300),
        ("lattice", -1.0),
    ],
)
def test_planted_faults_are_refused(proven: Proven, name: str, value: object):
    data, proof, _ = proven
    array = getattr(proof, name).copy()
    array[...] = value
    with pytest.raises(ProofRefused):
        recomputed_single_source_bound(data, replace(proof, **{name: array}))


def test_a_question_settled_twice_is_refused(proven: Proven):
    data, proof, _ = proven
    names = ("settled_step", "settled_site", "settled_customer", "settled_chosen")
    twice = {name: np.r_[getattr(proof, name)[:1], getattr(proof, name)] for name in names}
    with pytest.raises(ProofRefused, match="settle"):
        recomputed_single_source_bound(data, replace(proof, **twice))


def test_another_problem_is_not_proven(proven: Proven):
    data, proof, cost = proven
    assert recomputed_single_source_bound(replace(data, fixed=data.fixed / 2), proof) < cost * 0.9
    roomier = replace(data, capacity=data.capacity * 2)
    assert recomputed_single_source_bound(roomier, proof) < cost
