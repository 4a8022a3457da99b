"""The entry of the command line, and what every error ends as."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.markup import escape

from cli.commands import Commands
from cli.terminal import CommandFailed, Exit, ended_by_signals, err, print_problems
from networx.errors import ConfigurationError, NetworxError, RefusedInput

_PLACE = ("sheet", "row", "column", "value")

app = typer.Typer(
    name="networx",
    cls=Commands,
    help="Supply-chain network optimisation with proven answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def networx() -> None:
    """Makes it a group; the commands themselves are in cli.commands."""


def main() -> None:
    """Run one command; the process ends with one of the codes of cli.terminal.Exit."""
    with ended_by_signals():
        try:
            # Ends the process itself: 0, 2 for wrong use, 1 when interrupted, or the code of a typer.Exit.
            app(prog_name="networx")
        except CommandFailed as failure:
            code = _told(str(failure), failure.code, failure.problems, failure.problem_count)
        except RefusedInput as refused:
            code = _told(str(refused), Exit.REFUSED, [problem.as_dict() for problem in refused.problems])
        except ConfigurationError as fault:
            code = _told(str(fault), Exit.WRONG_USE)
        except NetworxError as fault:
            code = _told(str(fault), Exit.FAILED)
    sys.exit(code)


def _told(
    message: str, code: Exit, problems: Sequence[Mapping[str, Any]] = (), problem_count: int | None = None
) -> Exit:
    # Of a single problem that is of no cell a table could only say the message once more.
    placed = any(problem.get(part) is not None for problem in problems for part in _PLACE)
    if placed or len(problems) > 1 or any(problem["message"] not in message for problem in problems):
        print_problems(problems, problem_count)
    err.print(f"[bold red]networx:[/bold red] {escape(message)}", soft_wrap=True)
    return code


if __name__ == "__main__":
    main()
