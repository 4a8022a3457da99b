"""`networx verify RESULT DATASET`: a downloaded result checked again, with no service, no solver and no trust."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.corrected import Corrected
from cli.terminal import CommandFailed, Exit, out, plain_table, print_json, print_point
from cli.verifying.baseline import recheck_baseline
from cli.verifying.batch import recheck_batch
from cli.verifying.capacity import recheck_capacity
from cli.verifying.greenfield import recheck_greenfield
from cli.verifying.model import recheck_model
from cli.verifying.opened import opened_result
from cli.verifying.rates import recheck_rates
from cli.verifying.rechecked import Rechecked
from cli.verifying.sensitivity import recheck_sensitivity
from cli.verifying.storage import recheck_integrated, recheck_inventory, recheck_warehouse
from cli.verifying.transport import recheck_transport
from networx.domain.phrases import counted, listed
from networx.domain.plan import Check
from networx.errors import Problem, RefusedInput, SolverFault
from networx.results.wording import STATUS_TERMS, words

_RECHECKS: Mapping[str, Callable[..., Rechecked]] = {
    "transport": recheck_transport,
    "capacity": recheck_capacity,
    "greenfield": recheck_greenfield,
    "sensitivity": recheck_sensitivity,
    "baseline": recheck_baseline,
    "rates": recheck_rates,
    "model": recheck_model,
    "warehouse": recheck_warehouse,
    "inventory": recheck_inventory,
    "integrated": recheck_integrated,
    "batch": recheck_batch,
}

# What reading and adding up can raise of values that are none; MemoryError and the like are no matter of a file.
ODD = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    SolverFault,
)
_MOST_SINGLY = 10  # checks of one answer or run that are listed one by one; --json has them all


def verify(
    result: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The result.json.")],
    dataset: Annotated[
        Path,
        typer.Argument(
            exists=True, readable=True, help="The workbook, model or shipments, or the folder of an export."
        ),
    ],
    proof: Annotated[
        Path | None,
        typer.Option("--proof", exists=True, dir_okay=False, help="The proof.json.gz, if it is not beside the result."),
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option("--network", exists=True, help="Of a baseline: the workbook that its shipments were set beside."),
    ] = None,
    members: Annotated[
        Path | None,
        typer.Option(
            "--members",
            exists=True,
            file_okay=False,
            help="Of a sweep: the folder with a folder for each run, by its job or number; else where the result lies.",
        ),
    ] = None,
    corrected: Corrected = None,
    exact: Annotated[bool, typer.Option("--exact", help="Take the sums once more in exact fractions.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Check a result again against its data: 0 it holds, 1 it does not, 3 it cannot be checked or is of other data."""
    stated = opened_result(result)
    recheck = _RECHECKS.get(stated.get("type", "transport"))
    if recheck is None:
        kind = stated.get("type")
        known = listed(tuple(_RECHECKS), "and")
        raise CommandFailed(f"Results of the types {known} are checked here; this one's is {kind}.", Exit.REFUSED)
    if network is not None and recheck is not recheck_baseline:
        raise CommandFailed("--network belongs to results of type baseline.", Exit.WRONG_USE)
    if members is not None and recheck is not recheck_batch:
        raise CommandFailed("--members belongs to results of type batch, which are sweeps.", Exit.WRONG_USE)
    if corrected and recheck not in (recheck_baseline, recheck_rates):
        raise CommandFailed("--corrected belongs to results of type baseline and rates.", Exit.WRONG_USE)
    own: dict[str, Any] = {}
    if recheck is recheck_baseline:
        own = {"network": network, "corrected": corrected or ()}
    elif recheck is recheck_rates:
        own = {"corrected": corrected or ()}
    elif recheck is recheck_batch:
        own = {"members": members}
    try:
        found = recheck(stated, result, dataset, proof, exactly=exact, **own)
    except ODD as fault:
        # Of a file that was changed, anything may be missing or be something else.
        message = f"The result lacks what every result has, or states what none can: {fault!r}."
        raise RefusedInput([Problem(message, "result")]) from None
    print_json(found.as_dict()) if as_json else _print(found)
    if not found.holds:
        raise typer.Exit(Exit.FAILED)


def _print(found: Rechecked) -> None:
    table = plain_table("Check", "Worst found", "Limit", "Holds", numbers=True)
    for part in _parts(found.checks):
        whose = _whose(part[0])
        if whose and len(part) > _MOST_SINGLY and all(check.passed for check in part):
            table.add_row(escape(f"{whose}: all {len(part)} checks"), "", "", "yes")
            continue
        for check in part:
            table.add_row(
                escape(words(check.name)), f"{check.worst:.3g}", f"{check.limit:.3g}", "yes" if check.passed else "NO"
            )
    out.print(table)
    for check in found.checks:
        if not check.passed:
            print_point(f"{words(check.name)}: {check.where}")
    if found.differs:
        out.print("Asked otherwise than the dataset's own sheet:")
        for line in found.differs:
            print_point(line)
    if found.holds:
        out.print("Recomputed here:")
        for line in found.recomputed:
            print_point(line)
        out.print("Taken on somebody's word:")
        for line in found.believed or ("nothing",):
            print_point(line)
        if found.exact_seconds is not None:
            out.print(f"The exact sums took {found.exact_seconds:.2f} s of processor time.")
    out.print(f"[bold]{escape(_verdict(found))}[/bold]", soft_wrap=True)


def _parts(checks: Sequence[Check]) -> list[list[Check]]:
    """The checks in their order, those of one answer or run together."""
    return [list(part) for _, part in groupby(checks, key=_whose)]


def _whose(check: Check) -> str:
    """Of which answer or run a check is; empty for one of the result itself."""
    return check.name.rpartition(": ")[0].split(": ")[0]


def _verdict(found: Rechecked) -> str:
    if not found.holds:
        failed = sum(not check.passed for check in found.checks)
        return f"The result does not hold: {counted(failed, 'check')} of {len(found.checks)} failed."
    label = STATUS_TERMS[found.status].label
    return f"The result holds ({label.lower()}): all {counted(len(found.checks), 'check')} passed. Data: {found.sha256}"
