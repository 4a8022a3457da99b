"""What is wrong with a file, cell by cell: collected up to a limit, and counted beyond it."""

from __future__ import annotations

from networx.errors import Problem

PROBLEMS_KEPT = 10_000
VALUE_CHARACTERS_KEPT = 200


class ProblemLog:
    """The problems of one file in the order they were met; `kept` holds the first PROBLEMS_KEPT of `count`."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.count = 0

    def add(
        self,
        message: str,
        rule: str,
        *,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
    ) -> None:
        self.count += 1
        if len(self.kept) < PROBLEMS_KEPT:
            text = None if value is None else str(value)[:VALUE_CHARACTERS_KEPT]
            cleaned = [_storable(part) for part in (message, sheet, column, text)]
            self.kept.append(
                Problem(cleaned[0] or "", rule, sheet=cleaned[1], row=row, column=cleaned[2], value=cleaned[3])
            )

    def extend(self, other: ProblemLog) -> None:
        """Those of another log behind its own."""
        self.count += other.count
        self.kept += other.kept[: PROBLEMS_KEPT - len(self.kept)]


def _storable(text: str | None) -> str | None:
    """A client's text without the one character that PostgreSQL cannot hold."""
    return text and text.replace("\0", "\N{REPLACEMENT CHARACTER}")
