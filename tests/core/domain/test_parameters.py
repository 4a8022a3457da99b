"""What a parameter's value must be, and what is said of one that cannot be read."""

from __future__ import annotations

import pytest

from networx.domain.parameters import TransportParameters, parse_parameter, require_complete, transport_parameters
from networx.errors import RefusedInput


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("95", "must be a share between 0 and 1; write 0.95 for 95 %"),
        ("95%", "must be a share between 0 and 1; write 0.95 for 95 %"),
        ("0.5 %", "must be a share between 0 and 1; write 0.005 for 0.5 %"),
        ("-2", "must be a share between 0 and 1"),
        ("950", "must be a share between 0 and 1"),
        ("most", "must be a number"),
    ],
)
def test_a_percentage_is_answered_with_the_share_it_means(stated: str, said: str):
    with pytest.raises(ValueError, match=f"^{said}$"):
        parse_parameter("service_level", stated)


def test_a_share_is_read_as_it_stands():
    assert [parse_parameter("service_level", text) for text in ("0", "0.95", " 1 ")] == [0.0, 0.95, 1.0]


def test_a_refusal_of_an_override_says_its_value():
    with pytest.raises(RefusedInput) as refused:
        transport_parameters({}, {"single_sourcing": 95, "currency": "EUR"})
    assert [str(problem) for problem in refused.value.problems] == [
        'scenario parameters, column single_sourcing: single_sourcing must be yes or no (found "95").',
        'scenario parameters, column currency: currency must be USD (found "EUR").',
    ]


def test_a_lease_shorter_than_the_plan_says_both_in_years():
    with pytest.raises(RefusedInput, match="lease_years 2 is shorter than the horizon of 5 years"):
        require_complete(TransportParameters(single_sourcing=False, lease_years=2), 5)
