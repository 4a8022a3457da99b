"""Faults of what was asked, told by the option that asked it, and not by the name that the API has for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cli.books import OPTIONS
from cli.terminal import CommandFailed
from networx.domain.parameters import OVERRIDES
from networx.errors import Problem, RefusedInput

# By the field of a sweep as the API names it, whose own word a message then needs no more.
_OF_SWEEP: Mapping[str, str] = {
    "scenario.minNodes": "--nodes",
    "scenario.maxNodes": "--nodes",
    "scenario.step": "--nodes",
    "scenario.criterion": "--criterion",
}
_FIELD = re.compile(r"\b(minNodes|maxNodes|step|criterion) ")


@contextmanager
def told_by_option(*, sites: bool = False, books: bool = False) -> Iterator[None]:
    """Faults of a sweep, with `sites` of named facilities, with `books` of control totals, under the options' names.

    Raises what the block raises: RefusedInput and CommandFailed with other words.
    """

    def renamed(problem: Mapping[str, Any]) -> dict[str, Any]:
        return _renamed(problem, sites=sites, books=books)

    try:
        yield
    except RefusedInput as refused:
        problems = [replace(problem, **renamed(problem.as_dict())) for problem in refused.problems]
        raise RefusedInput(problems, code=refused.code) from None
    except CommandFailed as failed:
        told = [{**problem, **renamed(problem)} for problem in failed.problems]
        if told == list(failed.problems):
            raise
        raise CommandFailed(_first(told), failed.code, told, failed.problem_count) from None


def _renamed(problem: Mapping[str, Any], *, sites: bool, books: bool) -> dict[str, Any]:
    """What of a problem is told otherwise."""
    name = problem["column"] or ""
    if books and name in OPTIONS and problem["sheet"] == OVERRIDES:
        return {"sheet": None, "column": OPTIONS[name], "message": problem["message"].removeprefix(f"{name} ")}
    if sites and problem["column"] == "sites":
        return {"sheet": None, "column": "--sites"}
    option = _OF_SWEEP.get(problem["column"] or "")
    return {} if option is None else {"column": option, "message": _FIELD.sub("", problem["message"])}


def _first(problems: Sequence[Mapping[str, Any]]) -> str:
    return str(Problem(**problems[0]))
