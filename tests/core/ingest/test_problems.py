"""Problems are kept as the database can hold them."""

from __future__ import annotations

from networx.ingest.problems import ProblemLog


def test_a_character_that_the_database_cannot_hold_is_replaced() -> None:
    log = ProblemLog()
    log.add("bad \0", "text", sheet="S\0", row=1, column="c\0", value="v\0")
    [problem] = log.kept
    assert "\0" not in f"{problem.message}{problem.sheet}{problem.column}{problem.value}"
