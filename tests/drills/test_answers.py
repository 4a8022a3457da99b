"""What a client may be answered while parts of a platform are away."""

from __future__ import annotations

import pytest

from cli.load.figures import LIMITED, SUCCESS, Sample
from drills.answers import wrong_answers


@pytest.mark.parametrize(
    "outcome", [SUCCESS, LIMITED, "503 DATABASE_UNAVAILABLE", "503 CIRCUIT_OPEN", "ConnectError", "RemoteProtocolError"]
)
def test_a_right_answer_and_word_to_come_again_are_right(outcome: str) -> None:
    assert wrong_answers([Sample("reads", outcome, 0.1)]) == {}


@pytest.mark.parametrize(
    "outcome",
    ["500 INTERNAL_ERROR", "503", "503 INVALID_INPUT", "404 JOB_NOT_FOUND", "422 INVALID_INPUT", "ReadTimeout"],
)
def test_all_else_is_wrong_and_counted(outcome: str) -> None:
    samples = [Sample("reads", outcome, 0.1), Sample("reads", SUCCESS, 0.1), Sample("submits", outcome, 0.1)]
    assert wrong_answers(samples) == {outcome: 2}
