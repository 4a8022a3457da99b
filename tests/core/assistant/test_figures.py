"""What a text may say of a result, and what not: each figure of its kind, rounded as stated, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networx.assistant.fact import Fact, Facts, Unit
from networx.assistant.figures import LONGEST_TEXT, check, named

FACTS = Facts(
    status="optimal",
    partial=False,
    clashing=(),
    figures=(
        Fact("total cost, all years", 1_234_567.89, Unit.DOLLARS),
        Fact("transport cost, all years", 400_000.0, Unit.DOLLARS),
        Fact("loss", -1_500.0, Unit.DOLLARS),
        Fact("total cost per unit delivered", 1.5246, Unit.DOLLARS_PER_UNIT),
        Fact("share of units within reach in the worst year", 0.8137, Unit.SHARE),
        Fact("gap", 0.000031, Unit.SHARE),
        Fact("nearly all", 0.9996, Unit.SHARE),
        Fact("no gap", 0.0, Unit.SHARE),
        Fact("units delivered, all years", 809_764.25, Unit.UNITS),
        Fact("average distance of a unit", 312.4, Unit.MILES),
        Fact("open facilities", 6, Unit.FACILITIES),
        Fact("facilities that stay closed", 0, Unit.FACILITIES),
        Fact("years planned", 5, Unit.YEARS),
        Fact("2026 as a year", 2026, Unit.YEAR),
        Fact("2030 as a year", 2030, Unit.YEAR),
    ),
    names={"F1": "Reno 7 (NV)", "F2": "DC-12"},
)


def problems(text: str, facts: Facts = FACTS) -> list[str]:
    return check(text, facts)[1]


@pytest.mark.parametrize(
    "text",
    [
        "The plan costs $1,234,567.89.",
        "The plan costs $1,234,568 in all.",
        "The plan costs $1.23 million, of which $400,000 is transport.",
        "The plan costs $1.235M, $1.23 M, or 1.23 million dollars; that is $1,235 thousand, $1235K.",
        "Transport costs $0.4 million: exactly $400 k.",
        "It ends with -$1,500, or \u2212$1,500.",
        "A unit costs $1.52 per unit, $1.525 per unit, $1.5246/unit.",
        "It serves 81 % of the units, 81.4% of them, 81.37 percent, 81.37 per cent.",
        "The gap is 0.0031 %, or 0.003 %; elsewhere 0 %.",
        "It serves 99.96 %.",
        "It delivers 809,764.25 units, 809,764 units or 810 thousand units.",
        "A unit travels 312 miles, 312.4 miles.",
        "It opens 6 facilities (6 open facilities, 6 sites) and closes 0 facilities.",
        "From 2026 to 2030, that is 2026-2030, over 5 years; a 5-year plan.",
        "In 2026 facilities open, and in 2030 units flow.",
        "[F1] serves most. The dearest of the 6 facilities is [F2].",
        "It is optimal, and proven so.",
        "One of them is the first. The second follows.",
        "In the US it costs $1.23 million.",
        "",
    ],
)
def test_what_the_result_says_may_be_said(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # Wrong, and rounded too far.
        ("It costs $1.3 million.", "$1.3 million"),
        ("It costs $1.2 million.", "$1.2 million"),
        ("It costs $1 million.", "$1 million"),
        ("It costs $1,230,000.", "$1,230,000"),
        ("It costs $1,234,569.", "$1,234,569"),
        ("It costs $1.24 million.", "$1.24 million"),
        ("It costs $1,234,567.8.", "$1,234,567.8"),
        ("It costs $1.23 billion.", "$1.23 billion"),
        ("It costs $1.23 thousand.", "$1.23 thousand"),
        # Derived, and of another kind.
        ("Facilities cost $834,567.89.", "$834,567.89"),
        ("It costs 1,234,567.89.", "1,234,567.89"),
        ("It costs 1.23 million units.", "1.23 million"),
        ("It costs $1.52.", "$1.52"),
        ("It costs $400,000 per unit.", "$400,000"),
        ("It opens 312 facilities.", "312"),
        ("A unit travels 6 miles.", "6"),
        ("It takes 6 years.", "6"),
        ("It opens 5 facilities.", "5"),
        ("It delivers 2026 units.", "2026"),
        ("It opens $6 facilities.", "$6"),
        ("It costs $81.37 %.", "$81.37 %"),
        ("Of them 6 are open.", "6"),
        ("See https://example.com for more.", "/ is no plain writing"),
        ("It is <b>open</b>.", "< is no plain writing"),
        ("It serves 81.37.", "81.37"),
        ("It serves 0.8137 of them.", "0.8137"),
        ("It serves 81 percentage points.", "81"),
        ("It serves 81.3 %.", "81.3 %"),
        ("It serves 82 %.", "82 %"),
        ("It ends with $1,500.", "$1,500"),
        ("It costs -$400,000.", "-$400,000"),
        # Nothing is nothing, and all is all.
        ("The share is 100 %.", "100 %"),
        ("It costs $0.", "$0"),
        ("It takes 0 years.", "0"),
        # Years, as years are written.
        ("It begins in 2027.", "2027"),
        ("It begins in 2,026.", "2,026"),
        ("It begins in 2.026 thousand.", "2.026 thousand"),
        ("From 2026 to 2031.", "2031"),
        # What cannot be read.
        ("It costs €400,000.", "€"),
        ("It costs £1.23 million.", "£"),
        ("It costs ¥5.", "¥"),
        ("It opens ٦ facilities.", "٦"),
        ("It opens ６ facilities.", "６"),
        ("It opens Ⅵ facilities.", "Ⅵ"),
        ("It serves ½ of them.", "½"),
        ("It costs $1.23456789e6.", "stands in no figure"),
        ("It costs $400,000x.", "stands in no figure"),
        ("It costs $4,00,000.", "stands in no figure"),
        ("It costs 1.234.567,89 dollars.", "stands in no figure"),
        ("It is the 6th.", "6 stands in no figure"),
        ("It serves 81.37.2 %.", "stands in no figure"),
        ("It costs $1.23m.", "stands in no figure"),
        # Numbers in words.
        ("It opens six facilities.", "'six' is a number in words"),
        ("It opens Twenty-one facilities.", "'Twenty' is a number in words"),
        ("It serves half of them.", "'half'"),
        ("It costs twice as much.", "'twice'"),
        ("It serves a third of them.", "'a third'"),
        ("It opens one facility.", "'one facility'"),
        ("It opens a dozen sites.", "'dozen'"),
        ("It costs millions.", "'millions'"),
        # Names.
        ("[F3] serves most.", "[F3] is no facility"),
        ("It opens [F1] and Chicago.", "Chicago is a name"),
        ("It opens [F1] (Chicago).", "Chicago is a name"),
        ("It opens \u201cChicago\u201d.", "Chicago is a name"),
        ("It opens 'Chicago'.", "Chicago is a name"),
        ("It is a non-Chicago plan.", "Chicago is a name"),
        ("It opens RENO.", "RENO is a name"),
        ("It opens Reno 7 (NV).", "Reno is a name"),
        # Claims.
        ("It saves $400,000.", "'saves' compares"),
        ("Savings are large.", "'Savings' compares"),
        ("a" * (LONGEST_TEXT + 1), "longer than"),
        ("It costs\0 much.", "do not print"),
    ],
)
def test_what_the_result_does_not_say_is_refused(text: str, said: str) -> None:
    assert any(said in problem for problem in problems(text)), problems(text)


@pytest.mark.parametrize("word", ["optimal", "proven", "the optimum", "guaranteed", "the cheapest possible"])
def test_a_claim_of_proof_needs_one(word: str) -> None:
    unproven = Facts("feasible", False, (), FACTS.figures, FACTS.names)
    assert problems(f"It is {word}.") == []
    assert problems(f"It is {word}.", unproven) != []
    assert problems("It is not proven.", unproven) == []


def test_each_figure_says_what_of_the_result_it_is() -> None:
    figures, _ = check("[F1] is one of 6 facilities; the plan costs $1.23 million.", FACTS)
    assert [(figure.text, figure.facts) for figure in figures] == [
        ("6", ("open facilities",)),
        ("$1.23 million", ("total cost, all years",)),
    ]


def test_names_are_put_back_only_after_the_check() -> None:
    text = "[F1] and [F2] are open."
    assert problems(text) == []
    assert named(text, FACTS) == "Reno 7 (NV) and DC-12 are open."


MONEY = st.floats(min_value=0.01, max_value=1e12, allow_nan=False).map(lambda value: round(value, 2))


@given(MONEY, MONEY)
def test_a_figure_is_taken_only_near_the_truth(truth: float, stated: float) -> None:
    facts = Facts("optimal", False, (), (Fact("cost", truth, Unit.DOLLARS),), {})
    for text in (f"${stated:,.2f}", f"${stated:,.0f}", f"${stated / 1e6:,.2f} million", f"${stated / 1e3:,.1f} K"):
        if not problems(f"It costs {text}.", facts):
            assert abs(stated - truth) <= 0.0101 * truth, (truth, text)


@given(MONEY)
def test_the_truth_in_full_is_always_taken(truth: float) -> None:
    facts = Facts("optimal", False, (), (Fact("cost", truth, Unit.DOLLARS),), {})
    assert problems(f"It costs ${truth:,.2f}.", facts) == []


@given(st.text(alphabet=st.characters(categories=["Nd", "Nl", "No", "Sc"]) | st.sampled_from(" .,-%$k"), max_size=30))
def test_no_digit_and_no_sign_of_money_passes_without_a_fact(text: str) -> None:
    nothing = Facts("optimal", False, (), (), {})
    has_any = any(not letter.isspace() and letter not in ".,-%k" for letter in text)
    assert bool(problems(text, nothing)) >= has_any
