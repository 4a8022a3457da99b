"""Bounds from dual values: true whatever the values are, exact where they are right, and labelled."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networx.domain.json_model import Objective
from networx.domain.json_model_reading import read_json_model
from networx.domain.model_answer import DUALITY, SOLVER_WORD, ModelOutcome, Question
from networx.domain.plan import ResultStatus
from networx.verify.generic import Facts, certify_answer, duality, facts_of_json
from networx.verify.generic.duality import recomputed_bound
from networx.verify.generic.exact import solved

SHA256 = "0" * 64
DIET = {
    "optimize": "z",
    "opType": "min",
    "constraints": {"a": {"min": 4}, "b": {"min": 2}},
    "variables": {"bread": {"z": 2, "a": 1, "b": 1}, "milk": {"z": 3, "a": 1, "b": 2}},
}
WORKSHOP = {
    "optimize": "z",
    "opType": "max",
    "constraints": {"wood": {"max": 300}, "labour": {"max": 110}},
    "variables": {"table": {"wood": 30, "labour": 5, "z": 1200}, "chair": {"wood": 20, "labour": 10, "z": 1600}},
}
# By hand: 30 w + 5 l = 1200 and 20 w + 10 l = 1600, as a minimisation of the negative.
PRICES = [-20.0, -120.0]


def facts(model: dict[str, Any]) -> Facts:
    read = read_json_model(model)
    return facts_of_json(read, Question(read.objectives[0]), SHA256)


def outcome(**said: Any) -> ModelOutcome:
    known = {"objective": 19_200.0, "bound": 19_200.0, "values": np.array([4.0, 9.0]), "multipliers": np.array(PRICES)}
    return ModelOutcome(ResultStatus.OPTIMAL, "a solver", 0.0, **{**known, **said})


@pytest.mark.parametrize(("duals", "bound"), [([2, 0], 8.0), ([1, 1], 6.0), ([0, 1.5], 3.0), ([0, 0], 0.0)])
def test_each_choice_of_dual_values_gives_its_bound(duals: list[float], bound: float):
    assert recomputed_bound(facts(DIET), np.array(duals, dtype=float)) == bound


def test_of_a_maximum_it_is_a_bound_from_above():
    assert recomputed_bound(facts(WORKSHOP), np.array(PRICES)) == 19_200


@pytest.mark.parametrize("off", [1e-9, -1e-9, 1e-13])
def test_values_that_are_a_little_off_are_read_as_what_they_were_meant_to_be(off: float):
    assert recomputed_bound(facts(WORKSHOP), np.array(PRICES) + off) == 19_200


def test_where_they_cannot_be_a_requirement_stands_in_for_a_missing_bound():
    # A third of a thousandth more than is paid for a table: the wood for ten tables is all there is.
    near = np.array([-20.0, -120.0 + 0.0003 / 7])
    bound = recomputed_bound(facts(WORKSHOP), near)
    assert bound is not None
    assert 19_200 < bound < 19_200 + 0.01


def test_what_does_not_come_out_even_is_rounded_so_that_it_stays_a_bound():
    thirds = {"optimize": "z", "opType": "max", "constraints": {"a": {"max": 1}}, "variables": {"x": {"a": 3, "z": 1}}}
    above = recomputed_bound(facts(thirds), np.array([-1 / 3]))
    below = recomputed_bound(facts({**thirds, "opType": "min", "constraints": {"a": {"min": 1}}}), np.array([1 / 3]))
    assert above is not None
    assert below is not None
    assert Fraction(below) <= Fraction(1, 3) <= Fraction(above)
    assert above - below < 1e-15


def test_without_an_end_anywhere_there_is_no_bound():
    endless = {"optimize": "z", "opType": "max", "constraints": {"a": {"min": 1}}, "variables": {"x": {"a": 1, "z": 1}}}
    assert recomputed_bound(facts(endless), np.array([-1.0])) is None
    assert recomputed_bound(facts(endless), np.array([0.0])) is None


@pytest.mark.parametrize("duals", [[], [1.0], [1.0, 1.0, 1.0]])
def test_a_value_for_each_requirement_is_needed(duals: list[float]):
    assert recomputed_bound(facts(DIET), np.array(duals)) is None


def test_values_that_are_no_numbers_count_for_nothing():
    assert recomputed_bound(facts(DIET), np.array([np.nan, np.inf])) == 0.0


def test_a_model_that_is_too_large_or_takes_too_long_keeps_the_solvers_word(monkeypatch: pytest.MonkeyPatch):
    assert recomputed_bound(facts(DIET), np.array([2.0, 0.0]), seconds=-1.0) is None
    monkeypatch.setattr(duality, "MOST_COEFFICIENTS", 3)
    assert recomputed_bound(facts(DIET), np.array([2.0, 0.0])) is None


# Nothing ends x and y but the two rows, and their dual values are no simple fractions.
ODD = {
    "optimize": "z",
    "opType": "max",
    "constraints": {"a": {"max": 1.001}, "b": {"max": 3.003}},
    "variables": {"x": {"a": 0.7919, "b": -0.1237, "z": 0.331}, "y": {"a": -0.2939, "b": 0.9371, "z": 0.577}},
}


def by_cramer(off: float) -> list[float]:
    (a, c), (b, d) = (0.7919, -0.1237), (-0.2939, 0.9371)
    determinant = a * d - b * c
    return [-(0.331 * d - 0.577 * c) / determinant + off, -(0.577 * a - 0.331 * b) / determinant + off]


@pytest.mark.parametrize("off", [0.0, 1e-9])
def test_values_that_leave_almost_nothing_are_mended_to_leave_nothing(monkeypatch: pytest.MonkeyPatch, off: float):
    bound = recomputed_bound(facts(ODD), np.array(by_cramer(off)))
    prices = [Fraction(-price) for price in by_cramer(0.0)]
    assert bound == pytest.approx(float(prices[0] * Fraction("1.001") + prices[1] * Fraction("3.003")), rel=1e-14)
    monkeypatch.setattr(duality, "MOST_MENDED", 1)
    assert recomputed_bound(facts(ODD), np.array(by_cramer(off))) is None


@settings(deadline=None)
@given(
    rows=st.lists(st.lists(st.integers(-9, 9), min_size=4, max_size=4), max_size=5),
    point=st.lists(st.fractions(-9, 9, max_denominator=7), min_size=4, max_size=4),
    guess=st.lists(st.integers(-9, 9), min_size=4, max_size=4),
)
def test_equations_that_have_an_answer_are_met_exactly(rows, point, guess):
    equations = [
        (
            {at: Fraction(value) for at, value in enumerate(row) if value},
            sum((value * x for value, x in zip(row, point, strict=True)), Fraction(0)),
        )
        for row in rows
    ]
    found = solved(equations, {at: Fraction(value) for at, value in enumerate(guess)})
    for terms, end in equations:
        assert sum((value * found[at] for at, value in terms.items()), Fraction(0)) == end


def test_an_equation_that_contradicts_those_before_it_is_passed_over():
    one, two = Fraction(1), Fraction(2)
    found = solved([({0: one, 1: one}, two), ({0: two, 1: two}, one)], {0: Fraction(0), 1: Fraction(5)})
    assert found[0] + found[1] == 2


small = st.integers(-4, 6)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(st.lists(small, min_size=3, max_size=3), st.booleans(), st.integers(-6, 12)), max_size=4),
    worth=st.lists(small, min_size=3, max_size=3),
    duals=st.lists(st.floats(-9, 9, allow_nan=False), min_size=4, max_size=4),
    maximise=st.booleans(),
)
def test_no_values_whatever_give_a_bound_that_an_answer_is_beyond(rows, worth, duals, maximise):
    """Every whole point of a box that meets the requirements is on the right side of the bound, exactly."""
    variables = {
        f"x{at}": {"z": worth[at], **{f"r{row}": terms[at] for row, (terms, _, _) in enumerate(rows)}}
        for at in range(3)
    }
    limits = {f"r{row}": {"min" if least else "max": end} for row, (_, least, end) in enumerate(rows)}
    model = {"optimize": "z", "opType": "max" if maximise else "min", "constraints": limits, "variables": variables}
    bound = recomputed_bound(facts(model), np.array(duals[: len(rows)]))
    if bound is None:
        return
    for point in itertools.product(range(5), repeat=3):
        sums = [sum(a * x for a, x in zip(terms, point, strict=True)) for terms, _, _ in rows]
        if all(total >= end if least else total <= end for total, (_, least, end) in zip(sums, rows, strict=True)):
            value = Fraction(sum(w * x for w, x in zip(worth, point, strict=True)))
            assert value <= Fraction(bound) if maximise else value >= Fraction(bound)


# In the certificate


def test_a_bound_that_the_dual_values_prove_is_labelled_so():
    certificate = certify_answer(facts(WORKSHOP), outcome(), 1e-9)
    assert (certificate.valid, certificate.bound_source, certificate.bound) == (True, DUALITY, 19_200)
    assert certificate.checks[-1].name == "the bound follows from dual values"


@pytest.mark.parametrize(
    "multipliers", [None, np.array([0.0, 0.0]), np.array([-21.0, -121.0]), np.array([-20.0])], ids=str
)
def test_values_that_do_not_prove_it_leave_it_the_solvers_word(multipliers: Any):
    certificate = certify_answer(facts(WORKSHOP), outcome(multipliers=multipliers), 1e-9)
    assert (certificate.valid, certificate.bound_source, certificate.bound) == (True, SOLVER_WORD, 19_200)


def test_the_bound_of_an_answer_that_fails_its_check_is_not_looked_at():
    certificate = certify_answer(facts(WORKSHOP), outcome(values=np.array([5.0, 9.0])), 1e-9)
    assert (certificate.valid, certificate.bound_source) == (False, SOLVER_WORD)


def test_whole_numbers_are_not_relaxed_away():
    """Dual values bound the relaxation; an optimum of whole numbers further off keeps the solver's word."""
    model = read_json_model({**WORKSHOP, "constraints": {"wood": {"max": 310}, "labour": {"max": 110}}})
    whole = replace(model, integers=frozenset({"table", "chair"}))
    asked = facts_of_json(whole, Question(Objective("z", True)), SHA256)
    assert recomputed_bound(asked, np.array(PRICES)) == 19_400
    assert certify_answer(asked, outcome(), 1e-9).bound_source == SOLVER_WORD
