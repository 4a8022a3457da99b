"""Several checks of one input, refused together, so that all that is wrong with it can be mended at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from networx.errors import Problem, RefusedInput

Found = TypeVar("Found")


class Refusals:
    """What checks refuse, collected: each is asked by `found`, and `require` refuses what any of them did."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}  # ordered, each once

    def found(self, check: Callable[[], Found]) -> Found | None:
        """What the check returns, or None where it refuses; `require` will then."""
        try:
            return check()
        except RefusedInput as refused:
            self._problems |= dict.fromkeys(refused.problems)
            return None

    def passes(self, check: Callable[[], object]) -> bool:
        """Whether the check refuses nothing."""
        try:
            check()
        except RefusedInput as refused:
            self._problems |= dict.fromkeys(refused.problems)
            return False
        return True

    def require(self) -> None:
        """Raises RefusedInput with every problem found, each once."""
        if self._problems:
            raise RefusedInput(tuple(self._problems))
