"""The tree of errors: its picture, its words, and its way between processes."""

from __future__ import annotations

import inspect
import pickle

import pytest

from networx import errors
from networx.errors import NetworxError, PermanentError, Problem, RefusedInput, TransientError

CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, NetworxError) and found not in (NetworxError, TransientError, PermanentError)
]
PROBLEM = Problem("demand_units is negative", "not_negative", "Destinations", 4, "demand_units", "-30")


def made(kind: type[NetworxError]) -> NetworxError:
    """An error of this class with every fact that its message names."""
    if kind is RefusedInput:
        return RefusedInput([PROBLEM], code="BAD_FILE")
    facts = {
        name: f"<{name}>"
        for name in ("what", "id", "how", "limit", "failed", "host", "reason", "tried")
        if f"{{{name}}}" in kind.message
    }
    return kind(**facts)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_stands_on_one_trunk_and_in_the_picture(kind: type[NetworxError]):
    assert issubclass(kind, TransientError) != issubclass(kind, PermanentError)
    assert errors.__doc__ is not None
    assert kind.__name__ in errors.__doc__


def test_every_error_has_a_word_of_its_own():
    words = [kind.code for kind in CLASSES]
    assert len(set(words)) == len(words)
    assert all(word.isupper() for word in words)


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_says_its_facts_and_survives_a_pickle(kind: type[NetworxError]):
    error = made(kind)
    again = pickle.loads(pickle.dumps(error))
    assert "{" not in str(error)
    assert (type(again), str(again), again.code, again.facts) == (kind, str(error), error.code, error.facts)
    for name, value in error.facts.items():
        assert getattr(again, name) == value


def test_a_refusal_keeps_its_problems_through_a_pickle():
    again = pickle.loads(pickle.dumps(RefusedInput([PROBLEM, PROBLEM], code="BAD_FILE")))
    assert (again.problems, again.code) == ((PROBLEM, PROBLEM), "BAD_FILE")
    assert RefusedInput.code == "INVALID_INPUT"


def test_a_refusal_sums_itself_up_by_its_first_problem():
    said = 'Destinations, row 4, column demand_units: demand_units is negative (found "-30")'
    assert str(RefusedInput([PROBLEM])) == said
    assert str(RefusedInput([PROBLEM] * 3)) == f"{said} (and 2 more)"
    assert str(RefusedInput([PROBLEM], summary="No.")) == "No."
    assert str(RefusedInput([])) == "The input cannot be used."


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem("It is empty.", "empty"), "It is empty."),
        (Problem("It is hidden.", "hidden", sheet="Lanes"), "Lanes: It is hidden."),
        (Problem("It is wrong.", "choice", column="status"), "status: It is wrong."),
        (Problem("It is wrong.", "row", sheet="Lanes", row=7), "Lanes, row 7: It is wrong."),
        (
            Problem("zip is no ZIP code.", "zip", column="zip", value="0210"),
            'zip: zip is no ZIP code (found "0210").',
        ),
        (Problem("did you mean Oak?", "name", value="oka"), 'did you mean Oak? (found "oka")'),
        (Problem("lease_years 3 is too short.", "short", value="3"), "lease_years 3 is too short."),
        (Problem("There are 30 years.", "short", value="3"), 'There are 30 years (found "3").'),
        (Problem("It is long.", "text", value="a\n" * 50), f'It is long (found "{"a " * 30}...").'),
        (Problem("It is blank.", "text", value=" "), "It is blank."),
    ],
)
def test_a_problem_says_as_much_of_its_place_as_it_knows(problem: Problem, said: str):
    assert str(problem) == said
