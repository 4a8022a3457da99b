"""How every command speaks: results on standard output, the rest on standard error, and four exit codes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from textwrap import wrap
from types import FrameType
from typing import Any

import orjson
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_PROBLEMS_SHOWN = 20
_NAME_WIDTH = 6
_HEADING_WIDTH = 10
_MOST_WIDE_APART = 7  # columns; more stand closer together
_WIDEST = 1_000


class Exit(IntEnum):
    """What a command ends with."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    REFUSED = 3  # infeasible, or input that was refused


class CommandFailed(Exception):
    """A command ends here, with words for the person and a code for the script."""

    def __init__(
        self,
        message: str,
        code: Exit = Exit.FAILED,
        problems: Sequence[Mapping[str, Any]] = (),
        problem_count: int | None = None,
    ) -> None:
        """`problem_count` where `problems` are only the first of them."""
        super().__init__(message)
        self.code = code
        self.problems = problems
        self.problem_count = problem_count


def say(line: str) -> None:
    """One line on standard error, as it is."""
    err.print(escape(line))


def as_json_bytes(value: Any) -> bytes:
    """One JSON document, as it is printed and as it is kept."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE, default=str)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    out.file.write(as_json_bytes(value).decode())


def plain_table(*headings: str, title: str | None = None, numbers: bool = False) -> Table:
    """A table without frames, which survives a narrow terminal; `numbers` sets all but the first column right."""
    many = len(headings) > _MOST_WIDE_APART
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        header_style="bold",
        show_edge=False,
        pad_edge=False,
        collapse_padding=many,
    )
    for position, heading in enumerate(headings):
        if numbers and position > 0:
            # A long heading breaks, so that the figures under it need not: once, or as often as it can.
            shown = heading.replace(" ", "\n", 1) if len(heading) > _HEADING_WIDTH else heading
            if many:
                shown = "\n".join(wrap(heading, _HEADING_WIDTH, break_long_words=False))
            table.add_column(shown, justify="right", no_wrap=True)
        else:
            # Wide figures fold it, and never take all of its room.
            table.add_column(heading, overflow="fold", min_width=_NAME_WIDTH if numbers else None)
    return table


def print_figures(table: Table) -> None:
    """A table of `plain_table` with `numbers`, every figure whole: wider than the terminal if need be, never cut."""
    names = table.columns[0]
    names.max_width = _NAME_WIDTH
    needed = Measurement.get(out, out.options.update(max_width=_WIDEST), table).maximum
    names.max_width = None
    Console(file=out.file, highlight=False, width=max(needed, out.width)).print(table)


def print_point(text: str, mark: str = "-") -> None:
    """One point of a list: its lines stand under one another."""
    point = Table.grid(padding=(0, 1))
    point.add_row(f"  [bold]{mark}[/bold]", escape(text))
    out.print(point)


def print_unbroken(headings: Sequence[str], rows: Sequence[Sequence[str]], to_spare: Sequence[str]) -> None:
    """A table whose cells are to be copied: columns are left out, in this order, until every row fits on its line.

    Nothing is left out where no terminal bounds the line.
    """
    for spared in range(len(to_spare) + 1):
        shown = [at for at, heading in enumerate(headings) if heading not in to_spare[:spared]]
        table = plain_table(*(headings[at] for at in shown))
        for row in rows:
            table.add_row(*(escape(row[at]) for at in shown))
        width = Measurement.get(out, out.options.update(max_width=_WIDEST), table).maximum
        if not out.is_terminal or width <= out.width:
            break
    # Wider than the terminal if need be: it then breaks the line itself, and what is copied from it is whole.
    Console(file=out.file, highlight=False, width=width).print(table)


def print_problems(problems: Sequence[Mapping[str, Any]], total: int | None = None) -> None:
    """The cells that are wrong, as a table; where there are many, the first of them and their number."""
    table = plain_table("Sheet", "Row", "Column", "Value", "What is wrong")
    for problem in problems[:_PROBLEMS_SHOWN]:
        cells = [problem.get("sheet"), problem.get("row"), problem.get("column"), problem.get("value")]
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in cells), escape(str(problem["message"])))
    err.print(table)
    count = len(problems) if total is None else total
    if count > _PROBLEMS_SHOWN:
        err.print(f"... and {count - _PROBLEMS_SHOWN:,} more.")


def confirm(question: str, *, yes: bool) -> None:
    """Ask a person before something is changed; `yes` has said so already. Raises CommandFailed for anything else."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandFailed("Nothing was changed: nobody is there to ask. Give --yes to go on without.", Exit.WRONG_USE)
    err.print(f"{escape(question)} [y/N] ", end="")
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CommandFailed("Nothing was changed.")


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the command the way Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_for_the_end() -> None:
    """Until Ctrl-C or SIGTERM."""
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return
