"""What a sweep may ask for, and what is refused, each field by its name."""

from __future__ import annotations

from typing import Any

import pytest

from networx.domain.sweep import Criterion, Sweep, exactly, parse_sweep, require_baseline, require_within
from networx.errors import RefusedInput

MOST = 10


def refused(stated: Any, **limits: int) -> dict[str, str]:
    """The rules that were broken, by the field."""
    with pytest.raises(RefusedInput) as caught:
        parse_sweep(stated, most_members=limits.get("most", MOST))
    return {str(problem.column): problem.rule for problem in caught.value.problems}


def test_a_sweep_has_a_member_for_every_step():
    sweep = parse_sweep({"minNodes": 3, "maxNodes": 8, "step": 2, "criterion": "service_level"}, most_members=MOST)
    assert list(sweep.nodes) == [3, 5, 7]
    assert sweep.criterion is Criterion.SERVICE_LEVEL
    assert Sweep.from_dict(sweep.as_dict()) == sweep


def test_the_step_is_one_and_the_criterion_total_cost_unless_stated():
    sweep = parse_sweep({"minNodes": 2, "maxNodes": 2}, most_members=MOST)
    assert (list(sweep.nodes), sweep.step, sweep.criterion) == ([2], 1, Criterion.TOTAL_COST)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, {"scenario.minNodes": "required", "scenario.maxNodes": "required"}),
        ({"minNodes": None, "maxNodes": 2}, {"scenario.minNodes": "required"}),
        ({"minNodes": 0, "maxNodes": -1}, {"scenario.minNodes": "whole_number", "scenario.maxNodes": "whole_number"}),
        (
            {"minNodes": "2", "maxNodes": 2.5},
            {"scenario.minNodes": "whole_number", "scenario.maxNodes": "whole_number"},
        ),
        ({"minNodes": True, "maxNodes": 2}, {"scenario.minNodes": "whole_number"}),
        ({"minNodes": 1, "maxNodes": 2, "step": 0}, {"scenario.step": "whole_number"}),
        ({"minNodes": 3, "maxNodes": 2}, {"scenario.maxNodes": "range"}),
        ({"minNodes": 1, "maxNodes": 2, "criterion": "cheapest"}, {"scenario.criterion": "choice"}),
        ({"minNodes": 1, "maxNodes": 2, "criterion": ["total_cost"]}, {"scenario.criterion": "choice"}),
        ({"min_nodes": 1, "maxNodes": 2}, {"scenario.min_nodes": "unknown_field", "scenario.minNodes": "required"}),
        ({"minNodes": 1, "maxNodes": 11}, {"scenario.maxNodes": "too_many"}),
        ({"minNodes": 1, "maxNodes": 10**30}, {"scenario.maxNodes": "too_many"}),
        ({"minNodes": 1, "maxNodes": 2, "criterion": "\ud800"}, {"scenario.criterion": "choice"}),
        ({"minNodes": 1, "maxNodes": 2, "\ud800": 1}, {"scenario.?": "unknown_field"}),
        ([], {"scenario": "object"}),
        ("1:3", {"scenario": "object"}),
    ],
)
def test_what_is_wrong_is_named_by_its_place(stated, expected):
    assert refused(stated) == expected


def test_a_range_must_be_one_that_the_data_can_have():
    require_within(Sweep(1, 4), usable=4, mandatory=1)
    with pytest.raises(RefusedInput) as caught:
        require_within(Sweep(1, 5), usable=4, mandatory=2)
    assert [problem.column for problem in caught.value.problems] == ["scenario.maxNodes", "scenario.minNodes"]
    assert "4 facilities are not forbidden" in str(caught.value)


def test_a_member_has_exactly_its_number_open():
    assert exactly(3) == {"min_facilities": 3, "max_facilities": 3}


@pytest.mark.parametrize(
    ("flows", "whole", "penalty", "said"),
    [
        (None, False, False, "state baseline_flows"),
        ("cheapest", False, True, "take service_penalty_per_unit away"),
        ("cheapest", True, False, "neither warehouses nor stock"),
    ],
)
def test_savings_are_refused_by_name_where_nothing_says_what_they_would_be(flows, whole, penalty, said):
    require_baseline(Sweep(1, 2), flows, whole=whole, penalty=penalty)  # other criteria need none
    with pytest.raises(RefusedInput, match=said) as caught:
        require_baseline(Sweep(1, 2, criterion=Criterion.SAVINGS), flows, whole=whole, penalty=penalty)
    assert [problem.rule for problem in caught.value.problems] == ["no_baseline"]
    require_baseline(Sweep(1, 2, criterion=Criterion.SAVINGS), "cheapest", whole=False, penalty=False)
