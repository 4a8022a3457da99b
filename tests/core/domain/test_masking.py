"""A pattern says how a cell looks and nothing of what it says."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networx.domain.masking import LONGEST_PATTERN, masked, masked_header

CELLS = st.one_of(
    st.text(max_size=80), st.integers(), st.floats(), st.booleans(), st.none(), st.dates(), st.datetimes(), st.times()
)


@pytest.mark.parametrize(
    ("cell", "pattern"),
    [
        ("Reno, NV 89501", "Aaaa, AA 99999"),
        ("$1,234.50", "$9,999.99"),
        ("02108-1234", "99999-9999"),
        (1234.5, "9999.9"),
        (dt.date(2026, 11, 22), "9999-99-99"),
        (True, "Aaaa"),
        (None, ""),
        ("Zürich 狮", "Aaaaaa a"),
        ("½ Ⅳ ٣ ²", "9 9 9 9"),
        ("a\tb\0c|d~e<f>", "a?a?a?a?a?a?"),
        ("x" * 100, "a" * LONGEST_PATTERN),
    ],
)
def test_the_pattern_of_a_cell(cell: object, pattern: str) -> None:
    assert masked(cell) == pattern  # type: ignore[arg-type]


@given(CELLS)
def test_no_letter_and_no_digit_of_a_cell_is_left(cell: object) -> None:
    pattern = masked(cell)  # type: ignore[arg-type]
    assert len(pattern) <= LONGEST_PATTERN
    assert {letter for letter in pattern if letter.isalnum()} <= {"a", "A", "9"}
    assert {letter for letter in pattern if not letter.isalnum()} <= set(" .,-/:$%#()'&+_@€£?")


@given(CELLS)
def test_masking_a_pattern_again_changes_nothing(cell: object) -> None:
    assert masked(masked(cell)) == masked(cell)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("Rent per month", "Rent per month"),
        ("FY2026 units", "FY9999 units"),
        ("60601", "99999"),
        ("a\nb\0\tc", "abc"),
        ("  Cost  ($)  ", "Cost ($)"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_header_keeps_its_words_and_no_digit(header: str, sent: str) -> None:
    assert masked_header(header) == sent
    assert masked_header(sent) == sent
