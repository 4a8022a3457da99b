"""The entry of the command line: the table of commands, and what every error ends as."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.markup import escape

from cli import assistant, keys, rates, tenants, users
from cli.backup import backup, restore
from cli.check import check
from cli.demand import demand
from cli.doctor import doctor
from cli.down import down
from cli.explain import explain
from cli.greenfield import greenfield
from cli.jobs import cancel, jobs
from cli.loadtest import loadtest
from cli.market import market
from cli.pauses import pause, pauses, resume
from cli.recheck import recheck
from cli.redrive import redrive
from cli.report import report
from cli.run import run
from cli.solve import solve
from cli.status import status
from cli.terminal import CommandFailed, Exit, ended_by_signals, err, print_problems
from cli.up import up
from cli.verify import verify
from networx.errors import ConfigurationError, NetworxError, RefusedInput

app = typer.Typer(
    name="networx",
    help="Supply-chain network optimisation with proven answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_COMMANDS = (
    *(up, run, solve, greenfield, demand, check, verify, recheck, status, jobs, market, explain, cancel, redrive),
    *(pause, resume, pauses),
    *(backup, restore, doctor, report, loadtest, down),
)
for command in _COMMANDS:
    app.command()(command)
for name, group in (
    ("keys", keys.app),
    ("users", users.app),
    ("tenants", tenants.app),
    ("assistant", assistant.app),
    ("rates", rates.app),
):
    app.add_typer(group, name=name)


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
    if problems:
        print_problems(problems, problem_count)
    err.print(f"[bold red]networx:[/bold red] {escape(message)}", soft_wrap=True)
    return code


if __name__ == "__main__":
    main()
