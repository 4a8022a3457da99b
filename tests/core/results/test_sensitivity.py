"""Deltas in words."""

from __future__ import annotations

import pytest

from networx.results.sensitivity import delta_words


@pytest.mark.parametrize(
    ("status", "delta", "lowest", "highest", "said"),
    [
        ("optimal", 1200.4, 1200.0, 1201.0, "+$1,200"),
        ("optimal", -1200.4, -1210.0, -1199.0, "-$1,200"),
        ("optimal", 1200.0, 900.0, 1300.0, "+$1,200 (+$900 to +$1,300)"),
        ("optimal", 0.0, 0.0, 0.3, "$0"),
        ("optimal", 0.0, 0.0, 529.0, "$0 ($0 to +$529)"),
        ("feasible", None, -300.0, 50.0, "-$300 to +$50"),
        ("no_solution", None, 0.0, None, "at least $0"),
        ("no_solution", None, None, -5.0, "at most -$5"),
        ("no_solution", None, None, None, "not known"),
        (None, None, None, None, "not known"),
        ("infeasible", None, None, None, "no plan"),
    ],
)
def test_a_delta_says_how_much_of_it_is_known(
    status: str | None, delta: float | None, lowest: float | None, highest: float | None, said: str
) -> None:
    assert delta_words({"status": status, "delta": delta, "lowest": lowest, "highest": highest}) == said
