"""What one cell means, for any cell that could stand there."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networx.domain.schema import Kind
from networx.ingest import cells
from networx.ingest.cells import BadCell, Parser
from networx.ingest.freight_cells import FREIGHT_KINDS
from networx.ingest.reader import Cell

anything = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.timedeltas(),
)
PARSERS: list[Parser] = [cells.number, cells.amount, cells.capacity, cells.year, cells.latitude, cells.longitude]


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
@given(cell=anything)
def test_a_number_is_finite_or_refused(parse: Parser, cell: Cell) -> None:
    try:
        value = parse(cell)
    except BadCell:
        return
    assert not isinstance(cell, bool | dt.date | dt.time | dt.timedelta)
    assert value == cells.INFINITE or math.isfinite(float(value))


@given(cell=anything)
def test_text_is_trimmed_and_prints_or_is_refused(cell: Cell) -> None:
    try:
        value = cells.text(cell)
    except BadCell:
        return
    assert value == value.strip()
    assert value.isprintable()
    assert len(value) <= cells.LONGEST_TEXT or not isinstance(cell, str)


@given(cell=anything)
def test_a_zip_is_five_digits_or_plus_four_or_refused(cell: Cell) -> None:
    try:
        value = cells.zip_code(cell)
    except BadCell:
        return
    assert len(value) in (5, 10)
    assert value.replace("-", "").isdigit()


@given(st.floats(min_value=-1e15, max_value=1e15))
def test_a_number_as_text_is_the_same_number(value: float) -> None:
    assert cells.number(repr(value)) == value


@pytest.mark.parametrize(
    "written",
    ["1,234", "1.234,5", "$5", "5 USD", "5%", "1e", "0x10", "1_000", "--5", "٣", "nan", "Infinity", "1e999", "."],
)
def test_a_number_in_other_clothes_is_not_guessed(written: str) -> None:
    with pytest.raises(BadCell):
        cells.number(written)


@pytest.mark.parametrize(("written", "value"), [(" 12 ", 12), ("+.5", 0.5), ("5.", 5), ("1e3", 1000), ("-0.25", -0.25)])
def test_a_plain_number_as_text_counts(written: str, value: float) -> None:
    assert cells.number(written) == value


@pytest.mark.parametrize(("cell", "text"), [(101, "101"), (101.0, "101"), (1.5, "1.5"), (" São  Paulo ", "São  Paulo")])
def test_text_takes_numbers_by_their_digits(cell: Cell, text: str) -> None:
    assert cells.text(cell) == text


def test_the_two_ways_to_write_an_accent_are_one_name() -> None:
    assert cells.text("Montre\N{COMBINING ACUTE ACCENT}al") == cells.text("Montréal")


def test_every_kind_of_column_has_its_parser() -> None:
    assert {kind for kind in Kind if kind is not Kind.CHOICE} == set(cells._PARSERS) | FREIGHT_KINDS
