"""`networx rates fit`: what a shipment costs by mode, weight and distance, fitted to the client's own shipments."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit, say
from networx.domain.fitted_bands import FittedBand
from networx.domain.parameters import transport_parameters
from networx.domain.phrases import counted
from networx.domain.shipments import Shipments
from networx.errors import RefusedInput
from networx.ingest.freight_datasets import Rows, shipments_of
from networx.ingest.network import Batch
from networx.ingest.shipments import parse_shipments
from networx.models.rates import BREAKS, FEWEST, Observed, fit_rates, observed
from networx.results.fitted_workbook import band_words, write_fitted

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
    ] = ",".join(f"{pounds:g}" for pounds in BREAKS),
    fewest: Annotated[int, typer.Option("--fewest", min=4, help="Shipments that a band needs at least.")] = FEWEST,
) -> None:
    """Fit what shipments cost, for a person to look at and accept: the sheet FittedRates of a workbook."""
    bands = asked_breaks(breaks)
    if output.exists():
        raise CommandFailed(f"{output} is there already; name another file.", Exit.WRONG_USE)
    # Its lanes may wait for this fit to be priced at all: only its parameters are read.
    circuity = transport_parameters(read_workbook(network, demand_alone=True)[0].parameters).circuity
    seen = observed(_shipments(file), circuity)
    found = fit_rates(seen, bands, fewest)
    fitted = [band for band in found if isinstance(band, FittedBand)]
    if not fitted:
        lines = [*_left_out(seen), *(band_words(band) for band in found)]
        raise CommandFailed(f"Nothing can be fitted to {file}. {' '.join(lines)}", Exit.REFUSED)
    notes = [f"Fitted by networx to {counted(len(seen), 'shipment')} of {file.name}.", *_left_out(seen)]
    if circuity is not None:
        notes.append(f"Miles that no shipment states are great-circle miles x circuity {circuity:g}.")
    write_fitted(output, found, notes)
    for line in (*notes, *(band_words(band) for band in found)):
        say(line)
    say(
        f"{output} holds {counted(len(fitted), 'row')} of FittedRates. Look at them, fill in accepted_by and "
        "accepted_on where you accept one, take out the others, and move the sheet into your network's workbook."
    )


def asked_breaks(text: str) -> tuple[float, ...]:
    """The weights that `--breaks` names, each above the one before. Raises CommandFailed."""
    try:
        bands = tuple(float(part) for part in text.split(","))
    except ValueError:
        bands = ()
    if not bands or bands[0] < 0 or any(not low < high < math.inf for low, high in pairwise(bands)):
        raise CommandFailed(f"--breaks {text} are no weights; write 0,500,1000.", Exit.WRONG_USE)
    return bands


def _shipments(file: Path) -> Shipments:
    """Raises RefusedInput with every problem of the file."""
    rows: list[Rows] = []

    def keep(batch: Batch) -> None:
        rows.append(batch.rows)

    summary = parse_shipments(file, keep, lambda _reached: None)
    if summary.problem_count:
        raise RefusedInput(summary.problems)
    return shipments_of(rows)


def _left_out(seen: Observed) -> list[str]:
    return [f"Left out: {counted(count, 'shipment')}, {reason}." for reason, count in seen.left_out.items()]
