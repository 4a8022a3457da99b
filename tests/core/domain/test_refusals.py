"""Several checks refused together."""

from __future__ import annotations

import pytest

from networx.domain.refusals import Refusals
from networx.errors import Problem, RefusedInput


def refusing(*messages: str) -> int:
    raise RefusedInput([Problem(message, "rule") for message in messages])


def test_every_problem_is_told_once_in_the_order_in_which_it_was_found() -> None:
    refusals = Refusals()
    assert refusals.found(lambda: 7) == 7
    assert refusals.passes(lambda: 7)
    refusals.require()
    assert refusals.found(lambda: refusing("b", "a")) is None
    # One that refuses nothing new refuses all the same.
    assert not refusals.passes(lambda: refusing("a"))
    assert not refusals.passes(lambda: refusing("c"))
    with pytest.raises(RefusedInput) as refused:
        refusals.require()
    assert [problem.message for problem in refused.value.problems] == ["b", "a", "c"]
