"""`networx rates fit`: what a shipment costs by mode, weight and distance, fitted to the client's own shipments."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.corrected import Corrected
from cli.passed import passed
from cli.reading import read_workbook
from cli.scenario_type import WithoutBadRows
from cli.solve_paid import read_shipments
from cli.terminal import CommandFailed, Exit, say
from networx.domain.fitted_bands import RateFit
from networx.domain.phrases import counted
from networx.domain.rate_parameters import BREAKS, FEWEST, LEAST_FEWEST, RateParameters, rate_parameters, written_breaks
from networx.errors import RefusedInput
from networx.ingest.freight_datasets import Rows, shipments_of
from networx.results.fitted_workbook import band_words, write_fitted
from networx.results.rates import require_fitted, sheet_notes

app = typer.Typer(help="Rates fitted to your own shipments.", no_args_is_help=True)


@app.callback()
def rates() -> None:
    """Keeps `fit` a command of its own, though it is the only one."""


@app.command()
def fit(
    file: Annotated[
        Path,
        typer.Argument(metavar="SHIPMENTS", exists=True, dir_okay=False, readable=True, help="A CSV file or workbook."),
    ],
    network: Annotated[
        Path,
        typer.Option(
            "--network", metavar="FILE", exists=True, dir_okay=False, help="Whose circuity makes miles of ZIPs."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.xlsx", help="Where the fit is written.")],
    breaks: Annotated[
        str, typer.Option("--breaks", metavar="LB,LB", help="Where weight bands begin, in pounds.")
    ] = written_breaks(BREAKS),
    without_bad_rows: WithoutBadRows = False,
    corrected: Corrected = None,
    fewest: Annotated[
        int, typer.Option("--fewest", min=LEAST_FEWEST, help="Shipments that a band needs at least.")
    ] = FEWEST,
) -> None:
    """Fit what shipments cost, for a person to look at and accept: the sheet FittedRates of a workbook."""
    from networx.verify.rates import certify_rates

    if output.exists():
        raise CommandFailed(f"{output} is there already; name another file.", Exit.WRONG_USE)
    # Its lanes may wait for this fit to be priced at all: only its parameters are read.
    sheet = read_workbook(network, demand_alone=True)[0].parameters
    asked = asked_of(sheet, breaks, fewest)
    rows, sha256, summary = read_shipments(file, without_bad_rows=without_bad_rows, corrected=corrected or ())
    made = made_fit(rows, asked)
    require_fitted(made)
    passed(certify_rates(rows, sha256, asked, made))
    notes = [*sheet_notes(made, asked, file.name), *summary.warnings]
    write_fitted(output, made.bands, notes)
    for line in (*notes, *map(band_words, made.bands)):
        say(line)
    say(
        f"{output} holds {counted(len(made.fitted), 'row')} of FittedRates, each found again from the shipments. Look "
        "at them, fill in accepted_by and accepted_on where you accept one, take out the others, and move the sheet "
        "into your network's workbook."
    )


def asked_of(sheet: Mapping[str, str], breaks: str, fewest: int) -> RateParameters:
    """What the options and the network's sheet ask. Raises CommandFailed."""
    try:
        return rate_parameters(sheet, {"weight_breaks": breaks, "fewest_shipments": fewest})
    except RefusedInput as refused:
        raise CommandFailed(" ".join(problem.message for problem in refused.problems), Exit.WRONG_USE) from None


def made_fit(rows: Sequence[Rows], asked: RateParameters) -> RateFit:
    """The fit to shipments, not checked yet."""
    from networx.models.rates import fit_rates, observed

    began = time.process_time()
    seen = observed(shipments_of(rows), asked.circuity, asked.weight_breaks[0])
    bands = tuple(fit_rates(seen, asked.weight_breaks, asked.fewest_shipments))
    return RateFit(bands, seen.left_out, time.process_time() - began)
