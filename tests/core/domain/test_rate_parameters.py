"""What a fit of rates is asked: from the scenario, and circuity from a network's sheet."""

from __future__ import annotations

import pytest

from networx.domain.rate_parameters import BREAKS, FEWEST, RateParameters, rate_parameters, read_breaks, written_breaks
from networx.errors import RefusedInput


@pytest.mark.parametrize("text", ["", "a,b", "500,100", "-1,5", "0,inf", "inf", "nan", "0,nan"])
def test_breaks_that_are_no_ascending_weights_are_refused(text: str):
    with pytest.raises(ValueError, match="each above the one before"):
        read_breaks(text)


def test_what_is_not_stated_is_the_methods_own_but_for_circuity():
    assert rate_parameters({"gap": "0.1"}, {}) == RateParameters(BREAKS, FEWEST, None)


def test_the_scenario_stands_before_the_sheet():
    sheet = {"circuity": "1.2"}
    assert rate_parameters(sheet, {"weight_breaks": "0,1000.5", "fewest_shipments": 4}) == RateParameters(
        (0, 1000.5), 4, 1.2
    )
    assert rate_parameters(sheet, {"circuity": 1.3}).circuity == 1.3
    assert rate_parameters(sheet, {"circuity": None}).circuity is None


def test_all_that_is_wrong_or_means_nothing_is_named():
    with pytest.raises(RefusedInput) as refused:
        rate_parameters({"circuity": "0.5"}, {"fewest_shipments": 3, "max_facilities": 2, "weight_breaks": "heavy"})
    assert {problem.column for problem in refused.value.problems} == {
        "circuity", "fewest_shipments", "max_facilities", "weight_breaks"
    }  # fmt: skip


@pytest.mark.parametrize("breaks", [BREAKS, (0.1, 20_000.25, 1_234_567.0), (1 / 3,)])
def test_breaks_are_read_as_they_were_written(breaks: tuple[float, ...]):
    assert read_breaks(written_breaks(breaks)) == breaks
