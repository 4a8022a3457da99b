"""Control totals as a line of text: read, written, and refused in words that follow the parameter's name."""

from __future__ import annotations

from typing import Any

import pytest

from networx.domain.baseline_questions import baseline_asked
from networx.domain.control_totals import read_control_totals, written_control_totals
from networx.errors import RefusedInput


def test_they_are_read_as_people_write_them() -> None:
    text = "2025 transport = 1250000; 2026  freight  paid= $1,310,400.50\n 2026 tax = -12 ;"
    read = read_control_totals(text)
    assert read == {(2025, "transport"): 1_250_000.0, (2026, "freight paid"): 1_310_400.5, (2026, "tax"): -12.0}
    for amounts in (read, {(2025, "a"): 0.1 + 0.2, (2025, "b"): 1e22}):
        assert read_control_totals(written_control_totals(amounts)) == amounts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "states nothing"),
        (" ; ", "states nothing"),
        ("transport = 5", "has 'transport = 5': write a year, a line"),
        ("2025 transport 5", "write a year, a line of the books, = and dollars"),
        ("2025 transport = 5 = 6", "write a year"),
        ("25 transport = 5", "write a year"),
        ("1025 transport = 5", "has the year 1025, which must lie in"),
        ("2025 transport = five", "whose dollars are no number"),
        ("2025 transport = 1,25", "whose dollars are no number"),
        ("2025 transport =", "whose dollars are no number"),
        ("2025 transport = nan", "not finite"),
        ("2025 transport = 1e999", "not finite"),
        ("2025 transport = 5; 2025 Transport = 6", "has Transport of 2025 twice; state their sum once"),
    ],
)
def test_what_is_no_control_total_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^(has|states)") as refused:
        read_control_totals(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("sheet", "stated", "columns"),
    [
        (None, {"control_totals": "x", "calibration_tolerance": "2"}, ["control_totals", "calibration_tolerance"]),
        (None, {"control_totals": 5}, ["control_totals"]),
        (None, {"baseline_flows": "cheapest", "control_totals": "x"}, ["baseline_flows"]),
        ({}, {"control_totals": "x"}, ["control_totals"]),
    ],
)
def test_what_a_baseline_is_asked_amiss_is_named(sheet: Any, stated: dict[str, Any], columns: list[str]) -> None:
    with pytest.raises(RefusedInput) as refused:
        baseline_asked(sheet, stated, 1)
    assert [problem.column for problem in refused.value.problems] == columns


def test_what_is_taken_away_is_not_asked() -> None:
    for sheet in (None, {}):
        asked = baseline_asked(sheet, {"control_totals": None, "calibration_tolerance": None}, 1)
        assert (asked.control_totals, asked.business.calibration_tolerance) == ({}, 0.02)
