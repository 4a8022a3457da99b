"""Numbers, lists and years in a sentence, down to one and to none."""

from __future__ import annotations

import pytest

from networx.domain.phrases import counted, listed, years_listed


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 facilities"), (1, "1 facility"), (2, "2 facilities"), (1200, "1,200 facilities")]
)
def test_a_number_agrees_with_its_noun(number: int, said: str):
    assert counted(number, "facility", "facilities") == said


def test_a_regular_noun_takes_an_s():
    assert (counted(1, "lane"), counted(3, "lane")) == ("1 lane", "3 lanes")


@pytest.mark.parametrize(
    ("words", "said"), [((), ""), (("a",), "a"), (("a", "b"), "a or b"), (("a", "b", "c"), "a, b or c")]
)
def test_a_list_ends_with_its_last_word_apart(words: tuple[str, ...], said: str):
    assert listed(words) == said


@pytest.mark.parametrize(
    ("years", "said"),
    [
        ([], ""),
        ([2026], "2026"),
        ([2027, 2026], "2026 and 2027"),
        ([2026, 2027, 2028], "2026 to 2028"),
        ([2026, 2028], "2026 and 2028"),
        ([2026, 2027, 2028, 2029, 2031], "2026 to 2029 and 2031"),
        ([2026, 2027, 2029, 2030, 2031], "2026, 2027 and 2029 to 2031"),
    ],
)
def test_years_in_a_row_are_a_range(years: list[int], said: str):
    assert years_listed(years) == said
