"""`networx demand SHIPMENTS`: demand by ZIP3, ZIP5 or name and lanes with their paid cost, for a network's workbook."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.corrected import Corrected
from cli.scenario_type import WithoutBadRows
from cli.solve_paid import read_shipments
from cli.terminal import CommandFailed, Exit, say
from networx.domain.paid_demand import DemandAsked
from networx.domain.phrases import counted, in_full


class By(StrEnum):
    """What a destination is."""

    ZIP3 = "zip3"
    ZIP5 = "zip5"
    NAME = "name"


def demand(
    file: Annotated[
        Path,
        typer.Argument(metavar="SHIPMENTS", exists=True, dir_okay=False, readable=True, help="A CSV file or workbook."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.xlsx", help="Where the sheets are written.")],
    by: Annotated[By, typer.Option("--by", help="What a destination is.")] = By.ZIP3,
    year: Annotated[int | None, typer.Option("--year", help="Take the shipments of this year alone.")] = None,
    months: Annotated[
        int | None, typer.Option("--months", help="How many months they cover: demand becomes that of a year.")
    ] = None,
    without_bad_rows: WithoutBadRows = False,
    corrected: Corrected = None,
) -> None:
    """Write the sheets Destinations and Lanes out of shipments: where units went, and what was paid for it."""
    from networx.models.paid_demand import cells_of, paid_demand
    from networx.results.demand_workbook import account_rows, demand_words, write_demand
    from networx.results.wording import money

    if output.exists():
        raise CommandFailed(f"{output} is there already; name another file.", Exit.WRONG_USE)
    rows, _, summary = read_shipments(file, without_bad_rows=without_bad_rows, corrected=corrected or ())
    made = paid_demand(cells_of(rows), DemandAsked(by.value, year, months))
    write_demand(output, made, [tab.as_dict() for tab in summary.account], file.name, summary.warnings)
    for line in (*demand_words(made, file.name), *summary.warnings):
        say(line)
    for what, shipments, units, dollars in account_rows(made):
        say(f"{what}: {counted(shipments, 'shipment')}, {in_full(units)} units, {money(dollars)}.")
    places, lanes = len(made.destinations), len(made.lanes) - len(made.unpriced)
    say(f"{output} holds {counted(places, 'destination')} and {counted(lanes, 'lane')}, for your network's workbook.")
